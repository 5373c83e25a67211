//! The judge of this machine: a launcher, the languages found here, and a bound on how much runs at once.

mod ask;
mod cases;
mod converse;
mod gate;
mod proofs;
mod rest;
mod start;
mod terminals;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::judging::{
    Checker, Entry, Job, Judgement, LanguageInfo, Protection, StopPolicy, TestOutcome,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::submission::shorten;
use codementor_core::terminal::{Terminal, TerminalRefusal, TerminalRequest};
use codementor_core::{Language, Verdict};
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::ask::Expert;
use self::gate::{Gate, Permit};
use self::proofs::Proof;
use self::start::{Prepared, Startable};
pub use self::terminals::TerminalBounds;
use self::terminals::Terminals;
use crate::build::Programs;
use crate::client::{Client, ClientError};
use crate::grade::{Asked, Graded, grade};
use crate::job::{SOURCE_LIMIT, check_job, input_of};
use crate::languages::{self, Toolchain};
use crate::run;
use crate::wire::{Accounting, Roots, Setup};

/// More runs at once than this gain nothing; each has two of the launcher's boxes, and terminals need some, too.
const MOST_PARALLEL: usize = 100;
/// How long the launcher may take for its own work in a run: more than it waits for a box to be built.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a judge is set up.
#[derive(Debug, Clone)]
pub struct JudgeOptions {
    /// Program and arguments that run [`crate::launcher_main`], such as `/proc/self/exe sandbox-launcher`.
    pub launcher: Vec<OsString>,
    /// A folder to mount over, made when it is missing. Nothing is written into it.
    pub work_dir: PathBuf,
    /// A folder for what toolchains make once, made when there is need; without one they make it for each program.
    pub tools: Option<PathBuf>,
    /// How many runs there may be at once, 1 to 100.
    pub parallel: usize,
    /// How memory and CPU time are counted.
    pub accounting: Accounting,
    /// How long a run may take beside its own time on the clock. A launcher that is later is stuck; it is killed and replaced.
    pub patience: Duration,
    /// Programs on terminals.
    pub terminals: TerminalBounds,
}

impl JudgeOptions {
    /// Options with automatic accounting and the usual patience.
    pub fn new(
        launcher: impl IntoIterator<Item = impl Into<OsString>>,
        work_dir: impl Into<PathBuf>,
        parallel: usize,
    ) -> Self {
        Self {
            launcher: launcher.into_iter().map(Into::into).collect(),
            work_dir: work_dir.into(),
            tools: None,
            parallel,
            accounting: Accounting::Auto,
            patience: PATIENCE,
            terminals: TerminalBounds::default(),
        }
    }
}

/// The judge of this machine.
pub struct LocalJudge {
    shared: Arc<Shared>,
    /// The task that proves languages; dropping the set ends it.
    _prover: JoinSet<()>,
}

/// What the judge and its prover share.
struct Shared {
    client: Client,
    toolchains: BTreeMap<Language, Installed>,
    /// What is known of each language. Held for an instruction.
    proofs: Mutex<BTreeMap<Language, Proof>>,
    /// Bounds how many boxes work at once.
    gate: Gate,
    programs: Programs,
    terminals: Terminals,
    boxes_ready: usize,
    parallel: usize,
}

struct Installed {
    toolchain: Toolchain,
    /// The place of its programs' root in [`Setup::roots`].
    root: usize,
    /// The place of its compiler's root, where it has one.
    build_root: Option<usize>,
}

impl LocalJudge {
    /// Finds the languages, starts the launcher and runs a program of each language that needs no compiler in a box. What fails is told
    /// by [`Judge::available`], and tried again from time to time; this never fails itself.
    pub async fn start(options: JudgeOptions) -> Self {
        let mut found = Vec::new();
        let mut asked: JoinSet<_> =
            languages::all().map(|one| one.find(options.tools.clone())).into_iter().collect();
        while let Some(answer) = asked.join_next().await {
            // One that cannot be asked is not installed.
            found.extend(answer.ok().flatten());
        }
        let parallel = options.parallel.clamp(1, MOST_PARALLEL);
        let terminals = options.terminals.within_bounds();
        let mut roots = Roots::default();
        let toolchains: BTreeMap<_, _> = found
            .into_iter()
            .map(|toolchain| {
                let root = roots.place(&toolchain.root);
                let build_root = toolchain.build_root.as_ref().map(|root| roots.place(root));
                (toolchain.info.id.clone(), Installed { toolchain, root, build_root })
            })
            .collect();
        let roots = roots.all();
        let spares: u32 = roots.iter().map(|root| root.spares).sum();
        let setup = Setup {
            work_dir: options.work_dir,
            accounting: options.accounting,
            // Beside the boxes that run: those kept ready, and those that are being taken down.
            slots: u32::try_from(2 * (parallel + terminals.most)).unwrap_or(1) + spares,
            roots,
        };
        let client = Client::start(options.launcher, setup, options.patience).await;
        let proofs = toolchains.keys().map(|id| (id.clone(), Proof::Untried)).collect();
        let shared = Arc::new(Shared {
            client,
            toolchains,
            proofs: Mutex::new(proofs),
            gate: Gate::new(parallel),
            programs: Programs::new(),
            terminals: Terminals::new(terminals),
            boxes_ready: spares as usize,
            parallel,
        });
        shared.prove_enough().await;
        let mut prover = JoinSet::new();
        prover.spawn(Arc::clone(&shared).keep_proving());
        Self { shared, _prover: prover }
    }

