//! For every challenge: nothing of its hidden tests, reference solutions, hints or editorial reaches somebody who has not earned it,
//! also when the learner's program tells all it sees.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_core::challenge::{Challenge, Kind};
use codementor_core::judging::{Expected, Input};
use codementor_core::submission::{examples, show_expected, show_input};
use codementor_protocol::common::Verdict;
use codementor_tests::challenges::{all, reference, solutions};
use codementor_tests::socket::Socket;
use codementor_tests::{Learner, Server, judge_works};
use serde_json::{Value, json};

/// Texts so short or so common that they stand in an answer by chance prove nothing.
const TELLING: usize = 12;

/// The texts that nobody may be shown.
fn secrets(challenge: &Challenge) -> Vec<(String, String)> {
    let mut public = vec![challenge.statement.clone(), challenge.title.clone(), challenge.id.to_string()];
    for test in challenge.tests.iter().filter(|test| test.example) {
        public.extend([test.name.clone(), test.note.clone().unwrap_or_default()]);
        public.extend([Some(show_input(&test.input)), show_expected(&test.expected)].into_iter().flatten());
    }
    public.extend(challenge.solutions.values().map(|solutions| solutions.starter.clone()));
    let public = public.join("\n");
    let mut secrets = Vec::new();
    for test in challenge.tests.iter().filter(|test| !test.example) {
        // Long data is told by its beginning.
        let start = |text: String| text.chars().take(60).collect::<String>();
        secrets.push((format!("the name of {:?}", test.name), test.name.clone()));
        secrets.push((format!("the input of {:?}", test.name), start(show_input(&test.input))));
        secrets.push((
            format!("the answer of {:?}", test.name),
            start(show_expected(&test.expected).expect("an answer")),
        ));
    }
    for (language, solutions) in &challenge.solutions {
        let lines = solutions.reference.lines().filter(|line| line.trim().len() >= 2 * TELLING);
        secrets.extend(lines.map(|line| (format!("the {language} reference"), line.trim().to_owned())));
        let wrong = solutions.wrong.values().filter_map(|text| text.lines().next());
        secrets.extend(wrong.map(|line| (format!("a wrong {language} solution"), line.to_owned())));
    }
    secrets.extend(challenge.hints.iter().map(|hint| ("a hint".to_owned(), hint.clone())));
    secrets.extend(
        challenge
            .editorial
            .lines()
            .filter(|line| line.len() > 40)
            .map(|line| ("the editorial".to_owned(), line.to_owned())),
    );
    secrets.retain(|(_, text)| text.trim().len() >= TELLING && !public.contains(text.trim()));
    secrets
}

/// All texts within an answer, but for the learner's own file.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != "code") {
                found.push(key.clone());
                texts(value, found);
            }
        }
        other => found.push(other.to_string()),
    }
}

fn assert_keeps(secrets: &[(String, String)], place: &str, answer: &Value) {
    let mut found = Vec::new();
    texts(answer, &mut found);
    for (what, secret) in secrets {
        let leak = found.iter().find(|text| text.contains(secret.trim()));
        assert_eq!(leak, None, "{what} ({secret:?}) stands in {place}");
    }
    hidden_rows_are_bare(place, answer);
}

/// A row of a hidden test says how it ended and nothing else.
fn hidden_rows_are_bare(place: &str, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| hidden_rows_are_bare(place, item)),
        Value::Object(fields) => {
            if fields.get("hidden") == Some(&Value::Bool(true)) {
                let keys: Vec<&str> = fields.keys().map(String::as_str).collect();
                assert_eq!(keys, ["hidden", "memory_kb", "name", "time_ms", "verdict"], "{place}");
                let name = fields["name"].as_str().unwrap_or_default();
                assert!(
                    name.strip_prefix("hidden ").is_some_and(|n| n.parse::<u32>().is_ok()),
                    "{place}: {name}"
                );
            }
            fields.values().for_each(|value| hidden_rows_are_bare(place, value));
        }
        _ => {}
    }
}

/// A program that is right on the examples, and tells all it knows on every other input.
fn tell_tale(challenge: &Challenge) -> String {
    let shown = examples(challenge);
    let known: Vec<Value> = shown
        .iter()
        .map(|test| match (&test.input, &test.expected) {
            (Input::Args(args), Expected::Value(value)) => json!([args, value]),
            (Input::Stdin(input), Expected::Stdout(output)) => json!([input, output]),
            other => panic!("{other:?}"),
        })
        .collect();
    // A JSON text of a JSON text is also a Python literal.
    let known = serde_json::to_string(&serde_json::to_string(&known).unwrap()).unwrap();
    let tell = "    print(given, flush=True)\n    print(given, file=sys.stderr, flush=True)\n    raise ValueError(f'TELLTALE {given!r}')\n";
    let head = format!("import json, sys\nKNOWN = json.loads({known})\n");
    match &challenge.kind {
        Kind::Function(signature) => {
            let name = signature.names.iter().find(|(language, _)| language.as_str() == "python").unwrap().1;
            format!(
                "{head}def {name}(*given):\n    given = list(given)\n    for known, answer in KNOWN:\n        if known == given: return answer\n{tell}"
            )
        }
        Kind::Io => format!(
            "{head}given = sys.stdin.read()\nfor known, answer in KNOWN:\n    if known == given:\n        sys.stdout.write(answer)\n        break\nelse:\n{tell}"
        ),
        Kind::Tests(_) => unreachable!("nothing of a file of tests is hidden"),
    }
}

