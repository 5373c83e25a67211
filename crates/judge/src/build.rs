//! Programs made of learners' files: the compiler runs in a box like any program, what it makes is kept for the next run of the same
//! file, and whoever asks for what is being made waits for that.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::iter;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

use codementor_core::judging::{Entry, Limits, SourceFile};
use codementor_core::ports::JudgeError;
use codementor_core::submission::cut;
use moka::future::Cache;
use nix::sys::signal::Signal;
use sha2::{Digest, Sha256};

use crate::client::{Client, ClientError};
use crate::languages::{Build, Toolchain};
use crate::run::{self, Ran};
use crate::wire::{Collect, End, Given, Kill, Run, Standard};

/// What a compiler may use.
const LIMITS: Limits = Limits { time_ms: 10_000, memory_kb: 768 * 1024 };
/// Time on the clock that a compiler may take, in milliseconds.
const WALL_MS: u32 = 20_000;
/// The largest program, in bytes.
const PROGRAM_LIMIT: u64 = 64 << 20;
/// How much the cache keeps, in bytes. What was asked for least goes first.
const CACHE_BYTES: u64 = 256 << 20;
/// What an entry costs beside its program, in bytes.
const ENTRY_BYTES: u32 = 4 << 10;

/// What became of a file.
#[derive(Debug, Clone)]
pub(crate) enum Built {
    /// A program.
    Program(Arc<Program>),
    /// What the compiler said.
    NotCompiled(Arc<str>),
}

/// What a program is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The program that calls what is entered; empty when there is none.
    pub caller: &'a str,
    /// The main file.
    pub source: &'a str,
    /// Files beside it.
    pub files: &'a [SourceFile],
}

/// A program, in memory, which nobody can change.
#[derive(Debug)]
pub(crate) struct Program {
    file: OwnedFd,
    bytes: u64,
}

impl Program {
    /// Opens it to be read from its start, whatever others read.
    pub(crate) fn open(&self) -> io::Result<OwnedFd> {
        Ok(File::open(format!("/proc/self/fd/{}", self.file.as_raw_fd()))?.into())
    }
}

/// Programs by what they were made of.
pub(crate) struct Programs {
    known: Cache<[u8; 32], Built>,
}

impl Programs {
    pub(crate) fn new() -> Self {
        let weigh = |_: &[u8; 32], built: &Built| match built {
            Built::Program(program) => {
                u32::try_from(program.bytes).unwrap_or(u32::MAX).saturating_add(ENTRY_BYTES)
            }
            Built::NotCompiled(said) => {
                u32::try_from(said.len()).unwrap_or(u32::MAX).saturating_add(ENTRY_BYTES)
            }
        };
        Self { known: Cache::builder().max_capacity(CACHE_BYTES).weigher(weigh).build() }
    }

    /// The program of a file, made now or before. `make` runs the compiler.
    pub(crate) async fn get(
        &self,
        toolchain: &Toolchain,
        build: &Build,
        sources: Sources<'_>,
        make: impl Future<Output = Result<Built, JudgeError>>,
    ) -> Result<Built, JudgeError> {
        let key = key(toolchain, build, sources);
        self.known.try_get_with(key, make).await.map_err(|error| JudgeError::clone(&error))
    }
}

