//! Limits that are the same for every box. Those that differ come with each run.

use std::io;

use nix::sys::resource::{Resource, setrlimit};

use crate::wire::Run;

/// Bytes in a KiB.
pub(super) const KIB: u64 = 1024;
/// Processes and threads in one box. (Node.js starts with eleven threads.)
pub(super) const MAX_PROCESSES: u64 = 64;
/// Open descriptors of one process.
const MAX_DESCRIPTORS: u64 = 128;
/// The same where the kernel's memory behind them (pipes, sockets) is not counted. (Node.js starts with about 25.)
const FEW_DESCRIPTORS: u64 = 64;
/// Queued signals and timers of one user.
const MAX_SIGNALS: u64 = 256;
/// Files in the work folder.
pub(super) const INODES: u64 = 1024;
/// Size of the main thread's stack, in bytes.
const STACK: u64 = 16 * 1024 * KIB;
/// Private memory an interpreter reserves without using it, in bytes: stacks of its threads, arenas.
const RESERVED: u64 = 512 * 1024 * KIB;

/// Who counts a box's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// A control group, the kernel's own memory too.
    Group,
    /// The sampler, which sees what processes map.
    Sampler,
}

/// Sets the limits of the process that becomes the program. They hold for each of its processes alone and are the backstop of
/// the limits of the whole box.
pub(super) fn apply(run: &Run, disk_kb: u32, counting: Counting) -> io::Result<()> {
    let descriptors = match counting {
        Counting::Group => MAX_DESCRIPTORS,
        Counting::Sampler => FEW_DESCRIPTORS,
    };
    let cpu = u64::from(run.cpu_ms).div_ceil(1_000) + 1;
    for (resource, limit) in [
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_CPU, cpu),
        (Resource::RLIMIT_DATA, u64::from(run.memory_kb) * KIB + RESERVED),
        (Resource::RLIMIT_FSIZE, u64::from(disk_kb) * KIB),
        (Resource::RLIMIT_MEMLOCK, 0),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_NOFILE, descriptors),
        (Resource::RLIMIT_NPROC, MAX_PROCESSES),
        (Resource::RLIMIT_SIGPENDING, MAX_SIGNALS),
        (Resource::RLIMIT_STACK, STACK),
    ] {
        setrlimit(resource, limit, limit)?;
    }
    Ok(())
}
