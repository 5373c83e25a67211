//! Workers over a real socket: what they judge is the same, and what is lost with them is judged elsewhere.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use codementor_core::judging::{
    Checker, CheckerProgram, Entry, Job, Judgement, LanguageInfo, Limits, Protection, SourceFile, StopPolicy,
    TestOutcome, TestSuite,
};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Language, Verdict};
use codementor_judge::workers::{Listening, MOST_LOSSES, Observer, Pool, Worker, look};
use common::{TestJudge, function, program, python};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Count(AtomicUsize);

impl Observer for Count {
    fn refused(&self, _: &'static str) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn changed(&self, _: usize, _: usize) {}
}

/// A pool that lets workers in.
struct Listener {
    pool: Arc<Pool>,
    refused: Arc<Count>,
    listening: Option<Listening>,
    folder: TempDir,
}

impl Listener {
    fn new(own: Option<(Arc<dyn Judge>, usize)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = Arc::new(Count::default());
        let pool = Pool::new(own, refused.clone());
        let listening = Some(pool.listen(folder.path()).expect("a socket"));
        Self { pool, refused, listening, folder }
    }

    async fn until_places(&self, places: usize) {
        let mut watched = self.pool.places();
        let reached = timeout(PATIENCE, watched.wait_for(|now| *now == places)).await;
        assert!(reached.is_ok(), "{places} places are waited for in vain");
    }

    fn judge(&self, job: Job) -> JoinHandle<Result<Judgement, JudgeError>> {
        let pool = Arc::clone(&self.pool);
        tokio::spawn(async move { pool.judge(&job, None).await })
    }
}

/// A judge in a sandbox that several can hold.
struct Sandbox(TestJudge);

#[async_trait]
impl Judge for Sandbox {
    async fn judge(
        &self,
        job: &Job,
        progress: Option<mpsc::Sender<TestOutcome>>,
    ) -> Result<Judgement, JudgeError> {
        self.0.judge.judge(job, progress).await
    }

    fn languages(&self) -> Vec<LanguageInfo> {
        self.0.judge.languages()
    }

    fn protections(&self) -> Vec<Protection> {
        self.0.judge.protections()
    }

    fn available(&self) -> Result<(), JudgeError> {
        self.0.judge.available()
    }
}

/// A sandbox, or `None` where there can be none.
async fn sandbox() -> Option<Arc<Sandbox>> {
    Some(Arc::new(Sandbox(common::start().await?)))
}

fn works_for(judge: &Arc<Sandbox>, places: usize, folder: &Path) -> (JoinHandle<()>, CancellationToken) {
    let worker = Worker::new(judge.clone(), places, folder, Duration::from_millis(500));
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    (tokio::spawn(async move { worker.work(&stopped).await }), stop)
}

/// Somebody who speaks like a worker, as long as the test wants.
struct Stranger(UnixStream);

impl Stranger {
    async fn at(folder: &Path) -> Self {
        Self(UnixStream::connect(folder.join("workers.sock")).await.expect("a socket"))
    }

    /// One who is let in with one place, and Python.
    async fn greets(folder: &Path) -> Self {
        let mut stranger = Self::at(folder).await;
        let languages = json!([{ "id": "python", "name": "Python", "version": "3" }]);
        let state = json!({ "fault": null, "languages": languages, "protections": [] });
        let hello = json!({ "protocol": 1, "pid": 1, "places": 1, "state": state });
        stranger.says(&json!({ "Hello": hello })).await;
        assert_eq!(stranger.hears().await, Some(json!("Welcome")));
        stranger
    }

    async fn says(&mut self, message: &Value) {
        let body = message.to_string();
        let length = u32::try_from(body.len()).expect("it is short").to_be_bytes();
        let _ = self.0.write_all(&[&length, body.as_bytes()].concat()).await;
    }

    /// The next message, or `None` when the connection has ended.
    async fn hears(&mut self) -> Option<Value> {
        let read = async {
            let length = self.0.read_u32().await.ok()?;
            let mut body = vec![0; length as usize];
            self.0.read_exact(&mut body).await.ok()?;
            serde_json::from_slice(&body).ok()
        };
        timeout(PATIENCE, read).await.expect("an answer or an end")
    }

