//! Programs with somebody at the keyboard: what they see, what ends them, and what they may not do to their terminal.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::Duration;

use codementor_core::judging::Limits;
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::terminal::{
    Terminal, TerminalCause, TerminalCommand, TerminalEnd, TerminalEvent, TerminalRefusal, TerminalRequest,
    TerminalSize,
};
use codementor_core::{Language, Verdict};
use codementor_judge::{Accounting, JudgeOptions, TERMINAL_OUTPUT_LIMIT, TerminalBounds};
use common::TestJudge;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody at a terminal.
struct Person {
    terminal: Terminal,
    /// All that was shown.
    seen: String,
    input_was_lost: bool,
}

fn request(language: &str, source: &str) -> TerminalRequest {
    TerminalRequest {
        language: language.parse().expect("a language"),
        source: source.to_owned(),
        size: TerminalSize { columns: 80, rows: 24 },
        limits: Limits { time_ms: 2_000, memory_kb: 128 * 1024 },
    }
}

impl Person {
    async fn sits_down(judge: &TestJudge, language: &str, source: &str) -> Self {
        let terminal = judge.judge.terminal(request(language, source)).await.expect("a terminal");
        Self { terminal, seen: String::new(), input_was_lost: false }
    }

    async fn tells(&self, command: TerminalCommand) {
        self.terminal.commands.send(command).await.expect("somebody listens");
    }

    async fn types(&self, text: &str) {
        self.tells(TerminalCommand::Input(text.as_bytes().to_owned())).await;
    }

    /// Takes one event; the end, when it is that.
    async fn takes(&mut self) -> Option<Result<TerminalEnd, JudgeError>> {
        let event = tokio::time::timeout(PATIENCE, self.terminal.events.recv()).await;
        match event.unwrap_or_else(|_| panic!("nothing happens after {:?}", self.seen)).expect("an event") {
            TerminalEvent::Output(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
            TerminalEvent::InputLost => self.input_was_lost = true,
            TerminalEvent::Building | TerminalEvent::Started => {}
            TerminalEvent::Ended(end) => return Some(Ok(end)),
            TerminalEvent::Failed(error) => return Some(Err(error)),
        }
        None
    }

    async fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            if let Some(end) = self.takes().await {
                panic!("ended before {text:?}: {end:?} {:?}", self.seen);
            }
        }
    }

    async fn ends(mut self) -> (TerminalEnd, String) {
        loop {
            if let Some(end) = self.takes().await {
                return (end.expect("an end"), self.seen);
            }
        }
    }
}

/// Waits for something that must come to pass.
async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, polling).await.expect("it must come to pass");
}

async fn is_clean(judge: &TestJudge) {
    until(async || judge.programs().await == 0).await;
}

/// A judge whose terminals are left after a moment.
async fn impatient(idle: Duration, wall: Duration) -> Option<TestJudge> {
    let work = tempfile::tempdir().expect("a folder");
    let terminals = TerminalBounds { idle, wall, ..TerminalBounds::default() };
    let options = JudgeOptions { terminals, ..JudgeOptions::new([common::launcher()], work.path(), 2) };
    common::start_as(options, work).await
}

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
    person.types("\u{3}").await;
    let (end, seen) = person.ends().await;
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

#[tokio::test]
async fn limits_strike_and_say_so() {
    let Some(judge) = common::start().await else { return };
    for (source, cause, verdict, message) in [
        (
            "while True: pass",
            TerminalCause::Cpu,
            Verdict::TimeLimitExceeded,
            "used more than 2 s of processor time",
        ),
        (
            "x = bytearray(b'x') * (300 << 20)",
            TerminalCause::Memory,
            Verdict::MemoryLimitExceeded,
            "used more than 128 MiB of memory",
        ),
        (
            "while True: print('y' * 1000)",
            TerminalCause::Output,
            Verdict::OutputLimitExceeded,
            "wrote more than 4 MiB",
        ),
        (
            "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            TerminalCause::Cpu,
            Verdict::TimeLimitExceeded,
            "used more than 2 s of processor time",
        ),
    ] {
        let (end, seen) = Person::sits_down(&judge, "python", source).await.ends().await;
        assert_eq!(
            (end.cause, end.verdict, end.message.as_deref()),
            (cause, verdict, Some(message)),
            "{end:?}"
        );
        assert!(seen.len() <= TERMINAL_OUTPUT_LIMIT);
        is_clean(&judge).await;
    }
}

