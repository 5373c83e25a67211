//! All boxes of a launcher: builds them ahead of need, hands runs out, watches limits, reaps, answers. One thread, one poll loop.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use seccompiler::BpfProgram;

use super::cgroup::{Group, Groups};
use super::inside::{self, NAMESPACES, Plan};
use super::sandbox::{Sandbox, Task};
use super::setup::Power;
use crate::sys::{self, Forked};
use crate::wire::{self, End, Run, RunReply, Setup, Wait};

/// How often limits are looked at while something runs.
const TICK: Duration = Duration::from_millis(10);
/// How often a launcher that ends tries to remove its last groups, a tick apart.
const CLOSING_TRIES: u32 = 100;
/// No launcher has more boxes: each has a user id of its own.
const MAX_SLOTS: u32 = 256;

/// The boxes.
pub(super) struct Boxes {
    power: Power,
    groups: Option<Groups>,
    filters: Vec<BpfProgram>,
    roots: usize,
    spares: usize,
    free_slots: Vec<u32>,
    built: u64,
    live: Vec<Sandbox>,
    /// Groups that could not be removed yet.
    leftovers: Vec<Group>,
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
    pub(super) fn new(setup: &Setup, power: Power, groups: Option<Groups>, filters: Vec<BpfProgram>) -> Self {
        Self {
            power,
            groups,
            filters,
            roots: setup.roots.len(),
            spares: setup.spares as usize,
            free_slots: (0..setup.slots.clamp(1, MAX_SLOTS)).rev().collect(),
            built: 0,
            live: Vec::new(),
            leftovers: Vec::new(),
        }
    }

    /// Serves runs until the judge hangs up, then kills everything.
    pub(super) fn serve(mut self, judge: &OwnedFd) -> io::Result<()> {
        loop {
            self.refill();
            let events = self.wait(judge)?;
            // From the last to the first, so that removing one moves none that is still to come.
            for (index, event) in events.boxes.into_iter().enumerate().rev() {
                self.attend(index, event);
            }
            if events.judge && !self.accept(judge)? {
                return self.close();
            }
            for sandbox in &mut self.live {
                sandbox.tick();
            }
            self.leftovers.retain(|group| group.remove().is_err());
        }
    }

    fn wait(&self, judge: &OwnedFd) -> io::Result<Events> {
        let mut descriptors = vec![PollFd::new(judge.as_fd(), PollFlags::POLLIN)];
        for sandbox in &self.live {
            for descriptor in sandbox.watched() {
                descriptors.push(PollFd::new(descriptor, PollFlags::POLLIN));
            }
        }
        let busy = self.live.iter().any(Sandbox::is_busy) || !self.leftovers.is_empty();
        let timeout =
            if busy { PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO) } else { PollTimeout::NONE };
        match poll(&mut descriptors, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut found = descriptors.iter().map(|one| one.any().unwrap_or(false));
        let judge = found.next().unwrap_or(false);
        let boxes = self.live.iter().map(|sandbox| BoxEvents {
            control: found.next().unwrap_or(false),
            ended: found.next().unwrap_or(false),
            run: sandbox.watches_run() && found.next().unwrap_or(false),
        });
        Ok(Events { judge, boxes: boxes.collect() })
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
            let sandbox = self.live.swap_remove(index);
            self.free_slots.push(sandbox.slot());
            if sandbox.is_unused() {
                // A box that could not be built: building ahead would only repeat it.
                self.spares = 0;
            }
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
        if descriptors.len() != 6 || run.root >= self.roots {
            return Err(io::Error::other("a request that makes no sense"));
        }
        let answer = descriptors.remove(0);
        if let Err(error) = self.start(run, &answer, descriptors) {
            let reply = RunReply { end: End::Failed(error.to_string()), cpu_us: 0, memory_kb: 0 };
            let _ = wire::send(answer.as_fd(), &reply, &[], Wait::No);
        }
        Ok(true)
    }

    fn start(&mut self, run: Run, answer: &OwnedFd, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        let spare = self.live.iter().position(|sandbox| sandbox.is_spare(run.root));
        let index = match spare {
            Some(index) => index,
            None => {
                if self.free_slots.is_empty() {
                    self.make_room()?;
                }
                self.build(run.root)?;
                self.live.len() - 1
            }
        };
        let task = Task::new(run, answer.try_clone()?);
        self.live[index].assign(task, &descriptors)
    }

    /// Makes room by waiting for a box that is ending, or by ending one that waits for work in another language.
    fn make_room(&mut self) -> io::Result<()> {
        let ending = self.live.iter().position(Sandbox::is_ending);
        let idle = || (0..self.roots).find_map(|root| self.live.iter().position(|one| one.is_spare(root)));
        let index = ending.or_else(idle).ok_or_else(|| io::Error::other("no free box"))?;
        let sandbox = self.live.swap_remove(index);
        self.free_slots.push(sandbox.slot());
        self.leftovers.extend(if ending.is_some() { sandbox.finish() } else { sandbox.abandon() });
        Ok(())
    }

    /// Builds ahead, one box a turn, so that a run seldom waits for it.
    fn refill(&mut self) {
        for root in 0..self.roots {
            let ready = self.live.iter().filter(|sandbox| sandbox.is_spare(root)).count();
            if ready < self.spares && !self.free_slots.is_empty() {
                // What fails here will fail again, and be told, when a run needs it.
                let _ = self.build(root);
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

    fn fork(&self, root: usize, slot: u32) -> io::Result<Sandbox> {
        let group = self.groups.as_ref().map(|groups| groups.create(self.built)).transpose()?;
        let plan = Plan {
            root: PathBuf::from(format!("/roots/{root}")),
            power: self.power,
            slot,
            doors: group.as_ref().map(Group::doors).unwrap_or_default(),
            filters: &self.filters,
        };
        let (ours, theirs) = wire::pair()?;
        match sys::fork_into(NAMESPACES)? {
            Forked::Child => inside::live(&plan, theirs),
            Forked::Parent(pid, pidfd) => Ok(Sandbox::new(pid, pidfd, ours, slot, root, group)),
        }
    }

    /// Kills all boxes and removes their groups; the kernel may need a moment to let go of one.
    fn close(self) -> io::Result<()> {
        let mut groups = self.leftovers;
        groups.extend(self.live.into_iter().filter_map(Sandbox::abandon));
        for _ in 0..CLOSING_TRIES {
            groups.retain(|group| group.remove().is_err());
            if groups.is_empty() {
                break;
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }
}