    /// Tries every language of which it is not known that it works.
    pub async fn try_all(&self) {
        self.shared.prove(|_, _| true).await;
    }

    /// How many boxes are kept ready.
    pub fn boxes_ready(&self) -> usize {
        self.shared.boxes_ready
    }

    /// Process id of the launcher, while there is one.
    pub fn launcher_pid(&self) -> Option<u32> {
        self.shared.client.pid()
    }
}

impl Shared {
    fn available(&self) -> Result<(), JudgeError> {
        if let Some(reason) = self.client.fault() {
            return Err(JudgeError::Unavailable(reason));
        }
        let proofs = self.proofs();
        if proofs.values().any(|proof| *proof == Proof::Works) {
            return Ok(());
        }
        let reason = proofs.values().find_map(|proof| match proof {
            Proof::Fault(fault) => Some(format!("no program runs in the sandbox: {fault}")),
            Proof::Untried | Proof::Works => None,
        });
        drop(proofs);
        let reason = reason.unwrap_or_else(|| "no language is installed (python3 or node)".to_owned());
        Err(JudgeError::Unavailable(reason))
    }

    /// A language that works, tried before when nothing is known of it.
    async fn installed(&self, language: &Language) -> Result<&Installed, JudgeError> {
        if self.proofs().get(language) == Some(&Proof::Untried) {
            // Boxed: trying a language runs a job in it.
            Box::pin(self.try_language(language)).await;
        }
        let found = self.working().find(|(id, _)| *id == language).map(|(_, installed)| installed);
        found.ok_or_else(|| JudgeError::Language(language.clone()))
    }

    async fn run_job(
        &self,
        installed: &Installed,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        let started = match self.prepare(installed, &job.entry, &job.source, &[]).await? {
            Prepared::Ready(started) => started,
            Prepared::NotCompiled(said) => return Ok(not_compiled(said)),
        };
        let mut told = Told { job, progress, tests: Vec::new(), verdict: Verdict::Accepted };
        if let Entry::Tests(suite) = &job.entry {
            match self.run_cases(&started, job, suite).await? {
                Ok(outcomes) => outcomes.into_iter().for_each(|outcome| told.tell(outcome)),
                Err(said) => return Ok(not_compiled(said)),
            }
            return Ok(told.judgement());
        }
        let expert = self.expert(&job.checker).await?;
        let failed = Mutex::default();
        // At once up to the bound of all jobs together; told in their order.
        let (started, expert, failed) = (&started, expert.as_ref(), &failed);
        let runs = (0..job.tests.len()).map(async |index| {
            if is_left_out(job, index, failed) {
                return Ok(None);
            }
            let graded = self.run_test(started, job, expert, index).await?;
            note_failure(job, index, &graded, failed);
            Ok::<_, JudgeError>(Some(graded))
        });
        let mut runs = pin!(stream::iter(runs).buffered(self.parallel));
        while let Some(run) = runs.next().await {
            match run? {
                None => {}
                Some(Graded::Ran(outcome)) => told.tell(outcome),
                Some(Graded::NotCompiled(output)) => return Ok(not_compiled(output)),
                Some(Graded::Broken(reason)) => return Err(JudgeError::Failed(reason)),
            }
            if told.verdict != Verdict::Accepted && job.stop == StopPolicy::FirstFailure {
                // Those that have begun are killed.
                break;
            }
        }
        Ok(told.judgement())
    }

    /// Waits for boxes, but never for more than there are.
    async fn permits(&self, boxes: usize) -> Result<Permit, JudgeError> {
        self.gate.pass(boxes.min(self.parallel)).await
    }