/// Everything that a program depends on.
fn key(toolchain: &Toolchain, build: &Build, sources: Sources<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let (_, file) = build.file.unwrap_or_default();
    let Sources { caller, source, files } = sources;
    let version = &toolchain.info.version;
    let fixed = [toolchain.info.id.as_str(), version, build.script, build.output, file, caller, source];
    let beside = files.iter().flat_map(|file| [file.name.as_str(), file.text.as_str()]);
    for part in fixed.into_iter().chain(beside) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Runs the compiler in a box of `root`.
pub(crate) async fn make(
    client: &Client,
    toolchain: &Toolchain,
    build: &Build,
    root: usize,
    entry: &Entry,
    sources: Sources<'_>,
) -> Result<Built, ClientError> {
    let broken = |error: io::Error| ClientError::Broken(error.to_string());
    let request = Run {
        root,
        argv: toolchain.build_argv(build, entry),
        env: toolchain.env(),
        given: given_names(toolchain.source_name(entry), sources.files),
        standard: Standard::Files,
        collect: Some(Collect { name: build.output.to_owned(), limit: PROGRAM_LIMIT }),
        cpu_ms: LIMITS.time_ms,
        wall_ms: WALL_MS,
        memory_kb: LIMITS.memory_kb,
    };
    let program = run::memory("program").map_err(broken)?;
    let given = given_files(sources.source, sources.files).map_err(broken)?;
    let into = program.as_fd().try_clone_to_owned().map_err(broken)?;
    let ran = run::run(client, &request, given, Some(into), sources.caller.as_bytes()).await?;
    let mut file = File::from(program);
    let bytes = file.seek(SeekFrom::End(0)).map_err(broken)?;
    if let Some(said) = refusal(&ran, bytes, build.output)? {
        return Ok(Built::NotCompiled(cut(&said).into()));
    }
    let file = run::seal(file).map_err(broken)?;
    Ok(Built::Program(Arc::new(Program { file, bytes })))
}

/// The names of the main file and of those beside it.
pub(crate) fn given_names(main: &str, files: &[SourceFile]) -> Vec<Given> {
    let names = iter::once(main).chain(files.iter().map(|file| file.name.as_str()));
    names.map(|name| Given::File(name.to_owned())).collect()
}

/// What is in them.
pub(crate) fn given_files(main: &str, files: &[SourceFile]) -> io::Result<Vec<OwnedFd>> {
    let texts = iter::once(main).chain(files.iter().map(|file| file.text.as_str()));
    texts.map(|text| run::sealed(text.as_bytes())).collect()
}

/// Why there is no program, in words; what the compiler says comes first.
fn refusal(ran: &Ran, bytes: u64, output: &str) -> Result<Option<String>, ClientError> {
    let why = match &ran.reply.end {
        End::Failed(reason) => return Err(ClientError::Broken(reason.clone())),
        End::Killed(Kill::Asked) if ran.overflow => {
            Some("the compiler said more than can be read".to_owned())
        }
        End::Killed(Kill::Asked) => {
            return Err(ClientError::Broken("the compiler was stopped from outside".to_owned()));
        }
        End::Killed(Kill::Cpu) => Some(format!("the compiler needed more than {} s", LIMITS.time_ms / 1_000)),
        // It may use less time of the processor than this, and does nothing but that: so others had the processor.
        End::Killed(Kill::Wall) => {
            let late = format!(
                "the compiler was not ready within {} s: this machine has too much to do",
                WALL_MS / 1_000
            );
            return Err(ClientError::Broken(late));
        }
        End::Killed(Kill::Memory) => {
            Some(format!("the compiler needed more than {} MiB of memory", LIMITS.memory_kb / 1_024))
        }
        End::Signalled(signal) if *signal == Signal::SIGXCPU as i32 => {
            Some(format!("the compiler needed more than {} s", LIMITS.time_ms / 1_000))
        }
        End::Signalled(signal) => {
            Some(format!("the compiler was killed by {}", crate::grade::signal_name(*signal)))
        }
        End::Exited(0) if bytes > 0 => return Ok(None),
        End::Exited(0) => {
            Some(format!("the compiler made no `{output}`, or one of more than {} MiB", PROGRAM_LIMIT >> 20))
        }
        End::Exited(_) => None,
    };
    let mut said = String::from_utf8_lossy(&ran.stderr).into_owned();
    said.push_str(&String::from_utf8_lossy(&ran.stdout));
    match why {
        Some(why) if said.trim().is_empty() => Ok(Some(why)),
        Some(why) => Ok(Some(format!("{why}\n{said}"))),
        None if said.trim().is_empty() => Ok(Some("it does not compile".to_owned())),
        None => Ok(Some(said)),
    }
}
