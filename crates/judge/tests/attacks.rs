//! Programs that try to break out, to harm, or to cheat, in the real sandbox. Each shows that the host did not change and that the
//! program was not accepted, or got nothing.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Command;
use std::sync::Arc;

use codementor_core::judging::{Limits, TestOutcome};
use codementor_core::{Language, Verdict};
use codementor_judge::{Accounting, OUTPUT_LIMIT};
use common::TestJudge;
use serde_json::json;

const CANARY: &str = "canary-51c0ffee";

async fn run(judge: &TestJudge, source: &str) -> TestOutcome {
    let mut job = common::program(&Language::python(), source, "", None);
    job.limits = Limits { time_ms: 1_000, memory_kb: 64 * 1024 };
    judge.first(&job).await
}

/// Runs a program that prints `denied` or an error name for each thing it tries; none may print `DONE`.
async fn refused(judge: &TestJudge, attempts: &str) -> String {
    let source = format!(
        "import ctypes, os, sys, socket, resource\nlibc = ctypes.CDLL(None, use_errno=True)\n\
         def attempt(name, action):\n    try:\n        value = action()\n    except BaseException as error:\n        \
         print(name, type(error).__name__, error)\n    else:\n        print(name, 'DONE', repr(value))\n\
         def call(number, *arguments):\n    ctypes.set_errno(0)\n    if libc.syscall(number, *arguments) == -1:\n        \
         raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))\n{attempts}\nprint('end')\n"
    );
    let outcome = run(judge, &source).await;
    assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
    assert!(outcome.stdout.ends_with("end\n"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("DONE"), "{}", outcome.stdout);
    outcome.stdout
}

#[tokio::test]
async fn no_process_outlives_its_run() {
    for accounting in [Accounting::Auto, Accounting::Sampler] {
        let Some(judge) = common::start_with(accounting, 2).await else { return };
        for source in [
            "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
            "import os\nfor _ in range(40):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n            while True: pass\n        os._exit(0)\n",
            "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(60,)).start()\n    except RuntimeError: pass\n",
            "import os, signal, time\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nif os.fork() == 0: time.sleep(60)\ntime.sleep(60)\n",
            "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\nprint('parent ends')\n",
            "import os, signal\nos.fork()\ntry: os.kill(-1, signal.SIGKILL)\nexcept OSError as e: print(e)\n",
            "import os, signal\nos.fork()\nos.kill(0, signal.SIGKILL)\n",
        ] {
            let mut job = common::program(&Language::python(), source, "", None);
            job.limits = Limits { time_ms: 200, memory_kb: 64 * 1024 };
            judge.first(&job).await;
        }
        // Only boxes that have never run anything are left: one a language, each a single process that is still the sandbox.
        let left = judge.processes().await;
        assert!(left.len() <= 2, "{left:?}");
        assert_eq!(judge.programs().await, 0, "a program is left");
        let after = judge.python("print('still works')").await;
        assert_eq!(after, "still works\n");
    }
}

#[tokio::test]
async fn memory_is_limited_for_all_processes_together() {
    for accounting in [Accounting::Auto, Accounting::Sampler] {
        let Some(judge) = common::start_with(accounting, 2).await else { return };
        for source in [
            "x = bytearray(4 << 30)\n",
            "x = []\nwhile True: x.append(b'x' * 100000)\n",
            // Twelve children below the limit each, above it together.
            "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (20 << 20)\n        time.sleep(60)\ntime.sleep(60)\n",
            // Memory that no process maps: files of the work folder.
            "import os, mmap\nxs = []\nfor i in range(100):\n    xs.append(b'x' * (1 << 20))\n",
        ] {
            let outcome = run(&judge, source).await;
            assert_eq!(
                outcome.verdict,
                Verdict::MemoryLimitExceeded,
                "{accounting:?}\n{source}\n{outcome:#?}"
            );
            assert!(outcome.memory_kb < 512 * 1024, "{outcome:#?}");
        }
        // Shared memory that is unmapped again is counted or refused.
        let hidden = "import mmap\nkept = []\nfor _ in range(60):\n    m = mmap.mmap(-1, 4 << 20)\n    m.write(b'x' * (4 << 20))\n    m.madvise(mmap.MADV_DONTNEED)\n    kept.append(m)\n";
        let outcome = run(&judge, hidden).await;
        assert_ne!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
    }
}

#[tokio::test]
async fn output_is_cut_at_the_limit() {
    let Some(judge) = common::start().await else { return };
    for source in [
        "while True: print('x')\n",
        "import sys\nfor _ in range(1000): sys.stdout.write('x' * 1000000)\n",
        "import os\nwhile True: os.write(2, b'x' * 65536)\n",
        "import os\nwhile True: os.write(3, b'x' * 65536)\n",
    ] {
        let outcome = run(&judge, source).await;
        assert_eq!(outcome.verdict, Verdict::OutputLimitExceeded, "{source} {:?}", outcome.message);
        assert!(outcome.stdout.len() <= OUTPUT_LIMIT && outcome.stderr.len() <= OUTPUT_LIMIT);
    }
    let outcome = run(&judge, "import sys\nsys.stdout.write('x' * (1 << 20))\n").await;
    assert_eq!((outcome.verdict, outcome.stdout.len()), (Verdict::Accepted, OUTPUT_LIMIT));
}

#[tokio::test]
async fn odd_bytes_in_output_are_kept_as_text() {
    let Some(judge) = common::start().await else { return };
    let outcome = run(&judge, "import os\nos.write(1, b'\\xff\\x00\\x1b[31m\\xe2\\x28\\n')\n").await;
    assert_eq!(outcome.stdout, "\u{fffd}\0\u{1b}[31m\u{fffd}(\n");
    serde_json::to_string(&outcome).expect("it can be stored");
}

#[tokio::test]
async fn disk_and_inodes_are_limited_and_gone_afterwards() {
    let Some(judge) = common::start().await else { return };
    let fill = "n = 0\ntry:\n    with open('/box/big', 'wb') as f:\n        while True:\n            n += f.write(b'x' * 65536)\n            f.flush()\nexcept OSError as e: print(e.strerror)\nprint(n <= 16 << 20)\n";
    assert_eq!(judge.python(fill).await, "No space left on device\nTrue\n");
    let files = "n = 0\ntry:\n    while True:\n        open(f'/tmp/{n}', 'w').close()\n        n += 1\nexcept OSError as e: print(e.strerror)\nprint(n < 1024)\n";
    assert_eq!(judge.python(files).await, "No space left on device\nTrue\n");
    let links = "import os\nos.symlink('/etc/shadow', '/box/link')\nos.symlink('/', '/box/root')\nopen('/box/sparse', 'w').truncate(8 << 20)\nos.mkdir('/box/d')\nprint(os.listdir('/box/root'))\n";
    let seen = judge.python(links).await;
    assert!(!seen.contains("srv") && !seen.contains("home"), "{seen}");
    assert_eq!(
        judge.python("import os\nprint(sorted(os.listdir('/box')), os.listdir('/tmp'))").await,
        "['.tmp', 'solution.py'] []\n"
    );
    let elsewhere = "import os\nfor folder, below, _ in os.walk('/'):\n    if folder.startswith(('/box', '/proc')): continue\n    if folder.count('/') > 3: below.clear()\n    try: open(os.path.join(folder, 'x'), 'w'); print('WROTE', folder)\n    except OSError: pass\n";
    let mut job = common::program(&Language::python(), elsewhere, "", Some(""));
    job.limits.time_ms = 10_000;
    let outcome = judge.first(&job).await;
    assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
}

#[tokio::test]
async fn fifos_and_devices_do_no_harm() {
    let Some(judge) = common::start().await else { return };
    refused(
        &judge,
        "import stat\n\
         attempt('char device', lambda: os.mknod('/box/mem', 0o600 | stat.S_IFCHR, os.makedev(1, 1)))\n\
         attempt('block device', lambda: os.mknod('/box/disk', 0o600 | stat.S_IFBLK, os.makedev(254, 0)))\n\
         attempt('fifo', lambda: os.mkfifo('/box/fifo'))\n",
    )
    .await;
}

#[tokio::test]
async fn the_host_cannot_be_seen() {
    let Some(judge) = common::start().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let canary = folder.path().join("canary");
    std::fs::write(&canary, CANARY).expect("a canary");
    if std::env::var("CODEMENTOR_CANARY").is_err() {
        // Once more with a secret in the environment of the judge.
        let mut again = Command::new(std::env::current_exe().expect("this program"));
        again.args(["--exact", "the_host_cannot_be_seen"]).env("CODEMENTOR_CANARY", CANARY);
        assert!(again.status().expect("it runs").success());
        return;
    }
    let attempts = format!(
        "for path in ('{}', '/etc/shadow', '/etc/hostname', '/proc/1/environ', '/proc/1/mem', '/proc/1/root/etc/shadow', '/proc/1/cwd/x',\n\
                      '/proc/kcore', '/proc/kallsyms', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/meminfo',\n\
                      '/sys/kernel/notes', '/dev/mem', '/dev/kmsg', '/dev/shm/x', '/dev/tty', '/dev/pts/0', '/bin/sh', '/usr/bin/env',\n\
                      '/proc/self/exe/../../../../../etc/shadow', '/proc/self/mountinfo', '/proc/self/mounts', '/proc/self/mountstats', '/proc/mounts',\n\
                      '/proc/thread-self/mountinfo', '/proc/self/task/2/mountinfo', '/root/.ssh/id_rsa', '/var/run/docker.sock'):\n\
         \x20   attempt(path, lambda: open(path, 'rb').read(10))\n\
         for path in ('/sys', '/root', '/home', '/srv', '/opt', '/var', '/mnt', '/proc/1', '/proc/1/fd'):\n\
         \x20   if path != '/root': attempt(path, lambda: os.listdir(path))\n\
         attempt('chroot', lambda: os.chroot('/box'))\n\
         attempt('handle', lambda: call(304, -100, None, 0))\n",
        canary.display()
    );
    refused(&judge, &attempts).await;

    let seen = judge
        .python(
            "import os\nprint(dict(os.environ))\nprint(open('/proc/self/environ').read())\nprint(os.listdir('/'), os.listdir('/proc'))\n\
             for fd in range(64):\n    try: print(fd, os.readlink(f'/proc/self/fd/{fd}'))\n    except OSError: pass\nprint(os.uname(), os.getcwd())\n",
        )
        .await;
    assert!(!seen.contains("CANARY") && !seen.contains(CANARY), "{seen}");
    let descriptors: Vec<&str> =
        seen.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert_eq!(descriptors.len(), 4, "{descriptors:?}");
    assert!(seen.contains("nodename='box'"), "{seen}");
}

#[tokio::test]
async fn there_is_no_network_at_all() {
    let Some(judge) = common::start().await else { return };
    // Listeners of this test itself; nothing else is ever addressed.
    let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let tcp6 = TcpListener::bind("[::1]:0").ok();
    let name = format!("codementor-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let unix = UnixListener::bind_addr(&address).expect("a socket");
    for listener in [Some(&tcp), tcp6.as_ref()].into_iter().flatten() {
        listener.set_nonblocking(true).expect("a mode");
    }
    udp.set_nonblocking(true).expect("a mode");
    unix.set_nonblocking(true).expect("a mode");
    refused(
        &judge,
        &format!(
            "attempt('tcp', lambda: socket.create_connection(('127.0.0.1', {})))\n\
             attempt('udp', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {})))\n\
             attempt('tcp6', lambda: socket.socket(socket.AF_INET6).connect(('::1', {})))\n\
             attempt('unix', lambda: socket.socket(socket.AF_UNIX).connect('\\0{name}'))\n\
             attempt('netlink', lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))\n\
             attempt('raw', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))\n\
             attempt('vsock', lambda: socket.socket(40, socket.SOCK_STREAM))\n\
             attempt('pair', lambda: socket.socketpair(socket.AF_INET))\n\
             a, b = socket.socketpair()\n\
             attempt('connect', lambda: a.connect('\\0{name}'))\n\
             a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n\
             attempt('sendto', lambda: a.sendto(b'x', '\\0{name}'))\n",
            tcp.local_addr().expect("an address").port(),
            udp.local_addr().expect("an address").port(),
            tcp6.as_ref().map_or(9, |tcp6| tcp6.local_addr().expect("an address").port()),
        ),
    )
    .await;
    assert!(tcp.accept().is_err() && unix.accept().is_err() && udp.recv(&mut [0; 8]).is_err());
    assert!(tcp6.is_none_or(|tcp6| tcp6.accept().is_err()));
    let node = format!(
        "const net = require('net');\nconst c = net.connect({}, '127.0.0.1');\nc.on('error', (e) => console.log('refused'));\nc.on('connect', () => console.log('DONE'));\n",
        tcp.local_addr().expect("an address").port()
    );
    let outcome = judge.first(&common::program(&Language::javascript(), &node, "", None)).await;
    assert!(!outcome.stdout.contains("DONE"), "{outcome:#?}");
    assert!(tcp.accept().is_err());
}

#[tokio::test]
async fn dangerous_system_calls_are_refused() {
    let Some(judge) = common::start().await else { return };
    let mut attempts = String::new();
    // x86-64 numbers; what an argument is does not matter, for the number alone is refused.
    for (name, number) in [
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
    ] {
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

#[tokio::test]
async fn written_programs_cannot_be_executed() {
    let Some(judge) = common::start().await else { return };
    refused(
        &judge,
        "import shutil, stat\n\
         shutil.copy('/proc/self/exe', '/box/copy')\n\
         os.chmod('/box/copy', 0o4755)\n\
         attempt('exec', lambda: os.execv('/box/copy', ['copy', '-c', 'print(\"DONE\")']))\n\
         attempt('shell', lambda: os.execv('/bin/sh', ['sh', '-c', 'echo DONE']))\n",
    )
    .await;
}

#[tokio::test]
async fn forged_results_are_not_accepted() {
    let Some(judge) = common::start().await else { return };
    let python = Language::python();
    let javascript = Language::javascript();
    for (language, source) in [
        (&python, "import os\nos.write(3, b'{\"value\":1}')\ndef f(): return 2\n"),
        (&python, "import os\nos.write(3, b'{\"verdict\":\"accepted\"}')\nos._exit(0)\n"),
        (&python, "import sys\nsys.exit(0)\n"),
        (&python, "import os\ndef f(): os._exit(0)\n"),
        (&python, "def f(): exit()\n"),
        (&python, "import atexit, os\natexit.register(lambda: os._exit(0))\ndef f(): return 2\n"),
        (
            &python,
            "import json, sys\njson.dumps = lambda *a, **k: '1'\nclass A:\n    def __eq__(self, o): return True\n    def __hash__(self): return 1\ndef f(): return A()\n",
        ),
        (&python, "import sys, os\nsys.stdout = sys.stderr = None\nos.close(3)\ndef f(): return 1\n"),
        (
            &python,
            "class I(int):\n    def __repr__(self): return '1'\n    def __str__(self): return '1'\ndef f(): return I(2)\n",
        ),
        (
            &python,
            "import builtins\nbuiltins.compile = builtins.exec = lambda *a, **k: None\ndef f(): return 2\n",
        ),
        (&python, "print('{\"value\":1}')\nprint('accepted')\ndef f(): pass\n"),
        (&python, "import os\ndef f():\n    if os.fork() == 0: os._exit(0)\n    os._exit(0)\n"),
        (
            &python,
            "open('/box/sitecustomize.py', 'w').write('x')\nopen('/box/usercustomize.py', 'w').write('x')\ndef f(): return 0\n",
        ),
        (&python, "import atexit, os\natexit.register(lambda: os._exit(9))\ndef f(): return 1\n"),
        (
            &javascript,
            "Object.prototype.toJSON = () => 1; Array.prototype.toJSON = () => 1;\nfunction f() { return {}; }",
        ),
        (
            &javascript,
            "JSON.stringify = () => '1';\nNumber.prototype.toString = () => '1';\nfunction f() { return 2; }",
        ),
        (
            &javascript,
            "require('fs').writeSync = (fd, d) => d.length;\nprocess.exit(0);\nfunction f() { return 1; }",
        ),
        (&javascript, "require('fs').writeSync(3, '{\"value\":1}');\nfunction f() { return 2; }"),
        (
            &javascript,
            "process.on('exit', () => { process.exitCode = 0; });\nfunction f() { process.exit(); }",
        ),
        (&javascript, "process.on('exit', () => { process.exitCode = 7; });\nfunction f() { return 1; }"),
        (
            &javascript,
            "Object.defineProperty(Array, 'isArray', { value: () => true });\nfunction f() { return { length: 0 }; }",
        ),
        (&javascript, "console.log('{\"value\":1}');\nfunction f() {}"),
    ] {
        let mut job = common::function(language, source, &[(json!([]), Some(json!(1)))]);
        job.limits.time_ms = 1_000;
        let judgement = judge.judge(&job).await;
        assert_ne!(judgement.verdict, Verdict::Accepted, "{source}\n{judgement:#?}");
        assert_ne!(judgement.verdict, Verdict::InternalError, "{source}\n{judgement:#?}");
    }
    let early = judge
        .first(&common::function(&python, "import sys\nsys.exit(0)\n", &[(json!([]), Some(json!(1)))]))
        .await;
    assert_eq!(
        (early.verdict, early.message.as_deref()),
        (Verdict::WrongAnswer, Some("ended before returning a value"))
    );
}

#[tokio::test]
async fn a_source_named_like_an_option_or_full_of_nul_is_only_text() {
    let Some(judge) = common::start().await else { return };
    for (language, source) in [
        (Language::python(), "--version"),
        (Language::javascript(), "--eval=process.exit(0)"),
        (Language::python(), "\0"),
        (Language::javascript(), "\0"),
    ] {
        let judgement =
            judge.judge(&common::function(&language, source, &[(json!([]), Some(json!(1)))])).await;
        assert!(
            matches!(judgement.verdict, Verdict::CompileError | Verdict::RuntimeError),
            "{source:?} {judgement:#?}"
        );
    }
}

#[tokio::test]
async fn a_hundred_runs_at_once_do_not_mix() {
    let Some(judge) = common::start_with(Accounting::Auto, 8).await else { return };
    let judge = Arc::new(judge);
    let runs: Vec<_> = (0..100)
        .map(|number| {
            let judge = Arc::clone(&judge);
            tokio::spawn(async move {
                let language = if number % 4 == 0 { Language::javascript() } else { Language::python() };
                let source = if number % 4 == 0 {
                    format!("require('fs').writeFileSync('/box/mine', '{number}');\nfunction f(x) {{ console.log(x); return [require('fs').readFileSync('/box/mine', 'utf8'), x]; }}")
                } else {
                    format!("open('/box/mine', 'x').write('{number}')\ndef f(x):\n    print(x)\n    return [open('/box/mine').read(), x]\n")
                };
                let mut job = common::function(&language, &source, &[(json!([number]), Some(json!([number.to_string(), number])))]);
                job.limits.time_ms = 10_000;
                let outcome = judge.first(&job).await;
                assert_eq!(outcome.verdict, Verdict::Accepted, "{outcome:#?}");
                assert_eq!(outcome.stdout, format!("{number}\n"));
            })
        })
        .collect();
    for run in runs {
        run.await.expect("a run");
    }
    assert_eq!(judge.programs().await, 0);
}

#[tokio::test]
async fn no_control_group_is_left() {
    let Some(judge) = common::start().await else { return };
    let prefix = format!("codementor-{}-", judge.judge.launcher_pid().expect("a launcher"));
    for number in 0..5 {
        assert_eq!(judge.python(&format!("print({number})")).await, format!("{number}\n"));
    }
    let listed = Command::new("find")
        .args(["/sys/fs/cgroup", "-maxdepth", "2", "-name", &format!("{prefix}*")])
        .output();
    let listed = String::from_utf8_lossy(&listed.expect("find").stdout).into_owned();
    // At most those of the boxes that wait for work (and one that is being built), in three hierarchies.
    assert!(listed.lines().count() <= 9, "{listed}");
}
