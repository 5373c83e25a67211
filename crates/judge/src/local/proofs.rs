//! Which languages work: a program of each has run in a box.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codementor_core::judging::{Checker, Entry, Expected, Input, Job, JobTest, Limits, StopPolicy};
use codementor_core::{Language, Verdict};
use serde_json::json;

use super::rest::has_time;
use super::{Installed, Shared};
use crate::languages::Toolchain;

/// The pause before a language that did not work is tried again.
const PROOF_PAUSE: Duration = Duration::from_secs(30);

/// Who has no answer for so long was late, which says something of the machine and nothing of the language.
const LATE: Duration = Duration::from_secs(15);

/// What is known of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is installed.
    Untried,
    /// A program of it has run in a box.
    Works,
    /// None has, for this reason.
    Fault(String),
}

impl Shared {
    /// Tries languages that do not work again when a launcher has come and after a pause; then, while the machine has time, those too that
    /// nobody has needed yet.
    pub(super) async fn keep_proving(self: Arc<Self>) {
        let mut news = self.client.news();
        loop {
            let unproven = self.proofs().values().any(|proof| *proof != Proof::Works);
            tokio::select! {
                changed = news.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.prove_enough().await;
                }
                () = tokio::time::sleep(PROOF_PAUSE), if unproven => {
                    self.prove(|_, proof| *proof != Proof::Untried).await;
                    self.prove_at_leisure().await;
                }
            }
        }
    }

    /// Tries what needs no compiler, and what was tried before. The rest is taken to work until it is needed, or there is time to try it;
    /// but one program must have run before it is said that any can.
    pub(super) async fn prove_enough(&self) {
        self.prove(|toolchain, proof| toolchain.build().is_none() || *proof != Proof::Untried).await;
        if !self.proofs().values().any(|proof| *proof == Proof::Works) {
            self.prove(|_, _| true).await;
        }
    }

    /// Tries one language after the other that nobody has needed yet, as long as the machine has time: a compiler takes all it can get,
    /// and nobody waits for this.
    async fn prove_at_leisure(&self) {
        let untried: Vec<Language> = {
            let proofs = self.proofs();
            proofs.iter().filter(|(_, proof)| **proof == Proof::Untried).map(|(id, _)| id.clone()).collect()
        };
        for id in untried {
            if !has_time().await {
                return;
            }
            let is_it = |other: &Toolchain, proof: &Proof| other.info.id == id && *proof == Proof::Untried;
            self.prove(is_it).await;
        }
    }

    /// Runs a program of each language that is meant and of which it is not known that it works.
    pub(super) async fn prove(&self, is_meant: impl Fn(&Toolchain, &Proof) -> bool) {
        let proofs = self.proofs().clone();
        let is_meant = |(id, proof): &(&Language, &Proof)| {
            **proof != Proof::Works
                && self.toolchains.get(*id).is_some_and(|one| is_meant(&one.toolchain, proof))
        };
        for (id, _) in proofs.iter().filter(is_meant) {
            if self.client.fault().is_some() {
                return;
            }
            self.try_language(id).await;
        }
    }

    pub(super) async fn try_language(&self, id: &Language) {
        if let Some(installed) = self.toolchains.get(id)
            && let Err(error) = installed.toolchain.make_once().await
        {
            tracing::warn!(language = %id, %error, "what programs of a language need once cannot be made");
            self.proofs().insert(id.clone(), Proof::Fault(error));
            return;
        }
        let begun = Instant::now();
        let proof = match self.prove_language(id).await {
            Ok(()) => Proof::Works,
            Err(error) if begun.elapsed() > LATE => {
                tracing::warn!(language = %id, %error, "a language was too late to say whether it works; trying again");
                return;
            }
            Err(error) => {
                tracing::warn!(language = %id, %error, "a language does not work in the sandbox");
                Proof::Fault(error)
            }
        };
        self.proofs().insert(id.clone(), proof);
    }

    async fn prove_language(&self, id: &Language) -> Result<(), String> {
        let installed = self.toolchains.get(id).ok_or("not installed")?;
        let (entry, input, expected) = if installed.toolchain.is_dynamic() {
            let entry = Entry::Function { name: "smoke".to_owned(), types: None };
            (entry, Input::Args(vec![json!(20), json!(22)]), Expected::Value(json!(42)))
        } else {
            (Entry::Program, Input::Stdin("20 22\n".to_owned()), Expected::Stdout("42\n".to_owned()))
        };
        let job = Job {
            language: id.clone(),
            source: installed.toolchain.smoke().to_owned(),
            entry,
            tests: vec![JobTest { input, expected: Some(expected) }],
            limits: Limits { time_ms: 10_000, memory_kb: 256 * 1024 },
            checker: Checker::Exact,
            stop: StopPolicy::Never,
        };
        let judgement = self.run_job(installed, &job, None).await.map_err(|error| error.to_string())?;
        if judgement.verdict == Verdict::Accepted {
            return Ok(());
        }
        let said = judgement.tests.first().map(|test| format!("{:?} {}", test.message, test.stderr));
        Err(format!(
            "{}: {}",
            judgement.verdict.as_str(),
            said.or(judgement.compile_output).unwrap_or_default()
        ))
    }

    pub(super) fn proofs(&self) -> MutexGuard<'_, BTreeMap<Language, Proof>> {
        // Every change is one step, so a poisoned map is whole.
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The languages of which nothing else is known than that they work.
    pub(super) fn working(&self) -> impl Iterator<Item = (&Language, &Installed)> {
        let proofs = self.proofs().clone();
        self.toolchains.iter().filter(move |(id, _)| !matches!(proofs.get(*id), Some(Proof::Fault(_))))
    }
}
