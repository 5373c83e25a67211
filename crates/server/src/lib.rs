//! CodeMentor's server: joins the crates of lower rank into one process and speaks HTTP and WebSocket.
//!
//! It holds no rules of its own. Handlers check who asks and what for, call a port, and translate the answer.

pub mod admin;
pub mod app;
pub mod authoring;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod export;
pub mod grading;
pub mod http;
pub mod import;
pub mod intake;
pub mod judge0;
pub mod judges;
pub mod listen;
pub mod live;
pub mod logs;
pub mod metrics;
pub mod migrate;
pub mod offered;
pub mod parts;
pub mod progress;
pub mod serve;
pub mod sockets;
pub mod wire;
pub mod worker;

/// Prints an error for the operator and turns it into an exit code.
pub(crate) fn report(result: anyhow::Result<()>) -> std::process::ExitCode {
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("codementor: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
