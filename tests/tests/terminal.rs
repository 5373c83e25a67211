//! `GET /ws/terminal`: dialogues with programs, who may have them and how many, and how they end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::common::Verdict;
use codementor_protocol::terminal::{TerminalCause, TerminalEnded};
use codementor_tests::socket::{Handshake, Socket};
use codementor_tests::{Learner, Server, eventually, judge_works};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::Message;

/// Somebody at a terminal.
struct Person {
    socket: Socket,
    /// All that was shown.
    seen: String,
}

fn start(language: &str, code: &str) -> Value {
    let data = json!({ "language": language, "code": code, "columns": 80, "rows": 24 });
    json!({ "type": "start", "data": data, "id": "start" })
}

impl Person {
    async fn sits_down(server: &Server, learner: &Learner) -> Self {
        let socket = Handshake::to_terminal().bearer(&learner.token).open(server).await.unwrap();
        Self { socket, seen: String::new() }
    }

    /// Starts a program, which must be taken.
    async fn starts(&mut self, language: &str, code: &str) {
        self.seen.clear();
        self.socket.send(&start(language, code)).await;
        assert_eq!(self.event("ack").await, Value::Null);
        let _ = self.event("started").await;
    }

    /// Tries to start a program, which must be refused; tells with which code.
    async fn is_refused(&mut self, language: &str, code: &str) -> String {
        self.socket.send(&start(language, code)).await;
        let error = self.event("error").await;
        assert!(error["message"].as_str().is_some_and(|words| !words.is_empty()), "{error}");
        error["code"].as_str().unwrap().to_owned()
    }

    async fn types(&mut self, text: &str) {
        self.socket.send_raw(Message::binary(text.as_bytes().to_owned())).await.unwrap();
    }

    /// Takes a message: an event's type and data, or nothing for output.
    async fn takes(&mut self) -> Option<(String, Value)> {
        match self.socket.message().await {
            Some(Ok(Message::Binary(bytes))) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
            Some(Ok(Message::Text(text))) => {
                let event: Value = serde_json::from_str(&text).unwrap();
                return Some((event["type"].as_str().unwrap().to_owned(), event["data"].clone()));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => panic!("a message is awaited, not {other:?} after {:?}", self.seen),
        }
        None
    }

    /// The data of the next event of a type.
    async fn event(&mut self, wanted: &str) -> Value {
        loop {
            match self.takes().await {
                Some((kind, data)) if kind == wanted => return data,
                Some((kind, data)) => assert!(["building", "input-lost"].contains(&&*kind), "{kind} {data}"),
                None => {}
            }
        }
    }

    async fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            if let Some((kind, data)) = self.takes().await {
                panic!("{kind} {data} before {text:?}: {:?}", self.seen);
            }
        }
    }

    async fn end(&mut self) -> TerminalEnded {
        serde_json::from_value(self.event("ended").await).unwrap()
    }
}

async fn running(server: &Server) -> u32 {
    let metrics = server.client().get("/metrics").await.body;
    let running = metrics.lines().find_map(|line| line.strip_prefix("codementor_terminals "));
    running.unwrap().parse().unwrap()
}

const ECHO: &str = "while True: print('got', input('? '))";

#[tokio::test]
async fn programs_talk_one_after_the_other_over_one_socket() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut person = Person::sits_down(&server, &ada).await;
    person
        .starts("python", "import os\nname = input('Name? ')\nprint(f'Hello, {name}!', os.isatty(1))\n")
        .await;
    person.sees("Name? ").await;
    assert_eq!(running(&server).await, 1);
    assert_eq!(person.is_refused("python", "1").await, "already_running");
    person.types("Ada\r").await;
    let end = person.end().await;
    assert!(person.seen.ends_with("Hello, Ada! True\r\n"), "{:?}", person.seen);
    assert_eq!((end.cause, end.verdict, end.exit_code), (TerminalCause::Exited, Verdict::Accepted, Some(0)));
    assert_eq!(running(&server).await, 0);

    let cpp = "#include <iostream>\nint main() { int a, b; while (std::cin >> a >> b) std::cout << a + b << std::endl; return 3; }\n";
    person.starts("cpp", cpp).await;
    person.types("20 22\r").await;
    person.sees("\r\n42\r\n").await;
    person.types("1 2\r").await;
    person.sees("\r\n3\r\n").await;
    person.types("\u{4}").await;
    let end = person.end().await;
    assert_eq!(
        (end.cause, end.verdict, end.exit_code),
        (TerminalCause::Exited, Verdict::RuntimeError, Some(3))
    );
    assert_eq!(end.message.as_deref(), Some("ended with exit code 3"));

    person
        .starts(
            "python",
            "import os\nwhile True:\n    said = input('? ')\n    print(*os.get_terminal_size(), said)",
        )
        .await;
    person.sees("? ").await;
    person.socket.send(&json!({ "type": "resize", "data": { "columns": 100, "rows": 30 } })).await;
    person.types("is it\r").await;
    person.sees("100 30 is it\r\n").await;
    person.socket.send(&json!({ "type": "stop" })).await;
    let end = person.end().await;
    assert_eq!((end.cause, end.verdict, end.exit_code), (TerminalCause::Stopped, Verdict::Accepted, None));
    // To nobody; that harms nothing.
    person.types("late\r").await;
    person.socket.send(&json!({ "type": "stop", "id": "1" })).await;
    let _ = person.event("ack").await;

    person.socket.send(&start("c", "int main(void) { return missing; }")).await;
    let _ = person.event("ack").await;
    let end = person.end().await;
    assert_eq!((end.cause, end.verdict), (TerminalCause::NotCompiled, Verdict::CompileError));
    assert!(end.compile_output.unwrap().contains("missing"));
}

