//! The judge of this machine: a launcher, the languages found here, and a bound on how much runs at once.

mod proofs;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::judging::{Job, Judgement, LanguageInfo, Limits, Protection, StopPolicy, TestOutcome};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::submission::shorten;
use codementor_core::{Language, Verdict};
use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::task::JoinSet;

use self::proofs::Proof;
use crate::build::{self, Built, Program, Programs};
use crate::client::{Client, ClientError};
use crate::grade::{Asked, Graded, grade, wall_ms};
use crate::job::{SOURCE_LIMIT, check_job, input_of};
use crate::languages::{self, Declaration, Toolchain};
use crate::run;
use crate::wire::{Accounting, Given, Root, Run, Setup};

/// More runs at once than this gain nothing.
const MOST_PARALLEL: usize = 120;
/// How long the launcher may take for its own work in a run: more than it waits for a box to be built.
const PATIENCE: Duration = Duration::from_secs(15);

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
    /// What is known of each language. Held for an instruction.
    proofs: Mutex<BTreeMap<Language, Proof>>,
    /// One permit a box.
    permits: Semaphore,
    programs: Programs,
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

/// The places of roots; those that are alike share one.
#[derive(Default)]
struct Roots(Vec<Root>);

impl Roots {
    fn place(&mut self, root: &Root) -> usize {
        self.0.iter().position(|known| known == root).unwrap_or_else(|| {
            self.0.push(root.clone());
            self.0.len() - 1
        })
    }
}

impl LocalJudge {
    /// Finds the languages, starts the launcher and runs a program of each language that needs no compiler in a box. What fails is told
    /// by [`Judge::available`], and tried again from time to time; this never fails itself.
    pub async fn start(options: JudgeOptions) -> Self {
        let mut found = Vec::new();
        let mut asked: JoinSet<_> = languages::all().into_iter().map(Declaration::find).collect();
        while let Some(answer) = asked.join_next().await {
            // One that cannot be asked is not installed.
            found.extend(answer.ok().flatten());
        }
        let parallel = options.parallel.clamp(1, MOST_PARALLEL);
        let mut roots = Roots::default();
        let toolchains: BTreeMap<_, _> = found
            .into_iter()
            .map(|toolchain| {
                let root = roots.place(&toolchain.root);
                let build_root = toolchain.build_root.as_ref().map(|root| roots.place(root));
                (toolchain.info.id.clone(), Installed { toolchain, root, build_root })
            })
            .collect();
        let roots = roots.0;
        let spares: u32 = roots.iter().map(|root| root.spares).sum();
        let setup = Setup {
            work_dir: options.work_dir,
            accounting: options.accounting,
            // Beside the boxes that run: those kept ready, and those that are being taken down.
            slots: u32::try_from(2 * parallel).unwrap_or(1) + spares,
            roots,
        };
        let client = Client::start(options.launcher, setup, options.patience).await;
        let proofs = toolchains.keys().map(|id| (id.clone(), Proof::Untried)).collect();
        let shared = Arc::new(Shared {
            client,
            toolchains,
            proofs: Mutex::new(proofs),
            permits: Semaphore::new(parallel),
            programs: Programs::new(),
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

    async fn run_job(
        &self,
        installed: &Installed,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        let program = match self.build(installed, job).await? {
            Some(Built::Program(program)) => Some(program),
            Some(Built::NotCompiled(said) | Built::Late(said)) => return Ok(not_compiled(said.to_string())),
            None => None,
        };
        let program = program.as_deref();
        let mut tests = Vec::new();
        let mut verdict = Verdict::Accepted;
        // At once up to the bound of all jobs together; told in their order.
        let runs =
            stream::iter(0..job.tests.len()).map(|index| self.run_test(installed, job, program, index));
        let mut runs = pin!(runs.buffered(self.parallel));
        while let Some(run) = runs.next().await {
            let mut outcome = match run? {
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
                // Those that have begun are killed.
                break;
            }
        }
        Ok(Judgement { verdict, compile_output: None, tests })
    }

    /// Makes a program of a file, where the language is compiled.
    async fn build(&self, installed: &Installed, job: &Job) -> Result<Option<Built>, JudgeError> {
        let (Some(build), Some(root)) = (installed.toolchain.build(), installed.build_root) else {
            return Ok(None);
        };
        let caller = installed.toolchain.caller(&job.entry).ok_or_else(|| no_call(job))?;
        let texts = (caller.as_str(), job.source.as_str());
        let make = async {
            let _permit = self.permit().await?;
            let made = build::make(&self.client, &installed.toolchain, build, root, &job.entry, texts).await;
            made.map_err(told)
        };
        self.programs.get(&installed.toolchain, build, texts, make).await.map(Some)
    }

    async fn permit(&self) -> Result<SemaphorePermit<'_>, JudgeError> {
        self.permits.acquire().await.map_err(|error| JudgeError::Failed(error.to_string()))
    }

    async fn run_test(
        &self,
        installed: &Installed,
        job: &Job,
        program: Option<&Program>,
        index: usize,
    ) -> Result<Graded, JudgeError> {
        let test = &job.tests[index];
        let input = input_of(job, test)?;
        let toolchain = &installed.toolchain;
        let limits = Limits { memory_kb: toolchain.memory_kb(job.limits.memory_kb), ..job.limits };
        let request = Run {
            root: installed.root,
            argv: toolchain.argv(&job.entry, limits.memory_kb),
            env: toolchain.env(),
            given: if toolchain.starts_itself() {
                Given::Program
            } else {
                Given::File(
                    toolchain
                        .build()
                        .map_or(toolchain.source_name(&job.entry), |build| build.output)
                        .to_owned(),
                )
            },
            collect: None,
            cpu_ms: limits.time_ms,
            wall_ms: wall_ms(limits),
            memory_kb: limits.memory_kb,
        };
        let given = match program {
            Some(program) => program.open(),
            None => run::sealed(job.source.as_bytes()),
        };
        let given = given.map_err(|error| JudgeError::Failed(error.to_string()))?;
        let permit = self.permit().await?;
        let ran = run::run(&self.client, &request, given, None, &input).await.map_err(told)?;
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

fn no_call(job: &Job) -> JudgeError {
    JudgeError::Failed(format!("such a function cannot be called in {}", job.language))
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
        let unknown = || JudgeError::Language(job.language.clone());
        if self.shared.proofs().get(&job.language) == Some(&Proof::Untried) {
            self.shared.try_language(&job.language).await;
        }
        let installed = self.shared.working().find(|(id, _)| **id == job.language).ok_or_else(unknown)?.1;
        check_job(job)?;
        if job.source.len() > SOURCE_LIMIT {
            return Ok(not_compiled(format!("the program is longer than {} KiB", SOURCE_LIMIT >> 10)));
        }
        self.shared.run_job(installed, job, progress).await
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
}
