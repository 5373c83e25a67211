//! Languages, each one small declaration: how its toolchain is found, what of it a box shows, and how a program is started.

mod javascript;
mod python;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use codementor_core::judging::{Entry, LanguageInfo};
use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

use crate::wire::Root;

/// How long a toolchain may take to say what it is.
const PROBE_TIME: Duration = Duration::from_secs(20);
/// Where generated files lie in a box.
const HARNESS_FOLDER: &str = "/judge";

/// A language as it is declared.
pub(crate) struct Declaration {
    /// Its name in the API.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The interpreter's name in `PATH`.
    pub program: &'static str,
    /// Arguments that make it print a [`Probe`] as JSON.
    pub probe: &'static [&'static str],
    /// The learner's file.
    pub source_name: &'static str,
    /// The program that loads the learner's file, and its file name.
    pub harness: (&'static str, &'static str),
    /// Less memory than this does not let the interpreter start, in KiB.
    pub least_memory_kb: u32,
    /// The interpreter's options for a run with this much memory, in KiB.
    pub options: fn(u32) -> Vec<String>,
    /// Variables beside those that every language has.
    pub env: &'static [&'static str],
    /// A program that proves that the box works.
    pub smoke: &'static str,
}

/// What a toolchain says of itself.
#[derive(Debug, Deserialize)]
struct Probe {
    version: String,
    /// The interpreter itself, links and shims resolved.
    executable: PathBuf,
    /// Files and folders it needs beside the system's libraries.
    #[serde(default)]
    needs: Vec<PathBuf>,
    /// Folders with shared libraries outside the system's.
    #[serde(default)]
    libraries: Vec<PathBuf>,
}

/// A language that is installed here.
pub(crate) struct Toolchain {
    declaration: &'static Declaration,
    /// What people are told.
    pub info: LanguageInfo,
    executable: PathBuf,
    libraries: Vec<PathBuf>,
    /// What a box of it shows.
    pub root: Root,
}

/// All languages the judge knows.
pub(crate) fn all() -> [&'static Declaration; 2] {
    [&python::PYTHON, &javascript::JAVASCRIPT]
}

impl Declaration {
    /// Looks for the toolchain.
    pub(crate) async fn find(&'static self) -> Option<Toolchain> {
        let id = self.id.parse().ok()?;
        let asked =
            Command::new(self.program).args(self.probe).stdin(Stdio::null()).kill_on_drop(true).output();
        let output = timeout(PROBE_TIME, asked).await.ok()?.ok()?;
        let probe: Probe = serde_json::from_slice(&output.stdout).ok()?;
        let info = LanguageInfo { id, name: self.name.to_owned(), version: probe.version };
        let (file, text) = self.harness;
        let mut binds: Vec<PathBuf> = probe.needs.into_iter().chain([probe.executable.clone()]).collect();
        binds.extend(["/usr/lib", "/usr/lib64", "/lib", "/lib64"].map(PathBuf::from));
        Some(Toolchain {
            declaration: self,
            info,
            executable: probe.executable,
            libraries: probe.libraries,
            root: Root {
                binds: without_nested(binds),
                files: vec![(Path::new(HARNESS_FOLDER).join(file), text.to_owned())],
            },
        })
    }
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

impl Toolchain {
    /// The learner's file name.
    pub(crate) fn source_name(&self) -> &'static str {
        self.declaration.source_name
    }

    /// A program that proves that the box works.
    pub(crate) fn smoke(&self) -> &'static str {
        self.declaration.smoke
    }

    /// Memory of a run, in KiB: what was asked for, but enough to start.
    pub(crate) fn memory_kb(&self, asked: u32) -> u32 {
        asked.max(self.declaration.least_memory_kb)
    }

    /// Program and arguments of a run.
    pub(crate) fn argv(&self, entry: &Entry, memory_kb: u32) -> Vec<String> {
        let harness = Path::new(HARNESS_FOLDER).join(self.declaration.harness.0);
        let mut argv = vec![self.executable.to_string_lossy().into_owned()];
        argv.extend((self.declaration.options)(memory_kb));
        argv.push(harness.to_string_lossy().into_owned());
        match entry {
            Entry::Program => argv.push("program".to_owned()),
            Entry::Function { name } => argv.extend(["function".to_owned(), name.clone()]),
        }
        argv
    }

    /// The whole environment of a run. Nothing of the server's is in it.
    pub(crate) fn env(&self) -> Vec<String> {
        let mut env: Vec<String> =
            ["PATH=/usr/bin", "HOME=/box", "TMPDIR=/tmp", "LANG=C.UTF-8", "TZ=UTC"].map(str::to_owned).into();
        env.extend(self.declaration.env.iter().map(|&variable| variable.to_owned()));
        if !self.libraries.is_empty() {
            let folders: Vec<_> = self.libraries.iter().map(|folder| folder.to_string_lossy()).collect();
            env.push(format!("LD_LIBRARY_PATH={}", folders.join(":")));
        }
        env
    }
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
}
