//! From what came out of a run to a verdict. All of it happens outside the box, on bytes that may be forged: whatever they say, a
//! run is accepted only when it ended well within its limits and the answer is right.

use codementor_core::Verdict;
use codementor_core::judging::{Checker, Entry, Expected, Limits, TestOutcome};
use codementor_core::submission::cut;
use nix::sys::signal::Signal;
use serde_json::{Map, Value};

use crate::checker;
use crate::run::{OUTPUT_LIMIT, Ran};
use crate::wire::{End, Kill};

/// What a run was for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Which test.
    pub index: usize,
    /// How the program was entered.
    pub entry: &'a Entry,
    /// The right answer, when there is one.
    pub expected: Option<&'a Expected>,
    /// How it is compared. What a program has to say is asked for elsewhere, when all else is right.
    pub checker: &'a Checker,
    /// The limits it had.
    pub limits: Limits,
}

/// A graded run.
#[derive(Debug)]
pub(crate) enum Graded {
    /// It ran.
    Ran(TestOutcome),
    /// The source does not compile; what the compiler said.
    NotCompiled(String),
    /// The sandbox failed.
    Broken(String),
}

/// What the harness wrote.
enum Answer {
    Nothing,
    Value(Value),
    /// A value with a number that no expected answer can hold, as it was written.
    Beyond(String),
    Error {
        kind: String,
        message: String,
    },
    Unreadable(String),
}

/// A verdict with words for the learner.
type Judged = (Verdict, Option<String>);

/// Grades a run.
pub(crate) fn grade(asked: Asked<'_>, ran: Ran) -> Graded {
    match &ran.reply.end {
        End::Failed(reason) => return Graded::Broken(reason.clone()),
        // The judge asks for it when there is too much output, and for no other reason that would still be graded.
        End::Killed(Kill::Asked) if !ran.overflow => {
            return Graded::Broken("the run was stopped from outside".to_owned());
        }
        End::Killed(_) | End::Exited(_) | End::Signalled(_) => {}
    }
    let answer = read_answer(&ran.result);
    if let Answer::Error { kind, message } = &answer
        && kind == "compile"
        && ran.reply.end == End::Exited(1)
        && asked.index == 0
    {
        return Graded::NotCompiled(cut(message));
    }
    let (verdict, message) = judge(asked, &ran, &answer);
    // What the harness says may be forged, and then of any length.
    let message = message.as_deref().map(cut);
    let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
    let actual = match (asked.entry, &answer) {
        (Entry::Function { .. }, Answer::Value(value)) => Some(value.to_string()),
        (Entry::Function { .. }, Answer::Beyond(text)) => Some(text.clone()),
        (Entry::Function { .. }, _) => None,
        (Entry::Program, _) => Some(stdout.clone()),
        (Entry::Tests(_), _) => None,
    };
    Graded::Ran(TestOutcome {
        index: asked.index,
        verdict,
        time_ms: u32::try_from(ran.reply.cpu_us / 1_000).unwrap_or(u32::MAX),
        memory_kb: u32::try_from(ran.reply.memory_kb).unwrap_or(u32::MAX),
        actual,
        stdout,
        stderr: String::from_utf8_lossy(&ran.stderr).into_owned(),
        message,
        found: None,
    })
}

fn judge(asked: Asked<'_>, ran: &Ran, answer: &Answer) -> Judged {
    if ran.overflow {
        let message = format!("wrote more than {} MiB", OUTPUT_LIMIT >> 20);
        return (Verdict::OutputLimitExceeded, Some(message));
    }
    let limits = asked.limits;
    if let Some(judged) = beyond_limits(limits, ran, answer) {
        return judged;
    }
    let error = |message: String| (Verdict::RuntimeError, Some(message));
    if let Answer::Error { kind, message } = answer {
        return error(explain(kind, message, asked.entry));
    }
    match &ran.reply.end {
        End::Exited(0) => {}
        End::Exited(code) => return error(format!("ended with exit code {code}")),
        End::Signalled(signal) => return error(format!("killed by {}", signal_name(*signal))),
        // Each has been dealt with above. Should that ever be forgotten, it is no success.
        End::Killed(_) | End::Failed(_) => return (Verdict::InternalError, None),
    }
    match (asked.entry, answer) {
        // What its tests told is read elsewhere.
        (Entry::Tests(_), _) => (Verdict::Accepted, None),
        (Entry::Program, _) => check(asked, |expected| match expected {
            Expected::Stdout(expected) => checker::text_is_right(asked.checker, &ran.stdout, expected),
            Expected::Value(_) | Expected::Pass => false,
        }),
        (_, Answer::Nothing | Answer::Error { .. }) => {
            (Verdict::WrongAnswer, Some("ended before returning a value".to_owned()))
        }
        (_, Answer::Unreadable(reason)) => error(format!("the returned value could not be read: {reason}")),
        // The function did its work and the answer is wrong, as it would be with a smaller number.
        (_, Answer::Beyond(_)) => check(asked, |_| false),
        (_, Answer::Value(value)) => check(asked, |expected| match expected {
            Expected::Value(expected) => checker::value_is_right(asked.checker, value, expected),
            Expected::Stdout(_) | Expected::Pass => false,
        }),
    }
}

