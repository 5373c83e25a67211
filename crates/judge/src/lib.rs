//! Runs untrusted programs and grades them.
//!
//! Every run is a fresh process in a fresh box: own namespaces, a root folder with nothing but the language's toolchain, an ordinary
//! user without capabilities, a list of allowed system calls, counted memory, CPU time, processes, files and output. Expected answers
//! never enter a box, and what comes out of one is bytes of a stranger.
//!
//! - [`LocalJudge`] is the judge of [`codementor_core::ports`].
//! - [`Judge0`] is one behind a Judge0 server.
//! - [`launcher_main`] is the process that builds boxes; the server calls it for its hidden subcommand before anything else.
//! - [`workers`] are judges in processes of their own; [`workers::Pool`] makes one judge of them and this process's own.
//! - [`FairQueue`] is a bounded queue in which nobody waits for one who floods it.
//!
//! Where the kernel does not allow a sandbox the judge refuses; it never runs a program without one.

mod build;
pub mod checker;
mod client;
mod exit;
mod grade;
mod job;
mod judge0;
mod keeper;
mod languages;
mod launcher;
mod local;
mod queue;
mod run;
mod sys;
mod terminal;
mod wire;
pub mod workers;

pub use exit::{Exit, exit_of};
pub use job::{INPUT_LIMIT, SOURCE_LIMIT, TESTS_LIMIT};
pub use judge0::{IMPLEMENTATION, Judge0};
pub use launcher::launcher_main;
pub use local::{JudgeOptions, LocalJudge, TerminalBounds};
pub use queue::{FairQueue, Full, IN_A_ROW, Running};
pub use run::OUTPUT_LIMIT;
pub use terminal::TERMINAL_OUTPUT_LIMIT;
pub use wire::Accounting;