    /// Takes a job, saying that it lives until it comes.
    async fn takes_a_job(&mut self) -> u64 {
        self.hears().await.expect("a job")["Job"]["id"].as_u64().expect("a number")
    }
}

fn without_cost(mut judgement: Judgement) -> Judgement {
    for test in &mut judgement.tests {
        (test.time_ms, test.memory_kb) = (0, 0);
    }
    judgement
}

fn jobs() -> Vec<Job> {
    let suite = TestSuite {
        solution: "leap.py".to_owned(),
        file: SourceFile {
            name: "leap_test.py".to_owned(),
            text: "import unittest\nfrom leap import leap\n\nclass LeapTest(unittest.TestCase):\n    def test_yes(self):\n        \
                   self.assertTrue(leap(4))\n\n    def test_no(self):\n        self.assertFalse(leap(3))\n"
                .to_owned(),
        },
        others: Vec::new(),
    };
    let suite = Job {
        language: python(),
        source: "def leap(year):\n    return True\n".to_owned(),
        entry: Entry::Tests(Arc::new(suite)),
        tests: Vec::new(),
        limits: Limits::default(),
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    };
    let decide = |source: &str| {
        let (source, files, arguments) = (source.to_owned(), Vec::new(), Vec::new());
        Arc::new(CheckerProgram { language: python(), source, files, arguments })
    };
    let checked = decide("import sys\nsys.exit(42 if sys.stdin.read() == 'yes\\n' else 43)\n");
    let asked =
        decide("import sys\nprint(7, flush=True)\nsys.exit(42 if sys.stdin.readline() == '49\\n' else 43)\n");
    let with = |source: &str, checker| Job { checker, ..program(&python(), source, "1\n", Some("1\n")) };
    let values = [(json!([[1, 2], "é"]), Some(json!({ "a": [1, 2] }))), (json!([[], ""]), Some(json!(null)))];
    vec![
        function(&python(), "def f(a, b):\n    print(b)\n    return {'a': a}\n", &values),
        program(
            &Language::javascript(),
            "console.log(require('fs').readFileSync(0, 'utf8'))",
            "12\n",
            Some("12\n"),
        ),
        program(&python(), "print('\\x01\\x00' * 400_000)", "", None),
        program(&python(), "import sys\nprint('é' * 9)\nsys.exit(3)", "", Some("x")),
        program(&python(), "def (", "", None),
        suite,
        with("print('yes')", Checker::Program(checked.clone())),
        with("print('no')", Checker::Program(checked)),
        with("print(int(input()) ** 2)", Checker::Interactive(asked)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_judges_every_kind_of_job_as_its_own_judge_does() {
    let Some(judge) = sandbox().await else { return };
    let listener = Listener::new(None);
    assert!(matches!(listener.pool.available(), Err(JudgeError::Unavailable(_))));
    assert!(listener.pool.languages().is_empty());
    let (working, stop) = works_for(&judge, 2, listener.folder.path());
    listener.until_places(2).await;
    assert_eq!(listener.pool.available(), Ok(()));
    assert_eq!(listener.pool.languages(), judge.languages());
    assert_eq!(listener.pool.protections(), judge.protections());
    let seen = look(listener.folder.path()).await.expect("an answer");
    assert_eq!((seen.workers, seen.places), (1, 2));
    for job in jobs() {
        let here = without_cost(judge.judge(&job, None).await.expect("a judgement"));
        let (progress, mut told) = mpsc::channel(16);
        let there = listener.pool.judge(&job, Some(progress)).await.expect("a judgement");
        let there = without_cost(there);
        assert_eq!(there, here, "{}", job.source);
        let mut outcomes = Vec::new();
        while let Ok(mut outcome) = told.try_recv() {
            (outcome.time_ms, outcome.memory_kb) = (0, 0);
            outcomes.push(outcome);
        }
        assert_eq!(outcomes, there.tests, "each was told as it came");
    }
    let odd = program(&"cobol".parse().expect("a language"), "", "", None);
    assert!(matches!(listener.pool.judge(&odd, None).await, Err(JudgeError::Language(_))));
    stop.cancel();
    assert!(timeout(PATIENCE, working).await.is_ok());
    listener.until_places(0).await;
    assert_eq!(listener.refused.0.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_no_more_has_the_program_killed_and_the_place_freed() {
    let Some(judge) = sandbox().await else { return };
    let listener = Listener::new(None);
    let (_working, _stop) = works_for(&judge, 1, listener.folder.path());
    listener.until_places(1).await;
    for _ in 0..3 {
        let job = program(&python(), "import time\nprint('up', flush=True)\ntime.sleep(60)", "", None);
        let asking = listener.judge(job);
        let running = async { while judge.0.programs().await == 0 {} };
        timeout(PATIENCE, running).await.expect("it runs");
        // The one place is taken: this one ends only when that is given up.
        let quick = listener.judge(program(&python(), "print(1)", "", None));
        tokio::task::yield_now().await;
        asking.abort();
        let judged = timeout(Duration::from_secs(3), quick).await.expect("in time").expect("no panic");
        assert_eq!(judged.expect("a judgement").verdict, Verdict::Accepted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_lost_worker_had_goes_to_another_and_back_to_this_process() {
    let Some(judge) = sandbox().await else { return };
    let listener = Listener::new(None);
    let mut first = Stranger::greets(listener.folder.path()).await;
    let asking = listener.judge(program(&python(), "print(1)", "", Some("1")));
    first.takes_a_job().await;
    let (_working, _stop) = works_for(&judge, 1, listener.folder.path());
    listener.until_places(2).await;
    drop(first);
    let judged = timeout(PATIENCE, asking).await.expect("in time").expect("no panic").expect("a judgement");
    assert_eq!(judged.verdict, Verdict::Accepted);

    let own: Arc<dyn Judge> = judge.clone();
    let listener = Listener::new(Some((own, 1)));
    let mut busy = Stranger::greets(listener.folder.path()).await;
    listener.until_places(2).await;
    let slow = listener.judge(program(&python(), "import time\ntime.sleep(1)", "", None));
    let second = listener.judge(program(&python(), "print(1)", "", Some("1")));
    let id = busy.takes_a_job().await;
    busy.says(&json!({ "HandedBack": { "id": id } })).await;
    for asking in [slow, second] {
        let judged = timeout(PATIENCE, asking).await.expect("in time").expect("no panic");
        assert_eq!(judged.expect("a judgement").verdict, Verdict::Accepted);
    }
}

#[tokio::test]
async fn a_program_that_costs_worker_after_worker_is_given_up_and_others_are_not() {
    let listener = Listener::new(None);
    let job = program(&python(), "print('poison')", "", None);
    for lost in 1..=MOST_LOSSES {
        let mut worker = Stranger::greets(listener.folder.path()).await;
        let asking = listener.judge(job.clone());
        worker.takes_a_job().await;
        drop(worker);
        let ended = timeout(PATIENCE, asking).await.expect("in time").expect("no panic");
        match ended {
            Err(JudgeError::Unavailable(_)) if lost < MOST_LOSSES => {}
            Err(JudgeError::Failed(_)) if lost == MOST_LOSSES => {}
            other => panic!("after {lost}: {other:?}"),
        }
        listener.until_places(0).await;
    }
    let mut worker = Stranger::greets(listener.folder.path()).await;
    assert!(matches!(listener.pool.judge(&job, None).await, Err(JudgeError::Failed(_))), "it costs no more");
    let asking = listener.judge(program(&python(), "print('other')", "", None));
    let id = worker.takes_a_job().await;
    let judgement = json!({ "verdict": "accepted", "compile_output": null, "tests": [] });
    worker.says(&json!({ "Done": { "id": id, "result": { "Ok": judgement } } })).await;
    let ended = timeout(PATIENCE, asking).await.expect("in time").expect("no panic");
    assert_eq!(ended.expect("a judgement").verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_worker_that_leaves_gets_no_more_and_what_it_hands_back_is_no_loss() {
    let listener = Listener::new(None);
    let job = program(&python(), "print(1)", "", None);
    for _ in 0..=MOST_LOSSES {
        let mut worker = Stranger::greets(listener.folder.path()).await;
        let asking = listener.judge(job.clone());
        let id = worker.takes_a_job().await;
        worker.says(&json!("Leaving")).await;
        assert_eq!(worker.hears().await, Some(json!("Farewell")));
        listener.until_places(0).await;
        assert!(listener.pool.judge(&job, None).await.is_err(), "nobody takes it");
        worker.says(&json!({ "HandedBack": { "id": id } })).await;
        let ended = timeout(PATIENCE, asking).await.expect("in time").expect("no panic");
        assert!(matches!(ended, Err(JudgeError::Unavailable(_))), "{ended:?}");
    }
}

#[tokio::test]
async fn who_speaks_of_what_is_not_there_is_put_out() {
    let listener = Listener::new(None);
    let done = json!({ "Done": { "id": 9, "result": { "Err": { "Failed": "x" } } } });
    let hello = json!({ "Hello": { "protocol": 1, "pid": 1, "places": 1, "state": null } });
    for odd in [done, json!({ "HandedBack": { "id": 0 } }), json!("Sing"), json!({ "State": [] }), hello] {
        let mut worker = Stranger::greets(listener.folder.path()).await;
        worker.says(&odd).await;
        assert_eq!(worker.hears().await, None, "{odd}");
    }
    assert_eq!(listener.refused.0.load(Ordering::SeqCst), 5);
    listener.until_places(0).await;
}

#[tokio::test]
async fn the_end_of_the_listener_ends_all() {
    let mut listener = Listener::new(None);
    let mut worker = Stranger::greets(listener.folder.path()).await;
    let asking = listener.judge(program(&python(), "print(1)", "", None));
    worker.takes_a_job().await;
    drop(listener.listening.take());
    assert_eq!(worker.hears().await, None);
    assert!(timeout(PATIENCE, asking).await.expect("in time").expect("no panic").is_err());
    listener.until_places(0).await;
    assert!(look(listener.folder.path()).await.is_err());
}
