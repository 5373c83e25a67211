//! Programs that attack the machine which judges them, through the API, in every language: each ends within its limits, gets nothing, and
//! leaves the host as it was.
//!
//! `codementor-judge` tries the sandbox call by call; here the whole server stands, with secrets of its own and listeners beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use codementor_protocol::common::Verdict;
use codementor_tests::host::{Host, SECRET, attacked, execute, installed, nothing_is_left};
use serde_json::json;

use Verdict::{
    Accepted, CompileError, MemoryLimitExceeded, OutputLimitExceeded, RuntimeError, TimeLimitExceeded,
    WrongAnswer,
};

#[tokio::test]
async fn programs_without_end_or_measure_end_at_their_limits() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    let attacks: &[(&str, (&str, &[Verdict]))] = &[
        // Without end, awake and asleep.
        ("python", ("while True: pass\n", &[TimeLimitExceeded])),
        ("python", ("import time\ntime.sleep(600)\n", &[TimeLimitExceeded])),
        ("javascript", ("setInterval(() => {}, 1000);\n", &[TimeLimitExceeded])),
        ("typescript", ("while (true) {}\n", &[TimeLimitExceeded])),
        (
            "c",
            (
                "#include <signal.h>\n#include <unistd.h>\nint main(void) { signal(SIGTERM, SIG_IGN); signal(SIGXCPU, SIG_IGN); for (;;) pause(); }\n",
                &[TimeLimitExceeded],
            ),
        ),
        ("cpp", ("int main() { for (volatile int i = 0;; i++) ; }\n", &[TimeLimitExceeded])),
        ("rust", ("fn main() { loop { std::thread::park(); } }\n", &[TimeLimitExceeded])),
        ("go", ("package main\n\nfunc main() {\n\tfor {\n\t}\n}\n", &[TimeLimitExceeded])),
        (
            "java",
            (
                "public class Main { public static void main(String[] a) throws Exception { while (true) Thread.sleep(1000); } }\n",
                &[TimeLimitExceeded],
            ),
        ),
        // Processes and threads without number.
        (
            "python",
            (
                "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n",
                &[TimeLimitExceeded, MemoryLimitExceeded],
            ),
        ),
        (
            "python",
            (
                "import os, time\nfor _ in range(99):\n    try:\n        if os.fork() == 0:\n            os.setsid()\n            if os.fork() == 0: time.sleep(600)\n            os._exit(0)\n    except OSError: pass\n",
                &[Accepted, TimeLimitExceeded, MemoryLimitExceeded, RuntimeError],
            ),
        ),
        (
            "c",
            (
                "#include <unistd.h>\nint main(void) { for (;;) { fork(); setsid(); } }\n",
                &[TimeLimitExceeded, MemoryLimitExceeded],
            ),
        ),
        (
            "javascript",
            (
                "const { Worker } = require('worker_threads');\nfor (let i = 0; i < 200; i++) new Worker('for (;;);', { eval: true });\n",
                &[TimeLimitExceeded, MemoryLimitExceeded, RuntimeError],
            ),
        ),
        (
            "java",
            (
                "public class Main { public static void main(String[] a) { while (true) new Thread(() -> { while (true); }).start(); } }\n",
                &[TimeLimitExceeded, MemoryLimitExceeded, RuntimeError],
            ),
        ),
        (
            "go",
            (
                "package main\n\nfunc main() {\n\tfor {\n\t\tgo func() { select {} }()\n\t}\n}\n",
                &[TimeLimitExceeded, MemoryLimitExceeded],
            ),
        ),
        // Memory at once and slowly, of one and of many.
        ("python", ("x = bytearray(4 << 30)\n", &[MemoryLimitExceeded])),
        (
            "c",
            (
                "#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\nint main(void) { for (;;) { memset(malloc(4 << 20), 1, 4 << 20); usleep(2000); } }\n",
                &[MemoryLimitExceeded],
            ),
        ),
        (
            "rust",
            (
                "fn main() { let mut all = Vec::new(); loop { all.push(vec![1u8; 1 << 20]); } }\n",
                &[MemoryLimitExceeded],
            ),
        ),
        (
            "javascript",
            ("const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1));\n", &[MemoryLimitExceeded]),
        ),
        (
            "python",
            (
                "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        x = bytearray(b'x') * (60 << 20)\n        time.sleep(60)\ntime.sleep(60)\n",
                &[MemoryLimitExceeded],
            ),
        ),
        (
            "python",
            ("open('/dev/shm/x', 'wb').write(b'x' * (1 << 30))\n", &[RuntimeError, MemoryLimitExceeded]),
        ),
        // Output, disk, inodes.
        (
            "c",
            (
                "#include <stdio.h>\nint main(void) { for (;;) fputs(\"xxxxxxxxxxxxxxxx\", stdout); }\n",
                &[OutputLimitExceeded],
            ),
        ),
        (
            "python",
            ("import sys\nfor _ in range(1024): sys.stdout.write('x' * (1 << 20))\n", &[OutputLimitExceeded]),
        ),
        (
            "python",
            (
                "with open('big', 'wb') as f:\n    while True: f.write(b'x' * (1 << 20))\n",
                &[RuntimeError, MemoryLimitExceeded],
            ),
        ),
        (
            "python",
            (
                "i = 0\nwhile True:\n    open(f'f{i}', 'w').close()\n    i += 1\n",
                &[RuntimeError, MemoryLimitExceeded, TimeLimitExceeded],
            ),
        ),
        (
            "c",
            (
                "#include <fcntl.h>\n#include <unistd.h>\nint main(void) { int f = open(\"sparse\", O_CREAT | O_RDWR, 0600); return f < 0 || ftruncate(f, 1L << 50) == 0 ? 0 : 3; }\n",
                &[Accepted, RuntimeError],
            ),
        ),
    ];
    for (language, (code, verdicts)) in installed(&server, attacks).await {
        let result = execute(&eve, language, code).await;
        assert!(verdicts.contains(&result.verdict), "{language}\n{code}\n{result:?}");
        assert!(result.output.len() <= (1 << 20) + 200, "{language}\n{code}");
    }
    nothing_is_left(&server).await;
    assert_eq!(Host::look(&server, &secret), before);
    // And it still works, for the next one as for the attacker.
    assert_eq!(execute(&eve, "python", "print(6 * 7)\n").await.output, "42\n");
}

