//! One run as the judge sees it: bytes in, bounded bytes out.

use std::fs::File;
use std::io::{self, PipeReader, Write};
use std::os::fd::OwnedFd;

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use crate::client::{Client, ClientError, RunHandle};
use crate::wire::{Run, RunReply};

/// What is kept of each of standard output, standard error and the result, in bytes. A program that writes more is killed.
pub const OUTPUT_LIMIT: usize = 1024 * 1024;

/// What came out of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    /// How it ended and what it used.
    pub reply: RunReply,
    /// Standard output, at most [`OUTPUT_LIMIT`].
    pub stdout: Vec<u8>,
    /// Standard error, at most [`OUTPUT_LIMIT`].
    pub stderr: Vec<u8>,
    /// What the harness wrote, at most [`OUTPUT_LIMIT`].
    pub result: Vec<u8>,
    /// Whether one of them was longer.
    pub overflow: bool,
}

/// A run that has begun, but for its standard input and output.
pub(crate) struct Begun {
    /// Kills it when dropped.
    pub handle: RunHandle,
    stderr: PipeReader,
    result: PipeReader,
}

/// Begins a run of what is `given` between two descriptors; `collected` is for what the run asks to be collected.
pub(crate) async fn begin(
    client: &Client,
    run: &Run,
    (stdin, stdout): (OwnedFd, OwnedFd),
    given: Vec<OwnedFd>,
    collected: Option<OwnedFd>,
) -> Result<Begun, ClientError> {
    let (stderr, stderr_end) = io::pipe().map_err(broken)?;
    let (result, result_end) = io::pipe().map_err(broken)?;
    let mut descriptors = vec![stdin, stdout, stderr_end.into(), result_end.into()];
    descriptors.extend(given);
    descriptors.extend(collected);
    // The box must hold the only writing ends, so that reading ends with it: ours are closed here.
    let handle = client.begin(run, &descriptors).await?;
    Ok(Begun { handle, stderr, result })
}

impl Begun {
    /// Sees it to its end while `output` reads what it writes.
    pub(crate) async fn finish(
        self,
        output: impl AsyncFnOnce(&RunHandle) -> io::Result<Kept>,
    ) -> Result<Ran, ClientError> {
        let Self { handle, stderr, result } = self;
        let all = async {
            tokio::join!(output(&handle), keep(stderr, &handle), keep(result, &handle), handle.ended())
        };
        let (stdout, stderr, result, reply) = handle.within_limit(all).await?;
        let (stdout, stderr, result) =
            (stdout.map_err(broken)?, stderr.map_err(broken)?, result.map_err(broken)?);
        let overflow = [&stdout, &stderr, &result].into_iter().any(|kept| kept.overflow);
        Ok(Ran { reply: reply?, stdout: stdout.bytes, stderr: stderr.bytes, result: result.bytes, overflow })
    }
}

pub(crate) fn broken(error: io::Error) -> ClientError {
    ClientError::Broken(error.to_string())
}

/// Runs what is `given` once, with `input` as its standard input; `collected` is for what the run asks to be collected.
pub(crate) async fn run(
    client: &Client,
    run: &Run,
    given: Vec<OwnedFd>,
    collected: Option<OwnedFd>,
    input: &[u8],
) -> Result<Ran, ClientError> {
    let (stdout, stdout_end) = io::pipe().map_err(broken)?;
    let input = sealed(input).map_err(broken)?;
    let begun = begin(client, run, (input, stdout_end.into()), given, collected).await?;
    begun.finish(async |handle| keep(stdout, handle).await).await
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// At most [`OUTPUT_LIMIT`].
    pub bytes: Vec<u8>,
    /// Whether there was more.
    pub overflow: bool,
}

/// Reads to the end or the limit; beyond it the box is killed.
async fn keep(pipe: PipeReader, handle: &RunHandle) -> io::Result<Kept> {
    let mut pipe = Receiver::from_owned_fd(OwnedFd::from(pipe))?;
    let mut bytes = Vec::new();
    // One byte more than is kept, to know whether there is more.
    let limit = OUTPUT_LIMIT as u64 + 1;
    (&mut pipe).take(limit).read_to_end(&mut bytes).await?;
    let overflow = bytes.len() > OUTPUT_LIMIT;
    if overflow {
        handle.kill();
        bytes.truncate(OUTPUT_LIMIT);
    }
    Ok(Kept { bytes, overflow })
}

/// A file in memory with these bytes, which nobody can change any more, read from the start.
pub(crate) fn sealed(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut file = File::from(memory("input")?);
    file.write_all(bytes)?;
    seal(file)
}

/// An empty file in memory.
pub(crate) fn memory(name: &str) -> io::Result<OwnedFd> {
    Ok(memfd_create(name, MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?)
}

/// Makes a file in memory one that nobody can change any more, read from the start.
pub(crate) fn seal(mut file: File) -> io::Result<OwnedFd> {
    let seals =
        SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    io::Seek::rewind(&mut file)?;
    Ok(file.into())
}
