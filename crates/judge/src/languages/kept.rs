//! What a toolchain makes once, for all programs: a standard library that its makers deliver as source only. It lies in a folder of this
//! machine, by language and version, and boxes of the compiler show it read-only.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long it may take.
const TIME: Duration = Duration::from_secs(300);
/// What is there when all of it is.
const WHOLE: &str = "whole";

/// Such a folder.
pub(crate) struct Kept {
    folder: PathBuf,
    /// For `/bin/sh`, run on this machine in an empty folder that it fills; `$0` is the compiler.
    script: &'static str,
    compiler: PathBuf,
    /// One makes it, the others wait.
    making: Mutex<()>,
}

impl Kept {
    /// The folder of a toolchain below `tools`, empty at first. `None` when there can be none.
    pub(crate) fn new(tools: &Path, name: &str, script: &'static str, compiler: &Path) -> Option<Self> {
        let folder = tools.join(name);
        std::fs::create_dir_all(&folder).ok()?;
        // The users of boxes read it, whatever is usual for files of the server's.
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).ok()?;
        let folder = folder.canonicalize().ok()?;
        Some(Self { folder, script, compiler: compiler.to_owned(), making: Mutex::default() })
    }

    /// The folder that is shown.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes what is not there yet.
    ///
    /// # Errors
    /// In words, when it cannot be made.
    pub(crate) async fn make(&self) -> Result<(), String> {
        let _making = self.making.lock().await;
        let whole = self.folder.join(WHOLE);
        if whole.exists() {
            return Ok(());
        }
        tracing::info!(folder = %self.folder.display(), "making what programs of a language need once; this takes a minute");
        // Another process may do the same; the first to be ready is taken.
        let own = tempfile::Builder::new().prefix("making-").tempdir_in(&self.folder);
        let own = own.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        let mut command = Command::new("/bin/sh");
        // The script sets what it needs; nothing of the server's is in it.
        command.args(["-euc", self.script]).arg(&self.compiler).current_dir(own.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let made = timeout(TIME, command.output()).await;
        let made = made.map_err(|_| format!("not ready within {} s", TIME.as_secs()))?;
        let made = made.map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).trim().to_owned());
        }
        match std::fs::rename(own.path().join(WHOLE), &whole) {
            Err(error) if !whole.exists() => Err(error.to_string()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(folder: &Path, script: &'static str) -> Kept {
        Kept::new(&folder.join("tools"), "go-1", script, &folder.join("count")).unwrap()
    }

    #[tokio::test]
    async fn it_is_made_once_whoever_asks() {
        let folder = tempfile::tempdir().unwrap();
        let script = "mkdir whole && echo one >> \"$0\" && echo library > whole/fmt";
        let (one, other) = (kept(folder.path(), script), kept(folder.path(), script));
        assert_eq!(tokio::join!(one.make(), one.make()), (Ok(()), Ok(())));
        assert_eq!(other.make().await, Ok(()));
        assert_eq!(std::fs::read_to_string(folder.path().join("count")).unwrap(), "one\n");
        let left: Vec<_> =
            std::fs::read_dir(one.folder()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, ["whole"], "what it was made in is gone");
        assert_eq!(one.folder().metadata().unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[tokio::test]
    async fn a_second_process_that_is_later_takes_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let late = kept(folder.path(), "mkdir whole ../whole && touch ../whole/first");
        assert_eq!(late.make().await, Ok(()));
        assert!(late.folder().join("whole/first").exists());
    }

    #[tokio::test]
    async fn why_it_cannot_be_made_is_told_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let broken = kept(folder.path(), "mkdir whole; echo no compiler >&2; exit 3");
        assert_eq!(broken.make().await, Err("no compiler".to_owned()));
        assert_eq!(std::fs::read_dir(broken.folder()).unwrap().count(), 0);
        assert!(kept(folder.path(), "true").make().await.is_err(), "it made nothing");
    }
}
