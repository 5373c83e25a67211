//! Runs other programs, as argument vectors, from the repository's root.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Whether a program can be started.
pub fn has(program: &str) -> bool {
    // Go has a word of its own for it.
    ["--version", "version"].into_iter().any(|question| {
        let mut command = Command::new(program);
        command.arg(question).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// A command in a folder of the repository.
pub fn command(folder: &str, line: &[&str]) -> Command {
    let (program, args) = line.split_first().unwrap_or((&"true", &[]));
    let mut command = Command::new(program);
    command.args(args).current_dir(root().join(folder)).stdin(Stdio::null());
    command
}

/// Runs a command that must succeed, showing what it prints.
pub fn run(folder: &str, line: &[&str]) -> Result<()> {
    let status = command(folder, line).status().with_context(|| format!("{} cannot be started", line[0]))?;
    if status.success() { Ok(()) } else { bail!("`{}` failed ({status})", line.join(" ")) }
}

/// Runs a command, showing what it prints, and returns that with whether it succeeded.
pub fn watch(mut command: Command) -> Result<(bool, String)> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot be started")?;
    let mut text = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.unwrap_or_default();
            println!("{line}");
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((child.wait()?.success(), text))
}

/// Installs the page's packages when they are missing or older than the lock file.
pub fn page_packages() -> Result<()> {
    let web = root().join("web");
    let modified = |path: &str| web.join(path).metadata().and_then(|meta| meta.modified()).ok();
    let lock = modified("package-lock.json").context("web/package-lock.json is missing")?;
    if modified("node_modules/.package-lock.json").is_some_and(|installed| installed >= lock) {
        return Ok(());
    }
    if !has("npm") {
        bail!("npm is needed to build the page; install Node.js 20 or newer");
    }
    run("web", &["npm", "ci", "--no-fund", "--no-audit"])
}