fn check(asked: Asked<'_>, is_right: impl FnOnce(&Expected) -> bool) -> Judged {
    match asked.expected {
        _ if matches!(asked.checker, Checker::Program(_) | Checker::Interactive(_)) => {
            (Verdict::Accepted, None)
        }
        Some(expected) if !is_right(expected) => (Verdict::WrongAnswer, None),
        _ => (Verdict::Accepted, None),
    }
}

fn beyond_limits(limits: Limits, ran: &Ran, answer: &Answer) -> Option<Judged> {
    let memory = || {
        let message = format!("used more than {} MiB of memory", limits.memory_kb / 1024);
        Some((Verdict::MemoryLimitExceeded, Some(message)))
    };
    let cpu = || {
        let message = format!("used more than {} s of processor time", seconds(limits.time_ms));
        Some((Verdict::TimeLimitExceeded, Some(message)))
    };
    match ran.reply.end {
        End::Killed(Kill::Memory) => return memory(),
        End::Killed(Kill::Cpu) => return cpu(),
        End::Killed(Kill::Wall) => {
            let message = format!("ran for more than {} s", seconds(wall_ms(limits)));
            return Some((Verdict::TimeLimitExceeded, Some(message)));
        }
        End::Signalled(signal) if signal == Signal::SIGXCPU as i32 => return cpu(),
        _ => {}
    }
    if ran.reply.cpu_us > u64::from(limits.time_ms) * 1_000 {
        return cpu();
    }
    let full_heap = matches!(ran.reply.end, End::Signalled(signal) if signal == Signal::SIGABRT as i32 || signal == Signal::SIGTRAP as i32)
        && contains(&ran.stderr, b"JavaScript heap out of memory");
    let full_heap = full_heap
        || matches!(ran.reply.end, End::Exited(code) if code != 0)
            && contains(&ran.stderr, b"java.lang.OutOfMemoryError");
    let told = matches!(answer, Answer::Error { kind, .. } if kind == "memory");
    if full_heap || told { memory() } else { None }
}

/// Time on the clock a run may take, in milliseconds.
pub(crate) fn wall_ms(limits: Limits) -> u32 {
    limits.time_ms.saturating_mul(2).saturating_add(500)
}

