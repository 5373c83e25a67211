//! How a run on a terminal ended, in words.

use std::time::Duration;

use codementor_core::Verdict;
use codementor_core::submission::cut;
use codementor_core::terminal::{TerminalCause, TerminalEnd};

use super::{Bounds, TERMINAL_OUTPUT_LIMIT};
use crate::wire::RunReply;

/// The end of a program that does not compile.
pub(crate) fn not_compiled(said: &str) -> TerminalEnd {
    let compile_output = Some(cut(said));
    let (cause, verdict) = (TerminalCause::NotCompiled, Verdict::CompileError);
    TerminalEnd { cause, verdict, exit_code: None, message: None, compile_output, time_ms: 0, memory_kb: 0 }
}

/// The end of a program that was stopped before it began.
pub(crate) fn stopped() -> TerminalEnd {
    let (cause, verdict) = (TerminalCause::Stopped, Verdict::Accepted);
    TerminalEnd {
        cause,
        verdict,
        exit_code: None,
        message: None,
        compile_output: None,
        time_ms: 0,
        memory_kb: 0,
    }
}

/// The end of a program that was ended from outside.
pub(super) fn forced(cause: TerminalCause, bounds: Bounds, reply: &RunReply) -> TerminalEnd {
    let (verdict, message) = match cause {
        TerminalCause::Output => (
            Verdict::OutputLimitExceeded,
            Some(format!("wrote more than {} MiB", TERMINAL_OUTPUT_LIMIT >> 20)),
        ),
        TerminalCause::Idle => {
            let message = format!("nothing was typed and nothing written for {}", words(bounds.idle));
            (Verdict::TimeLimitExceeded, Some(message))
        }
        TerminalCause::Wall => {
            (Verdict::TimeLimitExceeded, Some(format!("ran for {}, as long as one may", words(bounds.wall))))
        }
        _ => (Verdict::Accepted, None),
    };
    TerminalEnd {
        cause,
        verdict,
        exit_code: None,
        message,
        compile_output: None,
        time_ms: u32::try_from(reply.cpu_us / 1_000).unwrap_or(u32::MAX),
        memory_kb: u32::try_from(reply.memory_kb).unwrap_or(u32::MAX),
    }
}

fn words(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 120 && seconds.is_multiple_of(60) => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

pub(super) fn cause_of(verdict: Verdict) -> TerminalCause {
    match verdict {
        Verdict::TimeLimitExceeded => TerminalCause::Cpu,
        Verdict::MemoryLimitExceeded => TerminalCause::Memory,
        Verdict::OutputLimitExceeded => TerminalCause::Output,
        _ => TerminalCause::Exited,
    }
}
