//! How a program ended by itself, read from the words of a report.

use codementor_core::Verdict;
use codementor_core::judging::TestOutcome;
use nix::sys::signal::Signal;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// How a run ended. The grader says it in words for the learner; what those do not say is the usual code of a failure.
#[must_use]
pub fn exit_of(outcome: &TestOutcome) -> Exit {
    let message = outcome.message.as_deref().unwrap_or_default();
    let signal = |name: &str| match name.parse::<Signal>() {
        Ok(signal) => Some(signal as i32),
        Err(_) => name.strip_prefix("signal ").and_then(|number| number.parse().ok()),
    };
    match outcome.verdict {
        Verdict::Accepted | Verdict::WrongAnswer => Exit::Code(0),
        Verdict::OutputLimitExceeded => Exit::Signal(Signal::SIGXFSZ as i32),
        Verdict::TimeLimitExceeded | Verdict::MemoryLimitExceeded => Exit::Signal(Signal::SIGKILL as i32),
        Verdict::RuntimeError | Verdict::CompileError | Verdict::InternalError => message
            .strip_prefix("killed by ")
            .and_then(signal)
            .map(Exit::Signal)
            .or_else(|| Some(Exit::Code(message.strip_prefix("ended with exit code ")?.parse().ok()?)))
            .unwrap_or(Exit::Code(1)),
    }
}

#[cfg(test)]
mod tests {
    use codementor_core::judging::{Checker, Entry, Limits};

    use super::*;
    use crate::grade::{Asked, Graded, grade};
    use crate::run::Ran;
    use crate::wire::{End, Kill, RunReply};

    fn exit(end: End) -> Exit {
        let reply = RunReply { end, cpu_us: 1, memory_kb: 1 };
        let (stdout, stderr, result) = (Vec::new(), Vec::new(), Vec::new());
        let ran = Ran { reply, stdout, stderr, result, overflow: false };
        let (entry, checker, limits) = (&Entry::Program, Checker::Exact, Limits::default());
        match grade(Asked { index: 0, entry, expected: None, checker: &checker, limits }, ran) {
            Graded::Ran(outcome) => exit_of(&outcome),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_grader_says_is_read_back() {
        for code in [0, 1, 3, 255] {
            assert_eq!(exit(End::Exited(code)), Exit::Code(code));
        }
        for signal in [6, 8, 9, 11, 40] {
            assert_eq!(exit(End::Signalled(signal)), Exit::Signal(signal));
        }
        assert_eq!(exit(End::Killed(Kill::Memory)), Exit::Signal(9));
    }
}
