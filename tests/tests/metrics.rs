//! `/metrics`, `/readyz`, `/livez`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};

use codementor_tests::challenges::reference;
use codementor_tests::{Server, judge_works};
use serde_json::json;

/// Metrics of one scrape: values by series, checked against the text format (Prometheus, exposition format 0.0.4).
struct Scrape {
    series: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

impl Scrape {
    async fn of(server: &Server) -> Self {
        let answer = server.client().get("/metrics").await.expect(200);
        assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
        Self::parse(&answer.body)
    }

    fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'));
        let (mut series, mut types, mut helps) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut current = String::new();
        let mut closed = BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(helps.insert(name.to_owned()), "HELP of {name} twice");
                assert!(!help.trim().is_empty(), "{name}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "TYPE of {name} twice");
                assert!(closed.insert(current), "the series of a metric stand together");
                current = name.to_owned();
            } else {
                let (key, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?}"));
                let name = key.split('{').next().unwrap();
                assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{line}");
                let base = ["_bucket", "_sum", "_count"]
                    .iter()
                    .find_map(|end| name.strip_suffix(end))
                    .filter(|base| **base == *current);
                assert_eq!(base.unwrap_or(name), current, "{line} stands below another metric");
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
                assert!(series.insert(key.to_owned(), value).is_none(), "{key} twice");
            }
        }
        assert_eq!(helps, types.keys().cloned().collect());
        Self { series, types }
    }

    /// The sum of all series of a name whose labels contain these texts.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let named = self.series.iter().filter(|(key, _)| key.split('{').next() == Some(name));
        named.filter(|(key, _)| labels.iter().all(|label| key.contains(label))).map(|(_, value)| value).sum()
    }
}

#[tokio::test]
async fn metrics_are_well_formed_and_complete() {
    let server = Server::start().await;
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.sum("codementor_build_info", &["version=\"", "commit=\""]), 1.0);
    assert!(scrape.sum("process_resident_memory_bytes", &[]) > 1e6);
    assert!(scrape.sum("process_open_fds", &[]) > 3.0);
    assert!(scrape.sum("process_start_time_seconds", &[]) > 1.6e9);
    assert!(scrape.types.contains_key("process_cpu_seconds_total"));
    for (name, kind) in &scrape.types {
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name} is a {kind}");
        assert!(name.starts_with("codementor_") || name.starts_with("process_"), "{name}");
    }
}

#[tokio::test]
async fn rate_errors_and_duration_move_by_route_and_not_by_id() {
    let server = Server::start().await;
    let (ada, client) = (server.guest("Ada").await, server.client());
    let before = Scrape::of(&server).await;
    let ids = ["pair-sum", "edit-distance", "no-such-challenge", "x/../y", "zebra-zebra"];
    for id in ids {
        let _ = client.get(&format!("/api/challenges/{id}")).await;
        let _ = ada.get(&format!("/api/submissions/{id}")).await;
        let _ = ada.get(&format!("/nowhere/{id}.php")).await;
        let odd = reqwest::Method::from_bytes(b"BREW").unwrap();
        let _ = client.send(client.request(odd, &format!("/api/challenges/{id}"))).await;
    }
    client.get("/api/auth/me").await.problem(401, "unauthenticated");
    let _ = client.send(client.request(reqwest::Method::GET, "/").header("host", "evil.example")).await;
    let after = Scrape::of(&server).await;
    let requests = "codementor_http_requests_total";
    let moved = |labels: &[&str]| after.sum(requests, labels) - before.sum(requests, labels);
    let detail = "route=\"/api/challenges/{id}\"";
    assert_eq!(moved(&[detail, "method=\"GET\"", "status=\"200\""]), 2.0);
    assert!(moved(&[detail, "method=\"GET\"", "status=\"404\""]) >= 2.0);
    assert!(moved(&[detail, "method=\"other\"", "status=\"405\""]) >= 4.0);
    assert_eq!(moved(&["route=\"/api/auth/me\"", "status=\"401\""]), 1.0);
    let seconds = "codementor_http_request_duration_seconds";
    assert!(
        after.sum(&format!("{seconds}_count"), &[detail])
            - before.sum(&format!("{seconds}_count"), &[detail])
            >= 4.0
    );
    assert_eq!(
        after.sum(&format!("{seconds}_count"), &[detail]),
        after.sum(&format!("{seconds}_bucket"), &[detail, "le=\"+Inf\""])
    );
    assert!(after.sum("codementor_rejected_total", &["kind=\"http\"", "reason=\"foreign_host\""]) >= 1.0);
    assert_eq!(after.sum("codementor_http_requests_in_flight", &[]), 1.0, "the scrape itself");
    assert!(after.sum("codementor_connections", &[]) >= 1.0);
    for key in after.series.keys() {
        for text in
            ["zebra", "pair-sum", "no-such", "BREW", "evil", "Ada", "nowhere", "127.0.0.1", &ada.user.id]
        {
            assert!(!key.contains(text), "{key} grows with what clients send");
        }
    }
}

#[tokio::test]
async fn judged_programs_are_counted_by_kind_language_and_verdict() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let _ = ada.submit("pair-sum", "python", reference("pair-sum", "python")).await;
    let _ = ada.run("pair-sum", "javascript", "function pairSum() { return []; }").await;
    let _ =
        ada.post("/api/sandbox/execute", &json!({ "language": "python", "code": "1/0" })).await.expect(200);
    let scrape = Scrape::of(&server).await;
    for (kind, language, verdict) in [
        ("submission", "python", "accepted"),
        ("run", "javascript", "wrong_answer"),
        ("execute", "python", "runtime_error"),
    ] {
        let labels = [
            format!("kind=\"{kind}\""),
            format!("language=\"{language}\""),
            format!("verdict=\"{verdict}\""),
        ];
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        assert_eq!(scrape.sum("codementor_judged_total", &labels), 1.0, "{labels:?}");
        assert_eq!(scrape.sum("codementor_judge_duration_seconds_count", &labels[..1]), 1.0);
    }
    assert_eq!(scrape.sum("codementor_judge_queue_length", &[]), 0.0);
}

#[tokio::test]
async fn readiness_names_each_dependency_and_liveness_none() {
    let server = Server::start().await;
    let live = server.client().get("/livez").await.expect(200).value();
    assert_eq!(live, json!({ "status": "ok" }));
    let answer = server.client().get("/readyz").await;
    let ready = answer.value();
    let dependencies = ready["dependencies"].as_array().unwrap();
    for name in ["server", "database", "judge"] {
        let one =
            dependencies.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {ready}"));
        assert!(
            one["ok"].is_boolean()
                && one["required"].is_boolean()
                && one["detail"].as_str().is_some_and(|text| !text.is_empty())
        );
        assert!(!one.to_string().contains(&server.data().display().to_string()), "{one}");
    }
    let all_ok = dependencies.iter().all(|one| one["ok"] == true);
    assert_eq!((answer.status == 200, ready["status"] == "ok"), (all_ok, all_ok), "{ready}");
    if judge_works(&server).await {
        assert!(all_ok, "{ready}");
    }
    let scrape = Scrape::of(&server).await;
    assert_eq!(scrape.sum("codementor_dependency_up", &["dependency=\"database\""]), 1.0);
    assert_eq!(scrape.sum("codementor_dependency_up", &["dependency=\"server\""]), 1.0);
}
