//! The binary: where it lies, and how one command of it ends.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::Command;

/// The longest a command that should end may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What a command that ended has said.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ended {
    /// Both outputs.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// The binary under test: beside the running test, or where `CODEMENTOR_BIN` says.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("CODEMENTOR_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a running program has a path");
    // `target/<profile>/deps/<test>`
    let path = test.ancestors().nth(2).expect("tests lie in `deps`").join("codementor");
    assert!(path.is_file(), "{} is missing: run `cargo build -p codementor-server` first", path.display());
    path
}

/// A command of the binary, free of the settings of whoever runs the tests. `folder` is where it runs.
#[must_use]
pub fn command(folder: &Path) -> Command {
    clean(Command::new(binary()), folder)
}

/// The same, with the data folder on a disk of its own of so many bytes, which only the process sees, as `/proc/PID/root` shows it. The
/// arguments that are added are the binary's.
#[must_use]
pub fn command_on_disk(folder: &Path, data: &Path, bytes: u64) -> Command {
    const BEGIN: &str = r#"mkdir -p "$1" && mount -t tmpfs -o "size=$2" none "$1" && shift 2 && exec "$@""#;
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", BEGIN, "sh"]);
    command.arg(data).arg(bytes.to_string()).arg(binary());
    clean(command, folder)
}

fn clean(mut command: Command, folder: &Path) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CODEMENTOR_")
            || name == "OPENAI_API_KEY"
            || name.to_lowercase().ends_with("_proxy")
        {
            command.env_remove(&*name);
        }
    }
    // A `codementor.toml` where the tests happen to run is none of theirs.
    command.current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command to its end.
///
/// # Panics
/// When it does not end in time; then it is killed.
pub async fn run(folder: &Path, args: &[&str], env: &[(&str, &str)]) -> Ended {
    let mut command = command(folder);
    command.args(args).envs(env.iter().copied());
    let output = tokio::time::timeout(LIMIT, command.output()).await;
    let output =
        output.unwrap_or_else(|_| panic!("codementor {args:?} did not end")).expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}