#[tokio::test]
async fn nobody_there_and_no_end_are_limits_too() {
    let seconds = Duration::from_secs;
    let Some(judge) = impatient(seconds(2), seconds(600)).await else { return };
    let source = "while True: print('got', input())";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.types("a\r").await;
    person.sees("got a").await;
    let (end, _) = person.ends().await;
    assert_eq!((end.cause, end.verdict), (TerminalCause::Idle, Verdict::TimeLimitExceeded));
    assert_eq!(end.message.as_deref(), Some("nothing was typed and nothing written for 2 s"));
    is_clean(&judge).await;

    let Some(judge) = impatient(seconds(600), seconds(2)).await else { return };
    let source = "import time\nwhile True: print('tick'), time.sleep(0.1)";
    let (end, seen) = Person::sits_down(&judge, "python", source).await.ends().await;
    assert_eq!((end.cause, end.verdict), (TerminalCause::Wall, Verdict::TimeLimitExceeded));
    assert_eq!(end.message.as_deref(), Some("ran for 2 s, as long as one may"));
    assert!(seen.contains("tick"));
    is_clean(&judge).await;
}

/// The program tells by its CPU time how far it got: what it writes would be read by nobody.
#[tokio::test]
async fn a_reader_who_stalls_stalls_the_program() {
    let Some(judge) = impatient(Duration::from_secs(2), Duration::from_secs(600)).await else { return };
    let mut person = Person::sits_down(&judge, "python", "import time\nwhile True: print('y' * 1000)").await;
    until(async || judge.programs().await > 0).await;
    // Nothing is taken until the program has been idle for long enough, though it would have written all it may in a moment.
    is_clean(&judge).await;
    let end = loop {
        if let Some(end) = person.takes().await {
            break end.expect("an end");
        }
    };
    assert_eq!(end.cause, TerminalCause::Idle, "{end:?}");
    assert!(end.time_ms < 500, "it waited: {end:?}");
    let seen = person.seen.len();
    assert!((1..128 * 1024).contains(&seen), "{seen}");
}

#[tokio::test]
async fn input_that_nobody_reads_is_bounded_and_told() {
    let Some(judge) = common::start().await else { return };
    let source = "import time, tty\ntty.setraw(0)\nprint('ready', flush=True)\ntime.sleep(600)";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("ready").await;
    for _ in 0..64 {
        person.types(&"x".repeat(8_000)).await;
    }
    while !person.input_was_lost {
        assert!(person.takes().await.is_none());
    }
    // A stop does not wait behind it.
    person.tells(TerminalCommand::Stop).await;
    assert_eq!(person.ends().await.0.cause, TerminalCause::Stopped);
}

#[tokio::test]
async fn all_that_was_written_before_the_end_is_shown() {
    let Some(judge) = common::start().await else { return };
    for _ in 0..5 {
        let (end, seen) =
            Person::sits_down(&judge, "python", "for n in range(5000): print(n)").await.ends().await;
        let all: String = (0..5000).map(|n| format!("{n}\r\n")).collect();
        assert!(seen == all && end.exit_code == Some(0), "{} of {}: {end:?}", seen.len(), all.len());
    }
}

