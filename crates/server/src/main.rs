//! The binary `codementor`: a table of contents.

use std::process::ExitCode;

use codementor_server::cli::{self, Command};
use codementor_server::{admin, check, doctor, export, import, migrate, serve};

fn main() -> ExitCode {
    // Before anything else, while the process has one thread: the sandbox's launcher is this same program.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == cli::LAUNCHER) {
        codementor_judge::launcher_main();
    }
    if let Some(error) = cli::hide_secrets() {
        eprintln!(
            "codementor: a secret given as a flag cannot be hidden from the list of processes: {error}"
        );
        return ExitCode::FAILURE;
    }
    match cli::parse() {
        Command::Serve(given) | Command::Worker(given) => serve::main(&given),
        Command::Doctor(given) => doctor::main(&given),
        Command::Migrate(given) => migrate::main(&given),
        Command::ExportSession { id, output, given } => export::session(&id, output.as_deref(), &given),
        Command::Import { format, path, verify, given } => import::main(format, &path, verify, &given),
        Command::CheckChallenges(options) => check::main(&options),
        Command::Grant { name, role, given } => admin::grant(&name, role, &given),
        Command::Token { name, given } => admin::token(&name, &given),
    }
}
