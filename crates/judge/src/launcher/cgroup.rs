//! Control groups: one for each box, made before its first process and removed after its last. Both versions; where neither may be
//! written the sampler counts instead.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::limits::{KIB, MAX_PROCESSES};

/// Where the launcher sees the host's control groups.
const MOUNT: &str = "/cgroup";
const PREFIX: &str = "codementor-";
/// A version 1 limit above this means none.
const UNLIMITED: u64 = 1 << 60;

/// Where groups can be made, and what theirs are called.
#[derive(Debug)]
pub(super) struct Groups {
    place: Place,
    /// Begins with [`PREFIX`] and the launcher's process id, so that a later launcher knows them for stale.
    name: String,
}

/// Where groups can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Version 1: one folder a controller.
    V1 {
        /// Parent for `memory`.
        memory: PathBuf,
        /// Parent for `pids`.
        pids: Option<PathBuf>,
        /// Parent for `cpuacct`.
        cpu: Option<PathBuf>,
    },
    /// Version 2: one folder.
    V2(PathBuf),
}

/// The group of one box.
#[derive(Debug)]
pub(super) struct Group {
    memory: PathBuf,
    pids: Option<PathBuf>,
    cpu: Option<PathBuf>,
    version: u8,
}

impl Groups {
    /// Finds a place and tries it.
    pub(super) fn find() -> Result<Self, String> {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mut reason = "no writable memory control group".to_owned();
        for place in candidates(Path::new(MOUNT), &own) {
            let groups = Self::new(place);
            match groups.try_out() {
                Ok(()) => return Ok(groups),
                Err(error) => reason = format!("no writable memory control group: {error}"),
            }
        }
        Err(reason)
    }

    fn new(place: Place) -> Self {
        // A word of its own, in case an earlier launcher with the same process id left something that cannot be removed yet.
        let word = fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
        let word = word.split('-').next().unwrap_or_default();
        Self { place, name: format!("{PREFIX}{}-{word}", std::process::id()) }
    }

    /// The folders that dead launchers left. Asked before this launcher has any, so those with its process id are an earlier one's.
    pub(super) fn stale(&self) -> Vec<PathBuf> {
        self.place.parents().into_iter().flat_map(|parent| stale_groups(parent)).collect()
    }

    /// Which version.
    pub(super) fn version(&self) -> u8 {
        match self.place {
            Place::V1 { .. } => 1,
            Place::V2(_) => 2,
        }
    }

    /// Whether the number of processes is counted too.
    pub(super) fn counts_processes(&self) -> bool {
        matches!(self.place, Place::V2(_) | Place::V1 { pids: Some(_), .. })
    }

    /// Makes the group of a box.
    pub(super) fn create(&self, number: u64) -> io::Result<Group> {
        let name = format!("{}-{number}", self.name);
        let group = match &self.place {
            Place::V1 { memory, pids, cpu } => Group {
                memory: memory.join(&name),
                pids: pids.as_ref().map(|parent| parent.join(&name)),
                cpu: cpu.as_ref().map(|parent| parent.join(&name)),
                version: 1,
            },
            Place::V2(parent) => {
                if !controls(parent, "cgroup.subtree_control") {
                    fs::write(parent.join("cgroup.subtree_control"), "+memory +pids")?;
                }
                Group {
                    memory: parent.join(&name),
                    pids: Some(parent.join(&name)),
                    cpu: Some(parent.join(&name)),
                    version: 2,
                }
            }
        };
        group.make().inspect_err(|_| drop(group.remove()))?;
        Ok(group)
    }

    fn try_out(&self) -> io::Result<()> {
        if let Place::V2(parent) = &self.place {
            make_room(parent)?;
        }
        let group = self.create(0)?;
        let tried = group.limit_memory(64 * 1024);
        group.remove()?;
        tried
    }
}

impl Place {
    fn parents(&self) -> Vec<&PathBuf> {
        match self {
            Self::V1 { memory, pids, cpu } => {
                [Some(memory), pids.as_ref(), cpu.as_ref()].into_iter().flatten().collect()
            }
            Self::V2(parent) => vec![parent],
        }
    }
}

/// Removes the folders that can be removed; the others stay in the list.
pub(super) fn remove_stale(folders: &mut Vec<PathBuf>) {
    let is_there =
        |folder: &PathBuf| fs::remove_dir(folder).is_err_and(|error| error.kind() != io::ErrorKind::NotFound);
    folders.retain(is_there);
}

