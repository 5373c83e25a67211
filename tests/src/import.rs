//! `codementor import`, run to its end, and what it tells.

use std::path::Path;
use std::process::Stdio;

use crate::program::{Ended, binary, command};

/// Imports within `folder` into the data folder. Verifying takes longer than other commands.
///
/// # Panics
/// When the program cannot be run.
pub async fn import(format: &str, folder: &Path, data: &Path, args: &[&str]) -> Ended {
    assert!(binary().is_file());
    let mut command = command(folder);
    command.args(["import", format]).args(args).arg("--data").arg(data).stdin(Stdio::null());
    let output = command.output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The row of a challenge: its first word and the rest.
///
/// # Panics
/// When there is none.
#[must_use]
#[track_caller]
pub fn row(ended: &Ended, name: &str) -> (String, String) {
    let found = ended.stdout.lines().find_map(|line| {
        let (status, rest) = line.split_once(' ')?;
        let (id, detail) = rest.trim_start().split_once(' ')?;
        (id == name).then(|| (status.to_owned(), detail.trim().to_owned()))
    });
    found.unwrap_or_else(|| panic!("no row of {name} in {}", ended.text()))
}
