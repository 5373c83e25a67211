//! Every scenario of `live` against the real server, small: it comes to its end, the report says what it should, and nothing is lost.
//!
//! The server is the one beside this program: `cargo build -p codementor-server` comes first.

#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// The report of a scenario.
fn live(line: &str) -> Value {
    let bench = env!("CARGO_BIN_EXE_codementor-bench");
    let server = Path::new(bench).with_file_name("codementor");
    assert!(server.exists(), "there is no server at {}: cargo build -p codementor-server", server.display());
    let folder = tempfile::tempdir().unwrap();
    let start = format!("{} serve --listen 127.0.0.1:{{port}} --data {{folder}}", server.display());
    let output = Command::new(bench)
        .arg("live")
        .args(line.split_whitespace())
        .args(["--start", &start])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let (told, noted) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{line}: {told}{noted}");
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{line}: {error}: {told}"))
}

/// What it says of the server, in the only round.
fn of_server(report: &Value) -> &Value {
    let rounds = report["report"]["rounds"].as_array().unwrap();
    assert_eq!(rounds.len(), 1, "{report}");
    &rounds[0]["server"]
}

/// Nothing is lost, told twice, told to its writer or nonsense, and all agree.
fn assert_clean(server: &Value) {
    for nothing in ["lost", "repeats", "echoes", "unreadable"] {
        assert_eq!(server[nothing], json!(0), "{nothing}: {server}");
    }
    assert_eq!((&server["converged"], &server["closed_sockets"]), (&json!(true), &json!({})), "{server}");
}

fn assert_percentiles(latency: &Value) {
    let at = ["p50", "p90", "p99", "p99.9"].map(|name| latency[name].as_u64().unwrap());
    assert!(at[0] > 0 && at.is_sorted(), "{latency}");
}

#[test]
fn pair_and_class_are_measured_beside_their_floor() {
    for line in ["pair --documents 3 --rate 20", "class --documents 2 --clients 5 --rate 10"] {
        let report = live(&format!("{line} --seconds 0.5 --warmup 0.1 --floor"));
        let server = of_server(&report);
        assert_clean(server);
        assert_percentiles(&server["latency_us"]);
        assert!(server["deliveries_per_second"].as_f64().unwrap() > 0.0);
        assert!(server["server_cpu_seconds_per_million_deliveries"].is_number());
        assert!(report["report"]["ratios"]["deliveries_per_second"].as_f64().unwrap() > 0.0, "{report}");
    }
}

#[test]
fn a_ramp_ends_where_the_server_does_not_follow() {
    let report = live("saturate --documents 1 --clients 3 --seconds 0.2 --warmup 0.1 --growth 8");
    let server = of_server(&report);
    let steps = server["steps"].as_array().unwrap();
    assert_eq!(steps.last().unwrap()["follows"], json!(false), "{server}");
    assert!(server["most_deliveries_per_second"].as_f64().unwrap() > 0.0);
    assert_clean(server);
}

#[test]
fn quiet_sockets_cost_memory() {
    let report = live("idle --connections 50 --clients 5 --seconds 0.1 --warmup 0.1");
    let server = of_server(&report);
    assert_clean(server);
    assert_eq!((&server["connections"], &server["documents"]), (&json!(50), &json!(10)));
    assert!(server["memory_bytes_per_connection"].is_u64());
}

#[test]
fn late_joiners_get_the_whole_document() {
    let report = live("join --edits 500 --joins 5");
    let server = of_server(&report);
    assert_eq!((&server["edits"], &server["joins"]), (&json!(500), &json!(5)));
    assert!(server["answer_bytes"].as_u64().unwrap() > 500);
    assert_percentiles(&server["latency_us"]);
}

#[test]
fn what_was_heard_is_there_after_a_crash() {
    let report = live("crash --documents 2 --clients 3 --rounds 2 --seconds 0.5")["report"].clone();
    assert_eq!((&report["kept"], &report["missing_though_heard"]), (&json!(true), &json!(0)), "{report}");
    assert!(report["heard_by_others"].as_u64().unwrap() > 0);
}
