//! The judge of this machine: a launcher, the languages found here, and a bound on how much runs at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, LanguageInfo, Limits, Protection, StopPolicy,
    TestOutcome,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::submission::shorten;
use codementor_core::{Language, Verdict};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::client::{Client, ClientError};
use crate::grade::{Asked, Graded, grade, wall_ms};
use crate::job::{SOURCE_LIMIT, check_job, input_of};
use crate::languages::{self, Toolchain};
use crate::run;
use crate::wire::{Accounting, Run, Setup};

/// Boxes kept ready for each language.
const SPARES: u32 = 1;
/// More runs at once than this gain nothing.
const MOST_PARALLEL: usize = 120;
/// How long the launcher may take for its own work in a run: more than it waits for a box to be built.
const PATIENCE: Duration = Duration::from_secs(15);
/// The pause before a language that did not work is tried again.
const PROOF_PAUSE: Duration = Duration::from_secs(30);

/// How a judge is set up.
#[derive(Debug, Clone)]
pub struct JudgeOptions {
    /// Program and arguments that run [`crate::launcher_main`], such as `/proc/self/exe sandbox-launcher`.
    pub launcher: Vec<OsString>,
    /// A folder to mount over, made when it is missing. Nothing is written into it.
    pub work_dir: PathBuf,
    /// How many runs there may be at once, 1 to 120.
    pub parallel: usize,
    /// How memory and CPU time are counted.
    pub accounting: Accounting,
    /// How long a run may take beside its own time on the clock. A launcher that is later is stuck; it is killed and replaced.
    pub patience: Duration,
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
            parallel,
            accounting: Accounting::Auto,
            patience: PATIENCE,
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
    /// Why a language does not work. Empty for those that do. Held for an instruction.
    faults: Mutex<BTreeMap<Language, String>>,
    /// One permit a box.
    permits: Semaphore,
}

struct Installed {
    toolchain: Toolchain,
    /// Its place in [`Setup::roots`].
    root: usize,
}

impl LocalJudge {
    /// Finds the languages, starts the launcher and runs a program of each language in a box. What fails is told by
    /// [`Judge::available`], and tried again from time to time; this never fails itself.
    pub async fn start(options: JudgeOptions) -> Self {
        let mut found = Vec::new();
        for declaration in languages::all() {
            found.extend(declaration.find().await);
        }
        let parallel = options.parallel.clamp(1, MOST_PARALLEL);
        let setup = Setup {
            roots: found.iter().map(|toolchain| toolchain.root.clone()).collect(),
            work_dir: options.work_dir,
            accounting: options.accounting,
            // Beside the boxes that run: those kept ready, and those that are being taken down.
            slots: u32::try_from(2 * parallel).unwrap_or(1)
                + SPARES * u32::try_from(found.len()).unwrap_or(0),
            spares: SPARES,
        };
        let client = Client::start(options.launcher, setup, options.patience).await;
        let toolchains: BTreeMap<_, _> = found
            .into_iter()
            .enumerate()
            .map(|(root, toolchain)| (toolchain.info.id.clone(), Installed { toolchain, root }))
            .collect();
        let unproven = toolchains.keys().map(|id| (id.clone(), "not tried yet".to_owned())).collect();
        let shared = Arc::new(Shared {
            client,
            toolchains,
            faults: Mutex::new(unproven),
            permits: Semaphore::new(parallel),
        });
        shared.prove().await;
        let mut prover = JoinSet::new();
        prover.spawn(Arc::clone(&shared).keep_proving());
        Self { shared, _prover: prover }
    }

    /// Process id of the launcher, while there is one.
    pub fn launcher_pid(&self) -> Option<u32> {
        self.shared.client.pid()
    }
}

impl Shared {
    /// Tries languages that do not work again: when a launcher has come, and after a pause.
    async fn keep_proving(self: Arc<Self>) {
        let mut news = self.client.news();
        loop {
            let unproven = !self.faults().is_empty();
            tokio::select! {
                changed = news.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(PROOF_PAUSE), if unproven => {}
            }
            self.prove().await;
        }
    }

    /// Runs a program of each language of which it is not known that it works.
    async fn prove(&self) {
        let unproven: Vec<Language> = self.faults().keys().cloned().collect();
        for id in unproven {
            if self.client.fault().is_some() {
                return;
            }
            let proof = self.prove_language(&id).await;
            let mut faults = self.faults();
            match proof {
                Ok(()) => drop(faults.remove(&id)),
                Err(error) => {
                    tracing::warn!(language = %id, %error, "a language does not work in the sandbox");
                    faults.insert(id, error);
                }
            }
        }
    }

