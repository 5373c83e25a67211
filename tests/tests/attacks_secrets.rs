//! Programs that look for what is not theirs, through the API, in every language: files, environments, listeners, other runs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use codementor_protocol::common::Verdict::Accepted;
use codementor_tests::host::{Host, SECRET, attacked, execute, installed, nothing_is_left};

/// In each language: tries all of these paths and prints what it could read of them.
fn readers(paths: &[String]) -> Vec<(&'static str, String)> {
    let list = |open: &str, close: &str| {
        let quoted: Vec<String> = paths.iter().map(|path| format!("\"{path}\"")).collect();
        format!("{open}{}{close}", quoted.join(", "))
    };
    vec![
        (
            "python",
            format!(
                "for p in {}:\n    try: print(open(p, 'rb').read(4096))\n    except OSError as e: print('no')\n",
                list("[", "]")
            ),
        ),
        (
            "javascript",
            format!(
                "const fs = require('fs');\nfor (const p of {}) {{ try {{ console.log(fs.readFileSync(p, 'latin1').slice(0, 4096)); }} catch {{ console.log('no'); }} }}\n",
                list("[", "]")
            ),
        ),
        (
            "typescript",
            format!(
                "import * as fs from 'fs';\nfor (const p of {}) {{ try {{ console.log(fs.readFileSync(p, 'latin1').slice(0, 4096)); }} catch {{ console.log('no'); }} }}\n",
                list("[", "]")
            ),
        ),
        (
            "c",
            format!(
                "#include <stdio.h>\nint main(void) {{ const char *all[] = {}; static char text[4096]; for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {{ FILE *f = fopen(all[i], \"r\"); size_t n = f ? fread(text, 1, sizeof text, f) : 0; if (n) fwrite(text, 1, n, stdout); else puts(\"no\"); }} }}\n",
                list("{", "}")
            ),
        ),
        (
            "cpp",
            format!(
                "#include <fstream>\n#include <iostream>\n#include <sstream>\nint main() {{ for (const char *p : {}) {{ std::ifstream f(p); std::stringstream s; if (f) s << f.rdbuf(); std::cout << (s.str().empty() ? \"no\" : s.str()) << '\\n'; }} }}\n",
                list("{", "}")
            ),
        ),
        (
            "rust",
            format!(
                "fn main() {{ for p in {} {{ match std::fs::read(p) {{ Ok(b) => println!(\"{{}}\", String::from_utf8_lossy(&b)), Err(_) => println!(\"no\") }} }} }}\n",
                list("[", "]")
            ),
        ),
        (
            "go",
            format!(
                "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {{\n\tfor _, p := range []string{} {{\n\t\tb, err := os.ReadFile(p)\n\t\tif err != nil {{\n\t\t\tfmt.Println(\"no\")\n\t\t\tcontinue\n\t\t}}\n\t\tfmt.Println(string(b))\n\t}}\n}}\n",
                list("{", "}")
            ),
        ),
        (
            "java",
            format!(
                "import java.nio.file.*;\npublic class Main {{ public static void main(String[] a) {{ for (String p : new String[] {}) {{ try {{ System.out.println(new String(Files.readAllBytes(Path.of(p)), \"ISO-8859-1\")); }} catch (Exception e) {{ System.out.println(\"no\"); }} }} }} }}\n",
                list("{", "}")
            ),
        ),
    ]
}

