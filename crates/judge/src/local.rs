//! The judge of this machine: a launcher, the languages found here, and a bound on how much runs at once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use async_trait::async_trait;
use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, LanguageInfo, Limits, Protection, StopPolicy,
    TestOutcome,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use serde_json::json;
use tokio::sync::{Semaphore, mpsc};

use crate::client::{Client, ClientError};
use crate::grade::{Asked, Graded, grade, wall_ms};
use crate::languages::{self, Toolchain};
use crate::run;
use crate::wire::{Accounting, Run, Setup};

/// A longer source is a compile error, in bytes.
pub const SOURCE_LIMIT: usize = 64 * 1024;
/// A job with more tests is refused.
pub const TESTS_LIMIT: usize = 200;
/// A test with a longer input is refused, in bytes.
pub const INPUT_LIMIT: usize = 8 * 1024 * 1024;
/// Boxes kept ready for each language.
const SPARES: u32 = 1;
/// More runs at once than this gain nothing.
const MOST_PARALLEL: usize = 120;

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
}

impl JudgeOptions {
    /// Options with automatic accounting.
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
        }
    }
}

/// The judge of this machine.
pub struct LocalJudge {
    client: Result<Client, String>,
    toolchains: BTreeMap<Language, Installed>,
    layers: Vec<(String, bool, String)>,
    /// One permit a box.
    permits: Semaphore,
}

struct Installed {
    toolchain: Toolchain,
    /// Its place in [`Setup::roots`].
    root: usize,
}

impl LocalJudge {
    /// Finds the languages, starts the launcher and runs a program of each language in a box. What fails is remembered and told by
    /// [`Judge::available`]; this never fails itself.
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
        let client = launch(options.launcher, setup).await;
        let layers = match &client {
            Ok(client) => client.layers().await,
            Err(_) => Vec::new(),
        };
        let toolchains = found
            .into_iter()
            .enumerate()
            .map(|(root, toolchain)| (toolchain.info.id.clone(), Installed { toolchain, root }))
            .collect();
        let mut judge = Self { client, toolchains, layers, permits: Semaphore::new(parallel) };
        judge.prove().await;
        judge
    }

    /// Runs a program of each language; languages that do not work are forgotten, and when none works, nothing is available.
    async fn prove(&mut self) {
        let mut reason = "no language is installed (python3 or node)".to_owned();
        for id in self.toolchains.keys().cloned().collect::<Vec<_>>() {
            let Err(error) = self.prove_language(&id).await else { continue };
            tracing::warn!(language = %id, %error, "a language does not work in the sandbox");
            self.toolchains.remove(&id);
            reason = format!("no program runs in the sandbox: {error}");
        }
        if self.toolchains.is_empty() && self.client.is_ok() {
            self.client = Err(reason);
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
        let judgement = self.judge(&job, None).await.map_err(|error| error.to_string())?;
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

    /// Process id of the launcher, while there is one.
    pub async fn launcher_pid(&self) -> Option<u32> {
        self.client.as_ref().ok()?.pid().await
    }

    fn client(&self) -> Result<&Client, JudgeError> {
        self.client.as_ref().map_err(|reason| JudgeError::Unavailable(reason.clone()))
    }

    async fn run_test(&self, installed: &Installed, job: &Job, index: usize) -> Result<Graded, JudgeError> {
        let client = self.client()?;
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
        let ran = run::run(client, &request, &job.source, &input).await.map_err(told)?;
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

async fn launch(command: Vec<OsString>, setup: Setup) -> Result<Client, String> {
    if let Err(error) = std::fs::create_dir_all(&setup.work_dir) {
        return Err(format!("the folder {} cannot be made: {error}", setup.work_dir.display()));
    }
    Client::start(command, setup).await.map_err(|error| error.to_string())
}

fn told(error: ClientError) -> JudgeError {
    match error {
        ClientError::Refused(reason) => JudgeError::Unavailable(reason),
        ClientError::Broken(reason) => JudgeError::Failed(reason),
    }
}

fn input_of(job: &Job, test: &JobTest) -> Result<Vec<u8>, JudgeError> {
    let input = match (&job.entry, &test.input) {
        (Entry::Function { .. }, Input::Args(values)) => {
            serde_json::to_vec(values).map_err(|error| JudgeError::Failed(error.to_string()))?
        }
        (Entry::Program, Input::Stdin(text)) => text.clone().into_bytes(),
        _ => return Err(JudgeError::Failed("a test's input does not fit the entry".to_owned())),
    };
    if input.len() > INPUT_LIMIT {
        return Err(JudgeError::Failed(format!("a test's input is longer than {} MiB", INPUT_LIMIT >> 20)));
    }
    Ok(input)
}

fn check_job(job: &Job) -> Result<(), JudgeError> {
    if job.tests.is_empty() {
        // Nothing run must never mean accepted.
        return Err(JudgeError::Failed("a job without tests".to_owned()));
    }
    if job.tests.len() > TESTS_LIMIT {
        return Err(JudgeError::Failed(format!("more than {TESTS_LIMIT} tests")));
    }
    let identifier = |name: &str| {
        let head = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        (1..=100).contains(&name.len())
            && name.starts_with(head)
            && name.chars().all(|c| head(c) || c.is_ascii_digit())
    };
    match &job.entry {
        // The name becomes part of a program.
        Entry::Function { name } if !identifier(name) => {
            Err(JudgeError::Failed(format!("{name:?} is no name of a function")))
        }
        _ => Ok(()),
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
        self.client()?;
        let installed =
            self.toolchains.get(&job.language).ok_or_else(|| JudgeError::Language(job.language.clone()))?;
        check_job(job)?;
        if job.source.len() > SOURCE_LIMIT {
            return Ok(not_compiled(format!("the program is longer than {} KiB", SOURCE_LIMIT >> 10)));
        }
        let mut tests = Vec::new();
        let mut verdict = Verdict::Accepted;
        for index in 0..job.tests.len() {
            let outcome = match self.run_test(installed, job, index).await? {
                Graded::Ran(outcome) => outcome,
                Graded::NotCompiled(output) => return Ok(not_compiled(output)),
                Graded::Broken(reason) => return Err(JudgeError::Failed(reason)),
            };
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

    fn languages(&self) -> Vec<LanguageInfo> {
        self.toolchains.values().map(|installed| installed.toolchain.info.clone()).collect()
    }

    fn protections(&self) -> Vec<Protection> {
        self.layers
            .iter()
            .map(|(name, active, note)| Protection {
                name: name.clone(),
                active: *active,
                note: note.clone(),
            })
            .collect()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.client().map(drop)
    }
}