#[tokio::test]
async fn dangerous_calls_links_and_devices_do_nothing() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    let shown = secret.display();
    let attacks: Vec<(&str, String)> = vec![
        // Everybody it can reach is killed: only itself.
        ("python", "import os, signal\nos.kill(-1, signal.SIGKILL)\n".to_owned()),
        ("c", "#include <signal.h>\nint main(void) { kill(-1, SIGKILL); kill(1, SIGKILL); return 0; }\n".to_owned()),
        ("python", format!("import os\nfor n, f in enumerate((lambda: os.link('{shown}', 'l'), lambda: os.mkfifo('p'), lambda: os.mknod('m', 0o600 | 0o020000, os.makedev(1, 1)), lambda: os.chroot('/'), lambda: os.unshare(0x10000000), lambda: os.ptrace(0), lambda: os.memfd_create('x'))):\n    try:\n        f()\n        print('DONE' if n != 1 else 'a pipe of its own')\n    except (OSError, AttributeError): print('no')\n")),
        ("c", "#include <stdio.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main(void) { long all[] = {SYS_mount, SYS_unshare, SYS_setns, SYS_ptrace, SYS_bpf, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_io_uring_setup, SYS_perf_event_open, SYS_init_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_pivot_root, SYS_chroot, SYS_open_by_handle_at, SYS_process_vm_readv, SYS_sethostname, SYS_settimeofday, SYS_shmget, SYS_msgget, SYS_semget};\n for (unsigned i = 0; i < sizeof all / sizeof *all; i++) puts(syscall(all[i], 0, 0, 0, 0, 0) < 0 ? \"no\" : \"DONE\"); }\n".to_owned()),
        ("rust", "use std::os::unix::fs::symlink;\nfn main() { for p in [\"/etc/shadow\", \"/proc/1/root\"] { let _ = symlink(p, \"l\"); println!(\"{}\", if std::fs::read(\"l\").is_ok() { \"DONE\" } else { \"no\" }); let _ = std::fs::remove_file(\"l\"); } let run = std::process::Command::new(\"/bin/sh\").arg(\"-c\").arg(\"echo DONE\").output(); println!(\"{}\", if run.is_ok() { \"DONE\" } else { \"no\" }); }\n".to_owned()),
        ("java", "public class Main { public static void main(String[] a) { try { System.out.println(new String(new ProcessBuilder(\"/bin/sh\", \"-c\", \"echo DONE\").start().getInputStream().readAllBytes())); } catch (Exception e) { System.out.println(\"no\"); } } }\n".to_owned()),
        ("go", "package main\n\nimport (\n\t\"fmt\"\n\t\"os/exec\"\n)\n\nfunc main() {\n\tout, err := exec.Command(\"/bin/sh\", \"-c\", \"echo DONE\").Output()\n\tif err != nil {\n\t\tfmt.Println(\"no\")\n\t}\n\tfmt.Print(string(out))\n}\n".to_owned()),
        ("javascript", "const { spawnSync } = require('child_process');\nconst r = spawnSync('/bin/sh', ['-c', 'echo DONE']);\nconsole.log(r.error ? 'no' : String(r.stdout));\n".to_owned()),
        ("typescript", "import { spawnSync } from 'child_process';\nconst r = spawnSync(process.execPath, ['-e', '0'], { env: { NODE_OPTIONS: '--require /etc/shadow' } });\nconsole.log(r.status === 0 ? 'no' : 'no');\n".to_owned()),
    ];
    for (language, code) in installed(&server, &attacks).await {
        let result = execute(&eve, language, code).await;
        assert!(!result.output.contains("DONE"), "{language}\n{code}\n{result:?}");
        assert_ne!(result.verdict, CompileError, "{language}\n{result:?}");
        assert!(
            matches!(result.verdict, Accepted | RuntimeError | WrongAnswer),
            "{language}\n{code}\n{result:?}"
        );
    }
    nothing_is_left(&server).await;
    assert_eq!(Host::look(&server, &secret), before);
}

