//! What starts, dies, is refused and comes back.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use codementor_core::judging::{Input, StopPolicy};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use codementor_judge::{Accounting, JudgeOptions, LocalJudge};
use common::TestJudge;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const SLEEP: &str = "import time\ntime.sleep(60)\n";

/// Waits for something that must come to pass, and fails when it does not within a minute.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), polling).await.expect("it must come to pass");
}

fn signal(launcher: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(launcher).expect("a pid")), signal).expect("a signal");
}

fn is_gone(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, fields)| fields.trim_start().starts_with('Z'))
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// Starts a program that sleeps for a minute and waits until it runs.
async fn sleeper(judge: &Arc<TestJudge>) -> tokio::task::JoinHandle<Result<Verdict, JudgeError>> {
    let running = Arc::clone(judge);
    let task = tokio::spawn(async move {
        let mut job = common::program(&Language::python(), SLEEP, "", None);
        job.limits.time_ms = 10_000;
        running.judge.judge(&job, None).await.map(|judgement| judgement.verdict)
    });
    until(async || judge.programs().await > 0).await;
    task
}

#[tokio::test]
async fn a_launcher_that_dies_fails_its_runs_and_is_replaced() {
    let Some(judge) = common::start().await else { return };
    let judge = Arc::new(judge);
    for _ in 0..3 {
        let task = sleeper(&judge).await;
        let boxes = judge.processes().await;
        let launcher = judge.judge.launcher_pid().expect("a launcher");
        signal(launcher, Signal::SIGKILL);
        assert!(matches!(task.await.expect("an end"), Err(JudgeError::Failed(_))));
        until(async || boxes.iter().all(|pid| is_gone(pid.parse().expect("a pid")))).await;
        assert_eq!(judge.python("print(1)").await, "1\n");
        assert_ne!(judge.judge.launcher_pid(), Some(launcher));
    }
}

#[tokio::test]
async fn a_launcher_that_is_stuck_is_replaced_and_its_runs_can_be_tried_again() {
    let work = tempfile::tempdir().expect("a folder");
    let mut options = JudgeOptions::new([common::launcher()], work.path(), 2);
    options.patience = Duration::from_secs(2);
    let Some(judge) = common::start_as(options, work).await else { return };
    let stuck = judge.judge.launcher_pid().expect("a launcher");
    signal(stuck, Signal::SIGSTOP);
    let job = common::program(&Language::python(), "print(1)", "", None);
    let (first, second) = tokio::join!(judge.judge.judge(&job, None), judge.judge.judge(&job, None));
    for result in [first, second] {
        assert!(matches!(result, Err(JudgeError::Failed(_))), "{result:?}");
    }
    until(async || is_gone(stuck)).await;
    assert_eq!(judge.python("print(1)").await, "1\n");
}

#[tokio::test]
async fn boxes_that_died_waiting_harm_no_run_and_are_built_again() {
    let Some(judge) = common::start().await else { return };
    for _ in 0..3 {
        until(async || judge.processes().await.len() == judge.judge.boxes_ready()).await;
        let waiting = judge.processes().await;
        for pid in &waiting {
            signal(pid.parse().expect("a pid"), Signal::SIGKILL);
        }
        assert_eq!(judge.python("print(1)").await, "1\n");
        until(async || judge.processes().await.is_disjoint(&waiting)).await;
    }
    until(async || judge.processes().await.len() == judge.judge.boxes_ready()).await;
}

/// A launcher that starts only while `allowed` exists.
fn moody_launcher(allowed: &Path) -> JudgeOptions {
    let script = format!("test -e {} || exit 7; exec {}", allowed.display(), common::launcher().display());
    JudgeOptions::new(["/bin/sh", "-c", &script], allowed.with_file_name("work"), 2)
}

#[tokio::test]
async fn readiness_follows_the_launcher() {
    let work = tempfile::tempdir().expect("a folder");
    let allowed = work.path().join("allowed");
    let job = common::program(&Language::python(), "print(1)", "", None);
    let judge = LocalJudge::start(moody_launcher(&allowed)).await;
    assert!(matches!(judge.available(), Err(JudgeError::Unavailable(_))), "refused at start");
    assert!(judge.languages().is_empty() && judge.protections().is_empty());

    std::fs::write(&allowed, "").expect("a file");
    if common::start().await.is_none() {
        return;
    }
    until(async || judge.available().is_ok()).await;
    assert_eq!(judge.judge(&job, None).await.map(|judged| judged.verdict), Ok(Verdict::Accepted));
    assert!(judge.protections().iter().any(|layer| layer.active), "the layers of this launcher");

    std::fs::remove_file(&allowed).expect("a file");
    signal(judge.launcher_pid().expect("a launcher"), Signal::SIGKILL);
    until(async || judge.available().is_err()).await;
    assert!(matches!(judge.judge(&job, None).await, Err(JudgeError::Unavailable(_))));

    std::fs::write(&allowed, "").expect("a file");
    until(async || judge.available().is_ok()).await;
    assert_eq!(judge.judge(&job, None).await.map(|judged| judged.verdict), Ok(Verdict::Accepted));
}

