//! All boxes of a launcher: builds them ahead of need, hands runs out, watches limits, reaps, answers. One thread, one poll loop.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use super::cgroup::{Group, Groups, remove_stale};
use super::inside::{self, NAMESPACES, Plan};
use super::sandbox::{Sandbox, TICK, Task, Unstarted};
use super::seccomp::Filters;
use super::setup::{Power, root_folder};
use crate::sys::{self, Forked};
use crate::wire::{self, MAX_GIVEN, Run, Setup, Wait};

/// How long a launcher that ends tries to remove its last groups.
const CLOSING: Duration = Duration::from_secs(1);
/// How long a launcher that begins tries to remove what dead ones left: their boxes die with them, but that may take a moment. What
/// is still there then belongs to somebody who lives.
const CLEARING: Duration = Duration::from_millis(500);
/// No launcher has more boxes: each has a user id of its own.
const MAX_SLOTS: u32 = 256;
/// The pause before building ahead again after a box died unused; it doubles, up to the longest one.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The boxes.
pub(super) struct Boxes {
    power: Power,
    groups: Option<Groups>,
    filters: Filters,
    /// Building ahead, one a root.
    ahead: Vec<Ahead>,
    /// Of each root, how many are kept ready.
    spares: Vec<usize>,
    /// Of each root, the size of the work folder in KiB.
    disks: Vec<u32>,
    free_slots: Vec<u32>,
    built: u64,
    live: Vec<Sandbox>,
    /// Groups that could not be removed yet.
    leftovers: Vec<Group>,
    /// Folders of groups that dead launchers left, until when they are tried.
    stale: Vec<PathBuf>,
    cleared_by: Instant,
    /// Runs whose box died before their program began.
    again: Vec<Task>,
}

/// How building ahead goes for a root. What fails once is likely to fail again, but not for ever.
#[derive(Default, Clone)]
struct Ahead {
    /// Boxes in a row that could not be built or died unused.
    failures: u32,
    /// None is built ahead before.
    not_before: Option<Instant>,
}

impl Ahead {
    fn failed(&mut self) {
        let pause = PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.not_before = Some(Instant::now() + pause);
    }

    fn worked(&mut self) {
        *self = Self::default();
    }

    fn pause(&self) -> Option<Duration> {
        self.not_before
            .map(|then| then.saturating_duration_since(Instant::now()))
            .filter(|left| !left.is_zero())
    }
}

/// What a poll found.
struct Events {
    judge: bool,
    boxes: Vec<BoxEvents>,
}

#[derive(Default, Clone, Copy)]
struct BoxEvents {
    control: bool,
    ended: bool,
    run: bool,
}

impl Boxes {
    pub(super) fn new(setup: &Setup, power: Power, groups: Option<Groups>, filters: Filters) -> Self {
        let stale = groups.as_ref().map(Groups::stale).unwrap_or_default();
        Self {
            power,
            groups,
            filters,
            ahead: vec![Ahead::default(); setup.roots.len()],
            spares: setup.roots.iter().map(|root| root.spares as usize).collect(),
            disks: setup.roots.iter().map(|root| root.disk_kb).collect(),
            free_slots: (0..setup.slots.clamp(1, MAX_SLOTS)).rev().collect(),
            built: 0,
            live: Vec::new(),
            leftovers: Vec::new(),
            stale,
            cleared_by: Instant::now() + CLEARING,
            again: Vec::new(),
        }
    }

    /// Serves runs until the judge hangs up, then kills everything.
    pub(super) fn serve(mut self, judge: &OwnedFd) -> io::Result<()> {
        loop {
            self.refill();
            let events = self.wait(Some(judge))?;
            // From the last to the first, so that removing one moves none that is still to come.
            for (index, event) in events.boxes.into_iter().enumerate().rev() {
                self.attend(index, event);
            }
            for task in std::mem::take(&mut self.again) {
                self.start_fresh(task).unwrap_or_else(Unstarted::answer);
            }
            if events.judge && !self.accept(judge)? {
                return self.close();
            }
            for sandbox in &mut self.live {
                sandbox.tick();
            }
            self.clear();
        }
    }

