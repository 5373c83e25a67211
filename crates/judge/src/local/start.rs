//! Programs that can be started: made of their files once, run as often as need be.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use codementor_core::judging::{Entry, Limits, SourceFile};
use codementor_core::ports::JudgeError;

use super::{Installed, Shared, failed, told};
use crate::build::{self, Built, Program, Sources};
use crate::grade::wall_ms;
use crate::run;
use crate::wire::{Given, Run, Standard};

/// A program that can be started.
pub(super) struct Startable<'a> {
    pub(super) installed: &'a Installed,
    entry: &'a Entry,
    source: &'a str,
    files: &'a [SourceFile],
    program: Option<Arc<Program>>,
}

/// What became of the files of a program.
pub(super) enum Prepared<'a> {
    /// It can be started.
    Ready(Startable<'a>),
    /// What the compiler said.
    NotCompiled(String),
}

impl Shared {
    /// Makes a program of its files, where the language is compiled.
    pub(super) async fn prepare<'a>(
        &self,
        installed: &'a Installed,
        entry: &'a Entry,
        source: &'a str,
        files: &'a [SourceFile],
    ) -> Result<Prepared<'a>, JudgeError> {
        let toolchain = &installed.toolchain;
        if matches!(entry, Entry::Tests(_)) && toolchain.tests().is_none() {
            return Err(JudgeError::Failed(format!("files of tests cannot be run in {}", toolchain.info.id)));
        }
        let program = match (toolchain.build(), installed.build_root) {
            (Some(build), Some(root)) => {
                let no_call = || {
                    JudgeError::Failed(format!("such a function cannot be called in {}", toolchain.info.id))
                };
                let caller = toolchain.caller(entry).ok_or_else(no_call)?;
                let sources = Sources { caller: &caller, source, files };
                let make = async {
                    let _permit = self.permits(1).await?;
                    let made = build::make(&self.client, toolchain, build, root, entry, sources).await;
                    made.map_err(told)
                };
                match self.programs.get(toolchain, build, sources, make).await? {
                    Built::Program(program) => Some(program),
                    Built::NotCompiled(said) => {
                        return Ok(Prepared::NotCompiled(said.to_string()));
                    }
                }
            }
            _ => None,
        };
        Ok(Prepared::Ready(Startable { installed, entry, source, files, program }))
    }
}

impl Startable<'_> {
    /// The limits of a run: what was asked for, but enough to start.
    pub(super) fn limits(&self, asked: Limits) -> Limits {
        Limits { memory_kb: self.installed.toolchain.memory_kb(asked.memory_kb), ..asked }
    }

    /// A run of it. What is given to it comes with [`Self::given`]; more may follow.
    pub(super) fn request(&self, limits: Limits, arguments: &[String]) -> Run {
        let toolchain = &self.installed.toolchain;
        let given = match (toolchain.build(), toolchain.starts_itself()) {
            (_, true) => vec![Given::Program],
            (Some(build), false) => vec![Given::File(build.output.to_owned())],
            (None, false) => {
                let suite = match self.entry {
                    Entry::Tests(suite) => Some(suite),
                    Entry::Program | Entry::Function { .. } => None,
                };
                let tests =
                    suite.into_iter().flat_map(|suite| [&suite.file].into_iter().chain(&suite.others));
                let mut names = build::given_names(toolchain.source_name(self.entry), self.files);
                names.extend(tests.map(|file| Given::File(file.name.clone())));
                names
            }
        };
        Run {
            root: self.installed.root,
            argv: toolchain.argv(self.entry, limits.memory_kb, arguments),
            env: toolchain.env(),
            given,
            standard: Standard::Files,
            collect: None,
            cpu_ms: limits.time_ms,
            wall_ms: wall_ms(limits),
            memory_kb: limits.memory_kb,
        }
    }

    /// What a run is given, in the order of [`Self::request`].
    pub(super) fn given(&self) -> Result<Vec<OwnedFd>, JudgeError> {
        self.open().map_err(failed)
    }

    fn open(&self) -> io::Result<Vec<OwnedFd>> {
        if let Some(program) = &self.program {
            return Ok(vec![program.open()?]);
        }
        let mut given = build::given_files(self.source, self.files)?;
        if let Entry::Tests(suite) = self.entry {
            for file in [&suite.file].into_iter().chain(&suite.others) {
                given.push(run::sealed(file.text.as_bytes())?);
            }
        }
        Ok(given)
    }
}