#[tokio::test]
async fn a_terminal_is_all_that_it_gets() {
    let Some(judge) = common::start().await else { return };
    let source = "import fcntl, os, termios\n\
        def attempt(name, action):\n    try: print(name, 'DONE', action())\n    except OSError as error: print(name, error.errno)\n\
        for name, number in [('TIOCSTI', 0x5412), ('TIOCLINUX', 0x541C), ('TIOCSETD', 0x5423), ('TIOCCONS', 0x541D), \
        ('TIOCSWINSZ', 0x5414), ('TIOCPKT', 0x5420), ('TIOCGPTN', 0x80045430), ('TIOCGPTPEER', 0x5441), ('TIOCEXCL', 0x540C), \
        ('TIOCVHANGUP', 0x5437), ('high', 0x5412 | 1 << 32)]:\n    \
        attempt(name, lambda: fcntl.ioctl(0, number & 0xffffffff, b'x' * 64))\n\
        for path in ('/dev/tty', '/dev/ptmx', '/dev/pts/0', '/dev/console'): attempt(path, lambda: os.open(path, os.O_RDWR))\n\
        for path in ('/dev/stdin', '/proc/self/fd/1'): print(path, os.isatty(os.open(path, os.O_RDWR)))\n\
        print('settings', len(termios.tcgetattr(0)), os.ttyname(0) if False else '')\nprint('end')\n";
    let (end, seen) = Person::sits_down(&judge, "python", source).await.ends().await;
    assert_eq!(end.exit_code, Some(0), "{seen}");
    assert!(!seen.contains("DONE"), "{seen}");
    assert!(seen.contains("/dev/stdin True\r\n") && seen.contains("/proc/self/fd/1 True\r\n"), "{seen}");
    assert!(seen.ends_with("end\r\n"), "{seen}");
}

/// The same as root and as nobody: when root, this test runs itself again as an ordinary user.
#[tokio::test]
async fn an_ordinary_user_has_terminals_too() {
    if nix::unistd::Uid::effective().is_root() {
        common::again_as_ordinary_user("an_ordinary_user_has_terminals_too");
        return;
    }
    let Some(judge) = common::start().await else { return };
    let source = "import os\nprint(os.isatty(0), os.getuid(), os.isatty(os.open('/dev/stdin', os.O_RDWR)))\ninput('? ')\n";
    let mut person = Person::sits_down(&judge, "python", source).await;
    person.sees("True 1000 True\r\n? ").await;
    // Nor does a key hold the output for ever.
    person.types("\u{13}\u{3}").await;
    let (end, seen) = person.ends().await;
    assert!(seen.contains("KeyboardInterrupt") && end.exit_code == Some(1), "{seen:?} {end:?}");
    is_clean(&judge).await;
}

#[tokio::test]
async fn there_are_so_many_and_judging_does_not_wait_for_them() {
    let work = tempfile::tempdir().expect("a folder");
    let terminals = TerminalBounds { most: 3, ..TerminalBounds::default() };
    let options = JudgeOptions { terminals, ..JudgeOptions::new([common::launcher()], work.path(), 1) };
    let Some(judge) = common::start_as(options, work).await else { return };
    let mut people = Vec::new();
    for _ in 0..3 {
        let mut person = Person::sits_down(&judge, "python", "print('ready', input('? '))").await;
        person.sees("? ").await;
        people.push(person);
    }
    assert!(matches!(judge.judge.terminal(request("python", "input()")).await, Err(TerminalRefusal::Full)));
    assert_eq!(judge.python("print(6 * 7)").await, "42\n", "the one permit of judging is free");
    let person = people.pop().expect("somebody");
    person.types("\r").await;
    let _ = person.ends().await;
    drop((Person::sits_down(&judge, "python", "input()").await, people));
    is_clean(&judge).await;
    let unknown = judge.judge.terminal(request("cobol", "")).await;
    assert!(matches!(unknown, Err(TerminalRefusal::Judge(JudgeError::Language(_)))));
}

#[tokio::test]
async fn it_is_the_same_where_memory_is_sampled() {
    let Some(judge) = common::start_with(Accounting::Sampler, 2).await else { return };
    let mut person = Person::sits_down(&judge, "python", "print(input('? ') * 2)").await;
    person.sees("? ").await;
    person.types("ab\r").await;
    let (end, seen) = person.ends().await;
    assert!(seen.ends_with("abab\r\n") && end.exit_code == Some(0), "{seen:?} {end:?}");
    let (end, _) =
        Person::sits_down(&judge, "python", "x = bytearray(b'x') * (300 << 20)").await.ends().await;
    assert_eq!(end.cause, TerminalCause::Memory, "{end:?}");
    is_clean(&judge).await;
}