/// The same answer without what was found by fresh inputs: these are no secret, and a program may tell them.
fn without_counterexamples(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_counterexamples).collect(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "counterexample")
            .map(|(key, value)| (key.clone(), without_counterexamples(value)))
            .collect(),
        other => other.clone(),
    }
}

/// What was found for a failed submission, which is none of the tests.
fn assert_fresh(challenge: &Challenge, update: &Value) {
    let input = update["counterexample"]["input"].as_str();
    let input = input.unwrap_or_else(|| panic!("{}: nothing was found: {update}", challenge.id));
    let test = challenge.tests.iter().find(|test| show_input(&test.input).trim() == input.trim());
    assert_eq!(test, None, "{}: {input:?} is a test", challenge.id);
}

/// Runs, submits and listens, all as one learner. Everything they were shown.
async fn shown(
    server: &Server,
    learner: &Learner,
    challenge: &Challenge,
    code: &str,
    wanted: Verdict,
) -> Value {
    let id = challenge.id.as_str();
    let mut socket = Socket::of(server, learner).await;
    let body = json!({ "language": "python", "code": code, "run_id": "r" });
    let run = learner.post(&format!("/api/challenges/{id}/run"), &body).await.expect(200).value();
    assert_eq!(run["verdict"], "accepted", "{id}: {run}");
    let submission = learner.submit(id, "python", code).await;
    assert_eq!(submission.verdict, Some(wanted), "{id}: {submission:?}");
    let mut events = Vec::new();
    loop {
        let event = socket.event().await;
        let last = event.data["status"] == "finished";
        events.push(event.data);
        if last {
            break;
        }
    }
    if wanted != Verdict::Accepted {
        let update = socket.event_of("counterexample-update").await.data;
        assert_fresh(challenge, &update);
        events.push(update);
    }
    json!({
        "run": run, "events": events, "submission": submission,
        "read again": learner.get(&format!("/api/submissions/{}", submission.id)).await.value(),
        "list": learner.get(&format!("/api/submissions?challenge_id={id}")).await.value(),
    })
}

#[tokio::test]
async fn lists_and_details_keep_the_secrets_of_every_challenge() {
    let server = Server::start().await;
    let client = server.client();
    let lists = [
        client.get("/api/challenges?limit=100").await.value(),
        client.get("/api/challenges/next").await.value(),
        client.get("/api/openapi.json").await.value(),
    ];
    for challenge in all() {
        let secrets = secrets(challenge);
        assert!(secrets.len() > 10, "{}: {} secrets", challenge.id, secrets.len());
        lists.iter().for_each(|list| assert_keeps(&secrets, "a list", list));
        let detail = client.get(&format!("/api/challenges/{}", challenge.id)).await.expect(200).value();
        assert_keeps(&secrets, &format!("the detail of {}", challenge.id), &detail);
        assert_eq!(detail["examples"].as_array().map(Vec::len), Some(examples(challenge).len()));
        let keys: Vec<&str> = detail.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = [
            "authors",
            "difficulty",
            "examples",
            "function",
            "groups",
            "hint_levels",
            "id",
            "kind",
            "languages",
            "license",
            "limits",
            "refactoring",
            "source",
            "starter_code",
            "statement",
            "status",
            "test_count",
            "title",
            "topics",
            "xp",
        ];
        known.sort_unstable();
        assert_eq!(keys, known, "a new field must be looked at here");
    }
}

#[tokio::test]
async fn a_program_that_tells_all_it_sees_tells_its_writer_nothing() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    for (n, challenge) in all().iter().enumerate() {
        let learner = server.guest(&format!("Spy {n}")).await;
        let shown = shown(&server, &learner, challenge, &tell_tale(challenge), Verdict::RuntimeError).await;
        assert_keeps(&secrets(challenge), &format!("what a failing {} shows", challenge.id), &shown);
        let mut found = Vec::new();
        texts(&without_counterexamples(&shown), &mut found);
        assert!(!found.iter().any(|text| text.contains("TELLTALE")), "{}: {shown}", challenge.id);
    }
}

#[tokio::test]
async fn solving_a_challenge_shows_no_hidden_test_either() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    for (n, challenge) in all().iter().enumerate() {
        let id = challenge.id.as_str();
        let learner = server.guest(&format!("Solver {n}")).await;
        // The learner's own file is no secret to them, so parts of it may come back.
        let own = &solutions(id, "python").reference;
        let mut secrets = secrets(challenge);
        secrets.retain(|(_, secret)| !own.contains(secret.trim()));
        let shown = shown(&server, &learner, challenge, reference(id, "python"), Verdict::Accepted).await;
        assert_keeps(&secrets, &format!("what a solved {id} shows"), &shown);
        let rows = shown["submission"]["tests"].as_array().unwrap();
        assert_eq!(rows.len(), challenge.tests.len(), "{id}");
    }
}
