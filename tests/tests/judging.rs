//! Judging through the API: every verdict, runs and submissions, own input, any program.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::common::{Page, Verdict};
use codementor_protocol::sandbox::ExecuteResult;
use codementor_protocol::submission::{RunResult, Submission};
use codementor_tests::challenges::{LANGUAGES, challenge, reference};
use codementor_tests::{Learner, Server, judge_works};
use serde_json::json;

/// Bodies of the function of `pair-sum`, by verdict.
const BODIES: [(Verdict, &str, &str); 6] = [
    (Verdict::WrongAnswer, "return [0, 0]", "return [0, 0];"),
    (Verdict::TimeLimitExceeded, "while True: pass", "while (true);"),
    (
        Verdict::MemoryLimitExceeded,
        "x = []\n    while True: x.append(bytearray(1 << 20))",
        "const x = []; while (true) x.push(Buffer.alloc(1 << 20, 1));",
    ),
    (
        Verdict::OutputLimitExceeded,
        "while True: print('x' * 1000)",
        "while (true) console.log('x'.repeat(1000));",
    ),
    (Verdict::RuntimeError, "raise ValueError('boom')", "throw new Error('boom');"),
    (Verdict::CompileError, "return (", "return (;"),
];

fn program(language: &str, python: &str, javascript: &str) -> String {
    match language {
        "python" => format!("def pair_sum(numbers, target):\n    {python}\n"),
        _ => format!("function pairSum(numbers, target) {{ {javascript} }}\n"),
    }
}

/// A JSON text without the spaces between its parts.
fn compact(text: Option<&str>) -> String {
    text.unwrap_or_default().replace(' ', "")
}

async fn run_with(learner: &Learner, id: &str, body: serde_json::Value) -> RunResult {
    learner.post(&format!("/api/challenges/{id}/run"), &body).await.expect(200).json()
}

#[tokio::test]
async fn every_verdict_reaches_the_learner_in_both_languages() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    for language in LANGUAGES {
        let learner = server.guest(&format!("Ada {language}")).await;
        for (verdict, python, javascript) in BODIES {
            let code = program(language, python, javascript);
            let submission = learner.submit("pair-sum", language, &code).await;
            assert_eq!(submission.verdict, Some(verdict), "{language} {submission:#?}");
            assert_eq!((submission.score, submission.xp_awarded), (Some(0), 0), "{language} {verdict:?}");
            assert_eq!(submission.code, code);
            assert_eq!(submission.total_tests as usize, challenge("pair-sum").tests.len());
            assert!(submission.finished_at.is_some());
            if verdict == Verdict::CompileError {
                assert!(submission.tests.is_empty());
                let said = submission.compile_output.unwrap();
                assert!(said.contains("solution.") && !said.contains("/judge"), "{said}");
                continue;
            }
            assert_eq!(submission.tests.len(), 1, "judging stops at the first failure: {submission:#?}");
            let test = &submission.tests[0];
            assert_eq!((test.verdict, test.hidden, test.name.as_str()), (verdict, false, "first and last"));
            assert_eq!(test.input.as_deref(), Some("[4, 9, 2, 6], 10"));
            assert_eq!(test.expected.as_deref(), Some("[0, 3]"));
            match verdict {
                Verdict::WrongAnswer => assert_eq!(compact(test.actual.as_deref()), "[0,0]"),
                Verdict::RuntimeError => {
                    assert!(test.message.as_deref().unwrap().contains("boom"), "{test:?}")
                }
                _ => assert!(test.message.is_some(), "{test:?}"),
            }
        }
        let accepted = learner.submit("pair-sum", language, reference("pair-sum", language)).await;
        assert_eq!((accepted.verdict, accepted.score), (Some(Verdict::Accepted), Some(100)), "{accepted:#?}");
        assert_eq!(accepted.xp_awarded, 10);
        assert!(accepted.tests.iter().all(|test| test.verdict == Verdict::Accepted));
        assert!(accepted.time_ms > 0 && accepted.memory_kb > 1000, "{accepted:#?}");
        assert_eq!(learner.submission(&accepted.id).await, accepted);
    }
}

#[tokio::test]
async fn what_came_out_is_written_like_what_should_have() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    for language in LANGUAGES {
        let run = ada.run("pair-sum", language, reference("pair-sum", language)).await;
        for test in run.tests {
            assert_eq!(
                test.actual, test.expected,
                "{language}: an accepted answer differs from the expected one"
            );
        }
    }
}

