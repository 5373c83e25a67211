//! Programs that look for the host or the network, in the real sandbox. Each shows that they get nothing and change nothing.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::Command;

use codementor_core::Language;
use common::refused;

const CANARY: &str = "canary-51c0ffee";

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
    let home = std::env::home_dir().expect("a home");
    let attempts = format!(
        "for path in ('{}', '{}/.ssh/id_rsa', '/etc/shadow', '/etc/hostname', *('/proc/1/' + name for name in ('environ', 'mem', 'root/etc/shadow', 'cwd/x')),\n\
                      '/proc/kcore', '/proc/kallsyms', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/meminfo',\n\
                      '/sys/kernel/notes', '/dev/mem', '/dev/kmsg', '/dev/shm/x', '/dev/tty', '/dev/pts/0', '/bin/sh', '/usr/bin/env',\n\
                      '/proc/self/exe/../../../../../etc/shadow', '/proc/self/mountinfo', '/proc/self/mounts', '/proc/self/mountstats', '/proc/mounts',\n\
                      '/proc/thread-self/mountinfo', '/proc/self/task/2/mountinfo', '/var/run/docker.sock'):\n\
         \x20   attempt(path, lambda: open(path, 'rb').read(10))\n\
         # A toolchain may lie in somebody's home; then the way to it is there and nothing else.\n\
         toolchain = [os.path.realpath(sys.executable), os.__file__]\n\
         def strange(path):\n\
         \x20   below = [os.path.join(path, name) for name in os.listdir(path)]\n\
         \x20   below = [one for one in below if not any((file + '/').startswith(one + '/') for file in toolchain)]\n\
         \x20   return below or open(path + '/nothing-but-the-toolchain')\n\
         for path in ('/sys', '/root', '/home', '/srv', '/opt', '/var', '/mnt', '/proc/1', '/proc/1/fd'):\n\
         \x20   attempt(path, lambda: strange(path))\n\
         attempt('chroot', lambda: os.chroot('/box'))\n\
         attempt('handle', lambda: call(304, -100, None, 0))\n",
        canary.display(),
        home.display()
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
