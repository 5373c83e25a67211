//! Landlock: a second wall around the file system, in case the first (what is mounted) has a hole.

use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

const ABI_USED: ABI = ABI::V6;

/// Whether the kernel enforces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    /// In full or in part.
    Active,
    /// Not at all.
    Missing,
}

/// Restricts this process and its descendants to reading what is mounted and writing in the work folder.
pub(super) fn lock() -> io::Result<Lock> {
    let read = AccessFs::from_read(ABI_USED);
    // No devices, however privileged.
    let write = AccessFs::from_all(ABI_USED) & !(AccessFs::MakeChar | AccessFs::MakeBlock);
    let look = AccessFs::ReadFile | AccessFs::ReadDir;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI_USED))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI_USED)))
        .and_then(|rules| rules.scope(Scope::from_all(ABI_USED)))
        .and_then(Ruleset::create)
        .map_err(io::Error::other)?;
    for (path, access) in
        [("/", read), ("/proc", look), ("/dev", look | AccessFs::WriteFile), ("/box", write)]
    {
        rules = allow(rules, path, access)?;
    }
    let status = rules.restrict_self().map_err(io::Error::other)?;
    Ok(match status.ruleset {
        RulesetStatus::NotEnforced => Lock::Missing,
        _ => Lock::Active,
    })
}

/// Whether this kernel has it, found without restricting anything.
pub(super) fn available() -> Lock {
    let asked = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    if asked.is_ok() { Lock::Active } else { Lock::Missing }
}

fn allow(rules: RulesetCreated, path: &str, access: BitFlags<AccessFs>) -> io::Result<RulesetCreated> {
    let folder = PathFd::new(path).map_err(io::Error::other)?;
    rules.add_rule(PathBeneath::new(folder, access)).map_err(io::Error::other)
}
