//! `cargo xtask run`: from a fresh clone to a running server.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Result;

use crate::shell;

/// Builds the page and the release binary, then becomes `codementor serve`.
pub fn run(args: &[String]) -> Result<()> {
    shell::page_packages()?;
    shell::run("web", &["npm", "run", "--silent", "build"])?;
    shell::run(".", &["cargo", "build", "--release", "--package", "codementor-server"])?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), Into::into);
    // Replaces this process, so that signals reach the server itself.
    let error = Command::new(target.join("release/codementor")).arg("serve").args(args).exec();
    Err(error.into())
}
