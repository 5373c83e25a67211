//! Programs that take more than their share, in the real sandbox: nothing is left of them, and the others go on.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::process::Command;
use std::sync::Arc;

use codementor_core::judging::{Limits, Protection};
use codementor_core::ports::Judge;
use codementor_core::{Language, Verdict};
use codementor_judge::{Accounting, OUTPUT_LIMIT};
use common::{refused, run};
use serde_json::json;

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
        // Only boxes that have never run anything are left: one a root folder, each a single process that is still the sandbox.
        let left = judge.processes().await;
        assert!(left.len() <= judge.judge.boxes_ready(), "{left:?}");
        assert_eq!(judge.programs().await, 0, "a program is left");
        let after = judge.python("print('still works')").await;
        assert_eq!(after, "still works\n");
    }
}

#[tokio::test]
async fn a_program_that_is_killed_as_it_ends_has_an_answer() {
    let Some(judge) = common::start().await else { return };
    // The judge has it killed for what it has written, and by then it may have ended.
    let source = format!("import os\nos.write(1, b'x' * ({OUTPUT_LIMIT} + int(input())))\n");
    for more in 0..60 {
        let job = common::program(&Language::python(), &source, &format!("{}\n", 1 + more * 1_000), None);
        assert_eq!(judge.first(&job).await.verdict, Verdict::OutputLimitExceeded);
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
            "xs = []\nfor i in range(100): xs.append(b'x' * (1 << 20))\n",
        ] {
            let outcome = run(&judge, source).await;
            assert_eq!(
                outcome.verdict,
                Verdict::MemoryLimitExceeded,
                "{accounting:?}\n{source}\n{outcome:#?}"
            );
            assert!(outcome.memory_kb < 512 * 1024, "{outcome:#?}");
        }
    }
}

#[tokio::test]
async fn memory_that_no_process_maps_counts() {
    for accounting in [Accounting::Auto, Accounting::Sampler] {
        let Some(judge) = common::start_with(accounting, 2).await else { return };
        // Files of the work folder: neither they nor the rest come to the limit of 64 MiB alone.
        let rest = "import time\nx = bytearray(b'x') * (50 << 20)\ntime.sleep(0.2)\n";
        let files = "f = open('/box/file', 'wb')\nfor _ in range(15): f.write(b'x' * (1 << 20))\nf.flush()\n";
        for (source, verdict) in [
            (rest.to_owned(), Verdict::Accepted),
            (files.to_owned(), Verdict::Accepted),
            (format!("{files}{rest}"), Verdict::MemoryLimitExceeded),
        ] {
            let outcome = run(&judge, &source).await;
            assert_eq!(outcome.verdict, verdict, "{accounting:?}\n{source}\n{outcome:#?}");
        }
        // Shared memory that is given back to the eye but not to the kernel: counted, or refused where it cannot be.
        let shared = "import mmap\nkept = []\nfor _ in range(60):\n    m = mmap.mmap(-1, 4 << 20)\n    m.write(b'x' * (4 << 20))\n    m.madvise(mmap.MADV_DONTNEED)\n    kept.append(m)\n";
        let is_counted = |layer: &Protection| layer.name == "memory control group" && layer.active;
        let verdict = if judge.judge.protections().iter().any(is_counted) {
            Verdict::MemoryLimitExceeded
        } else {
            Verdict::RuntimeError
        };
        let outcome = run(&judge, shared).await;
        assert_eq!(outcome.verdict, verdict, "{accounting:?} {outcome:#?}");
        // The kernel's other kinds of it do not exist here.
        let attempts = "attempt('/dev/shm', lambda: open('/dev/shm/x', 'wb'))\n\
            attempt('shmget', lambda: call(29, 0, 1 << 20, 0o1600))\n\
            attempt('memfd', lambda: os.memfd_create('x'))\n";
        refused(&judge, attempts).await;
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
    assert!(listed.lines().count() <= 3 * (judge.judge.boxes_ready() + 1), "{listed}");
}
