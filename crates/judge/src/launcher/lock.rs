//! Landlock: a second wall around the file system, in case the first (what is mounted) has a hole. And the only one around what
//! `/proc` tells of a program's own process: where the host keeps what is mounted.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::wire::Lock;

const ABI_USED: ABI = ABI::V6;
/// Folders of a root folder that have rules of their own. (`/tmp` is a link into the work folder.)
const SPECIAL: [&str; 4] = ["box", "dev", "proc", "tmp"];
/// What an interpreter or a library may read of its own process. Not `mountinfo` and its like, which tell the host's paths.
const OWN_PROCESS: [&str; 10] =
    ["auxv", "cgroup", "cmdline", "comm", "environ", "limits", "maps", "stat", "statm", "status"];

/// Restricts this process and its descendants: they list every folder, read toolchains, devices and a few files of this one process,
/// and write in the work folder. Their terminal can be opened again, as `/dev/stdin`.
pub(super) fn lock(terminal: Option<&OwnedFd>) -> io::Result<Lock> {
    let read = AccessFs::from_read(ABI_USED);
    // No devices, however privileged.
    let write = AccessFs::from_all(ABI_USED) & !(AccessFs::MakeChar | AccessFs::MakeBlock);
    let device = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::WriteFile;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI_USED))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI_USED)))
        .and_then(|rules| rules.scope(Scope::from_all(ABI_USED)))
        .and_then(Ruleset::create)
        .map_err(io::Error::other)?;
    // A rule holds for all below, so no more than this may be said of the root.
    rules = allow(rules, Path::new("/"), AccessFs::ReadDir.into())?;
    rules = allow(rules, Path::new("/dev"), device)?;
    rules = allow(rules, Path::new("/box"), write)?;
    for folder in toolchains()? {
        rules = allow(rules, &folder, read)?;
    }
    for name in OWN_PROCESS {
        let file = Path::new("/proc/self").join(name);
        // Older kernels lack one or the other.
        if file.exists() {
            rules = allow(rules, &file, AccessFs::ReadFile.into())?;
        }
    }
    if let Some(terminal) = terminal {
        let access = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
        rules = rules.add_rule(PathBeneath::new(terminal, access)).map_err(io::Error::other)?;
    }
    let status = rules.restrict_self().map_err(io::Error::other)?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Lock::Full,
        RulesetStatus::PartiallyEnforced => Lock::Part,
        RulesetStatus::NotEnforced => Lock::Missing,
    })
}

/// The folders of the root folder in which the toolchain lies. Links lead into one of them.
fn toolchains() -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir("/")? {
        let entry = entry?;
        let special = SPECIAL.iter().any(|name| entry.file_name() == *name);
        if !special && entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> io::Result<RulesetCreated> {
    let folder = PathFd::new(path).map_err(io::Error::other)?;
    rules.add_rule(PathBeneath::new(folder, access)).map_err(io::Error::other)
}