#[tokio::test]
async fn nothing_of_the_host_can_be_read_in_any_language() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    let shadow = fs::read_to_string("/etc/shadow").unwrap_or_default();
    let root = shadow.lines().next().filter(|line| line.len() > 8);
    let pid = server.pid();
    let mut paths: Vec<String> =
        before.files.keys().map(|path| path.display().to_string()).take(40).collect();
    paths.push(secret.display().to_string());
    for path in ["codementor.db", "jwt-secret", "jwt.key"] {
        paths.push(server.data().join(path).display().to_string());
    }
    for process in ["self", "1", &pid.to_string()] {
        for file in ["environ", "mem", "maps", "root/etc/shadow", "cwd/secret"] {
            // A program may see its own memory and the little that is its environment.
            if process != "self" || file.contains('/') {
                paths.push(format!("/proc/{process}/{file}"));
            }
        }
    }
    paths.extend(
        ["/etc/shadow", "/etc/hostname", "/sys/kernel/notes", "/dev/mem", "/proc/kcore"].map(str::to_owned),
    );
    paths.push(format!("{}/.bashrc", std::env::var("HOME").unwrap()));
    let count = paths.len();
    let attacks = readers(&paths);
    let attacks: Vec<(&str, &str)> = attacks.iter().map(|(id, code)| (*id, code.as_str())).collect();
    for (language, code) in installed(&server, &attacks).await {
        let result = execute(&eve, language, code).await;
        assert_eq!(result.verdict, Accepted, "{language} {result:?}");
        let told = format!("{}{}", result.output, result.error);
        assert!(!told.contains(SECRET) && root.is_none_or(|line| !told.contains(line)), "{language}: {told}");
        assert_eq!(
            result.output.lines().filter(|line| *line == "no").count(),
            count,
            "{language}: {}",
            result.output
        );
    }
    // Its environment is its own, and nothing of the server is in it.
    let environment: &[(&str, &str)] = &[
        ("python", "import os\nprint(dict(os.environ), open('/proc/self/environ').read())\n"),
        ("javascript", "console.log(process.env, process.argv, process.execArgv);\n"),
        (
            "java",
            "public class Main { public static void main(String[] a) { System.out.println(System.getenv()); System.out.println(System.getProperties()); } }\n",
        ),
        (
            "go",
            "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Println(os.Environ(), os.Args) }\n",
        ),
        (
            "c",
            "#include <stdio.h>\nextern char **environ;\nint main(void) { for (char **e = environ; *e; e++) puts(*e); }\n",
        ),
    ];
    for (language, code) in installed(&server, environment).await {
        let result = execute(&eve, language, code).await;
        assert!(result.verdict == Accepted, "{language} {result:?}");
        assert!(
            !result.output.contains(SECRET) && !result.output.contains("CODEMENTOR"),
            "{language}: {result:?}"
        );
        assert!(!result.output.contains(&server.data().display().to_string()), "{language}: {result:?}");
    }
    assert_eq!(Host::look(&server, &secret), before);
}