fn stale_groups(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let is_stale = |name: &str| {
        let owner = name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok()?;
        if owner == std::process::id() {
            return Some(true);
        }
        let stat = fs::read_to_string(format!("/proc/{owner}/stat")).unwrap_or_default();
        // Dead, and perhaps not reaped yet.
        Some(stat.rsplit_once(')').is_none_or(|(_, fields)| fields.trim_start().starts_with(['Z', 'X'])))
    };
    entries
        .filter(|entry| entry.file_name().to_str().and_then(is_stale) == Some(true))
        .map(|entry| entry.path())
        .collect()
}

impl Group {
    fn folders(&self) -> Vec<&PathBuf> {
        let mut folders: Vec<_> =
            [Some(&self.memory), self.pids.as_ref(), self.cpu.as_ref()].into_iter().flatten().collect();
        folders.dedup();
        folders
    }

    fn make(&self) -> io::Result<()> {
        for folder in self.folders() {
            fs::create_dir(folder)?;
        }
        if let Some(pids) = &self.pids {
            fs::write(pids.join("pids.max"), MAX_PROCESSES.to_string())?;
        }
        Ok(())
    }

    /// The files into which a process writes `0` to enter.
    pub(super) fn doors(&self) -> Vec<PathBuf> {
        self.folders().into_iter().map(|folder| folder.join("cgroup.procs")).collect()
    }

    /// Limits memory, swap included.
    pub(super) fn limit_memory(&self, kb: u64) -> io::Result<()> {
        let bytes = (kb * 1024).to_string();
        if self.version == 1 {
            fs::write(self.memory.join("memory.limit_in_bytes"), &bytes)?;
            // Only where the kernel counts swap.
            let _ = fs::write(self.memory.join("memory.memsw.limit_in_bytes"), &bytes);
            return Ok(());
        }
        fs::write(self.memory.join("memory.max"), &bytes)?;
        let _ = fs::write(self.memory.join("memory.swap.max"), "0");
        let _ = fs::write(self.memory.join("memory.oom.group"), "1");
        Ok(())
    }

    /// CPU time used so far, in microseconds.
    pub(super) fn cpu_us(&self) -> Option<u64> {
        let folder = self.cpu.as_ref()?;
        if self.version == 1 {
            return number(&folder.join("cpuacct.usage")).map(|nanoseconds| nanoseconds / 1_000);
        }
        field(&folder.join("cpu.stat"), "usage_usec")
    }

    /// Peak memory so far, in KiB; 0 where the kernel does not keep it (version 2 before 5.19). What is used now would not do: when
    /// this is asked everything has ended.
    pub(super) fn peak_kb(&self) -> u64 {
        let name = if self.version == 1 { "memory.max_usage_in_bytes" } else { "memory.peak" };
        number(&self.memory.join(name)).unwrap_or(0) / KIB
    }

    /// Whether the kernel killed something here because the limit was reached.
    pub(super) fn out_of_memory(&self) -> bool {
        let name = if self.version == 1 { "memory.oom_control" } else { "memory.events" };
        field(&self.memory.join(name), "oom_kill").is_some_and(|kills| kills > 0)
    }

