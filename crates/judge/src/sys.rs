//! The few system calls that no safe wrapper offers. All `unsafe` of the crate is in this file; nothing here decides anything.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::time::Duration;

use codementor_core::terminal::TerminalSize;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use tokio::io::unix::AsyncFd;

/// Which side of a fork this is.
#[derive(Debug)]
pub(crate) enum Forked {
    /// The caller goes on; the child is this process, with a pidfd that becomes readable when it ends.
    Parent(Pid, OwnedFd),
    /// The child.
    Child,
}

/// Forks into new namespaces (`CLONE_NEW…` bits, 0 for none).
///
/// The caller must be single-threaded, so that the child finds every lock free.
#[expect(unsafe_code, reason = "clone3 has no safe wrapper")]
pub(crate) fn fork_into(namespaces: u64) -> io::Result<Forked> {
    let mut pidfd: RawFd = -1;
    // SAFETY: `clone_args` is a plain structure of integers for which all zeroes is the documented default.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = namespaces | libc::CLONE_PIDFD as u64;
    arguments.pidfd = (&raw mut pidfd) as u64;
    arguments.exit_signal = libc::SIGCHLD as u64;
    // SAFETY: without CLONE_VM the child gets a copy of this address space and returns here on a copy of this stack, as with fork.
    // The process has one thread. `arguments` and `pidfd` outlive the call.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<libc::clone_args>()) };
    match pid {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        // SAFETY: the kernel has just made this descriptor for us and nobody else owns it.
        pid => Ok(Forked::Parent(Pid::from_raw(pid as i32), unsafe { OwnedFd::from_raw_fd(pidfd) })),
    }
}

/// How a process ended and what it and its reaped descendants used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waited {
    /// Who ended.
    pub pid: Pid,
    /// Exit code, or the signal.
    pub status: Result<i32, i32>,
    /// CPU time.
    pub cpu: Duration,
    /// Largest resident set of any of them, in KiB.
    pub max_rss_kb: u64,
}

/// Waits until a child ends: this one, or any when `pid` is -1. `Err(ECHILD)` when there is none.
#[expect(unsafe_code, reason = "wait4 has no safe wrapper")]
pub(crate) fn wait4(pid: Pid) -> Result<Waited, Errno> {
    loop {
        let mut status = 0;
        // SAFETY: `rusage` is a plain structure of integers.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to live locals of the right types.
        let got = unsafe { libc::wait4(pid.as_raw(), &raw mut status, libc::__WALL, &raw mut usage) };
        if got == -1 {
            match Errno::last() {
                Errno::EINTR => continue,
                other => return Err(other),
            }
        }
        let status = if libc::WIFEXITED(status) {
            Ok(libc::WEXITSTATUS(status))
        } else if libc::WIFSIGNALED(status) {
            Err(libc::WTERMSIG(status))
        } else {
            continue;
        };
        return Ok(Waited {
            pid: Pid::from_raw(got),
            status,
            cpu: timeval(usage.ru_utime) + timeval(usage.ru_stime),
            max_rss_kb: u64::try_from(usage.ru_maxrss).unwrap_or(0),
        });
    }
}

fn timeval(time: libc::timeval) -> Duration {
    Duration::from_micros(
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or(0),
    )
}