fn seconds(ms: u32) -> f64 {
    f64::from(ms) / 1_000.0
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn explain(kind: &str, message: &str, entry: &Entry) -> String {
    match (kind, entry) {
        ("missing", Entry::Function { name, .. }) => format!("the function `{name}` is not defined"),
        ("value", _) => format!("the returned value cannot be used: {message}"),
        _ => message.to_owned(),
    }
}

fn read_answer(bytes: &[u8]) -> Answer {
    if bytes.is_empty() {
        return Answer::Nothing;
    }
    let mut fields: Map<String, Value> = match serde_json::from_slice(bytes) {
        Ok(fields) => fields,
        Err(error) if error.to_string().contains("recursion limit") => {
            return Answer::Unreadable("it is nested too deeply".to_owned());
        }
        Err(error) if error.to_string().contains("number out of range") => {
            let text = String::from_utf8_lossy(bytes);
            let value = text.strip_prefix(r#"{"value":"#).and_then(|text| text.strip_suffix('}'));
            return Answer::Beyond(value.unwrap_or(&text).to_owned());
        }
        Err(_) => return Answer::Unreadable("it is not JSON".to_owned()),
    };
    if let Some(value) = fields.remove("value") {
        return Answer::Value(value);
    }
    let mut text = |name| match fields.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    Answer::Error { kind: text("error"), message: text("message") }
}

pub(crate) fn signal_name(signal: i32) -> String {
    Signal::try_from(signal).map_or_else(|_| format!("signal {signal}"), |signal| signal.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::RunReply;

    fn ran(end: End, result: &str) -> Ran {
        Ran {
            reply: RunReply { end, cpu_us: 1_000, memory_kb: 9_000 },
            stdout: Vec::new(),
            stderr: Vec::new(),
            result: result.as_bytes().to_owned(),
            overflow: false,
        }
    }

    fn outcome(ran: Ran) -> TestOutcome {
        let asked = Asked {
            index: 1,
            entry: &Entry::Function { name: "f".to_owned(), types: None },
            expected: Some(&Expected::Value(json!(5))),
            checker: &Checker::Exact,
            limits: Limits::default(),
        };
        match grade(asked, ran) {
            Graded::Ran(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn verdict(ran: Ran) -> (Verdict, String) {
        let outcome = outcome(ran);
        (outcome.verdict, outcome.message.unwrap_or_default())
    }

    #[test]
    fn only_a_good_end_with_the_right_value_is_accepted() {
        let right = r#"{"value":5}"#;
        assert_eq!(verdict(ran(End::Exited(0), right)).0, Verdict::Accepted);
        assert_eq!(verdict(ran(End::Exited(0), r#"{"value":6}"#)).0, Verdict::WrongAnswer);
        assert_eq!(
            verdict(ran(End::Exited(3), right)),
            (Verdict::RuntimeError, "ended with exit code 3".to_owned())
        );
        assert_eq!(
            verdict(ran(End::Signalled(11), right)),
            (Verdict::RuntimeError, "killed by SIGSEGV".to_owned())
        );
        assert_eq!(verdict(ran(End::Killed(Kill::Wall), right)).0, Verdict::TimeLimitExceeded);
        assert_eq!(verdict(ran(End::Killed(Kill::Memory), right)).0, Verdict::MemoryLimitExceeded);
        let slow = Ran {
            reply: RunReply { end: End::Exited(0), cpu_us: 2_000_001, memory_kb: 1 },
            ..ran(End::Exited(0), right)
        };
        assert_eq!(verdict(slow).0, Verdict::TimeLimitExceeded);
        let huge = format!(r#"{{"value":[1{}]}}"#, "0".repeat(400));
        assert_eq!(verdict(ran(End::Exited(0), &huge)), (Verdict::WrongAnswer, String::new()));
        let shown = outcome(ran(End::Exited(0), &huge)).actual.unwrap_or_default();
        assert!(shown.starts_with("[1000") && shown.ends_with("0]"), "{shown}");
        assert_eq!(verdict(ran(End::Exited(1), &huge)).0, Verdict::RuntimeError);
        let loud = Ran { overflow: true, ..ran(End::Exited(0), right) };
        assert_eq!(verdict(loud).0, Verdict::OutputLimitExceeded);
    }

    #[test]
    fn a_run_that_was_stopped_from_outside_is_graded_only_when_it_was_too_loud() {
        let asked = Asked {
            index: 0,
            entry: &Entry::Program,
            expected: None,
            checker: &Checker::Exact,
            limits: Limits::default(),
        };
        for end in [End::Killed(Kill::Asked), End::Failed("no box".to_owned())] {
            assert!(matches!(grade(asked, ran(end, "")), Graded::Broken(_)));
        }
        let loud = Ran { overflow: true, ..ran(End::Killed(Kill::Asked), "") };
        assert_eq!(verdict(loud).0, Verdict::OutputLimitExceeded);
    }

    #[test]
    fn forged_results_are_read_as_text_of_a_stranger() {
        assert_eq!(verdict(ran(End::Exited(0), "")).1, "ended before returning a value");
        for forged in [
            "5",
            "[5]",
            r#"{"value":5}{"value":5}"#,
            r#"{"value":5"#,
            "{}",
            r#"{"verdict":"accepted"}"#,
            "\u{0}",
        ] {
            assert_ne!(verdict(ran(End::Exited(0), forged)).0, Verdict::Accepted, "{forged}");
        }
        let compile = r#"{"error":"compile","message":"x"}"#;
        assert_eq!(verdict(ran(End::Exited(1), compile)).0, Verdict::RuntimeError, "not in a later run");
        let deep = format!(r#"{{"value":{}1{}}}"#, "[".repeat(400), "]".repeat(400));
        assert!(verdict(ran(End::Exited(0), &deep)).1.contains("nested too deeply"));
    }
}