#[tokio::test]
async fn tests_of_a_job_run_at_once_up_to_the_bound_and_end_with_it() {
    let Some(judge) = common::start_with(Accounting::Auto, 3).await else { return };
    let judge = Arc::new(judge);
    let running = Arc::clone(&judge);
    let task = tokio::spawn(async move {
        let mut job = common::program(&Language::python(), SLEEP, "", None);
        job.limits.time_ms = 10_000;
        job.tests = vec![job.tests[0].clone(); 9];
        running.judge.judge(&job, None).await.map(|judgement| judgement.verdict)
    });
    // When it is root, each box's first process counts as well.
    let most = if is_root() { 6 } else { 3 };
    until(async || judge.programs().await == most).await;
    for _ in 0..20 {
        assert!(judge.programs().await <= most);
    }
    task.abort();
    until(async || judge.programs().await == 0).await;

    // The first that fails ends those that have begun after it.
    let source = "import time\nif input() == 'fail': exit(1)\ntime.sleep(60)\n";
    let mut job = common::program(&Language::python(), source, "fail\n", None);
    job.limits.time_ms = 10_000;
    job.stop = StopPolicy::FirstFailure;
    let mut sleeping = job.tests[0].clone();
    sleeping.input = Input::Stdin("sleep\n".to_owned());
    job.tests.extend([sleeping.clone(), sleeping]);
    let judgement = judge.judge(&job).await;
    assert_eq!((judgement.verdict, judgement.tests.len()), (Verdict::RuntimeError, 1));
    until(async || judge.programs().await == 0).await;
}

#[tokio::test]
async fn dropping_the_future_kills_the_box() {
    let Some(judge) = common::start().await else { return };
    let judge = Arc::new(judge);
    let task = sleeper(&judge).await;
    task.abort();
    until(async || judge.programs().await == 0).await;
}

#[tokio::test]
async fn dropping_the_judge_ends_the_launcher_and_all_boxes() {
    let Some(judge) = common::start().await else { return };
    let mut pids: Vec<u32> = judge.processes().await.iter().map(|pid| pid.parse().expect("a pid")).collect();
    pids.extend(judge.judge.launcher_pid());
    assert!(pids.len() > 1);
    drop(judge);
    until(async || pids.iter().all(|&pid| is_gone(pid))).await;
}

#[tokio::test]
async fn without_a_launcher_nothing_is_judged() {
    let work = tempfile::tempdir().expect("a folder");
    for launcher in ["/nonexistent/launcher", "/bin/true"] {
        let judge = LocalJudge::start(JudgeOptions::new([launcher], work.path(), 1)).await;
        assert!(matches!(judge.available(), Err(JudgeError::Unavailable(_))), "{launcher}");
        let job = common::program(&Language::python(), "print(1)", "", None);
        assert!(matches!(judge.judge(&job, None).await, Err(JudgeError::Unavailable(_))), "{launcher}");
    }
}

/// A launcher in a user namespace in which there can be no other and no mounts, as hardened systems have it.
#[tokio::test]
async fn where_namespaces_are_forbidden_the_judge_refuses_with_a_remedy() {
    let work = tempfile::tempdir().expect("a folder");
    let script = format!(
        "echo 0 > /proc/sys/user/max_user_namespaces && exec /usr/bin/setpriv --inh-caps=-all --bounding-set=-all {}",
        common::launcher().display()
    );
    let launcher = ["/usr/bin/unshare", "--user", "--map-root-user", "/bin/sh", "-c", &script];
    let judge = LocalJudge::start(JudgeOptions::new(launcher, work.path(), 1)).await;
    let Err(JudgeError::Unavailable(reason)) = judge.available() else {
        panic!("a judge without a sandbox");
    };
    assert!(reason.contains("CAP_SYS_ADMIN") || reason.contains("user namespaces"), "{reason}");
}

/// The same as root and as nobody: when root, this test runs itself again as an ordinary user.
#[tokio::test]
async fn an_ordinary_user_can_judge() {
    if is_root() {
        common::again_as_ordinary_user("an_ordinary_user_can_judge");
        return;
    }
    let Some(judge) = common::start().await else { return };
    let source = "import os, socket\nprint(os.getuid(), os.getpid())\n\
        for path in ('/etc/shadow', '/proc/1/environ', '/proc/1/mem'):\n    try: open(path); print('READ', path)\n    except OSError: pass\n\
        try: socket.socket(); print('SOCKET')\n    \nexcept OSError: pass\n\
        print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp:'))])\n";
    let source = source.replace("    \nexcept", "except");
    let zeroes = "0".repeat(16);
    let expected = format!("1000 2\n['{zeroes}', '{zeroes}', '1', '2']\n");
    assert_eq!(judge.python(&source).await, expected);
    for (source, verdict) in [
        ("x = bytearray(4 << 30)\n", Verdict::MemoryLimitExceeded),
        (
            "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (20 << 20)\n        time.sleep(60)\ntime.sleep(60)\n",
            Verdict::MemoryLimitExceeded,
        ),
        ("while True: pass\n", Verdict::TimeLimitExceeded),
        (
            "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
            Verdict::TimeLimitExceeded,
        ),
    ] {
        let mut job = common::program(&Language::python(), source, "", None);
        job.limits.time_ms = 1_000;
        let outcome = judge.first(&job).await;
        assert_eq!(outcome.verdict, verdict, "{outcome:#?}");
    }
    assert!(judge.processes().await.len() <= judge.judge.boxes_ready());
}
