//! The API under `/judge0`, as its public description says: <https://ce.judge0.com>.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codementor_tests::judge0::{end, lasting_token, run};
use codementor_tests::{Answer, Learner, Server, judge_works};
use reqwest::Method;
use serde_json::{Value, json};

const HELLO: &str = "name = input()\nprint('hello, ' + name)\n";

fn packed(text: &str) -> String {
    STANDARD.encode(text)
}

fn unpacked(value: &Value) -> String {
    String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
}

fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status.as_u16(), status, "{} {}", answer.asked, answer.body);
    answer.value()["error"].as_str().unwrap_or_else(|| panic!("no error in {}", answer.body)).to_owned()
}

/// A server with a judge and somebody signed in.
async fn world() -> Option<(Server, Learner)> {
    let server = Server::start().await;
    let works = judge_works(&server).await;
    let ada = server.guest("Ada").await;
    works.then_some((server, ada))
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_program_is_handed_in_and_asked_for_as_described() {
    let Some((_server, ada)) = world().await else { return };
    let body = json!({ "source_code": HELLO, "language_id": 71, "stdin": "world", "expected_output": "hello, world" });
    let created =
        ada.post("/judge0/submissions?base64_encoded=false&wait=false", &body).await.expect(201).value();
    assert_eq!(fields(&created), ["token"]);
    let token = created["token"].as_str().unwrap();
    let whole = end(&ada, token).await;
    assert_eq!(whole["status"], json!({ "id": 3, "description": "Accepted" }));
    assert_eq!((&whole["stdout"], &whole["stderr"]), (&json!("hello, world\n"), &Value::Null));
    assert_eq!((&whole["exit_code"], &whole["exit_signal"]), (&json!(0), &Value::Null));
    assert_eq!((&whole["language_id"], &whole["language"]["id"]), (&json!(71), &json!(71)));
    assert_eq!((&whole["source_code"], &whole["stdin"]), (&json!(HELLO), &json!("world")));
    assert!(whole["time"].as_str().unwrap().parse::<f64>().unwrap() < 5.0);
    assert!(whole["memory"].as_u64().unwrap() > 1_000 && whole["finished_at"].is_string());
    let usual = ada.get(&format!("/judge0/submissions/{token}")).await.expect(200).value();
    let mut names = fields(&usual);
    names.sort_unstable();
    let wanted = ["compile_output", "memory", "message", "status", "stderr", "stdout", "time", "token"];
    assert_eq!(names, wanted);
    let some =
        ada.get(&format!("/judge0/submissions/{token}?fields=status_id,stdout&base64_encoded=true")).await;
    let some = some.expect(200).value();
    assert_eq!(some["status_id"], 3);
    assert_eq!(
        (some.as_object().unwrap().len(), unpacked(&some["stdout"])),
        (2, "hello, world\n".to_owned())
    );
    let refused = ada.get(&format!("/judge0/submissions/{token}?fields=status,nonsense,more")).await;
    assert_eq!(error(&refused, 400), "invalid fields: [nonsense, more]");
}

#[tokio::test]
async fn base64_both_ways_and_waiting_for_the_end() {
    let Some((_server, ada)) = world().await else { return };
    let body =
        json!({ "source_code": packed(HELLO), "language_id": "71", "stdin": format!("{}\n", packed("Zoë")) });
    let answer =
        ada.post("/judge0/submissions?base64_encoded=true&wait=true", &body).await.expect(201).value();
    assert_eq!(unpacked(&answer["stdout"]), "hello, Zoë\n");
    assert_eq!(answer["status"]["id"], 3, "without an expected output whatever ends well is accepted");
    let wrong =
        json!({ "source_code": HELLO, "language": "python", "stdin": "x", "expected_output": "hello, y" });
    let answer = ada.post("/judge0/submissions?wait=true", &wrong).await.expect(201).value();
    assert_eq!(answer["status"], json!({ "id": 4, "description": "Wrong Answer" }));
    for forgiven in ["hello, x", "hello, x  \n\n", "hello, x\r\n"] {
        let body =
            json!({ "source_code": HELLO, "language_id": 71, "stdin": "x", "expected_output": forgiven });
        let answer = ada.post("/judge0/submissions?wait=true", &body).await.expect(201).value();
        assert_eq!(answer["status"]["id"], 3, "{forgiven:?}");
    }
}

#[tokio::test]
async fn every_end_has_its_status() {
    let Some((_server, ada)) = world().await else { return };
    let kill = |signal| format!("import os, signal\nos.kill(os.getpid(), signal.{signal})\n");
    for (source, id, code, signal) in [
        ("print(".to_owned(), 6, Value::Null, Value::Null),
        ("while True: pass".to_owned(), 5, Value::Null, json!(9)),
        (kill("SIGSEGV"), 7, Value::Null, json!(11)),
        ("while True: print('x' * 10000)".to_owned(), 8, Value::Null, json!(25)),
        (kill("SIGFPE"), 9, Value::Null, json!(8)),
        (kill("SIGABRT"), 10, Value::Null, json!(6)),
        ("import sys\nsys.exit(7)".to_owned(), 11, json!(7), Value::Null),
        ("raise ValueError('boom')".to_owned(), 11, json!(1), Value::Null),
        (kill("SIGTERM"), 12, Value::Null, json!(15)),
        ("x = bytearray(1 << 30)\nx = [x] * 2\nwhile True: pass".to_owned(), 12, Value::Null, json!(9)),
    ] {
        let body = json!({ "source_code": source, "language_id": 71, "cpu_time_limit": 0.5 });
        let told = run(&ada, &body).await;
        let ended = (told["status_id"].as_u64(), &told["exit_code"], &told["exit_signal"]);
        assert_eq!(ended, (Some(id), &code, &signal), "{source}: {told:#}");
        assert_eq!(told["status"]["id"], id);
        match id {
            6 => assert!(told["compile_output"].as_str().unwrap().contains("SyntaxError"), "{told:#}"),
            _ => assert!(told["message"].is_string() && told["compile_output"].is_null(), "{told:#}"),
        }
    }
    let slow = json!({ "source_code": "print('here', flush=True)\nwhile True: pass", "language_id": 71, "cpu_time_limit": "0.3" });
    let told = run(&ada, &slow).await;
    assert_eq!(
        (&told["status_id"], &told["stdout"]),
        (&json!(5), &json!("here\n")),
        "output is kept on a timeout"
    );
    let sleepy =
        json!({ "source_code": "import time\ntime.sleep(60)", "language_id": 71, "wall_time_limit": 1.5 });
    assert_eq!(run(&ada, &sleepy).await["status_id"], 5);
}

#[tokio::test]
async fn a_submission_may_have_many_tests() {
    let Some((_server, ada)) = world().await else { return };
    let tests: Vec<Value> =
        (0..12).map(|n| json!({ "stdin": n.to_string(), "expected_output": (n * n).to_string() })).collect();
    let body = json!({ "source_code": "n = int(input())\nprint(n * n)", "language_id": 71, "tests": tests });
    let told = run(&ada, &body).await;
    assert_eq!((&told["status_id"], &told["verdict"]), (&json!(3), &json!("accepted")));
    let results = told["tests"].as_array().unwrap();
    assert_eq!(results.len(), 12);
    assert!(
        results.iter().enumerate().all(|(n, test)| test["stdout"] == format!("{}\n", n * n)),
        "{results:?}"
    );
    // One fails.
    let source = "n = int(input())\nprint(n // (n - 3))";
    let body = |stop: bool| {
        let tests: Vec<Value> = (0..6).map(|n| json!({ "stdin": n.to_string() })).collect();
        json!({ "source_code": source, "language_id": 71, "tests": tests, "stop_on_failure": stop })
    };
    let all = run(&ada, &body(false)).await;
    assert_eq!((&all["status_id"], all["tests"].as_array().unwrap().len()), (&json!(11), 6));
    assert!(all["message"].as_str().unwrap().contains("ZeroDivisionError"), "{all:#}");
    let few = run(&ada, &body(true)).await;
    assert_eq!((&few["status_id"], few["tests"].as_array().unwrap().len()), (&json!(11), 4));
    let broken = json!({ "source_code": "print(", "language_id": 71, "tests": [{ "stdin": "" }] });
    let told = run(&ada, &broken).await;
    assert_eq!((&told["status_id"], &told["tests"]), (&json!(6), &json!([])));
    // More than is kept of all outputs together.
    let loud =
        json!({ "source_code": "print('x' * 900_000)", "language_id": 71, "tests": vec![json!({}); 6] });
    let told = run(&ada, &loud).await;
    let kept: Vec<bool> =
        told["tests"].as_array().unwrap().iter().map(|test| test["truncated"] == false).collect();
    assert_eq!(kept, [true, true, true, true, false, false]);
    assert!(told["tests"][5]["stdout"].is_null());
}

#[tokio::test]
async fn batches_pages_and_removal() {
    let Some((_server, ada)) = world().await else { return };
    let good = |n: u32| json!({ "source_code": format!("print({n})"), "language_id": 71 });
    let batch = json!({ "submissions": [good(1), { "source_code": "", "language_id": 71 }, good(3), { "language_id": 9999 }] });
    let created = ada.post("/judge0/submissions/batch", &batch).await.expect(201).value();
    assert_eq!(created[1], json!({ "source_code": ["can't be blank"] }));
    assert_eq!(created[3]["language_id"], json!(["language with id 9999 doesn't exist"]));
    let (first, third) = (created[0]["token"].as_str().unwrap(), created[2]["token"].as_str().unwrap());
    end(&ada, first).await;
    end(&ada, third).await;
    let stranger = "db54881d-bcf5-4c7b-a2e3-d33fe7e25de7";
    let asked = format!("/judge0/submissions/batch?tokens={third},{stranger},{first},nonsense&fields=stdout");
    let told = ada.get(&asked).await.expect(200).value();
    assert_eq!(told, json!({ "submissions": [{ "stdout": "3\n" }, null, { "stdout": "1\n" }, null] }));
    let all_bad = json!({ "submissions": [{ "language_id": 71 }] });
    let answer = ada.post("/judge0/submissions/batch", &all_bad).await.expect(422).value();
    assert_eq!(answer, json!([{ "source_code": ["can't be blank"] }]));
    for (number, told) in [(0, "at least one"), (21, "less than or equal to 20")] {
        let batch = json!({ "submissions": vec![good(0); number] });
        assert!(error(&ada.post("/judge0/submissions/batch", &batch).await, 400).contains(told));
        let tokens = vec![stranger; number].join(",");
        assert!(
            error(&ada.get(&format!("/judge0/submissions/batch?tokens={tokens}")).await, 400).contains(told)
        );
    }
    let page = ada.get("/judge0/submissions?per_page=1&fields=token").await.expect(200).value();
    assert_eq!(page["submissions"], json!([{ "token": third }]), "newest first");
    let meta =
        json!({ "current_page": 1, "next_page": 2, "prev_page": null, "total_pages": 2, "total_count": 2 });
    assert_eq!(page["meta"], meta);
    for bad in ["page=0", "page=-1", "page=x", "per_page=0", "per_page=101"] {
        assert!(error(&ada.get(&format!("/judge0/submissions?{bad}")).await, 400).starts_with("invalid "));
    }
    let removed = ada.delete(&format!("/judge0/submissions/{first}?fields=stdout")).await.expect(200).value();
    assert_eq!(unpacked(&removed["stdout"]), "1\n", "told for the last time, in base64");
    assert_eq!(
        error(&ada.get(&format!("/judge0/submissions/{first}")).await, 404),
        "there is no such submission"
    );
    let long = json!({ "source_code": "import time\ntime.sleep(8)", "language_id": 71 });
    let running = ada.post("/judge0/submissions", &long).await.expect(201).value();
    let path = format!("/judge0/submissions/{}", running["token"].as_str().unwrap());
    assert!(
        error(&ada.delete(&path).await, 400)
            .starts_with("submission cannot be deleted because its status is")
    );
}

#[tokio::test]
async fn what_is_handed_in_is_seen_by_its_owner_only() {
    let Some((server, ada)) = world().await else { return };
    let ben = server.guest("Ben").await;
    let told = run(&ada, &json!({ "source_code": "print('secret')", "language_id": 71 })).await;
    let token = told["token"].as_str().unwrap();
    let path = format!("/judge0/submissions/{token}");
    error(&ben.get(&path).await, 404);
    error(&ben.delete(&path).await, 404);
    let batch = ben.get(&format!("/judge0/submissions/batch?tokens={token}")).await.expect(200).value();
    assert_eq!(batch, json!({ "submissions": [null] }));
    assert_eq!(ben.get("/judge0/submissions").await.expect(200).value()["meta"]["total_count"], 0);
    for path in [path.as_str(), "/judge0/submissions", "/judge0/workers", "/judge0/callback_secret"] {
        error(&server.client().get(path).await, 401);
    }
    let body = json!({ "source_code": "print(1)", "language_id": 71 });
    error(&server.client().post("/judge0/submissions", &body).await, 401);
    let _ = ada.get(&path).await.expect(200);
}

#[tokio::test]
async fn people_sign_in_as_everywhere_or_by_the_header_of_judge0() {
    let Some((server, ada)) = world().await else { return };
    let lasting = lasting_token(&server, "Ada").await;
    let by_header = async |token: &str| {
        let client = server.client();
        client.send(client.request(Method::GET, "/judge0/submissions").header("x-auth-token", token)).await
    };
    for token in [ada.token.as_str(), &lasting] {
        let _ = by_header(token).await.expect(200);
    }
    for bad in ["", "x", "é", "0123456789012345678901234567890123456789012", &format!("{}x", ada.token)] {
        error(&by_header(bad).await, 401);
    }
    let browser = server.client().browser();
    browser.set_cookie("codementor_session", &ada.cookie);
    let _ = browser.get("/judge0/submissions").await.expect(200);
    let body = json!({ "source_code": "print(1)", "language_id": 71 });
    let foreign = browser
        .request(Method::POST, "/judge0/submissions")
        .json(&body)
        .header("origin", "https://evil.example");
    browser.send(foreign).await.problem(403, "foreign_origin");
    // Who signs out everywhere takes the lasting token back.
    let _ = ada.post("/api/auth/logout", &json!({ "everywhere": true })).await.expect(204);
    for token in [ada.token.as_str(), &lasting] {
        error(&by_header(token).await, 401);
    }
}

#[tokio::test]
async fn hostile_requests_get_clean_answers() {
    let Some((_server, ada)) = world().await else { return };
    let refused = async |query: &str, body: Value| {
        let answer = ada.post(&format!("/judge0/submissions{query}"), &body).await.expect(422);
        answer.value().as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(",")
    };
    let with = |name: &str, value: Value| {
        let mut body = json!({ "source_code": "print(1)", "language_id": 71 });
        body[name] = value;
        body
    };
    assert_eq!(refused("?base64_encoded=true", with("source_code", json!("!!!"))).await, "source_code");
    assert_eq!(
        refused("?base64_encoded=true", json!({ "source_code": "/w==", "language_id": 71 })).await,
        "source_code"
    );
    assert_eq!(refused("", json!({})).await, "language_id,source_code");
    for (name, value) in [
        ("language_id", json!(4_294_967_367_u64)),
        ("language_id", json!(-71)),
        ("language_id", json!({})),
        ("language", json!("cobol")),
        ("cpu_time_limit", json!(-1)),
        ("cpu_time_limit", json!(0)),
        ("cpu_time_limit", json!(1e300)),
        ("cpu_time_limit", json!("NaN")),
        ("wall_time_limit", json!("inf")),
        ("memory_limit", json!(1)),
        ("memory_limit", json!(1u64 << 60)),
        ("number_of_runs", json!(1000)),
        ("stack_limit", json!([])),
        ("max_processes_and_or_threads", json!(100_000)),
        ("enable_network", json!(true)),
        ("compiler_options", json!("-fplugin=/etc/passwd")),
        ("command_line_arguments", json!("; rm -rf /")),
        ("additional_files", json!("UEsDBA==")),
        ("redirect_stderr_to_stdout", json!(true)),
        ("callback_url", json!("http://127.0.0.1:1/")),
        ("callback_url", json!("http://169.254.169.254/latest/meta-data")),
        ("callback_url", json!("file:///etc/passwd")),
        ("tests", json!([])),
        ("tests", json!("x")),
        ("tests", json!([1])),
        ("tests", json!(vec![json!({}); 201])),
        ("source_code", json!("x".repeat(200 * 1024))),
        ("source_code", json!(["x"])),
        ("stdin", json!({ "a": 1 })),
    ] {
        assert_eq!(refused("", with(name, value.clone())).await, name, "{value}");
    }
    let raw = async |body: String| {
        let request = ada.client.request(Method::POST, "/judge0/submissions");
        ada.client.send(request.header("content-type", "application/json").body(body)).await
    };
    for bad in ["", "{", "[]", "5", "\"x\"", &"[".repeat(100_000), "{\"source_code\":\"\\ud800\"}"] {
        assert!([400, 422].contains(&raw(bad.to_owned()).await.status.as_u16()), "{:.40}", bad);
    }
    error(&raw("x".repeat((16 << 20) + 1)).await, 413);
    let request = ada.client.request(Method::POST, "/judge0/submissions").body("source_code=x");
    error(&ada.client.send(request).await, 415);
    for odd in ["../../api/auth/me", "%00", "%2e%2e", "x".repeat(2_000).as_str(), "batch/x"] {
        let answer = ada.get(&format!("/judge0/submissions/{odd}")).await;
        assert!([200, 404].contains(&answer.status.as_u16()), "{odd}: {}", answer.body);
    }
    let _ = ada.post("/judge0/submissions?wait=true", &with("stdin", json!("x"))).await.expect(201);
}

#[tokio::test]
async fn what_the_server_is_and_has() {
    let Some((server, ada)) = world().await else { return };
    let client = server.client();
    let about = client.get("/judge0/about").await.expect(200).value();
    assert_eq!(
        (&about["version"], &about["implementation"]["name"]),
        (&json!("1.13.1"), &json!("codementor"))
    );
    let languages = client.get("/judge0/languages").await.expect(200).value();
    let python = languages.as_array().unwrap().iter().find(|one| one["id"] == 71).unwrap().clone();
    assert!(python["name"].as_str().unwrap().starts_with("Python (3."), "{python}");
    assert_eq!(client.get("/judge0/languages/71").await.expect(200).value(), python);
    assert_eq!(client.get("/judge0/languages/all").await.expect(200).value(), languages);
    error(&client.get("/judge0/languages/9999").await, 404);
    assert_eq!(client.get("/judge0/nothing").await.status, 404);
    let statuses = client.get("/judge0/statuses").await.expect(200).value();
    assert_eq!(statuses.as_array().unwrap().len(), 14);
    assert_eq!(statuses[0], json!({ "id": 1, "description": "In Queue" }));
    assert_eq!(statuses[10], json!({ "id": 11, "description": "Runtime Error (NZEC)" }));
    let settings = ada.get("/judge0/config_info").await.expect(200).value();
    assert_eq!(
        (&settings["enable_callbacks"], &settings["max_cpu_time_limit"]),
        (&json!(false), &json!(15.0))
    );
    assert_eq!(ada.get("/judge0/workers").await.expect(200).value()[0]["queue"], "default");
    assert!(ada.get("/judge0/system_info").await.expect(200).value().is_object());
    let secret = ada.get("/judge0/callback_secret").await.expect(200).value();
    let others = server.guest("Ben").await.get("/judge0/callback_secret").await.expect(200).value();
    assert!(secret["secret"].as_str().unwrap().len() == 64 && secret != others);
}
