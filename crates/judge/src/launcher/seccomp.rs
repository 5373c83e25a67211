//! Which system calls a program in a box may make. All that is not named here answers `ENOSYS`; another architecture's calls kill.

use std::collections::BTreeMap;
use std::io;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

use crate::wire::Standard;

/// Calls without a condition: memory, own files and processes, threads, time, signals, waiting.
const ALLOWED: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_copy_file_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fchdir,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fcntl,
    libc::SYS_fdatasync,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getgroups,
    libc::SYS_getitimer,
    libc::SYS_getpgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpriority,
    libc::SYS_getrandom,
    libc::SYS_getresgid,
    libc::SYS_getresuid,
    libc::SYS_getrusage,
    libc::SYS_getsid,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_get_robust_list,
    libc::SYS_kill,
    libc::SYS_linkat,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mincore,
    libc::SYS_mkdirat,
    libc::SYS_mlock,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_msync,
    libc::SYS_munlock,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_pipe2,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
    libc::SYS_pkey_mprotect,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pselect6,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readahead,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_sched_yield,
    libc::SYS_sendfile,
    libc::SYS_setitimer,
    libc::SYS_setpgid,
    libc::SYS_setsid,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_splice,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_symlinkat,
    libc::SYS_sysinfo,
    libc::SYS_tgkill,
    libc::SYS_timer_create,
    libc::SYS_timer_delete,
    libc::SYS_timer_gettime,
    libc::SYS_timer_settime,
    libc::SYS_times,
    libc::SYS_tkill,
    libc::SYS_truncate,
    libc::SYS_umask,
    libc::SYS_uname,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_write,
    libc::SYS_writev,
    // The capabilities that can be read or set are none.
    libc::SYS_capget,
    // Only between the two ends of a socket pair, see below.
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_shutdown,
];

/// Older forms that only x86-64 has.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_alarm,
    libc::SYS_arch_prctl,
    libc::SYS_chmod,
    libc::SYS_creat,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_fork,
    libc::SYS_getpgrp,
    libc::SYS_getdents,
    libc::SYS_chdir,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_open,
    libc::SYS_pause,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_symlink,
    libc::SYS_time,
    libc::SYS_unlink,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_vfork,
];

#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[c_long] = &[libc::SYS_chdir];

/// Calls that are known and refused, so that a program is told so and does not fall back to something else.
const REFUSED: &[c_long] = &[
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_ptrace,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_personality,
    libc::SYS_mknodat,
];

/// What the first process of a box needs to see the program through, to hand out a file and to tell the launcher.
const FIRST_PROCESS: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_close,
    libc::SYS_copy_file_range,
    libc::SYS_exit_group,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_getrusage,
    libc::SYS_kill,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_openat,
    libc::SYS_read,
    libc::SYS_rt_sigreturn,
    libc::SYS_sendfile,
    libc::SYS_sendmsg,
    libc::SYS_splice,
    libc::SYS_statx,
    libc::SYS_wait4,
    libc::SYS_write,
];

const CLONE_NEW: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u64;

/// Whether memory that several processes share can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SharedMemory {
    /// It can: a control group counts it.
    Counted,
    /// It cannot: a page of it that no process maps any more is invisible to a sampler, so it is refused.
    Refused,
}

/// What a program may ask of its terminal: how it is set, how large it is, whose turn it is. Not that it takes characters as if they had
/// been typed, nor that the kernel loads another line discipline; nor anything that some other device would understand.
const TERMINAL: &[libc::Ioctl] = &[
    libc::FIOASYNC,
    libc::FIOCLEX,
    libc::FIONBIO,
    libc::FIONCLEX,
    libc::FIONREAD,
    libc::TCFLSH,
    libc::TCGETS,
    libc::TCGETS2,
    libc::TCSBRK,
    libc::TCSETS,
    libc::TCSETS2,
    libc::TCSETSF,
    libc::TCSETSF2,
    libc::TCSETSW,
    libc::TCSETSW2,
    libc::TCXONC,
    libc::TIOCGPGRP,
    libc::TIOCGSID,
    libc::TIOCGWINSZ,
    libc::TIOCOUTQ,
    libc::TIOCSPGRP,
];

/// The filters of a box.
#[derive(Debug)]
pub(super) struct Filters {
    every: Vec<BpfProgram>,
    terminal: BpfProgram,
    first: BpfProgram,
}

impl Filters {
    /// Makes them, ready to load.
    pub(super) fn new(shared: SharedMemory) -> io::Result<Self> {
        Ok(Self { every: filters(shared)?, terminal: terminal_filter()?, first: first_filter()? })
    }

