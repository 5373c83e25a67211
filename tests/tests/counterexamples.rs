//! A failed submission gets a small input on which it differs from the reference: fresh, none of the tests, after the verdict.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::time::Duration;

use codementor_core::submission::show_input;
use codementor_protocol::common::Verdict;
use codementor_protocol::event::CounterexampleUpdate;
use codementor_protocol::submission::Counterexample;
use codementor_tests::challenges::{challenge, reference, solutions};
use codementor_tests::socket::Socket;
use codementor_tests::{Learner, Server, judge_works};
use serde_json::json;

/// Finds the target, but not the first one.
const ANY_POSITION: &str = "def first_position(values, target):
    low, high = 0, len(values) - 1
    while low <= high:
        middle = (low + high) // 2
        if values[middle] == target:
            return middle
        if values[middle] < target:
            low = middle + 1
        else:
            high = middle - 1
    return -1
";

/// Submits what fails and waits for what is found.
async fn found(
    server: &Server,
    learner: &Learner,
    id: &str,
    language: &str,
    code: &str,
) -> (String, Counterexample) {
    let mut socket = Socket::of(server, learner).await;
    let submission = learner.submit(id, language, code).await;
    assert_ne!(submission.verdict, Some(Verdict::Accepted), "{id}");
    assert_eq!(submission.counterexample, None, "it comes after the verdict");
    let event = tokio::time::timeout(Duration::from_secs(120), socket.event_of("counterexample-update"));
    let event: CounterexampleUpdate =
        serde_json::from_value(event.await.expect("a counterexample").data).unwrap();
    assert_eq!((event.submission_id.as_str(), event.challenge_id.as_str()), (submission.id.as_str(), id));
    (submission.id, event.counterexample.expect("something is found"))
}

fn assert_fresh(id: &str, found: &Counterexample) {
    let is_test =
        |test: &codementor_core::challenge::Test| show_input(&test.input).trim() == found.input.trim();
    assert!(!challenge(id).tests.iter().any(is_test), "{id}: {found:?} is a test");
}

#[tokio::test]
async fn a_subtle_mistake_gets_its_smallest_input_and_keeps_it_over_a_restart() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let (id, found) = found(&server, &ada, "first-position", "python", ANY_POSITION).await;
    assert_fresh("first-position", &found);
    assert_eq!(found.verdict, Verdict::WrongAnswer);
    let args = found.args.as_ref().unwrap();
    let values = args[0].as_array().unwrap();
    assert!(values.len() <= 4, "{found:?}");
    assert!(
        values.iter().filter(|value| **value == args[1]).count() >= 2,
        "the mistake needs two equal values: {found:?}"
    );
    let first = values.iter().position(|value| *value == args[1]).unwrap();
    assert_eq!(found.expected, first.to_string());
    assert_ne!(found.actual.as_deref(), Some(found.expected.as_str()));
    assert!((1..=120).contains(&found.runs) && !found.inferred, "{found:?}");
    let kept = ada.submission(&id).await;
    assert_eq!(kept.counterexample.as_ref(), Some(&found));
    server.kill9().await;
    server.restart().await;
    assert_eq!(ada.at(server.url()).submission(&id).await, kept);
}

/// The same in C.
const ANY_POSITION_IN_C: &str = "#include <stddef.h>
long long first_position(const long long *values, size_t values_size, long long target) {
    long long low = 0, high = (long long)values_size - 1;
    while (low <= high) {
        const long long middle = (low + high) / 2;
        if (values[middle] == target) return middle;
        if (values[middle] < target) low = middle + 1;
        else high = middle - 1;
    }
    return -1;
}
";

#[tokio::test]
async fn a_solution_in_a_language_without_a_reference_is_compared_with_another_ones() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let (_, in_c) = found(&server, &ada, "first-position", "c", ANY_POSITION_IN_C).await;
    assert_fresh("first-position", &in_c);
    assert_eq!(in_c.verdict, Verdict::WrongAnswer);
    let (_, in_python) = found(&server, &ada, "first-position", "python", ANY_POSITION).await;
    assert_eq!(in_c.input, in_python.input, "the same mistake is told by the same input");
}

#[tokio::test]
async fn a_program_gets_an_input_of_the_authors_generator_in_both_languages() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    for (language, code) in [
        (
            "python",
            "import sys\nlines = sys.stdin.read().split('\\n')\nsums = [sum(map(int, l.split())) for l in lines[1:] if l.strip()]\nfor s in sums: print(s)\nprint('total', sum(sums))\n",
        ),
        (
            "javascript",
            "const lines = require('fs').readFileSync(0, 'utf8').split('\\n');\nconsole.log('total 0');\n",
        ),
    ] {
        let learner = server.guest(&format!("Ada {language}")).await;
        let (_, found) = found(&server, &learner, "sum-the-lines", language, code).await;
        assert_fresh("sum-the-lines", &found);
        assert_eq!((found.verdict, found.args.as_ref()), (Verdict::WrongAnswer, None), "{found:?}");
        assert!(found.input.len() < 40 && found.expected.contains("total"), "{found:?}");
    }
}

#[tokio::test]
async fn endless_and_crashing_programs_are_shown_how_and_right_ones_nothing() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let endless = "def second_largest(values):\n    while len(values) == len(set(values)) and len(values) > 2:\n        pass\n    return sorted(set(values))[-2]\n";
    let (_, slow) = found(&server, &ada, "second-largest", "python", endless).await;
    assert!(matches!(slow.verdict, Verdict::TimeLimitExceeded | Verdict::RuntimeError), "{slow:?}");
    assert!(slow.message.is_some(), "{slow:?}");
    // The same again costs nothing more and is told for the new submission.
    let (_, again) = found(&server, &ada, "second-largest", "python", endless).await;
    assert_eq!(again, slow);
    // Nothing is told of what is right, nor of what does not compile: the next event is the failing one's.
    let grace = server.guest("Grace").await;
    let right = grace.submit("second-largest", "python", reference("second-largest", "python")).await;
    let broken = grace.submit("second-largest", "python", "def second_largest(").await;
    let wrong = solutions("second-largest", "python").wrong.values().next().unwrap();
    found(&server, &grace, "second-largest", "python", wrong).await;
    for submission in [right, broken] {
        assert_eq!(grace.submission(&submission.id).await.counterexample, None);
    }
    let metrics = server.client().get("/metrics").await;
    let text = metrics.body;
    assert!(text.contains("codementor_counterexamples_total{result=\"found\"}"), "{text}");
}

#[tokio::test]
async fn nobody_waits_for_a_search() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let grace = server.guest("Grace").await;
    // Endless on every input: the longest search there is.
    let wrong = "def pair_sum(numbers, target):\n    while numbers: pass\n";
    ada.submit("pair-sum", "python", wrong).await;
    let right = grace.submit("pair-sum", "python", reference("pair-sum", "python")).await;
    assert_eq!(right.verdict, Some(Verdict::Accepted));
    let shown = ada.get("/api/submissions?challenge_id=pair-sum").await.value();
    assert_eq!(shown["items"][0]["verdict"], json!("time_limit_exceeded"));
}