#[tokio::test]
async fn a_run_takes_the_examples_stores_nothing_and_gives_nothing() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    for language in LANGUAGES {
        let run = ada.run("pair-sum", language, reference("pair-sum", language)).await;
        assert_eq!((run.verdict, run.score, run.tests.len()), (Verdict::Accepted, 100, 3));
        assert!(run.tests.iter().all(|test| !test.hidden && test.input.is_some()));
        // A run goes on after a failure.
        let run = ada
            .run(
                "pair-sum",
                language,
                &program(language, "print('hi'); return [0, 2]", "console.log('hi'); return [0, 2];"),
            )
            .await;
        assert_eq!((run.verdict, run.score, run.tests.len()), (Verdict::WrongAnswer, 33, 3), "{run:#?}");
        assert!(run.tests.iter().all(|test| test.stdout.as_deref() == Some("hi\n")), "{run:#?}");
        // The learner's own input: nothing is expected of it.
        let code = reference("pair-sum", language);
        let own = json!({ "language": language, "code": code, "input": { "args": [[1, 2, 3], 5] } });
        let run = run_with(&ada, "pair-sum", own).await;
        assert_eq!(run.tests.len(), 1);
        assert_eq!(
            (run.verdict, compact(run.tests[0].actual.as_deref()).as_str()),
            (Verdict::Accepted, "[1,2]"),
            "{run:#?}"
        );
        assert_eq!(run.tests[0].expected, None);
        let code = reference("sum-the-lines", language);
        let own = json!({ "language": language, "code": code, "input": { "stdin": "1\n20 22\n" } });
        let run = run_with(&ada, "sum-the-lines", own).await;
        assert_eq!(run.tests[0].actual.as_deref(), Some("42\ntotal 42\n"), "{run:#?}");
    }
    for input in [
        json!({}),
        json!({ "args": [[1]] }),
        json!({ "args": [[1], 2, 3] }),
        json!({ "stdin": "1" }),
        json!({ "args": [[1], 2], "stdin": "1" }),
    ] {
        let body = json!({ "language": "python", "code": "", "input": input });
        let problem = ada.post("/api/challenges/pair-sum/run", &body).await.problem(422, "invalid_request");
        assert_eq!(problem.errors[0].field, "input");
    }
    let body = json!({ "language": "python", "code": "", "run_id": "x".repeat(65) });
    ada.post("/api/challenges/pair-sum/run", &body).await.problem(422, "invalid_request");
    let page: Page<Submission> = ada.get("/api/submissions").await.json();
    assert!(page.items.is_empty());
    assert_eq!(ada.progress().await.total_xp, 0);
}

#[tokio::test]
async fn programs_that_cannot_be_judged_are_refused_in_words() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    for path in ["/api/challenges/pair-sum/run", "/api/challenges/pair-sum/submit", "/api/sandbox/execute"] {
        server
            .client()
            .post(path, &json!({ "language": "python", "code": "" }))
            .await
            .problem(401, "unauthenticated");
        if !judge_works(&server).await {
            ada.post(path, &json!({ "language": "python", "code": "" }))
                .await
                .problem(503, "judge_unavailable");
            continue;
        }
        let largest = "#".repeat(64 * 1024);
        let _ = ada.post(path, &json!({ "language": "python", "code": largest })).await;
        let larger = "#".repeat(64 * 1024 + 1);
        ada.post(path, &json!({ "language": "python", "code": larger })).await.problem(413, "code_too_large");
        for language in ["cobol", "", "Python", "../python", "python\u{0}", "__proto__"] {
            let answer = ada.post(path, &json!({ "language": language, "code": "" })).await;
            assert_eq!(answer.problem(422, "unknown_language").errors[0].field, "language", "{language:?}");
        }
        for body in [
            json!({}),
            json!({ "language": "python" }),
            json!({ "language": 1, "code": "" }),
            json!({ "code": "", "language": null }),
        ] {
            ada.post(path, &body).await.problem(422, "invalid_request");
        }
    }
    for path in ["/api/challenges/nope/run", "/api/challenges/nope/submit"] {
        ada.post(path, &json!({ "language": "python", "code": "" })).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn every_language_that_is_offered_runs_and_tells_what_does_not_compile() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let languages = server.client().get("/api/sandbox/languages").await.expect(200).value();
    for language in languages["items"].as_array().unwrap() {
        let id = language["id"].as_str().unwrap();
        let (right, wrong) = match id {
            "python" => ("print('so')\n", "def (\n"),
            "javascript" | "typescript" => ("console.log('so');\n", "let = = ;\n"),
            "c" => ("#include <stdio.h>\nint main(void) { puts(\"so\"); }\n", "int main(void) { y; }\n"),
            "cpp" => ("#include <iostream>\nint main() { std::cout << \"so\\n\"; }\n", "int main() { y; }\n"),
            "rust" => ("fn main() { println!(\"so\"); }\n", "fn main() { y; }\n"),
            "go" => (
                "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"so\") }\n",
                "package main\nfunc main() { y() }\n",
            ),
            "java" => (
                "public class Main { public static void main(String[] a) { System.out.println(\"so\"); } }\n",
                "public class Main { int x = y; }\n",
            ),
            other => panic!("{other} has no program in this test"),
        };
        let execute = async |code: &str| -> ExecuteResult {
            let body = json!({ "language": id, "code": code });
            ada.post("/api/sandbox/execute", &body).await.expect(200).json()
        };
        let result = execute(right).await;
        assert!(result.success && result.output == "so\n", "{id}: {result:?}");
        let result = execute(wrong).await;
        assert!(!result.success && result.verdict == Verdict::CompileError, "{id}: {result:?}");
        assert!(!result.error.is_empty() && !result.error.contains("/box"), "{id}: {result:?}");
    }
}