    async fn prove_language(&self, id: &Language) -> Result<(), String> {
        let installed = self.toolchains.get(id).ok_or("not installed")?;
        let job = Job {
            language: id.clone(),
            source: installed.toolchain.smoke().to_owned(),
            entry: Entry::Function { name: "smoke".to_owned() },
            tests: vec![JobTest {
                input: Input::Args(vec![json!(20), json!(22)]),
                expected: Some(Expected::Value(json!(42))),
            }],
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

    fn faults(&self) -> MutexGuard<'_, BTreeMap<Language, String>> {
        // Every change is one step, so a poisoned map is whole.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The languages that work.
    fn working(&self) -> impl Iterator<Item = (&Language, &Installed)> {
        let faults = self.faults().clone();
        self.toolchains.iter().filter(move |(id, _)| !faults.contains_key(*id))
    }

    fn available(&self) -> Result<(), JudgeError> {
        if let Some(reason) = self.client.fault() {
            return Err(JudgeError::Unavailable(reason));
        }
        if self.working().next().is_some() {
            return Ok(());
        }
        let reason = match self.faults().values().next() {
            Some(fault) => format!("no program runs in the sandbox: {fault}"),
            None => "no language is installed (python3 or node)".to_owned(),
        };
        Err(JudgeError::Unavailable(reason))
    }

    async fn run_job(
        &self,
        installed: &Installed,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        let mut tests = Vec::new();
        let mut verdict = Verdict::Accepted;
        for index in 0..job.tests.len() {
            let mut outcome = match self.run_test(installed, job, index).await? {
                Graded::Ran(outcome) => outcome,
                Graded::NotCompiled(output) => return Ok(not_compiled(output)),
                Graded::Broken(reason) => return Err(JudgeError::Failed(reason)),
            };
            if job.tests.len() > 1 {
                // Whole texts of two hundred tests are too much to hold; of many tests no more than this is ever shown.
                shorten(&mut outcome, &job.entry);
            }
            if let Some(progress) = &progress {
                // Whoever does not keep up finds all of it in the judgement.
                let _ = progress.try_send(outcome.clone());
            }
            if verdict == Verdict::Accepted {
                verdict = outcome.verdict;
            }
            tests.push(outcome);
            if verdict != Verdict::Accepted && job.stop == StopPolicy::FirstFailure {
                break;
            }
        }
        Ok(Judgement { verdict, compile_output: None, tests })
    }

    async fn run_test(&self, installed: &Installed, job: &Job, index: usize) -> Result<Graded, JudgeError> {
        let test = &job.tests[index];
        let input = input_of(job, test)?;
        let toolchain = &installed.toolchain;
        let limits = Limits { memory_kb: toolchain.memory_kb(job.limits.memory_kb), ..job.limits };
        let request = Run {
            root: installed.root,
            argv: toolchain.argv(&job.entry, limits.memory_kb),
            env: toolchain.env(),
            source_name: toolchain.source_name().to_owned(),
            cpu_ms: limits.time_ms,
            wall_ms: wall_ms(limits),
            memory_kb: limits.memory_kb,
        };
        let permit = self.permits.acquire().await.map_err(|error| JudgeError::Failed(error.to_string()))?;
        let ran = run::run(&self.client, &request, &job.source, &input).await.map_err(told)?;
        drop(permit);
        let asked = Asked {
            index,
            entry: &job.entry,
            expected: test.expected.as_ref(),
            checker: job.checker,
            limits,
        };
        Ok(grade(asked, ran))
    }
}

fn told(error: ClientError) -> JudgeError {
    match error {
        ClientError::Down(reason) => JudgeError::Unavailable(reason),
        ClientError::Broken(reason) => JudgeError::Failed(reason),
    }
}

fn not_compiled(output: String) -> Judgement {
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
        let mut working = self.shared.working();
        let (_, installed) = working
            .find(|(id, _)| **id == job.language)
            .ok_or_else(|| JudgeError::Language(job.language.clone()))?;
        drop(working);
        check_job(job)?;
        if job.source.len() > SOURCE_LIMIT {
            return Ok(not_compiled(format!("the program is longer than {} KiB", SOURCE_LIMIT >> 10)));
        }
        self.shared.run_job(installed, job, progress).await
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        self.shared.working().map(|(_, installed)| installed.toolchain.info.clone()).collect()
    }

    fn protections(&self) -> Vec<Protection> {
        let layers = self.shared.client.layers().into_iter();
        layers.map(|(name, active, note)| Protection { name, active, note }).collect()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.shared.available()
    }
}
