//! Once, when the launcher starts: leaves the host's file tree for a small one of its own that holds one read-only root folder for
//! each language, `/proc` and the control groups. What is not bound here can never be seen by a box.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, openat};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::Mode;
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{self, Gid, Uid};

use crate::wire::{KEPT, Root, Setup};

/// What the launcher may do on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    /// Real root: boxes get an ordinary user id of their own, from this one on.
    OwnUsers(u32),
    /// Root of a user namespace only: boxes run as the launcher's user.
    OneUser,
}

/// A step that failed, with its name.
pub(super) fn step<T, E: Into<io::Error>>(name: &str, result: Result<T, E>) -> io::Result<T> {
    result.map_err(|error| {
        let error = error.into();
        io::Error::new(error.kind(), format!("{name}: {error}"))
    })
}

/// A call's argument that is not needed.
pub(super) const NONE: Option<&str> = None;

/// Enters a mount namespace (and a user namespace when not root) and makes `setup.roots` as `/roots/<number>`.
pub(super) fn enter(setup: &Setup) -> io::Result<Power> {
    let power = gain_power()?;
    step("make mounts private", mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE))?;
    let base = &setup.work_dir;
    let options = "size=16m,nr_inodes=4096,mode=755";
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    step("mount the work folder", mount(Some("tmpfs"), base, Some("tmpfs"), flags, Some(options)))?;
    bind_tree("/proc", &base.join("proc"))?;
    if Path::new("/sys/fs/cgroup").is_dir() {
        bind_tree("/sys/fs/cgroup", &base.join("cgroup"))?;
    }
    for (number, root) in setup.roots.iter().enumerate() {
        let folder = inside(base, &root_folder(number));
        step("build a root folder", build_root(&folder, root))?;
    }
    swap_root(base)?;
    Ok(power)
}

/// Where the launcher sees the root folder of a language.
pub(super) fn root_folder(number: usize) -> PathBuf {
    Path::new("/roots").join(number.to_string())
}

/// Makes `folder` the root of this mount namespace and lets go of the old one.
pub(super) fn swap_root(folder: &Path) -> io::Result<()> {
    step("enter the new root", unistd::chdir(folder))?;
    step("pivot_root", unistd::pivot_root(".", "."))?;
    step("leave the old root", umount2(".", MntFlags::MNT_DETACH))?;
    step("enter /", unistd::chdir("/"))
}

fn gain_power() -> io::Result<Power> {
    let (uid, gid) = (Uid::effective(), Gid::effective());
    if unshare(CloneFlags::CLONE_NEWNS).is_ok() {
        // A high number that no other launcher of this machine uses at the same time.
        let first = (1 << 30) + std::process::id() % (1 << 21) * 256;
        let mapped = fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| maps(&map, first));
        return Ok(if mapped { Power::OwnUsers(first) } else { Power::OneUser });
    }
    let both = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS;
    step("create a user namespace", unshare(both))?;
    write_maps(&File::open("/proc/self")?, 0, uid, gid)?;
    Ok(Power::OneUser)
}

fn maps(uid_map: &str, first: u32) -> bool {
    uid_map.lines().any(|line| {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
        match (numbers.next(), numbers.nth(1)) {
            (Some(inside), Some(length)) => {
                inside <= u64::from(first) && u64::from(first) + 256 <= inside + length
            }
            _ => false,
        }
    })
}

/// Maps `inside` of this process's new user namespace to the one user and group it had outside. `proc_self` is its folder in a
/// `/proc` that can be written to.
pub(super) fn write_maps(proc_self: &File, inside: u32, uid: Uid, gid: Gid) -> io::Result<()> {
    for (name, text) in [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("{inside} {uid} 1")),
        ("gid_map", format!("{inside} {gid} 1")),
    ] {
        let file = step(name, openat(proc_self, name, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty()))?;
        step(name, File::from(file).write_all(text.as_bytes()))?;
    }
    Ok(())
}

fn build_root(folder: &Path, root: &Root) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), folder, Some("tmpfs"), flags, Some("size=2m,nr_inodes=512,mode=755"))?;
    for name in ["proc", "dev", "box", "etc"] {
        fs::create_dir(folder.join(name))?;
    }
    symlink("/box/.tmp", folder.join("tmp"))?;
    fs::write(folder.join("etc/passwd"), "learner:x:1000:1000::/box:/nonexistent\n")?;
    fs::write(folder.join("etc/group"), "learner:x:1000:\n")?;
    make_dev(&folder.join("dev"))?;
    for path in &root.binds {
        step(&path.to_string_lossy(), show(path, &inside(folder, path)))?;
    }
    if let Some(kept) = &root.kept {
        step(&kept.to_string_lossy(), show(kept, &inside(folder, Path::new(KEPT))))?;
    }
    for (path, text) in &root.files {
        let path = inside(folder, path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    make_read_only(folder)
}

fn make_dev(dev: &Path) -> io::Result<()> {
    for name in ["null", "zero", "random", "urandom"] {
        let target = dev.join(name);
        fs::write(&target, "")?;
        let source = Path::new("/dev").join(name);
        mount(Some(&source), &target, NONE, MsFlags::MS_BIND, NONE)?;
        let kept = kept_flags(&target)? - MsFlags::MS_NODEV;
        let flags = kept | MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        mount(NONE, &target, NONE, flags, NONE)?;
    }
    for (name, target) in [("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
        symlink(Path::new("/proc/self").join(target), dev.join(name))?;
    }
    Ok(())
}

fn inside(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path.strip_prefix("/").unwrap_or(path))
}

/// Shows a host path at a place in the root folder: links as links, all else bound read-only.
fn show(path: &Path, target: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(path)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    if kind.is_symlink() {
        return symlink(fs::read_link(path)?, target);
    }
    if kind.is_dir() {
        fs::create_dir_all(target)?;
    } else {
        fs::write(target, "")?;
    }
    mount(Some(path), target, NONE, MsFlags::MS_BIND, NONE)?;
    make_read_only(target)
}

fn make_read_only(target: &Path) -> io::Result<()> {
    let ours =
        MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    Ok(mount(NONE, target, NONE, kept_flags(target)? | ours, NONE)?)
}

/// Flags of a mount that a user namespace may not take away.
fn kept_flags(target: &Path) -> io::Result<MsFlags> {
    let now = statvfs(target)?.flags();
    let pairs = [
        (FsFlags::ST_RDONLY, MsFlags::MS_RDONLY),
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ];
    Ok(pairs
        .into_iter()
        .filter(|(have, _)| now.contains(*have))
        .fold(MsFlags::empty(), |flags, (_, keep)| flags | keep))
}

fn bind_tree(source: &str, target: &Path) -> io::Result<()> {
    step(source, fs::create_dir_all(target))?;
    step(source, mount(Some(source), target, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_map_covers_the_slots_or_not() {
        assert!(maps("         0          0 4294967295\n", 1 << 30));
        assert!(!maps("         0       1000          1\n", 1 << 30));
        assert!(!maps("0 1000 1\n1 100000 65536\n", 1 << 30));
        assert!(!maps("", 1 << 30));
    }
}
