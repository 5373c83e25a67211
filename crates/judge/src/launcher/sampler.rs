//! Counts memory and CPU time of a box by looking at its processes, where no control group can. Coarser: what lives for less than a
//! tick may go unseen, so the limits of each single process stay the backstop.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::statvfs::fstatvfs;
use nix::unistd::{Pid, SysconfVar, sysconf};

use super::limits::KIB;

/// What a box uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sample {
    /// Memory of all processes together and of the files they wrote, in KiB.
    pub memory_kb: u64,
    /// CPU time of all processes so far, in microseconds.
    pub cpu_us: u64,
}

/// Looks at a box through its `/proc` and its work folder. `first` is its first process, whose own use is the sandbox's.
///
/// Pages that forked processes share are counted once for each of them, which is quick; only when that comes to more than `limit_kb`
/// they are counted once, which is not.
pub(super) fn sample(proc: &OwnedFd, work: &OwnedFd, first: Pid, limit_kb: u64) -> Sample {
    let folder = format!("/proc/self/fd/{}", proc.as_raw_fd());
    let processes = processes(&folder);
    let files_kb = files_kb(work);
    let mut memory_kb =
        files_kb + processes.iter().map(|process| memory_of(process, "status", &COUNTED)).sum::<u64>();
    if memory_kb > limit_kb {
        let shares = processes.iter().map(|process| match read_kb(process, "smaps_rollup", &SHARES) {
            Some(share) => share + memory_of(process, "status", &["VmPTE:"]),
            None => memory_of(process, "status", &COUNTED),
        });
        memory_kb = files_kb + shares.sum::<u64>();
    }
    let cpu = processes.iter().map(|process| cpu_us(process, 13..=16)).sum::<u64>();
    Sample { memory_kb, cpu_us: cpu + cpu_us(&format!("/proc/{first}"), 15..=16) }
}

/// Private and shared memory, page tables and swap; not pages of files, which all boxes share.
const COUNTED: [&str; 4] = ["RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:"];
/// The same, with each page divided by the number of processes that have it.
const SHARES: [&str; 3] = ["Pss_Anon:", "Pss_Shmem:", "SwapPss:"];

/// Folders of all processes of the box but its first.
fn processes(folder: &str) -> Vec<String> {
    let numbers = fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse::<u32>().ok()?;
        (number != 1).then(|| format!("{folder}/{number}"))
    });
    numbers.collect()
}

fn files_kb(work: &OwnedFd) -> u64 {
    fstatvfs(work)
        .map_or(0, |stat| (stat.blocks().saturating_sub(stat.blocks_free())) * stat.fragment_size() / KIB)
}

fn memory_of(process: &str, file: &str, names: &[&str]) -> u64 {
    read_kb(process, file, names).unwrap_or(0)
}

fn read_kb(process: &str, file: &str, names: &[&str]) -> Option<u64> {
    let text = fs::read_to_string(format!("{process}/{file}")).ok()?;
    Some(sum_of(&text, names))
}

fn sum_of(text: &str, names: &[&str]) -> u64 {
    text.lines()
        .filter(|line| names.iter().any(|name| line.starts_with(name)))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum()
}

fn cpu_us(process: &str, fields: std::ops::RangeInclusive<usize>) -> u64 {
    let stat = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
    let ticks = ticks_of(&stat, fields);
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|ticks| u64::try_from(ticks).ok());
    ticks * 1_000_000 / per_second.unwrap_or(100).max(1)
}

/// Sum of numbered fields of `/proc/…/stat`, counted from 0. The name before them may hold anything, brackets and blanks too.
fn ticks_of(stat: &str, fields: std::ops::RangeInclusive<usize>) -> u64 {
    let Some((_, after_name)) = stat.rsplit_once(')') else {
        return 0;
    };
    let skipped = fields.start() - 2;
    let wanted = fields.end() - fields.start() + 1;
    after_name
        .split_whitespace()
        .skip(skipped)
        .take(wanted)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_forge_times() {
        let stat = "7 (a) R 9 9 (9) S 1 7 7 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0";
        assert_eq!(ticks_of(stat, 13..=16), 110);
        assert_eq!(ticks_of(stat, 15..=16), 77);
        assert_eq!(ticks_of("", 13..=16), 0);
    }

    #[test]
    fn files_of_the_toolchain_do_not_count() {
        let status = "Name:\tx\nVmRSS:\t 900 kB\nRssAnon:\t 100 kB\nRssFile:\t 700 kB\nRssShmem:\t 20 kB\nVmPTE:\t 3 kB\n";
        assert_eq!(sum_of(status, &COUNTED), 123);
    }
}
