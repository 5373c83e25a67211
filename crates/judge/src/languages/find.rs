//! Looking for a toolchain: it is asked what it is and what it needs, and what boxes show of it follows from that.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use codementor_core::judging::LanguageInfo;
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::kept::Kept;
use super::{Declaration, HARNESS_FOLDER, Harness, Start, Toolchain, generated};
use crate::wire::{KEPT, Root};

/// How long a toolchain may take to say what it is.
const PROBE_TIME: Duration = Duration::from_secs(20);
/// Folders that each box has for itself.
const OWN_FOLDERS: [&str; 6] = ["/box", "/dev", "/proc", "/tmp", HARNESS_FOLDER, KEPT];
/// The system's libraries, which every program may need.
const LIBRARIES: [&str; 4] = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"];
/// What compilers need of the system beside its libraries: a shell, a linker, headers.
const TOOLS: [&str; 4] = ["/bin", "/usr/bin", "/usr/include", "/usr/libexec"];
/// The work folder of a program, in KiB.
const RUN_DISK_KB: u32 = 16 * 1024;
/// The work folder of a compiler, in KiB.
const BUILD_DISK_KB: u32 = 256 * 1024;
/// Boxes for programs kept ready for each set of toolchains.
const SPARES: u32 = 1;

/// What a toolchain says of itself.
#[derive(Debug, Deserialize)]
struct Probe {
    version: String,
    /// The interpreter or compiler itself, links and shims resolved.
    executable: PathBuf,
    /// The interpreter of what is built, where it is another one.
    runtime: Option<PathBuf>,
    /// Files and folders that a program needs beside the system's libraries.
    #[serde(default)]
    needs: Vec<PathBuf>,
    /// Files and folders that only the compiler needs.
    #[serde(default)]
    tools: Vec<PathBuf>,
    /// Folders with shared libraries outside the system's.
    #[serde(default)]
    libraries: Vec<PathBuf>,
    /// Whether something has to be made once.
    #[serde(default)]
    once: bool,
}

impl Declaration {
    /// Looks for the toolchain. What it makes once is kept below `tools`.
    pub(crate) async fn find(&'static self, tools: Option<PathBuf>) -> Option<Toolchain> {
        let id = self.id.parse().ok()?;
        let asked =
            Command::new(self.program).args(self.probe).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = timeout(PROBE_TIME, asked).await.ok()?.ok()?;
        let probe: Probe = serde_json::from_slice(&output.stdout).ok()?;
        let info = LanguageInfo { id, name: self.name.to_owned(), version: probe.version };
        let runtime = probe.runtime.unwrap_or_else(|| probe.executable.clone());
        let mut harness: Vec<_> =
            self.tests.iter().flat_map(|tests| tests.files).copied().map(generated).collect();
        if let Start::Harness(one) = &self.start {
            harness.push(one.file(&runtime).await);
        }
        let once = self.build.as_ref().and_then(|build| build.once).filter(|_| probe.once);
        let kept = tools.as_deref().zip(once).and_then(|(tools, script)| {
            Kept::new(tools, &format!("{}-{}", self.id, info.version), script, &probe.executable)
        });
        let needs = || LIBRARIES.iter().map(PathBuf::from).chain(probe.needs.iter().cloned());
        let interpreter = (!matches!(self.start, Start::Itself)).then(|| runtime.clone());
        let build_root = self.build.as_ref().map(|build| Root {
            binds: without_nested(
                needs()
                    .chain(TOOLS.iter().map(PathBuf::from))
                    .chain(probe.tools.iter().cloned())
                    .chain([probe.executable.clone()])
                    .collect(),
            ),
            kept: kept.as_ref().map(|kept| kept.folder().to_owned()),
            files: build.file.map(generated).into_iter().collect(),
            disk_kb: BUILD_DISK_KB,
            spares: 0,
        });
        let root = Root {
            binds: without_nested(needs().chain(interpreter).collect()),
            kept: None,
            files: harness,
            disk_kb: RUN_DISK_KB,
            spares: SPARES,
        };
        let mut shown = root.binds.iter().chain(build_root.iter().flat_map(|root| &root.binds));
        if let Some(path) = shown.find(|path| is_the_boxs_own(path)) {
            tracing::warn!(language = self.id, path = %path.display(), "a toolchain in this folder cannot be shown to programs; the language is left out");
            return None;
        }
        Some(Toolchain {
            declaration: self,
            info,
            compiler: probe.executable,
            runtime,
            libraries: probe.libraries,
            root,
            build_root,
            kept,
        })
    }
}

impl Harness {
    /// The file in a box, compiled where the interpreter can.
    async fn file(&self, interpreter: &Path) -> (PathBuf, String) {
        let (path, text) = generated((self.name, self.text));
        let compiled = match self.compiled {
            Some(arguments) => compiled(interpreter, arguments, &path, self.text).await,
            None => None,
        };
        (path, compiled.unwrap_or(text))
    }
}

async fn compiled(interpreter: &Path, arguments: &[&str], path: &Path, text: &str) -> Option<String> {
    let mut command = Command::new(interpreter);
    command.args(arguments).arg(path).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let asked = async {
        stdin.write_all(text.as_bytes()).await.ok()?;
        drop(stdin);
        child.wait_with_output().await.ok()
    };
    let output = timeout(PROBE_TIME, asked).await.ok()??;
    String::from_utf8(output.stdout).ok().filter(|printed| output.status.success() && !printed.is_empty())
}

/// Whether a path lies in a folder in which a box shows nothing of the machine's.
fn is_the_boxs_own(path: &Path) -> bool {
    OWN_FOLDERS.iter().any(|own| path.starts_with(own))
}

/// Existing paths only, and none that lies in another.
fn without_nested(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.retain(|path| path.is_absolute() && path.symlink_metadata().is_ok());
    paths.sort();
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        if !kept.iter().any(|outer| path.starts_with(outer)) {
            kept.push(path);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_missing_paths_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let missing = folder.path().join("missing");
        assert_eq!(without_nested(vec![inner, missing, folder.path().to_owned()]), [folder.path()]);
    }

    #[test]
    fn folders_that_a_box_has_for_itself_are_not_shown() {
        for path in ["/tmp/go", "/box", "/judge/bin/cc", "/kept/go"] {
            assert!(is_the_boxs_own(Path::new(path)), "{path}");
        }
        for path in ["/usr/tmp/go", "/boxes/go", "/opt/go/tmp"] {
            assert!(!is_the_boxs_own(Path::new(path)), "{path}");
        }
    }
}
