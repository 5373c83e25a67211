//! What a box costs: the same interpreters started bare and through the judge, one after the other, and the tests of one job.
//!
//! `cargo bench -p codementor-judge` prints the median and the 95th percentile of each in milliseconds. Both are taken in turn, so that
//! other load on the machine meets both alike.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codementor_core::Language;
use codementor_core::judging::{Checker, Entry, Expected, Input, Job, JobTest, Limits, StopPolicy};
use codementor_core::ports::Judge;
use codementor_judge::{JudgeOptions, LocalJudge};
use serde_json::json;

const ROUNDS: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure())
}

async fn measure() -> Result<(), Box<dyn std::error::Error>> {
    let work = tempfile::tempdir()?;
    let judge =
        LocalJudge::start(JudgeOptions::new([env!("CARGO_BIN_EXE_codementor-sandbox")], work.path(), 2))
            .await;
    judge.available()?;
    for (language, program, arguments, source) in [
        (Language::python(), "python3", ["-s", "-S", "-c", "pass"].as_slice(), "pass\n"),
        (Language::javascript(), "node", ["-e", ""].as_slice(), ""),
    ] {
        let bare = real_path(program)?;
        let (mut bare_times, mut box_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            Command::new(&bare)
                .args(arguments)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status()?;
            bare_times.push(start.elapsed());
            let job = job(&language, source, Entry::Program, Input::Stdin(String::new()), None);
            let start = Instant::now();
            judge.judge(&job, None).await?;
            box_times.push(start.elapsed());
        }
        report(&format!("{program} bare"), bare_times);
        report(&format!("{program} in a box"), box_times);
    }
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let source = "def add(a, b):\n    return a + b\n";
        let entry = Entry::Function { name: "add".to_owned(), types: None };
        let job = job(
            &Language::python(),
            source,
            entry,
            Input::Args(vec![json!(1), json!(2)]),
            Some(Expected::Value(json!(3))),
        );
        let start = Instant::now();
        judge.judge(&job, None).await?;
        times.push(start.elapsed());
    }
    report("python3 function, graded", times);
    Ok(())
}

/// The interpreter itself, without a shim before it.
fn real_path(program: &str) -> Result<String, Box<dyn std::error::Error>> {
    let ask: &[&str] = match program {
        "node" => &["-p", "process.execPath"],
        _ => &["-c", "import os, sys; print(os.path.realpath(sys.executable))"],
    };
    let output = Command::new(program).args(ask).output()?;
    let path = String::from_utf8(output.stdout)?.trim().to_owned();
    assert!(Path::new(&path).is_file());
    Ok(path)
}

fn job(language: &Language, source: &str, entry: Entry, input: Input, expected: Option<Expected>) -> Job {
    Job {
        language: language.clone(),
        source: source.to_owned(),
        entry,
        tests: vec![JobTest { input, expected }],
        limits: Limits::default(),
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    }
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1_000.0;
    println!("{name:26} p50 {:6.1} ms   p95 {:6.1} ms   max {:6.1} ms", at(0.5), at(0.95), at(1.0));
}