    /// Loads that of a box's first process into this one, for ever. It is short: a filter takes the longer to load the more it lists.
    pub(super) fn load_first(&self) -> io::Result<()> {
        load(&self.first)
    }

    /// Loads those of a program into this process, for ever.
    pub(super) fn load(&self, standard: Standard) -> io::Result<()> {
        // The stricter answer counts. This one is first, as the others let no more be loaded.
        if standard == Standard::Terminal {
            load(&self.terminal)?;
        }
        self.every.iter().try_for_each(load)
    }
}

/// Of what can be asked of a device, lets only what a terminal is for through.
fn terminal_filter() -> io::Result<BpfProgram> {
    let none_of = TERMINAL.iter().map(|&request| condition(1, Ne, request)).collect::<Result<_, _>>()?;
    let other = SeccompRule::new(none_of).map_err(io::Error::other)?;
    // What a terminal answers to what it does not know.
    let refused = SeccompAction::Errno(libc::ENOTTY as u32);
    program(BTreeMap::from([(libc::SYS_ioctl, vec![other])]), SeccompAction::Allow, refused)
}

fn first_filter() -> io::Result<BpfProgram> {
    let allowed = FIRST_PROCESS.iter().map(|&call| (call, Vec::new())).collect();
    program(allowed, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow)
}

/// The filters of every program.
fn filters(shared: SharedMemory) -> io::Result<Vec<BpfProgram>> {
    let mut allowed = allow_list()?;
    if shared == SharedMemory::Refused {
        allowed.insert(libc::SYS_mmap, vec![only(3, MaskedEq(3), libc::MAP_PRIVATE as u64)?]);
    } else {
        allowed.insert(libc::SYS_mmap, Vec::new());
    }
    let refused: BTreeMap<_, _> = REFUSED.iter().map(|&call| (call, Vec::new())).collect();
    // Of two filters the stricter answer counts: what the list lets through here the other filter refuses.
    allowed.extend(refused.clone());
    Ok(vec![
        // First the one that still lets the other be loaded.
        program(refused, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?,
        program(allowed, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow)?,
    ])
}

fn load(filter: &BpfProgram) -> io::Result<()> {
    seccompiler::apply_filter(filter).map_err(io::Error::other)
}

use SeccompCmpOp::{Eq as Equal, MaskedEq, Ne};

fn allow_list() -> io::Result<BTreeMap<i64, Vec<SeccompRule>>> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(ALLOWED_HERE).map(|&call| (call, Vec::new())).collect();
    // Threads and processes, but no namespaces. (clone3 hides its flags from a filter, so it does not exist.)
    rules.insert(libc::SYS_clone, vec![only(0, MaskedEq(CLONE_NEW), 0)?]);
    rules.insert(libc::SYS_socketpair, vec![only(0, Equal, libc::AF_UNIX as u64)?]);
    // Its own limits only, not those of the box's first process.
    rules.insert(libc::SYS_prlimit64, vec![only(0, Equal, 0)?]);
    // No pushing of characters into a terminal, and no line disciplines.
    let pushing = [libc::TIOCSTI, libc::TIOCLINUX, libc::TIOCSETD];
    let not_pushing =
        pushing.into_iter().map(|request| condition(1, Ne, request)).collect::<Result<_, _>>()?;
    let not_terminal = SeccompRule::new(not_pushing).map_err(io::Error::other)?;
    rules.insert(libc::SYS_ioctl, vec![not_terminal]);
    let harmless = [libc::PR_SET_NAME, libc::PR_GET_NAME, libc::PR_SET_VMA, libc::PR_GET_DUMPABLE];
    let prctl = harmless.into_iter().map(|option| only(0, Equal, option as u64)).collect::<Result<_, _>>()?;
    rules.insert(libc::SYS_prctl, prctl);
    Ok(rules)
}

fn condition(argument: u8, operator: SeccompCmpOp, value: u64) -> io::Result<SeccompCondition> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value).map_err(io::Error::other)
}

fn only(argument: u8, operator: SeccompCmpOp, value: u64) -> io::Result<SeccompRule> {
    SeccompRule::new(vec![condition(argument, operator, value)?]).map_err(io::Error::other)
}

fn program(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matching: SeccompAction,
) -> io::Result<BpfProgram> {
    let architecture = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    SeccompFilter::new(rules, otherwise, matching, architecture)
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_both_allowed_and_refused() {
        for call in REFUSED {
            assert!(!ALLOWED.contains(call) && !ALLOWED_HERE.contains(call), "{call}");
        }
    }

    #[test]
    fn the_filters_compile() {
        for shared in [SharedMemory::Counted, SharedMemory::Refused] {
            assert_eq!(Filters::new(shared).unwrap().every.len(), 2);
        }
    }
}