#[tokio::test]
async fn any_program_can_be_executed_with_input_and_variables() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let languages = server.client().get("/api/sandbox/languages").await.expect(200).value();
    for language in LANGUAGES {
        let found =
            languages["items"].as_array().unwrap().iter().find(|item| item["id"] == language).unwrap();
        assert!(found["version"].as_str().unwrap().starts_with(|c: char| c.is_ascii_digit()), "{found}");
    }
    let execute = async |body: serde_json::Value| -> ExecuteResult {
        ada.post("/api/sandbox/execute", &body).await.expect(200).json()
    };
    let read = [
        "import sys\nprint(len(sys.stdin.read()), 'é😀')",
        "console.log([...require('fs').readFileSync(0, 'utf8')].length, 'é😀')",
    ];
    let told = ["print(n * 2, text, flag, items[1]['a'])", "console.log(n * 2, text, flag, items[1].a)"];
    for (place, language) in LANGUAGES.into_iter().enumerate() {
        let result = execute(json!({ "language": language, "code": read[place], "stdin": "zwölf\n" })).await;
        assert_eq!(
            (result.success, result.output.as_str(), result.error.as_str()),
            (true, "6 é😀\n", ""),
            "{result:?}"
        );
        let variables =
            json!({ "n": 21, "text": "a'\"\\\n\u{2028}😀", "flag": null, "items": [1, { "a": 1.5 }] });
        let result =
            execute(json!({ "language": language, "code": told[place], "variables": variables })).await;
        let none = if language == "python" { "None" } else { "null" };
        assert_eq!(result.output, format!("42 a'\"\\\n\u{2028}😀 {none} 1.5\n"), "{result:?}");
        assert!(result.success && result.verdict == Verdict::Accepted);
        let result = execute(json!({ "language": language, "code": "xyzzy()" })).await;
        assert!(
            !result.success && result.verdict == Verdict::RuntimeError && result.error.contains("xyzzy"),
            "{result:?}"
        );
        let result =
            execute(json!({ "language": language, "code": "xyzzy(", "variables": { "a": 1 } })).await;
        assert!(!result.success && !result.error.is_empty(), "{result:?}");
    }
    for name in ["", "a b", "__proto__", "__class__", "a;b", "1a", "é", "a\u{0}"] {
        let body = json!({ "language": "python", "code": "", "variables": { name: 1 } });
        let problem = ada.post("/api/sandbox/execute", &body).await.problem(422, "invalid_request");
        assert_eq!(problem.errors[0].field, "variables", "{name:?}");
    }
    // A long honest program fits beside its variables, and one that does not is told so instead of being called wrong.
    let long = format!("{}print(n, 'größe')\n", "# Zeile für Zeile: 漢字\n".repeat(1900));
    assert!(long.len() > 50_000);
    let body = json!({ "language": "python", "code": long, "variables": { "n": 7 } });
    assert_eq!(execute(body).await.output, "7 größe\n");
    let body = json!({ "language": "python", "code": long, "variables": { "n": "x".repeat(150_000) } });
    let problem = ada.post("/api/sandbox/execute", &body).await.problem(413, "code_too_large");
    assert!(problem.detail.contains("variables"), "{}", problem.detail);
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("v{n}"), json!(n))).collect();
    let body = json!({ "language": "python", "code": "", "variables": many });
    ada.post("/api/sandbox/execute", &body).await.problem(422, "invalid_request");
}

#[tokio::test]
async fn own_submissions_are_listed_newest_first_and_paged() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let mut ids = Vec::new();
    for n in 0..5 {
        let id = if n % 2 == 0 { "pair-sum" } else { "second-largest" };
        ids.insert(0, ada.submit(id, "python", &format!("# {n}")).await.id);
    }
    let _ = ben.submit("pair-sum", "python", "").await;
    let mut paged = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page: Page<Submission> = ada.get(&format!("/api/submissions{query}")).await.expect(200).json();
        paged.extend(page.items.into_iter().map(|submission| submission.id));
        let Some(cursor) = page.next_cursor else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(paged, ids);
    let page: Page<Submission> = ada.get("/api/submissions?challenge_id=second-largest").await.json();
    assert_eq!(page.items.len(), 2);
    assert!(page.items.iter().all(|submission| submission.challenge_id == "second-largest"));
    let own: Page<Submission> = ada.get("/api/submissions?username=ada").await.expect(200).json();
    assert_eq!(own.items.len(), 5);
    ada.get("/api/submissions?username=Ben").await.problem(404, "not_found");
    for (query, field) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor"), ("cursor=%00", "cursor")]
    {
        let problem = ada.get(&format!("/api/submissions?{query}")).await.problem(422, "invalid_request");
        assert_eq!(problem.errors[0].field, field, "{query}");
    }
}