#[tokio::test]
async fn no_listener_can_be_reached_in_any_language() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    // Listeners of this test itself, all on loopback; nothing else is ever addressed.
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let tcp6 = TcpListener::bind("[::1]:0").ok();
    let name = format!("codementor-attacks-{}", std::process::id());
    let unix = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    for listener in [Some(&tcp), tcp6.as_ref()].into_iter().flatten() {
        listener.set_nonblocking(true).unwrap();
    }
    udp.set_nonblocking(true).unwrap();
    unix.set_nonblocking(true).unwrap();
    let (tcp_port, udp_port) = (tcp.local_addr().unwrap().port(), udp.local_addr().unwrap().port());
    let six = tcp6.as_ref().map_or(tcp_port, |tcp6| tcp6.local_addr().unwrap().port());
    let attacks: Vec<(&str, String)> = vec![
        (
            "python",
            format!(
                "import socket\ndef attempt(f):\n    try:\n        f()\n        print('DONE')\n    except OSError: print('no')\nattempt(lambda: socket.create_connection(('127.0.0.1', {tcp_port})))\nattempt(lambda: socket.create_connection(('::1', {six})))\nattempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp_port})))\nattempt(lambda: socket.socket(socket.AF_UNIX).connect('\\0{name}'))\nattempt(lambda: socket.socket().bind(('127.0.0.1', 0)))\n"
            ),
        ),
        (
            "javascript",
            format!(
                "const net = require('net');\nfor (const to of [{{ host: '127.0.0.1', port: {tcp_port} }}, {{ host: '::1', port: {six} }}, {{ path: '\\0{name}' }}]) {{ try {{ const s = net.connect(to); s.on('connect', () => console.log('DONE')); s.on('error', () => console.log('no')); }} catch {{ console.log('no'); }} }}\n"
            ),
        ),
        (
            "c",
            format!(
                "#include <arpa/inet.h>\n#include <stdio.h>\n#include <sys/socket.h>\nint main(void) {{ int s = socket(AF_INET, SOCK_STREAM, 0); struct sockaddr_in to = {{ AF_INET, htons({tcp_port}), {{ htonl(INADDR_LOOPBACK) }} }}; puts(s >= 0 && connect(s, (void *)&to, sizeof to) == 0 ? \"DONE\" : \"no\"); }}\n"
            ),
        ),
        (
            "cpp",
            format!(
                "#include <arpa/inet.h>\n#include <cstdio>\n#include <sys/socket.h>\nint main() {{ int s = socket(AF_INET, SOCK_DGRAM, 0); sockaddr_in to{{}}; to.sin_family = AF_INET; to.sin_port = htons({udp_port}); to.sin_addr.s_addr = htonl(INADDR_LOOPBACK); puts(s >= 0 && sendto(s, \"x\", 1, 0, (sockaddr *)&to, sizeof to) == 1 ? \"DONE\" : \"no\"); }}\n"
            ),
        ),
        (
            "rust",
            format!(
                "fn main() {{ println!(\"{{}}\", if std::net::TcpStream::connect((\"127.0.0.1\", {tcp_port})).is_ok() {{ \"DONE\" }} else {{ \"no\" }}); }}\n"
            ),
        ),
        (
            "go",
            format!(
                "package main\n\nimport (\n\t\"fmt\"\n\t\"net\"\n)\n\nfunc main() {{\n\tif _, err := net.Dial(\"tcp\", \"127.0.0.1:{tcp_port}\"); err == nil {{\n\t\tfmt.Println(\"DONE\")\n\t}} else {{\n\t\tfmt.Println(\"no\")\n\t}}\n}}\n"
            ),
        ),
        (
            "java",
            format!(
                "public class Main {{ public static void main(String[] a) {{ try {{ new java.net.Socket(\"127.0.0.1\", {tcp_port}); System.out.println(\"DONE\"); }} catch (Exception e) {{ System.out.println(\"no\"); }} }} }}\n"
            ),
        ),
        (
            "typescript",
            format!(
                "import * as net from 'net';\nconst s = net.connect({tcp_port}, '127.0.0.1');\ns.on('connect', () => console.log('DONE'));\ns.on('error', () => console.log('no'));\n"
            ),
        ),
    ];
    for (language, code) in installed(&server, &attacks).await {
        let result = execute(&eve, language, code).await;
        assert!(!result.output.contains("DONE") && result.output.contains("no"), "{language}: {result:?}");
    }
    assert!(tcp.accept().is_err() && unix.accept().is_err() && udp.recv(&mut [0; 8]).is_err());
    assert!(tcp6.is_none_or(|tcp6| tcp6.accept().is_err()));
    assert_eq!(Host::look(&server, &secret), before);
}

#[tokio::test]
async fn one_run_sees_nothing_of_another_and_a_hundred_do_not_mix() {
    let Some((server, eve, secret)) = attacked().await else { return };
    let before = Host::look(&server, &secret);
    let leave = "import os\nfor at in ('/box', '/tmp', '/dev/shm', '.'):\n    try: open(at + '/left', 'w').write('left')\n    except OSError: pass\n";
    let look = "import os\nfor at in ('/box', '/tmp', '/dev/shm', '.'):\n    try: print('left' in os.listdir(at))\n    except OSError: print(False)\n";
    execute(&eve, "python", leave).await;
    let found = execute(&eve, "python", look).await;
    assert_eq!(found.output, "False\nFalse\nFalse\nFalse\n", "{found:?}");
    // Of many people, so that no one's bound is met.
    let mut people = Vec::new();
    for n in 0..10 {
        people.push(server.guest(&format!("Person {n}")).await);
    }
    let runs = people.iter().enumerate().map(|(n, person)| async move {
        for turn in 0..10 {
            let code = format!("import os\nopen('x', 'a').write('{n}.{turn}')\nprint(open('x').read(), len(os.listdir('/proc')) < 80)\n");
            let result = execute(person, "python", &code).await;
            assert_eq!(result.output, format!("{n}.{turn} True\n"), "{result:?}");
        }
    });
    futures_util::future::join_all(runs).await;
    nothing_is_left(&server).await;
    assert_eq!(Host::look(&server, &secret), before);
}
