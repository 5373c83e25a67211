//! The launcher: a process with one thread that builds boxes and watches them. It holds a socket to the judge and a pipe for its last
//! words, has an empty environment, and ends with the judge. Of the host it sees what the boxes may see, and for itself alone the
//! whole `/proc` and the control groups.

mod boxes;
mod cgroup;
mod inside;
mod layers;
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

use crate::sys::{self, Forked};
use crate::wire::{self, Accounting, FromBox, Got, Layer, Setup, SetupReply, Wait};
use boxes::Boxes;
use cgroup::Groups;
use inside::Plan;
use seccomp::{Filters, SharedMemory};
use setup::Power;

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
    let shared = if groups.is_ok() { SharedMemory::Counted } else { SharedMemory::Refused };
    let filters = Filters::new(shared)?;
    // Without a language there is nothing to build a box of.
    let got = if setup.roots.is_empty() { None } else { Some(rehearse(power, &filters)?) };
    let layers = got.map(|got| layers::found(power, &groups, got)).unwrap_or_default();
    Ok((Boxes::new(setup, power, groups.ok(), filters), layers))
}

/// Builds a box of the first language for trial, so that what is said of the layers is what was got.
fn rehearse(power: Power, filters: &Filters) -> io::Result<Got> {
    let plan =
        Plan { root: setup::root_folder(0), disk_kb: 1_024, power, slot: 0, doors: Vec::new(), filters };
    let (ours, theirs) = wire::pair()?;
    let child = match sys::fork_into(inside::NAMESPACES)? {
        Forked::Child => inside::rehearse(&plan, theirs),
        Forked::Parent(child, _pidfd) => child,
    };
    drop(theirs);
    let said = wire::receive::<FromBox>(&ours, Wait::Yes);
    sys::wait4(child)?;
    match said? {
        Some((FromBox::Rehearsed(got), _)) => Ok(got),
        Some((FromBox::Failed(reason), _)) => Err(io::Error::other(reason)),
        _ => Err(io::Error::other("a box for trial ended without a word")),
    }
}