    /// Removes what can be removed by now.
    fn clear(&mut self) {
        self.leftovers.retain(|group| group.remove().is_err());
        if Instant::now() < self.cleared_by {
            remove_stale(&mut self.stale);
        } else {
            self.stale = Vec::new();
        }
    }

    /// Waits until something happens to a box or the judge says something, or until something is due.
    fn wait(&self, judge: Option<&OwnedFd>) -> io::Result<Events> {
        let mut descriptors: Vec<PollFd<'_>> =
            judge.iter().map(|judge| PollFd::new(judge.as_fd(), PollFlags::POLLIN)).collect();
        for sandbox in &self.live {
            for descriptor in sandbox.watched() {
                descriptors.push(PollFd::new(descriptor, PollFlags::POLLIN));
            }
        }
        match poll(&mut descriptors, self.timeout()) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut found = descriptors.iter().map(|one| one.any().unwrap_or(false));
        let judge = judge.is_some() && found.next().unwrap_or(false);
        let boxes = self.live.iter().map(|sandbox| BoxEvents {
            control: found.next().unwrap_or(false),
            ended: found.next().unwrap_or(false),
            run: sandbox.watches_run() && found.next().unwrap_or(false),
        });
        Ok(Events { judge, boxes: boxes.collect() })
    }

    /// How long there is nothing to do unless something happens.
    fn timeout(&self) -> PollTimeout {
        let ticks = self.live.iter().filter_map(Sandbox::tick_time).chain((!self.is_clear()).then_some(TICK));
        // A millisecond more, so that the pause is over when the poll is.
        let pauses = self.ahead.iter().filter_map(Ahead::pause).map(|left| left + Duration::from_millis(1));
        match pauses.chain(ticks).min() {
            Some(wait) => PollTimeout::try_from(wait).unwrap_or(PollTimeout::ZERO),
            None => PollTimeout::NONE,
        }
    }

    fn attend(&mut self, index: usize, event: BoxEvents) {
        let Some(sandbox) = self.live.get_mut(index) else { return };
        if event.control || event.ended {
            sandbox.listen();
        }
        if event.run {
            sandbox.obey();
        }
        if event.ended {
            let mut sandbox = self.live.swap_remove(index);
            self.free_slots.push(sandbox.slot());
            if sandbox.is_unused() {
                self.ahead[sandbox.root()].failed();
            }
            self.again.extend(sandbox.take_back());
            self.leftovers.extend(sandbox.finish());
        }
    }

