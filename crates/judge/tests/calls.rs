//! System calls that a program has no business with, in the real sandbox: each is refused.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use codementor_core::Verdict;
use common::{refused, run};

/// x86-64 numbers; what an argument is does not matter, for the number alone is refused.
const REFUSED: [(&str, u32); 75] = [
    ("ptrace", 101),
    ("mount", 165),
    ("umount2", 166),
    ("swapon", 167),
    ("reboot", 169),
    ("sethostname", 170),
    ("setdomainname", 171),
    ("init_module", 175),
    ("quotactl", 179),
    ("settimeofday", 164),
    ("acct", 163),
    ("pivot_root", 155),
    ("chroot", 161),
    ("adjtimex", 159),
    ("ioperm", 173),
    ("iopl", 172),
    ("kexec_load", 246),
    ("add_key", 248),
    ("request_key", 249),
    ("keyctl", 250),
    ("unshare", 272),
    ("perf_event_open", 298),
    ("name_to_handle_at", 303),
    ("open_by_handle_at", 304),
    ("clock_adjtime", 305),
    ("setns", 308),
    ("process_vm_readv", 310),
    ("process_vm_writev", 311),
    ("kcmp", 312),
    ("finit_module", 313),
    ("seccomp", 317),
    ("memfd_create", 319),
    ("kexec_file_load", 320),
    ("bpf", 321),
    ("userfaultfd", 323),
    ("execveat", 322),
    ("personality", 135),
    ("io_uring_setup", 425),
    ("open_tree", 428),
    ("move_mount", 429),
    ("fsopen", 430),
    ("pidfd_open", 434),
    ("clone3", 435),
    ("openat2", 437),
    ("pidfd_getfd", 438),
    ("mount_setattr", 442),
    ("landlock_create_ruleset", 444),
    ("memfd_secret", 447),
    ("shmget", 29),
    ("shmat", 30),
    ("msgget", 68),
    ("semget", 64),
    ("mq_open", 240),
    ("setuid", 105),
    ("setresuid", 117),
    ("setgroups", 116),
    ("capset", 126),
    ("mknod", 133),
    ("inotify_init", 253),
    ("fanotify_init", 300),
    ("getsockname", 51),
    ("getpeername", 52),
    ("setsockopt", 54),
    ("getsockopt", 55),
    ("socket", 41),
    ("bind", 49),
    ("listen", 50),
    ("accept", 43),
    ("connect", 42),
    ("syslog", 103),
    ("vmsplice", 278),
    ("move_pages", 279),
    ("lookup_dcookie", 212),
    ("x32 getpid", 0x4000_0000 + 39),
    ("no such call", 4000),
];

#[tokio::test]
async fn dangerous_system_calls_are_refused() {
    let Some(judge) = common::start().await else { return };
    let mut attempts = String::new();
    for (name, number) in REFUSED {
        attempts.push_str(&format!("attempt('{name}', lambda: call({number}, 0, 0, 0, 0, 0))\n"));
    }
    // Threads need clone, but not these flags.
    for flag in
        [0x0002_0000_u32, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000]
    {
        attempts
            .push_str(&format!("attempt('clone {flag:#x}', lambda: call(56, {flag} | 17, 0, 0, 0, 0))\n"));
    }
    attempts.push_str("attempt('prlimit of another', lambda: call(302, 1, 7, 0, 0))\n");
    attempts.push_str("attempt('ptrace itself', lambda: call(157, 4, 1, 0, 0, 0))\n");
    attempts.push_str("attempt('kill pid 1', lambda: os.kill(1, 9))\n");
    attempts.push_str(
        "attempt('raise a limit', lambda: resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6)))\n",
    );
    attempts.push_str("attempt('lower nice', lambda: os.nice(-5))\n");
    attempts.push_str("attempt('terminal', lambda: __import__('fcntl').ioctl(0, 0x5412, b'x'))\n");
    let said = refused(&judge, &attempts).await;
    assert!(said.contains("clone3 OSError [Errno 38]"), "glibc falls back from ENOSYS only: {said}");
}

#[tokio::test]
async fn calls_of_another_architecture_kill() {
    let Some(judge) = common::start().await else { return };
    // mov eax, 20 (getpid of the 32-bit table); int 0x80; ret
    let source = "import ctypes, mmap\ncode = b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3'\n\
                  m = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n\
                  m.write(code)\nf = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\nprint('DONE', f())\n";
    let outcome = run(&judge, source).await;
    assert_eq!(outcome.verdict, Verdict::RuntimeError, "{outcome:#?}");
    assert!(!outcome.stdout.contains("DONE"));
}