#[tokio::test]
async fn only_the_signed_in_from_this_site_may_open_one() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let own = server.url().to_owned();
    let open = async |handshake: Handshake| handshake.open(&server).await.map(drop);
    let new = Handshake::to_terminal;
    assert_eq!(open(new().bearer(&ada.token)).await, Ok(()));
    assert_eq!(open(new().query_token(&ada.token)).await, Ok(()));
    assert_eq!(open(new().cookie(&ada.cookie).header("origin", &own)).await, Ok(()));
    assert_eq!(open(new().cookie(&ada.cookie)).await, Err(403), "a cookie without an origin");
    for origin in ["https://evil.example", "null", &format!("{own}0")] {
        assert_eq!(open(new().cookie(&ada.cookie).header("origin", origin)).await, Err(403), "{origin}");
        assert_eq!(open(new().bearer(&ada.token).header("origin", origin)).await, Err(403), "{origin}");
    }
    assert_eq!(open(new().header("origin", &own)).await, Err(401));
    assert_eq!(open(new().query_token("nonsense")).await, Err(401));

    let mut socket = new().bearer(&ada.token).open(&server).await.unwrap();
    let _ = ada.client.post_nothing("/api/auth/logout").await.expect(204);
    assert_eq!(socket.closed().await, 4401);
}

#[tokio::test]
async fn two_of_a_person_run_at_once_and_the_third_waits_for_one_to_end() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let (ada, ben) = (server.guest("Ada").await, server.guest("Ben").await);
    let mut people = Vec::new();
    for _ in 0..3 {
        people.push(Person::sits_down(&server, &ada).await);
    }
    let mut third = people.pop().unwrap();
    for person in &mut people {
        person.starts("python", ECHO).await;
        person.sees("? ").await;
    }
    assert_eq!(third.is_refused("python", ECHO).await, "too_many_terminals");
    let mut other = Person::sits_down(&server, &ben).await;
    other.starts("python", ECHO).await;
    for (n, person) in people.iter_mut().enumerate() {
        person.types(&format!("{n}\r")).await;
        person.sees(&format!("got {n}")).await;
    }
    // Judging goes on beside them.
    let executed =
        ada.post("/api/sandbox/execute", &json!({ "language": "python", "code": "print(6 * 7)" })).await;
    assert_eq!(executed.expect(200).value()["output"], "42\n");
    // One who goes away makes room, as one who stops does.
    drop(people.pop());
    eventually("the program of a closed socket has ended", async || {
        (running(&server).await == 2).then_some(())
    })
    .await;
    third.starts("python", ECHO).await;
    assert_eq!(people[0].is_refused("python", ECHO).await, "already_running");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_told_and_what_is_no_event_ends_the_socket() {
    let server = Server::start().await;
    let ada = server.guest("Ada").await;
    let mut person = Person::sits_down(&server, &ada).await;
    if judge_works(&server).await {
        assert_eq!(person.is_refused("cobol", "x").await, "unknown_language");
        assert_eq!(person.is_refused("../python", "x").await, "unknown_language");
        assert_eq!(person.is_refused("python", &"x".repeat(64 * 1024 + 1)).await, "code_too_large");
    }
    person.socket.send(&json!({ "type": "format-disk" })).await;
    assert_eq!(person.event("error").await["code"], "unknown_type");
    for (message, code) in [
        (Message::text("{"), 4400),
        (Message::text(r#"{"type":"start","data":{"language":"python","code":"x"}}"#), 4400),
        (Message::text(r#"{"type":"resize","data":{"columns":-1,"rows":1e9}}"#), 4400),
        (Message::text("[".repeat(10_000)), 4400),
        (Message::binary(vec![b'x'; 64 * 1024 + 1]), 1009),
    ] {
        let mut person = Person::sits_down(&server, &ada).await;
        person.socket.send_raw(message).await.unwrap();
        assert_eq!(person.socket.closed().await, code);
    }
    // What is over the bound is not read, so that the connection may be gone before its code arrives.
    let mut person = Person::sits_down(&server, &ada).await;
    let _ = person.socket.send_raw(Message::text("x".repeat(256 * 1024 + 1))).await;
    assert!([1009, 1006].contains(&person.socket.closed().await));
    let mut person = Person::sits_down(&server, &ada).await;
    for _ in 0..1_000 {
        if person.socket.send_raw(Message::binary(b"x".to_vec())).await.is_err() {
            break;
        }
    }
    assert_eq!(person.socket.closed().await, 4429);
}

#[tokio::test]
async fn a_flood_of_output_comes_in_few_messages_and_ends() {
    let server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut person = Person::sits_down(&server, &ada).await;
    person.starts("python", "while True: print('y' * 1000)").await;
    let mut messages = 0;
    let end = loop {
        match person.takes().await {
            None => messages += 1,
            Some((kind, data)) => break (kind, data),
        }
    };
    assert_eq!((end.0.as_str(), &end.1["cause"]), ("ended", &json!("output_limit")), "{end:?}");
    assert!(person.seen.len() <= 4 << 20 && messages < 600, "{messages} messages of {}", person.seen.len());
    assert_eq!(end.1["message"], "wrote more than 4 MiB");
}

#[tokio::test]
async fn a_stop_of_the_server_is_told_and_leaves_nothing() {
    let mut server = Server::start().await;
    if !judge_works(&server).await {
        return;
    }
    let ada = server.guest("Ada").await;
    let mut person = Person::sits_down(&server, &ada).await;
    person.starts("python", ECHO).await;
    person.sees("? ").await;
    server.signal_stop();
    assert_eq!(person.socket.closed().await, 1012);
    assert!(server.ended().await.success());
}
