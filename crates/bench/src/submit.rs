//! Time from POST submit to verdict, beside the same runs of the same interpreter without a judge.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use codementor_core::Language;
use codementor_core::challenge::Kind;
use codementor_core::judging::Input;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The challenge whose Python reference is handed in: ten tests that cost next to nothing, so that the judge's own cost is seen.
pub const CHALLENGE: &str = "thermostat";

/// Hands the reference in `runs` times in a row and runs its tests bare as often, in turn.
pub async fn measure(url: &str, runs: u32) -> Result<Value> {
    let challenges = codementor_catalog::builtin()?;
    let challenge = challenges.iter().find(|c| c.id.as_str() == CHALLENGE).context("no such challenge")?;
    let source = &challenge.solutions.get(&Language::python()).context("not in Python")?.reference;
    let Kind::Function(signature) = &challenge.kind else { bail!("{CHALLENGE} is no function") };
    let function = signature.names.get(&Language::python()).context("no name in Python")?;
    let client = crate::client().build()?;
    let token = sign_in(&client, url).await?;
    let python = interpreter().await?;
    let mut judged = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..runs {
        let started = Instant::now();
        let answer = client
            .post(format!("{url}/api/challenges/{CHALLENGE}/submit?wait=true"))
            .bearer_auth(&token)
            .json(&json!({ "language": "python", "code": source }))
            .send()
            .await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        judged.push(started.elapsed());
        ensure!(answer["verdict"] == "accepted", "the reference got {}", answer["verdict"]);
        let started = Instant::now();
        for test in &challenge.tests {
            if let Input::Args(args) = &test.input {
                run_bare(&python, source, function, &json!(args).to_string()).await?;
            }
        }
        bare.push(started.elapsed());
        // Stays below the person's rate limit.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (p50, p95) = quantiles(&mut judged);
    let (bare_p50, bare_p95) = quantiles(&mut bare);
    Ok(json!({
        "challenge": CHALLENGE, "language": "python", "tests": challenge.tests.len(), "runs": runs,
        "submit_to_verdict_ms": { "p50": millis(p50), "p95": millis(p95) },
        "bare_same_runs_in_a_row_ms": { "p50": millis(bare_p50), "p95": millis(bare_p95) },
        "ratio_p50": p50.as_secs_f64() / bare_p50.as_secs_f64(),
    }))
}

pub async fn sign_in(client: &reqwest::Client, url: &str) -> Result<String> {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let name = format!("bench-{}", since_epoch.as_micros() % 1_000_000_000);
    let answer =
        client.post(format!("{url}/api/auth/guest")).json(&json!({ "username": name })).send().await?;
    let answer: Value = answer.error_for_status()?.json().await?;
    Ok(answer["token"].as_str().context("no token")?.to_owned())
}

/// The interpreter itself: `python3` may be a script that looks for it, which would flatter the judge.
async fn interpreter() -> Result<String> {
    let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().await?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// One test without a judge: the interpreter, the learner's file, one call.
async fn run_bare(python: &str, source: &str, function: &str, args: &str) -> Result<()> {
    let program =
        format!("import json, sys\n{source}\nprint(json.dumps({function}(*json.load(sys.stdin))))\n");
    let mut child = Command::new(python)
        .args(["-I", "-S", "-B", "-c", &program])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("the interpreter")?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(args.as_bytes()).await?;
    drop(stdin);
    ensure!(child.wait().await?.success(), "the bare run failed");
    Ok(())
}

pub fn quantiles(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |percent: usize| {
        times.get((times.len() * percent / 100).min(times.len() - 1)).copied().unwrap_or_default()
    };
    (at(50), at(95))
}

pub fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
