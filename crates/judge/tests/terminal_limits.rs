//! Programs with somebody at the keyboard: what bounds them, and what they may not do to their terminal.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::Duration;

use codementor_core::Verdict;
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::terminal::{TerminalCause, TerminalCommand, TerminalRefusal};
use codementor_judge::{Accounting, JudgeOptions, TERMINAL_OUTPUT_LIMIT, TerminalBounds};
use common::terminal::{Person, impatient, is_clean, request, until};

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
    person.types("\u{13}").await;
    let (end, seen) = person.ends_interrupted().await;
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
