//! `GET /ws/terminal`: programs with somebody at the keyboard, one after the other.
//!
//! Binary frames are bytes: from the client what is typed, from the server what the terminal shows. Text frames are JSON events. The
//! client says `start`, `resize`, `stop` and `ping`; an event with an `id` is answered by an `ack` or an `error` with that `id`. The
//! server says `building`, `started`, `input-lost`, and `ended` or `error`, after which another program can start.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::common::Verdict;

/// `start`, from the client: runs a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TerminalStart {
    /// Such as `python`.
    pub language: String,
    /// A whole program, at most 64 KiB.
    pub code: String,
    /// How large the terminal is.
    #[serde(flatten)]
    pub size: TerminalSize,
}

/// `resize`, from the client: the terminal has another size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TerminalSize {
    /// How many characters fit beside each other.
    pub columns: u16,
    /// Characters one above the other.
    pub rows: u16,
}

/// What ended a program on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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
    WallLimit,
    /// It used all the CPU time it may have.
    CpuLimit,
    /// It used more memory than it may.
    MemoryLimit,
    /// It wrote all it may.
    OutputLimit,
}

/// `ended`: the program has ended, and no process of it is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TerminalEnded {
    /// By what.
    pub cause: TerminalCause,
    /// As a verdict; `accepted` when it ended well, or because it was stopped.
    pub verdict: Verdict,
    /// The code with which it ended by itself.
    #[schema(required)]
    pub exit_code: Option<i32>,
    /// Why it did not end well, in words.
    #[schema(required)]
    pub message: Option<String>,
    /// What the compiler said, where there is no program.
    #[schema(required)]
    pub compile_output: Option<String>,
    /// CPU time in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
}