    /// Takes one request. `false`: the judge is gone.
    fn accept(&mut self, judge: &OwnedFd) -> io::Result<bool> {
        let (run, mut descriptors) = match wire::receive::<Run>(judge, Wait::No) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
            Err(error) => return Err(error),
        };
        let fits = descriptors.len() == run.descriptors() && run.given.len() <= MAX_GIVEN;
        if !fits || run.root >= self.ahead.len() {
            return Err(io::Error::other("a request that makes no sense"));
        }
        let answer = descriptors.remove(0);
        self.start(Task::new(run, answer, descriptors)).unwrap_or_else(Unstarted::answer);
        Ok(true)
    }

    fn start(&mut self, task: Task) -> Result<(), Unstarted> {
        let root = task.root();
        let Some(spare) = self.live.iter().position(|sandbox| sandbox.is_spare(root)) else {
            return self.start_fresh(task);
        };
        match self.live[spare].assign(task) {
            Ok(()) => {
                self.ahead[root].worked();
                Ok(())
            }
            // It has died since it was built. That is no reason for the learner's run to fail.
            Err(unstarted) => {
                self.discard(spare);
                self.ahead[root].failed();
                self.start_fresh(*unstarted.task)
            }
        }
    }

    fn start_fresh(&mut self, task: Task) -> Result<(), Unstarted> {
        let room = if self.free_slots.is_empty() { self.make_room() } else { Ok(()) };
        if let Err(error) = room.and_then(|()| self.build(task.root())) {
            return Err(Unstarted { task: Box::new(task), error });
        }
        let fresh = self.live.len() - 1;
        self.live[fresh].assign(task).inspect_err(|_| self.discard(fresh))
    }

    /// Ends a box that has no run.
    fn discard(&mut self, index: usize) {
        let sandbox = self.live.swap_remove(index);
        self.free_slots.push(sandbox.slot());
        self.leftovers.extend(sandbox.abandon());
    }

    /// Makes room by waiting for a box that is ending, or by ending one that waits for work in another language.
    fn make_room(&mut self) -> io::Result<()> {
        let ending = self.live.iter().position(Sandbox::is_ending);
        let idle =
            || (0..self.ahead.len()).find_map(|root| self.live.iter().position(|one| one.is_spare(root)));
        let index = ending.or_else(idle).ok_or_else(|| io::Error::other("no free box"))?;
        let sandbox = self.live.swap_remove(index);
        self.free_slots.push(sandbox.slot());
        self.leftovers.extend(if ending.is_some() { sandbox.finish() } else { sandbox.abandon() });
        Ok(())
    }

    /// Builds ahead, one box a turn, so that a run seldom waits for it; nor does one that is about to start.
    fn refill(&mut self) {
        if self.live.iter().any(Sandbox::is_starting) {
            return;
        }
        for root in 0..self.ahead.len() {
            let ready = self.live.iter().filter(|sandbox| sandbox.is_spare(root)).count();
            if ready < self.spares[root] && !self.free_slots.is_empty() && self.ahead[root].pause().is_none()
            {
                // What fails here is told when a run needs it.
                if self.build(root).is_err() {
                    self.ahead[root].failed();
                }
                return;
            }
        }
    }

    fn build(&mut self, root: usize) -> io::Result<()> {
        let slot = self.free_slots.pop().ok_or_else(|| io::Error::other("no free box"))?;
        self.built += 1;
        match self.fork(root, slot) {
            Ok(sandbox) => {
                self.live.push(sandbox);
                Ok(())
            }
            Err(error) => {
                self.free_slots.push(slot);
                Err(error)
            }
        }
    }

    fn fork(&mut self, root: usize, slot: u32) -> io::Result<Sandbox> {
        let group = self.groups.as_ref().map(|groups| groups.create(self.built)).transpose()?;
        match self.fork_with(root, slot, group.as_ref()) {
            Ok((pid, pidfd, control)) => Ok(Sandbox::new(pid, pidfd, control, slot, root, group)),
            Err(error) => {
                // Nobody is in it; nothing else would ever remove it.
                self.leftovers.extend(group.filter(|group| group.remove().is_err()));
                Err(error)
            }
        }
    }

    fn fork_with(
        &self,
        root: usize,
        slot: u32,
        group: Option<&Group>,
    ) -> io::Result<(Pid, OwnedFd, OwnedFd)> {
        let plan = Plan {
            root: root_folder(root),
            disk_kb: self.disks[root],
            power: self.power,
            slot,
            doors: group.map(Group::doors).unwrap_or_default(),
            filters: &self.filters,
        };
        let (ours, theirs) = wire::pair()?;
        match sys::fork_into(NAMESPACES)? {
            Forked::Child => inside::live(&plan, theirs),
            Forked::Parent(pid, pidfd) => Ok((pid, pidfd, ours)),
        }
    }

    fn is_clear(&self) -> bool {
        self.leftovers.is_empty() && self.stale.is_empty()
    }

    /// Kills all boxes and removes their groups; the kernel may need a moment to let go of one.
    fn close(mut self) -> io::Result<()> {
        let live = std::mem::take(&mut self.live);
        self.leftovers.extend(live.into_iter().filter_map(Sandbox::abandon));
        let deadline = Instant::now() + CLOSING;
        self.clear();
        while !self.is_clear() && Instant::now() < deadline {
            self.wait(None)?;
            self.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_have_an_end_and_are_forgotten() {
        let mut ahead = Ahead::default();
        assert_eq!(ahead.pause(), None);
        for _ in 0..100 {
            ahead.failed();
            assert!(ahead.pause().is_some_and(|left| left <= LONGEST_PAUSE));
        }
        assert!(ahead.pause().is_some_and(|left| left > LONGEST_PAUSE / 2));
        ahead.worked();
        assert_eq!(ahead.pause(), None);
    }
}
