//! A judge for tests, and short ways to say what to judge. Where the sandbox is not available tests fail, unless
//! `CODEMENTOR_MAY_SKIP` is set outside CI.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod terminal;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use codementor_core::judging::{
    Checker, Entry, Expected, Input, Job, JobTest, Judgement, Limits, StopPolicy, TestOutcome,
};
use codementor_core::ports::Judge;
use codementor_core::{Language, Verdict};
use codementor_judge::{Accounting, JudgeOptions, LocalJudge};
use serde_json::Value;
use tempfile::TempDir;

pub struct TestJudge {
    pub judge: LocalJudge,
    _work: TempDir,
}

pub fn launcher() -> PathBuf {
    // A copy, where the build folder cannot be entered.
    std::env::var_os("CODEMENTOR_LAUNCHER")
        .map_or_else(|| env!("CARGO_BIN_EXE_codementor-sandbox").into(), PathBuf::from)
}

pub async fn start_with(accounting: Accounting, parallel: usize) -> Option<TestJudge> {
    let work = tempfile::tempdir().expect("a folder");
    let options = JudgeOptions { accounting, ..JudgeOptions::new([launcher()], work.path(), parallel) };
    start_as(options, work).await
}

/// A judge with options of its own. `work` is kept as long as the judge.
pub async fn start_as(options: JudgeOptions, work: TempDir) -> Option<TestJudge> {
    let judge = LocalJudge::start(options).await;
    if let Err(error) = judge.available() {
        assert!(
            std::env::var("CI").is_err() && std::env::var("CODEMENTOR_MAY_SKIP").is_ok(),
            "the sandbox must work in CI: {error}"
        );
        eprintln!("SKIPPED: {error}");
        return None;
    }
    Some(TestJudge { judge, _work: work })
}

/// Runs a test of this program again as an ordinary user. For tests that are root.
pub fn again_as_ordinary_user(name: &str) {
    let copies = tempfile::tempdir().expect("a folder");
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode")
    };
    open(copies.path(), 0o1777);
    let test = copies.path().join("test");
    std::fs::copy(std::env::current_exe().expect("this program"), &test).expect("a copy");
    let launcher = copies.path().join("launcher");
    std::fs::copy(self::launcher(), &launcher).expect("a copy");
    open(&test, 0o755);
    open(&launcher, 0o755);
    let again = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(&test)
        .args(["--exact", name, "--nocapture"])
        .env("CODEMENTOR_LAUNCHER", &launcher)
        .env("TMPDIR", copies.path())
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&again.stdout) + String::from_utf8_lossy(&again.stderr);
    assert!(again.status.success(), "{said}");
}

/// A judge, or `None` where there can be none.
pub async fn start() -> Option<TestJudge> {
    start_with(Accounting::Auto, 4).await
}

pub fn python() -> Language {
    Language::python()
}

pub fn javascript() -> Language {
    Language::javascript()
}

pub fn program(language: &Language, source: &str, stdin: &str, expected: Option<&str>) -> Job {
    Job {
        language: language.clone(),
        source: source.to_owned(),
        entry: Entry::Program,
        tests: vec![JobTest {
            input: Input::Stdin(stdin.to_owned()),
            expected: expected.map(|text| Expected::Stdout(text.to_owned())),
        }],
        limits: Limits::default(),
        checker: Checker::Lines,
        stop: StopPolicy::Never,
    }
}

pub fn function(language: &Language, source: &str, tests: &[(Value, Option<Value>)]) -> Job {
    let tests = tests.iter().map(|(args, expected)| JobTest {
        input: Input::Args(args.as_array().expect("a list of arguments").clone()),
        expected: expected.clone().map(Expected::Value),
    });
    Job {
        language: language.clone(),
        source: source.to_owned(),
        entry: Entry::Function { name: "f".to_owned(), types: None },
        tests: tests.collect(),
        limits: Limits::default(),
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    }
}

pub async fn run(judge: &TestJudge, source: &str) -> TestOutcome {
    let mut job = program(&Language::python(), source, "", None);
    job.limits = Limits { time_ms: 1_000, memory_kb: 64 * 1024 };
    judge.first(&job).await
}

/// Runs a program that prints `denied` or an error name for each thing it tries; none may print `DONE`.
pub async fn refused(judge: &TestJudge, attempts: &str) -> String {
    let source = format!(
        "import ctypes, os, sys, socket, resource\nlibc = ctypes.CDLL(None, use_errno=True)\n\
         def attempt(name, action):\n    try:\n        value = action()\n    except BaseException as error:\n        \
         print(name, type(error).__name__, error)\n    else:\n        print(name, 'DONE', repr(value))\n\
         def call(number, *arguments):\n    ctypes.set_errno(0)\n    if libc.syscall(number, *arguments) == -1:\n        \
         raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))\n{attempts}\nprint('end')\n"
    );
    let outcome = run(judge, &source).await;
    assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
    assert!(outcome.stdout.ends_with("end\n"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("DONE"), "{}", outcome.stdout);
    outcome.stdout
}

fn all_processes(file: &str) -> Vec<(String, String)> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let read = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path().join(file)).ok()?;
        Some((entry.file_name().to_string_lossy().into_owned(), text))
    };
    processes.filter_map(read).collect()
}

impl TestJudge {
    /// Descendants of the launcher: what runs, and the boxes that wait for work.
    pub async fn processes(&self) -> BTreeSet<String> {
        let launcher = self.judge.launcher_pid().expect("a launcher");
        let mut parents = vec![launcher.to_string()];
        let mut found = BTreeSet::new();
        while let Some(parent) = parents.pop() {
            for (pid, stat) in all_processes("stat") {
                let Some((_, fields)) = stat.rsplit_once(')') else { continue };
                if fields.split_whitespace().nth(1) == Some(parent.as_str()) && found.insert(pid.clone()) {
                    parents.push(pid);
                }
            }
        }
        found
    }

    /// How many programs of this judge there are: when it is root, processes on this machine with a user id that only they have;
    /// else descendants of the launcher that have become an interpreter.
    pub async fn programs(&self) -> usize {
        if !nix::unistd::Uid::effective().is_root() {
            let own = self.processes().await;
            let is_program =
                |(pid, line): &(String, String)| own.contains(pid) && line.contains("/judge/harness");
            return all_processes("cmdline").iter().filter(|process| is_program(process)).count();
        }
        let launcher = self.judge.launcher_pid().expect("a launcher");
        let first = (1_u64 << 30) + u64::from(launcher) % (1 << 21) * 256;
        let own = |status: &str| {
            let uid = status
                .lines()
                .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next()?.parse().ok());
            uid.is_some_and(|uid| (first..first + 256).contains(&uid))
        };
        all_processes("status").iter().filter(|(_, status)| own(status)).count()
    }

    pub async fn judge(&self, job: &Job) -> Judgement {
        self.judge.judge(job, None).await.expect("a judgement")
    }

    /// The outcome of the first test.
    pub async fn first(&self, job: &Job) -> TestOutcome {
        let judgement = self.judge(job).await;
        assert_ne!(judgement.verdict, Verdict::CompileError, "{:?}", judgement.compile_output);
        judgement.tests.into_iter().next().expect("a test")
    }

    /// What a Python program writes; it must end well.
    pub async fn python(&self, source: &str) -> String {
        let outcome = self.first(&program(&Language::python(), source, "", None)).await;
        assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
        outcome.stdout
    }
}