    async fn run_test(
        &self,
        started: &Startable<'_>,
        job: &Job,
        expert: Option<&Expert<'_>>,
        index: usize,
    ) -> Result<Graded, JudgeError> {
        let test = &job.tests[index];
        let input = input_of(job, test)?;
        let limits = started.limits(job.limits);
        let asked = Asked {
            index,
            entry: &job.entry,
            expected: test.expected.as_ref(),
            checker: &job.checker,
            limits,
        };
        // Of an input of the learner's own nobody knows what is right.
        let expert = expert.filter(|_| test.expected.is_some());
        if let (Some(expert), Checker::Interactive(_)) = (expert, &job.checker) {
            return self.converse(started, expert, asked, &input).await;
        }
        let ran = {
            let _permit = self.permits(1).await?;
            run::run(&self.client, &started.request(limits, &[]), started.given()?, None, &input)
                .await
                .map_err(told)?
        };
        let Some(expert) = expert else { return Ok(grade(asked, ran)) };
        self.ask_expert(expert, asked, ran, &input).await
    }
}

/// What of a job has been told.
struct Told<'a> {
    job: &'a Job,
    progress: Option<mpsc::Sender<TestOutcome>>,
    tests: Vec<TestOutcome>,
    verdict: Verdict,
}

impl Told<'_> {
    fn tell(&mut self, mut outcome: TestOutcome) {
        if self.job.tests.len() != 1 {
            // Whole texts of two hundred tests are too much to hold; of many tests no more than this is ever shown.
            shorten(&mut outcome, &self.job.entry);
        }
        if let Some(progress) = &self.progress {
            // Whoever does not keep up finds all of it in the judgement.
            let _ = progress.try_send(outcome.clone());
        }
        if self.verdict == Verdict::Accepted {
            self.verdict = outcome.verdict;
        }
        self.tests.push(outcome);
    }

    fn judgement(self) -> Judgement {
        Judgement { verdict: self.verdict, compile_output: None, tests: self.tests }
    }
}

/// Whether a test of the same group has failed.
fn is_left_out(job: &Job, index: usize, failed: &Mutex<BTreeSet<usize>>) -> bool {
    let StopPolicy::FirstFailureOfGroup(groups) = &job.stop else { return false };
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
    groups.get(index).is_some_and(|group| failed.contains(group))
}

fn note_failure(job: &Job, index: usize, graded: &Graded, failed: &Mutex<BTreeSet<usize>>) {
    let is_failure = !matches!(graded, Graded::Ran(outcome) if outcome.verdict == Verdict::Accepted);
    if let (StopPolicy::FirstFailureOfGroup(groups), true) = (&job.stop, is_failure) {
        failed.lock().unwrap_or_else(PoisonError::into_inner).extend(groups.get(index));
    }
}

fn too_long() -> String {
    format!("the program is longer than {} KiB", SOURCE_LIMIT >> 10)
}

fn told(error: ClientError) -> JudgeError {
    match error {
        ClientError::Down(reason) => JudgeError::Unavailable(reason),
        ClientError::Broken(reason) => JudgeError::Failed(reason),
    }
}

fn failed(error: std::io::Error) -> JudgeError {
    JudgeError::Failed(error.to_string())
}

pub(crate) fn not_compiled(output: String) -> Judgement {
    Judgement { verdict: Verdict::CompileError, compile_output: Some(output), tests: Vec::new() }
}

#[async_trait]
impl Judge for LocalJudge {
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        self.shared.available()?;
        let installed = self.shared.installed(&job.language).await?;
        check_job(job)?;
        if job.source.len() > SOURCE_LIMIT {
            return Ok(not_compiled(too_long()));
        }
        self.shared.gate.job(self.shared.run_job(installed, job, progress)).await
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        let is_down = self.shared.client.fault().is_some();
        let proofs = self.shared.proofs().clone();
        let is_known = |id: &Language| !is_down || proofs.get(id) == Some(&Proof::Works);
        let known = self.shared.working().filter(|(id, _)| is_known(id));
        known.map(|(_, installed)| installed.toolchain.info.clone()).collect()
    }

    fn protections(&self) -> Vec<Protection> {
        let layers = self.shared.client.layers().into_iter();
        layers.map(|(name, active, note)| Protection { name, active, note }).collect()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.shared.available()
    }

    async fn terminal(&self, request: TerminalRequest) -> Result<Terminal, TerminalRefusal> {
        self.shared.start_terminal(request)
    }
}
