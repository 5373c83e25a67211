//! The layers of the sandbox in words: those without which there is no box, and those that this machine has given or not.

use super::cgroup::Groups;
use super::limits::MAX_PROCESSES;
use super::setup::Power;
use crate::wire::{Got, Layer, Lock, ProcView};

fn layer(name: &str, active: bool, note: &str) -> Layer {
    (name.to_owned(), active, note.to_owned())
}

/// All of them, for people.
pub(super) fn found(power: Power, groups: &Result<Groups, String>, got: Got) -> Vec<Layer> {
    let mut layers = vec![
        layer("namespaces", true, "pid, mount, network, ipc, uts and cgroup, fresh for each run"),
        layer(
            "file system",
            true,
            "a root folder of read-only toolchains and a work folder of 16 MiB in memory",
        ),
        layer("network", true, "none, not even loopback; no sockets"),
        layer("seccomp", true, "system calls by list; all others do not exist"),
        layer("capabilities", true, "none, for ever (no_new_privs)"),
    ];
    layers.extend([user_namespace(got), own_user(power), proc(got.proc), landlock(got.landlock)]);
    layers.extend(control_groups(groups));
    layers
}

fn user_namespace(got: Got) -> Layer {
    let note = if got.user_namespace {
        "fresh for each run"
    } else {
        "the system forbids it to ordinary users; boxes have an ordinary user without capabilities all the same"
    };
    layer("user namespace", got.user_namespace, note)
}

fn own_user(power: Power) -> Layer {
    match power {
        Power::OwnUsers(_) => layer("own user", true, "each box has a user id of its own"),
        Power::OneUser => layer(
            "own user",
            false,
            "boxes share the server's user, within user namespaces; run as root for more",
        ),
    }
}

fn proc(view: ProcView) -> Layer {
    let note = match view {
        ProcView::Own => "a program sees its own processes only",
        ProcView::System => "/proc tells of the system, too; Linux 5.8 or newer hides that",
        ProcView::All => {
            "/proc tells of the system and of the box's first process; Linux 5.8 or newer hides that"
        }
    };
    layer("process list", view == ProcView::Own, note)
}

fn landlock(lock: Lock) -> Layer {
    let note = match lock {
        Lock::Full => "a second wall around files, sockets and signals",
        Lock::Part => "a second wall around files; newer kernels have more of it",
        Lock::Missing => {
            "the kernel has none (5.13 or newer does, where it is switched on); programs can read where the host keeps toolchains"
        }
    };
    layer("landlock", lock != Lock::Missing, note)
}

fn control_groups(groups: &Result<Groups, String>) -> Vec<Layer> {
    let groups = match groups {
        Ok(groups) => groups,
        Err(reason) => {
            let note = format!("{reason}; memory and CPU time are sampled every 10 ms instead");
            return vec![layer("memory control group", false, &note)];
        }
    };
    let counts = groups.counts_processes();
    let processes = format!("at most {MAX_PROCESSES} processes; without it by a resource limit");
    vec![
        layer("memory control group", true, &format!("version {}", groups.version())),
        layer("process control group", counts, &processes),
    ]
}