    /// Removes it. Fails while a process is still in it.
    pub(super) fn remove(&self) -> io::Result<()> {
        for folder in self.folders() {
            match fs::remove_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Where groups may be made, best first: under a group that has a limit, so that the limit goes on counting; else at the top.
fn candidates(mount: &Path, own: &str) -> Vec<Place> {
    let path_of = |controller: &str| {
        own.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let names = parts.next()?;
            let path = parts.next()?;
            names.split(',').any(|name| name == controller).then(|| path.trim_start_matches('/').to_owned())
        })
    };
    let mut found = Vec::new();
    if let Some(memory) = controller_folder(mount, "memory.limit_in_bytes") {
        let limited = path_of("memory").map(|path| memory.join(path)).filter(|group| {
            number(&group.join("memory.limit_in_bytes")).is_some_and(|limit| limit < UNLIMITED)
        });
        found.push(Place::V1 {
            memory: limited.unwrap_or(memory),
            pids: controller_folder(mount, "pids.max").or_else(|| controller_folder_named(mount, "pids")),
            cpu: controller_folder(mount, "cpuacct.usage"),
        });
    }
    for top in [mount.to_owned(), mount.join("unified")] {
        if controls(&top, "cgroup.controllers") {
            let own_path = path_of("").unwrap_or_default();
            if !own_path.is_empty() {
                found.push(Place::V2(top.join(own_path)));
            }
            found.push(Place::V2(top));
        }
    }
    found
}

fn controller_folder(mount: &Path, file: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(mount).ok()?.flatten();
    entries.map(|entry| entry.path()).find(|folder| folder.join(file).is_file())
}

/// The top folder of `pids` has no file of its own name.
fn controller_folder_named(mount: &Path, name: &str) -> Option<PathBuf> {
    Some(mount.join(name)).filter(|folder| folder.join("cgroup.procs").is_file())
}

fn controls(group: &Path, file: &str) -> bool {
    let names = fs::read_to_string(group.join(file)).unwrap_or_default();
    ["memory", "pids"].iter().all(|wanted| names.split_whitespace().any(|name| name == *wanted))
}

/// A version 2 group that has children with controllers may have no processes of its own. Where the only ones are this launcher
/// and the judge that started it (a service with `Delegate=yes`) they move into a child.
fn make_room(group: &Path) -> io::Result<()> {
    if controls(group, "cgroup.subtree_control")
        || fs::write(group.join("cgroup.subtree_control"), "+memory +pids").is_ok()
    {
        return Ok(());
    }
    let family = [std::process::id().to_string(), nix::unistd::getppid().to_string()];
    let inside = fs::read_to_string(group.join("cgroup.procs"))?;
    if !inside.lines().all(|pid| family.iter().any(|own| own == pid)) {
        return Err(io::Error::other("the group holds processes of others; delegate one to this service"));
    }
    let leaf = group.join("codementor");
    let _ = fs::create_dir(&leaf);
    for pid in inside.lines() {
        fs::write(leaf.join("cgroup.procs"), pid)?;
    }
    fs::write(group.join("cgroup.subtree_control"), "+memory +pids")
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn field(path: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn version_1_stays_under_a_limit_that_is_set() {
        let mount = tempfile::tempdir().unwrap();
        let memory = mount.path().join("memory");
        file(memory.join("memory.limit_in_bytes"), "9223372036854771712\n");
        file(memory.join("service/memory.limit_in_bytes"), "1073741824\n");
        file(mount.path().join("cpu,cpuacct/cpuacct.usage"), "0\n");
        let found = candidates(mount.path(), "4:memory:/service\n0::/\n");
        let cpu = Some(mount.path().join("cpu,cpuacct"));
        assert_eq!(found, [Place::V1 { memory: memory.join("service"), pids: None, cpu: cpu.clone() }]);
        let found = candidates(mount.path(), "4:memory:/\n0::/\n");
        assert_eq!(found, [Place::V1 { memory, pids: None, cpu }], "no limit");
    }

    #[test]
    fn version_2_prefers_its_own_group() {
        let mount = tempfile::tempdir().unwrap();
        file(mount.path().join("cgroup.controllers"), "cpuset cpu io memory pids\n");
        let own = mount.path().join("system.slice/codementor.service");
        let found = candidates(mount.path(), "0::/system.slice/codementor.service\n");
        assert_eq!(found, [Place::V2(own), Place::V2(mount.path().to_owned())]);
        assert_eq!(candidates(mount.path(), "0::/\n"), [Place::V2(mount.path().to_owned())]);
    }

    #[test]
    fn version_2_files_are_written_and_read() {
        let parent = tempfile::tempdir().unwrap();
        file(parent.path().join("cgroup.subtree_control"), "memory pids\n");
        let group = Groups::new(Place::V2(parent.path().to_owned())).create(7).unwrap();
        group.limit_memory(1024).unwrap();
        assert_eq!(fs::read_to_string(group.memory.join("memory.max")).unwrap(), "1048576");
        assert_eq!(group.doors().len(), 1);
        file(group.memory.join("cpu.stat"), "usage_usec 1500\nuser_usec 1000\n");
        file(group.memory.join("memory.events"), "low 0\noom 1\noom_kill 2\n");
        file(group.memory.join("memory.current"), "8192\n");
        assert_eq!(group.peak_kb(), 0, "what is used after the end is no peak");
        file(group.memory.join("memory.peak"), "4096\n");
        assert_eq!(group.cpu_us(), Some(1500));
        assert_eq!(group.peak_kb(), 4);
        assert!(group.out_of_memory());
    }

    #[test]
    fn groups_of_dead_launchers_and_of_earlier_ones_with_this_number_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str| fs::create_dir(parent.path().join(name)).unwrap();
        let (own, living) = (std::process::id(), std::os::unix::process::parent_id());
        for name in [
            format!("codementor-{own}-1"),
            format!("codementor-{own}-abcd-2"),
            "codementor-4194999-x-1".to_owned(),
        ] {
            folder(&name);
        }
        let kept = [format!("codementor-{living}-x-1"), "codementor-service".to_owned(), "other".to_owned()];
        kept.iter().for_each(|name| folder(name));
        let place = Place::V2(parent.path().to_owned());
        let mut stale = Groups::new(place.clone()).stale();
        remove_stale(&mut stale);
        assert!(stale.is_empty());
        let left = fs::read_dir(parent.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: std::collections::BTreeSet<_> = left.map(|name| name.into_string().unwrap()).collect();
        assert_eq!(left, kept.into());
        assert_ne!(Groups::new(place.clone()).name, Groups::new(place).name);
    }
}
