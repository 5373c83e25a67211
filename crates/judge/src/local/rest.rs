//! Whether the machine has time left for what nobody waits for.

use std::fs;
use std::time::Duration;

use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

/// How long is looked. It is long beside a tick of the clock in which the kernel counts, a hundredth of a second.
const LOOK: Duration = Duration::from_secs(1);

/// What processors have done since the machine started, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    rest: u64,
    all: u64,
}

/// Looks for a second whether the processors on which this process may run rest half of the time. Where that cannot be known they do.
pub(super) async fn has_time() -> bool {
    let before = ticks();
    tokio::time::sleep(LOOK).await;
    match (before, ticks()) {
        (Some(before), Some(after)) => after.rests_since(before),
        _ => true,
    }
}

fn ticks() -> Option<Ticks> {
    let ours = sched_getaffinity(Pid::from_raw(0)).ok()?;
    Some(count(&fs::read_to_string("/proc/stat").ok()?, &ours))
}

/// Adds up what `/proc/stat` (proc(5)) says of these processors.
fn count(stat: &str, ours: &CpuSet) -> Ticks {
    let mut sum = Ticks { rest: 0, all: 0 };
    for line in stat.lines() {
        let mut words = line.split_ascii_whitespace();
        let number = words.next().and_then(|name| name.strip_prefix("cpu")).and_then(|it| it.parse().ok());
        if !number.is_some_and(|number| ours.is_set(number).unwrap_or(false)) {
            continue;
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; what guests take is in `user` already.
        let times: Vec<u64> = words.take(8).map_while(|word| word.parse().ok()).collect();
        sum.all += times.iter().sum::<u64>();
        sum.rest += times.iter().skip(3).take(2).sum::<u64>();
    }
    sum
}

impl Ticks {
    fn rests_since(self, before: Self) -> bool {
        2 * self.rest.saturating_sub(before.rest) >= self.all.saturating_sub(before.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_processors_on_which_it_may_run_count() {
        let stat = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 10 1 2 70 3 4 5 6 7 8\ncpu1 100 0 0 0 0 0 0 0 0 0\nintr 5\ncpufoo 1";
        let on = |numbers: &[usize]| {
            let mut set = CpuSet::new();
            numbers.iter().for_each(|number| set.set(*number).unwrap());
            count(stat, &set)
        };
        assert_eq!(on(&[0]), Ticks { rest: 73, all: 101 });
        assert_eq!(on(&[1]), Ticks { rest: 0, all: 100 });
        assert_eq!(on(&[0, 1]), Ticks { rest: 73, all: 201 });
        assert!(ticks().is_some_and(|now| now.all > 0));
    }

    #[test]
    fn half_of_the_time_is_enough() {
        let before = Ticks { rest: 50, all: 1000 };
        assert!(Ticks { rest: 100, all: 1100 }.rests_since(before));
        assert!(!Ticks { rest: 99, all: 1100 }.rests_since(before));
        assert!(!Ticks { rest: 50, all: 1001 }.rests_since(before));
    }
}
