//! Programs with somebody at the keyboard: what they see, and what ends them.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::judging::Limits;
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::terminal::{TerminalCause, TerminalCommand, TerminalSize};
use codementor_core::{Language, Verdict};
use common::terminal::{Person, is_clean, request, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

#[tokio::test]
async fn a_dialogue_on_a_real_terminal() {
    let Some(judge) = common::start().await else { return };
    let source = "import os, sys\nprint(*map(os.isatty, (0, 1, 2)), os.environ['TERM'], os.tcgetpgrp(0) == os.getpid())\n\
        name = input('Name? ')\nprint(f'Hello, {name}!', file=sys.stderr)\nprint(input('More? ') == 'ü')\n";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("Name? ").await;
    assert!(person.seen.starts_with("True True True xterm-256color True\r\n"), "{:?}", person.seen);
    // The line is edited before the program gets it, character by character.
    person.types("Adü\u{7f}\u{7f}da\r").await;
    person.sees("Hello, Ada!\r\nMore? ").await;
    person.types("ü\r").await;
    let (end, seen) = person.ends().await;
    assert!(seen.ends_with("More? ü\r\nTrue\r\n"), "{seen:?}");
    assert_eq!(
        (end.cause, end.verdict, end.exit_code),
        (TerminalCause::Exited, Verdict::Accepted, Some(0)),
        "{end:?}"
    );
    assert!(end.memory_kb > 0 && end.message.is_none());
    is_clean(&judge).await;
}

#[tokio::test]
async fn control_keys_mean_what_they_mean_on_a_terminal() {
    let Some(judge) = common::start().await else { return };
    let source = "import sys\nprint('ready', flush=True)\nprint('read', len(sys.stdin.read()))\n";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    person.types("one\r\u{4}").await;
    let (end, seen) = person.ends().await;
    assert!(seen.contains("read 4\r\n") && end.exit_code == Some(0), "{seen:?}");

    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    // Nobody could continue what is suspended, so it is not.
    person.types("\u{1a}x\r").await;
    person.sees("x\r\n").await;
    let (end, seen) = person.ends_interrupted().await;
    assert!(seen.contains("KeyboardInterrupt"), "{seen:?}");
    assert_eq!((end.cause, end.verdict), (TerminalCause::Exited, Verdict::RuntimeError), "{end:?}");

    let mut person = Person::sits_down(
        &judge,
        "c",
        "#include <stdio.h>\nint main(void) { puts(\"ready\"); for (;;) getchar(); }\n",
    )
    .await;
    person.sees("ready").await;
    person.types("\u{3}").await;
    let (end, _) = person.ends().await;
    assert_eq!(end.message.as_deref(), Some("killed by SIGINT"), "{end:?}");
    is_clean(&judge).await;
}

#[tokio::test]
async fn another_size_is_seen_at_once() {
    let Some(judge) = common::start().await else { return };
    let source = "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})\n\
        while True:\n    print(*os.get_terminal_size(), flush=True)\n    signal.sigwait({signal.SIGWINCH})\n";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("80 24\r\n").await;
    person.tells(TerminalCommand::Resize(TerminalSize { columns: 132, rows: 43 })).await;
    person.sees("132 43\r\n").await;
    person.tells(TerminalCommand::Resize(TerminalSize { columns: 0, rows: 0 })).await;
    person.sees("2 1\r\n").await;
    person.tells(TerminalCommand::Stop).await;
    assert_eq!(person.ends().await.0.cause, TerminalCause::Stopped);
}

#[tokio::test]
async fn every_language_talks() {
    let Some(judge) = common::start().await else { return };
    let programs = [
        ("python", "print('got', input('? '))"),
        (
            "javascript",
            "const r = require('readline').createInterface({ input: process.stdin, output: process.stdout });\n\
             r.question('? ', (line) => { console.log('got', line); r.close(); });",
        ),
        (
            "javascript",
            "console.log('? '); console.log('got', require('fs').readFileSync('/dev/stdin', 'utf8').trim());",
        ),
        (
            "typescript",
            "import * as fs from 'fs';\nconsole.log('? ');\nconsole.log('got', fs.readFileSync(0, 'utf8').trim());",
        ),
        (
            "c",
            "#include <stdio.h>\nint main(void) { char s[9]; printf(\"? \"); scanf(\"%8s\", s); printf(\"got %s\\n\", s); }",
        ),
        (
            "cpp",
            "#include <iostream>\nint main() { std::string s; std::cout << \"? \"; std::cin >> s; std::cout << \"got \" << s << '\\n'; }",
        ),
        (
            "rust",
            "use std::io::*;\nfn main() { print!(\"? \"); stdout().flush().unwrap(); let mut s = String::new(); \
             stdin().read_line(&mut s).unwrap(); println!(\"got {}\", s.trim()); }",
        ),
        (
            "go",
            "package main\nimport \"fmt\"\nfunc main() { fmt.Print(\"? \"); var s string; fmt.Scan(&s); fmt.Println(\"got\", s) }",
        ),
        (
            "java",
            "public class Main { public static void main(String[] a) { System.out.print(\"? \"); \
             System.out.println(\"got \" + new java.util.Scanner(System.in).next()); } }",
        ),
    ];
    let installed: Vec<Language> = judge.judge.languages().into_iter().map(|language| language.id).collect();
    for (language, source) in programs {
        if !installed.iter().any(|id| id.as_str() == language) {
            eprintln!("SKIPPED: {language} is not installed");
            continue;
        }
        let mut request = request(language, source);
        request.limits = Limits { time_ms: 5_000, memory_kb: 256 * 1024 };
        let terminal = judge.judge.terminal(request).await.expect("a terminal");
        let mut person = Person { terminal, seen: String::new(), input_was_lost: false };
        person.sees("? ").await;
        person.types("this\r\u{4}").await;
        let (end, seen) = person.ends().await;
        assert!(seen.contains("got this\r\n") && end.exit_code == Some(0), "{language}: {seen:?} {end:?}");
    }
    is_clean(&judge).await;
}

#[tokio::test]
async fn what_does_not_compile_is_told_and_what_is_typed_meanwhile_is_kept() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [("c", "int main(void) { return missing; }"), ("python", "def f(:\n")] {
        let (end, _) = Person::sits_down(&judge, language, source).await.ends().await;
        assert_eq!((end.cause, end.verdict), (TerminalCause::NotCompiled, Verdict::CompileError), "{end:?}");
        assert!(end.compile_output.is_some_and(|said| !said.is_empty()));
    }
    let source =
        "#include <stdio.h>\nint main(void) { int n; scanf(\"%d\", &n); printf(\"twice %d\\n\", 2 * n); }";
    let person = Person::sits_down(&judge, "c", source).await;
    person.types("21\r").await;
    let (_, seen) = person.ends().await;
    assert!(seen.ends_with("twice 42\r\n"), "{seen:?}");

    let person = Person::sits_down(&judge, "c", &format!("/* {} */{source}", "x".repeat(30_000))).await;
    person.tells(TerminalCommand::Stop).await;
    assert_eq!(person.ends().await.0.cause, TerminalCause::Stopped);
}

#[tokio::test]
async fn a_stop_and_a_hang_up_end_all_that_was_started() {
    let Some(judge) = common::start().await else { return };
    let source = "import os, signal, time\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n\
        for _ in range(3):\n    if os.fork() == 0: os.setsid()\nprint('ready', flush=True)\ntime.sleep(600)\n";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    person.types("\u{3}").await;
    person.tells(TerminalCommand::Stop).await;
    let (end, _) = person.ends().await;
    assert_eq!((end.cause, end.verdict, end.exit_code), (TerminalCause::Stopped, Verdict::Accepted, None));
    is_clean(&judge).await;

    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    drop(person);
    is_clean(&judge).await;

    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    let launcher = judge.judge.launcher_pid().expect("a launcher");
    kill(Pid::from_raw(i32::try_from(launcher).expect("a pid")), Signal::SIGKILL).expect("a signal");
    let end = loop {
        if let Some(end) = person.takes().await {
            break end;
        }
    };
    assert!(matches!(end, Err(JudgeError::Failed(_))), "{end:?}");
    until(async || judge.judge.launcher_pid().is_some_and(|pid| pid != launcher)).await;
    is_clean(&judge).await;
}