#[tokio::test]
async fn a_compiler_tells_nothing_and_ends_in_time() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    let shown = secret.display();
    let bomb = "template <class A, class B> struct P { P<P<A, B>, P<B, A>> *p; static const int v = P<P<A, B>, P<B, A>>::v; };\nint main() { return P<int, char>::v; }\n";
    let macros = "#define A x x x x x x x x x x\n#define B A A A A A A A A A A\n#define C B B B B B B B B B B\n#define D C C C C C C C C C C\n#define E D D D D D D D D D D\n#define F E E E E E E E E E E\n#define G F F F F F F F F F F\n#define x int y;\nint main(void) { G G G G }\n";
    let attacks: Vec<(&str, String)> = vec![
        ("c", format!("#include \"{shown}\"\nint main(void) {{ return 0; }}\n")),
        (
            "c",
            format!(
                "__asm__(\".section .rodata\\n.globl s\\ns: .incbin \\\"{shown}\\\"\");\nint main(void) {{ return 0; }}\n"
            ),
        ),
        ("cpp", format!("#include \"{shown}\"\nint main() {{}}\n")),
        ("rust", format!("fn main() {{ println!(\"{{}}\", include_str!(\"{shown}\")); }}\n")),
        ("rust", "fn main() { println!(\"{}\", env!(\"CODEMENTOR_TEST_SECRET\")); }\n".to_owned()),
        (
            "go",
            format!(
                "package main\n\nimport _ \"embed\"\n\n//go:embed {shown}\nvar s string\n\nfunc main() {{ println(s) }}\n"
            ),
        ),
        ("go", format!("package main\n\n// #include \"{shown}\"\nimport \"C\"\n\nfunc main() {{}}\n")),
        ("typescript", format!("import s = require('{shown}');\nconsole.log(s);\n")),
        (
            "java",
            format!(
                "import {};\npublic class Main {{ public static void main(String[] a) {{}} }}\n",
                "no.such.Thing"
            ),
        ),
        ("cpp", bomb.to_owned()),
        ("c", macros.to_owned()),
        ("c", "char data[1u << 30] = {1};\nint main(void) { return data[5]; }\n".to_owned()),
    ];
    for (language, code) in installed(&server, &attacks).await {
        let result = execute(&eve, language, code).await;
        // What a TypeScript program imports is looked for as it runs.
        let ended = if *language == "typescript" { RuntimeError } else { CompileError };
        assert_eq!(result.verdict, ended, "{language}\n{code}\n{result:?}");
        assert!(!result.error.contains(SECRET) && !result.output.contains(SECRET), "{language}\n{result:?}");
    }
    let large = json!({ "language": "c", "code": "x".repeat(400 << 10) });
    let refused = eve.post("/api/sandbox/execute", &large).await;
    assert_eq!(refused.status, 413);
    nothing_is_left(&server).await;
    assert_eq!(Host::look(&server, &secret), before);
}
