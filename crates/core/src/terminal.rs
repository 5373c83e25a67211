//! A program that runs on a terminal, with somebody at its keyboard.
//!
//! [`crate::ports::Judge::terminal`] starts one. What it says comes as [`TerminalEvent`]s, what it is told goes as [`TerminalCommand`]s.
//! Whoever drops the [`Terminal`] ends the program.

use tokio::sync::mpsc;

use crate::id::Language;
use crate::judging::{Limits, Verdict};
use crate::ports::JudgeError;

/// What is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRequest {
    /// The language of `source`.
    pub language: Language,
    /// A whole program, untrusted.
    pub source: String,
    /// How large the terminal is.
    pub size: TerminalSize,
    /// CPU time and memory of the program. Time on the clock has bounds of its own, as people think.
    pub limits: Limits,
}

/// How many characters a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Side by side.
    pub columns: u16,
    /// One above the other.
    pub rows: u16,
}

impl TerminalSize {
    /// The largest and the smallest that programs are told of: what a window was squeezed to for a moment is no reason to divide by zero.
    const BOUNDS: [Self; 2] = [Self { columns: 2, rows: 1 }, Self { columns: 1_000, rows: 1_000 }];

    /// A size that every program can live with.
    #[must_use]
    pub fn within_bounds(self) -> Self {
        let [least, most] = Self::BOUNDS;
        Self {
            columns: self.columns.clamp(least.columns, most.columns),
            rows: self.rows.clamp(least.rows, most.rows),
        }
    }
}

/// A program on a terminal, and the two ways between it and whoever sits there. Dropping it, or only `commands`, kills the program and all
/// that it started.
#[derive(Debug)]
pub struct Terminal {
    /// What happens, in order; [`TerminalEvent::Ended`] is the last. Holds few: a program whose output is not taken waits for it.
    pub events: mpsc::Receiver<TerminalEvent>,
    /// What the program is told. Never full for long: what the program does not read is lost, see [`TerminalEvent::InputLost`]. Closed
    /// before the end is told.
    pub commands: mpsc::Sender<TerminalCommand>,
}

/// What a program on a terminal is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalCommand {
    /// Keys. Control characters mean what they mean on a terminal: 3 interrupts, 4 ends the input.
    Input(Vec<u8>),
    /// The terminal has another size.
    Resize(TerminalSize),
    /// End it now.
    Stop,
}

/// What happens to a program on a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEvent {
    /// It is being compiled.
    Building,
    /// It runs.
    Started,
    /// It, or the terminal's echo, wrote this. Bytes of a stranger: they may be anything.
    Output(Vec<u8>),
    /// It does not read, and more was typed than is kept for it. The rest is lost.
    InputLost,
    /// It has ended, and no process of it is left.
    Ended(TerminalEnd),
    /// The judge failed. Trying again may help.
    Failed(JudgeError),
}

/// How a program on a terminal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalEnd {
    /// By what.
    pub cause: TerminalCause,
    /// As a verdict; accepted when it ended well, or because it was asked to.
    pub verdict: Verdict,
    /// The code with which it ended by itself.
    pub exit_code: Option<i32>,
    /// Why it did not end well, in words: a limit, a signal, an exception.
    pub message: Option<String>,
    /// What the compiler said, where there is no program.
    pub compile_output: Option<String>,
    /// CPU time used, in milliseconds.
    pub time_ms: u32,
    /// Peak memory, in KiB.
    pub memory_kb: u32,
}

/// What ended a program on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TerminalCause {
    /// It did not compile, so it never began.
    NotCompiled,
    /// It came to its own end, good or bad.
    Exited,
    /// Somebody stopped it.
    Stopped,
    /// Nothing was typed and nothing written for too long.
    Idle,
    /// It ran for as long as one may.
    Wall,
    /// It used all the CPU time it may have.
    Cpu,
    /// It used more memory than it may.
    Memory,
    /// It wrote all it may.
    Output,
}

/// Why no program was started on a terminal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TerminalRefusal {
    /// This judge runs no program with somebody at the keyboard.
    #[error("this judge has no terminals")]
    Unsupported,
    /// As many run as may at once.
    #[error("too many programs run on terminals")]
    Full,
    /// The judge says no.
    #[error(transparent)]
    Judge(#[from] JudgeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_brought_within_bounds() {
        let size = |columns, rows| TerminalSize { columns, rows };
        assert_eq!(size(0, 0).within_bounds(), size(2, 1));
        assert_eq!(size(80, 24).within_bounds(), size(80, 24));
        assert_eq!(size(u16::MAX, u16::MAX).within_bounds(), size(1_000, 1_000));
    }
}
