//! The launcher: a process with one thread that builds boxes and watches them. It holds a socket to the judge and a pipe for its last
//! words, has an empty environment, and ends with the judge. Of the host it sees what the boxes may see, and for itself alone the
//! whole `/proc` and the control groups.

mod boxes;
mod cgroup;
mod inside;
mod limits;
mod lock;
mod sampler;
mod sandbox;
mod seccomp;
mod setup;

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::prctl;
use nix::unistd::Uid;

use crate::sys;
use crate::wire::{self, Accounting, Layer, Setup, SetupReply, Wait};
use boxes::Boxes;
use cgroup::Groups;
use lock::Lock;
use seccomp::SharedMemory;
use setup::Power;

use limits::MAX_PROCESSES;

/// Runs the launcher on standard input, which must be the judge's socket, until the judge hangs up.
///
/// Call it first in `main`, before any thread exists. It does not return.
pub fn launcher_main() -> ! {
    let code = match run() {
        Ok(()) => 0,
        Err(error) => {
            // The judge reads it and puts the last line into the log.
            eprintln!("{error}");
            1
        }
    };
    sys::exit_now(code)
}

fn run() -> io::Result<()> {
    sys::close_from(3)?;
    let judge = sys::adopt_stdin();
    let Some((setup, _)) = wire::receive::<Setup>(&judge, Wait::Yes)? else {
        return Ok(());
    };
    match prepare(&setup) {
        Ok((boxes, layers)) => {
            wire::send(judge.as_fd(), &SetupReply::Ready(layers), &[], Wait::Yes)?;
            boxes.serve(&judge)
        }
        Err(error) => refuse(&judge, &error),
    }
}

fn refuse(judge: &OwnedFd, error: &io::Error) -> io::Result<()> {
    let root = if Uid::effective().is_root() {
        "The process is root but may not create namespaces; a container needs CAP_SYS_ADMIN and a seccomp profile that allows \
         mount and unshare (for instance `--privileged`, or `--cap-add SYS_ADMIN --security-opt seccomp=unconfined \
         --security-opt apparmor=unconfined`)."
    } else {
        "Unprivileged user namespaces seem to be forbidden. Allow them (`sysctl kernel.apparmor_restrict_unprivileged_userns=0` on \
         Ubuntu, `sysctl kernel.unprivileged_userns_clone=1` on Debian, `sysctl user.max_user_namespaces=10000`), or run as root."
    };
    wire::send(judge.as_fd(), &SetupReply::Refused(format!("{error}. {root}")), &[], Wait::Yes)
}

fn prepare(setup: &Setup) -> io::Result<(Boxes, Vec<Layer>)> {
    let power = setup::enter(setup)?;
    prctl::set_dumpable(false)?;
    let groups = match setup.accounting {
        Accounting::Auto => Groups::find(),
        Accounting::Sampler => Err("switched off".to_owned()),
    };
    let layers = layers(power, &groups);
    let shared = if groups.is_ok() { SharedMemory::Counted } else { SharedMemory::Refused };
    let filters = seccomp::filters(shared)?;
    Ok((Boxes::new(setup, power, groups.ok(), filters), layers))
}

fn layers(power: Power, groups: &Result<Groups, String>) -> Vec<Layer> {
    let on = |name: &str, note: &str| (name.to_owned(), true, note.to_owned());
    let mut layers = vec![
        on("namespaces", "user, pid, mount, network, ipc, uts and cgroup, fresh for each run"),
        on("file system", "a root folder of read-only toolchains and a work folder of 16 MiB in memory"),
        on("network", "none, not even loopback; no sockets"),
        on("seccomp", "system calls by list; all others do not exist"),
        on("capabilities", "none, for ever (no_new_privs)"),
    ];
    let landlock = lock::available() == Lock::Active;
    let note =
        if landlock { "a second wall around files" } else { "the kernel has none (5.13 or newer does)" };
    layers.push(("landlock".to_owned(), landlock, note.to_owned()));
    layers.push(match power {
        Power::OwnUsers(_) => on("own user", "each box has a user id of its own"),
        Power::OneUser => (
            "own user".to_owned(),
            false,
            "boxes share the server's user, within user namespaces; run as root for more".to_owned(),
        ),
    });
    match groups {
        Ok(found) => {
            layers.push(on("memory control group", &format!("version {}", found.version())));
            layers.push((
                "process control group".to_owned(),
                found.counts_processes(),
                format!("at most {MAX_PROCESSES} processes; without it by a resource limit"),
            ));
        }
        Err(reason) => {
            let note = format!("{reason}; memory and CPU time are sampled every 10 ms instead");
            layers.push(("memory control group".to_owned(), false, note));
        }
    }
    layers
}