/// Takes ownership of descriptors that `recvmsg` has just delivered.
#[expect(unsafe_code, reason = "descriptors arrive as numbers")]
pub(crate) fn adopt(descriptors: &[RawFd]) -> Vec<OwnedFd> {
    // SAFETY: the kernel made these for this process in the `recvmsg` that the caller has just done; nobody else owns them.
    descriptors.iter().map(|&fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect()
}

/// Takes ownership of standard input, which the launcher's parent made its socket.
#[expect(unsafe_code, reason = "an inherited descriptor is a number")]
pub(crate) fn adopt_stdin() -> OwnedFd {
    // SAFETY: called once, at the start of the launcher, which uses standard input for nothing else.
    unsafe { OwnedFd::from_raw_fd(0) }
}

/// Makes descriptor number `to` a copy of `from`, open across exec.
#[expect(unsafe_code, reason = "the number must be exact, whoever owned it before")]
pub(crate) fn dup_onto(from: RawFd, to: RawFd) -> io::Result<()> {
    // SAFETY: only called in a forked child that owns nothing at `to` it will use again.
    match unsafe { libc::dup2(from, to) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// In a fresh child: gives `kept` the number `at` (closed on exec) and closes every other descriptor. Standard input, output and
/// error become what standard error was.
#[expect(unsafe_code, reason = "closes descriptors whoever owned them")]
pub(crate) fn keep_only(kept: OwnedFd, at: RawFd) -> io::Result<OwnedFd> {
    let from = kept.into_raw_fd();
    // SAFETY: all of these take integers only. The child never returns to code that owns another descriptor, and nothing is dropped
    // on its way out.
    unsafe {
        if from != at && libc::dup3(from, at, libc::O_CLOEXEC) == -1
            || libc::dup2(2, 0) == -1
            || libc::dup2(2, 1) == -1
        {
            return Err(io::Error::last_os_error());
        }
        if at > 3 {
            libc::syscall(libc::SYS_close_range, 3, at - 1, 0);
        }
        if libc::syscall(libc::SYS_close_range, at + 1, u32::MAX, 0) == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(at))
    }
}

/// Closes every descriptor from `first` on, now.
#[expect(unsafe_code, reason = "closes descriptors whoever owns them")]
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: called once at the start of the launcher, when nothing owns a descriptor yet.
    match unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Has every descriptor from `first` on closed when another program is started.
#[expect(unsafe_code, reason = "marks descriptors whoever owns them")]
pub(crate) fn close_on_exec_from(first: u32) -> io::Result<()> {
    // SAFETY: only sets a flag.
    match unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Gives up every capability for good: bounding, ambient, permitted, effective and inheritable.
#[expect(unsafe_code, reason = "capset and the bounding set have no safe wrapper")]
pub(crate) fn drop_capabilities() -> io::Result<()> {
    for capability in 0..=63 {
        // SAFETY: takes integers only. Fails for numbers this kernel does not know and where the right to do so is missing already.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
    }
    // SAFETY: takes integers only. Fails harmlessly on kernels without ambient capabilities.
    unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) };
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    let header = Header { version: 0x2008_0522, pid: 0 };
    let none = [0_u32; 6];
    // SAFETY: version 3 of the interface reads a header and two times three 32-bit words, which both arrays hold.
    match unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Gives every signal its default action and blocks none, as a program expects to be started.
#[expect(unsafe_code, reason = "signal actions are process-wide")]
pub(crate) fn reset_signals() {
    for signal in Signal::iterator() {
        // SAFETY: SIG_DFL is valid for every signal; it fails for SIGKILL and SIGSTOP, which need none.
        unsafe { libc::signal(signal as libc::c_int, libc::SIG_DFL) };
    }
    let _ = nix::sys::signal::SigSet::empty().thread_set_mask();
}

/// Tells a terminal, by either of its ends, how large it is; its program is told by a signal.
#[expect(unsafe_code, reason = "the size of a terminal has no safe wrapper")]
pub(crate) fn resize_terminal(terminal: &OwnedFd, size: TerminalSize) -> io::Result<()> {
    let size = libc::winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel reads one `winsize`, which outlives the call.
    match unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Makes standard input's terminal the one that this process and its descendants are controlled by. It must lead a session.
#[expect(unsafe_code, reason = "the controlling terminal has no safe wrapper")]
pub(crate) fn take_terminal() -> io::Result<()> {
    // SAFETY: takes integers only.
    match unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Ends this process at once: no destructors, no buffers, no handlers.
#[expect(unsafe_code, reason = "_exit has no safe wrapper")]
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: never returns and touches no memory.
    unsafe { libc::_exit(code) }
}

/// Watches a descriptor from the async runtime.
#[expect(unsafe_code, reason = "the runtime trusts that the descriptor stays the same")]
pub(crate) fn watch(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an owned descriptor keeps its number until it is dropped, which the AsyncFd does after deregistering it.
    unsafe { AsyncFd::register(descriptor) }.map_err(Into::into)
}
