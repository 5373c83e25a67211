//! One box from outside: its first process, its control group, its run, and how that ended.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Whence, lseek};

use super::cgroup::Group;
use super::sampler::{self, Sample};
use crate::sys::{self, Waited};
use crate::wire::{self, End, FromBox, Kill, Run, RunReply, Standard, Wait};

/// A box that has not started its program by then is given up.
const BUILD_TIME: Duration = Duration::from_secs(10);

/// How often limits are looked at while something runs.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// The same for a program that waits for a person most of its time.
const SLOW_TICK: Duration = Duration::from_millis(50);

/// Of a run's descriptors, without its socket, the first that is given.
const GIVEN: usize = 4;

/// A box.
pub(super) struct Sandbox {
    pid: Pid,
    pidfd: OwnedFd,
    control: OwnedFd,
    slot: u32,
    root: usize,
    group: Option<Group>,
    /// The box's `/proc` and work folder.
    inside: Option<(OwnedFd, OwnedFd)>,
    /// Its run, until it is answered.
    task: Option<Task>,
    /// Whether it has ever had one; it gets no other.
    used: bool,
    report: Option<Report>,
    failure: Option<String>,
}

/// A run in a box.
pub(super) struct Task {
    run: Run,
    answer: OwnedFd,
    /// What the box is given, kept until the program starts.
    descriptors: Vec<OwnedFd>,
    /// Whether this is the second box.
    again: bool,
    assigned: Instant,
    started: Option<Instant>,
    /// CPU time the box itself had used when the program started.
    cpu_before_us: u64,
    peak: Sample,
    killed: Option<Kill>,
    abandoned: bool,
}

/// A run that no box could be given, and why.
pub(super) struct Unstarted {
    pub(super) task: Box<Task>,
    pub(super) error: io::Error,
}

impl Unstarted {
    /// Tells the judge.
    pub(super) fn answer(self) {
        let reply = RunReply { end: End::Failed(self.error.to_string()), cpu_us: 0, memory_kb: 0 };
        let _ = wire::send(self.task.answer.as_fd(), &reply, &[], Wait::No);
    }
}

struct Report {
    status: Result<i32, i32>,
    cpu_us: u64,
    max_rss_kb: u64,
}

impl Task {
    pub(super) fn new(run: Run, answer: OwnedFd, descriptors: Vec<OwnedFd>) -> Self {
        Self {
            run,
            answer,
            descriptors,
            again: false,
            assigned: Instant::now(),
            started: None,
            cpu_before_us: 0,
            peak: Sample::default(),
            killed: None,
            abandoned: false,
        }
    }

    /// Which language it needs.
    pub(super) fn root(&self) -> usize {
        self.run.root
    }
}

impl Sandbox {
    pub(super) fn new(
        pid: Pid,
        pidfd: OwnedFd,
        control: OwnedFd,
        slot: u32,
        root: usize,
        group: Option<Group>,
    ) -> Self {
        Self {
            pid,
            pidfd,
            control,
            slot,
            root,
            group,
            inside: None,
            task: None,
            used: false,
            report: None,
            failure: None,
        }
    }

    pub(super) fn slot(&self) -> u32 {
        self.slot
    }

    /// Which language's it is.
    pub(super) fn root(&self) -> usize {
        self.root
    }

    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// Whether it waits for a run of this root.
    pub(super) fn is_spare(&self, root: usize) -> bool {
        !self.used && self.root == root && self.failure.is_none()
    }

    /// How often its limits must be looked at; not at all without a run.
    pub(super) fn tick_time(&self) -> Option<Duration> {
        let task = self.task.as_ref()?;
        // Where the kernel watches memory, only time can run over.
        let may_wait = task.run.standard == Standard::Terminal && self.group.is_some();
        Some(if may_wait { SLOW_TICK } else { TICK })
    }

    /// Whether the judge may still say something about the run.
    pub(super) fn watches_run(&self) -> bool {
        self.task.as_ref().is_some_and(|task| !task.abandoned)
    }

    /// Whether it has a run whose program has not started yet.
    pub(super) fn is_starting(&self) -> bool {
        self.task.as_ref().is_some_and(|task| task.started.is_none())
    }

    /// Whether its program has ended and it is about to end itself.
    pub(super) fn is_ending(&self) -> bool {
        self.report.is_some()
    }

    /// What to poll: the box's socket, its first process, and the run's socket while [`Self::watches_run`].
    pub(super) fn watched(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let run = self.task.as_ref().filter(|task| !task.abandoned).map(|task| task.answer.as_fd());
        [self.control.as_fd(), self.pidfd.as_fd()].into_iter().chain(run)
    }

    /// Gives it its one run, or gives the run back.
    pub(super) fn assign(&mut self, task: Task) -> Result<(), Unstarted> {
        let limited = self.group.as_ref().map(|group| group.limit_memory(u64::from(task.run.memory_kb)));
        let borrowed: Vec<_> = task.descriptors.iter().map(AsFd::as_fd).collect();
        let sent = limited
            .unwrap_or(Ok(()))
            .and_then(|()| wire::send(self.control.as_fd(), &task.run, &borrowed, Wait::No));
        match sent {
            Ok(()) => {
                self.task = Some(task);
                self.used = true;
                Ok(())
            }
            Err(error) => Err(Unstarted { task: Box::new(task), error }),
        }
    }

    /// The run of an ended box, when its program has never begun and nobody knows why. It can be tried in another box, once.
    pub(super) fn take_back(&mut self) -> Option<Task> {
        let unexplained = self.report.is_none() && self.failure.is_none();
        let mut task = self
            .task
            .take_if(|task| unexplained && task.started.is_none() && task.killed.is_none() && !task.again)?;
        task.again = true;
        // The dead box may have read what it was given, and the place in it is shared.
        let mut given = task.descriptors.iter().skip(GIVEN).take(task.run.given.len());
        given.all(|given| lseek(given, 0, Whence::SeekSet).is_ok()).then_some(task)
    }

    /// Takes what the box has said.
    pub(super) fn listen(&mut self) {
        while let Ok(Some((message, descriptors))) = wire::receive::<FromBox>(&self.control, Wait::No) {
            match message {
                FromBox::Ready => {
                    let mut descriptors = descriptors.into_iter();
                    self.inside = descriptors.next().zip(descriptors.next());
                }
                FromBox::Started => {
                    let cpu = self.group.as_ref().and_then(Group::cpu_us).unwrap_or(0);
                    if let Some(task) = &mut self.task {
                        task.started = Some(Instant::now());
                        // The box must hold the only writing ends, so that reading ends with it.
                        task.descriptors.clear();
                        task.cpu_before_us = cpu;
                    }
                }
                FromBox::Done { status, cpu_us, max_rss_kb } => {
                    self.report = Some(Report { status, cpu_us, max_rss_kb });
                }
                FromBox::Failed(message) => self.failure = Some(message),
                // Only the launcher's own trial at its start says this.
                FromBox::Rehearsed(_) => {}
            }
        }
    }

    /// Does what the judge has said about the run: a message or a hang-up both end it.
    pub(super) fn obey(&mut self) {
        let Some(task) = &mut self.task else { return };
        match wire::receive::<Kill>(&task.answer, Wait::No) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => task.abandoned = true,
        }
        self.kill(Kill::Asked);
    }

    /// Looks at the limits.
    pub(super) fn tick(&mut self) {
        let Some(task) = &self.task else { return };
        if task.killed.is_some() || self.report.is_some() {
            return;
        }
        let Some(started) = task.started else {
            if task.assigned.elapsed() > BUILD_TIME {
                self.failure = Some("the box took too long to build".to_owned());
                self.end();
            }
            return;
        };
        let now = self.measure();
        let Some(task) = &mut self.task else { return };
        task.peak.cpu_us = task.peak.cpu_us.max(now.cpu_us);
        task.peak.memory_kb = task.peak.memory_kb.max(now.memory_kb);
        let over = if task.peak.memory_kb > u64::from(task.run.memory_kb) {
            Some(Kill::Memory)
        } else if task.peak.cpu_us > u64::from(task.run.cpu_ms) * 1_000 {
            Some(Kill::Cpu)
        } else if started.elapsed() > Duration::from_millis(u64::from(task.run.wall_ms)) {
            Some(Kill::Wall)
        } else {
            None
        };
        if let Some(reason) = over {
            self.kill(reason);
        }
    }

    /// What the program uses now. Where a group limits memory the kernel watches it, and 0 is said here.
    fn measure(&self) -> Sample {
        let before = self.task.as_ref().map_or(0, |task| task.cpu_before_us);
        let counted = self.group.as_ref().and_then(Group::cpu_us).map(|cpu| cpu.saturating_sub(before));
        let sampled = match (&self.group, counted, &self.inside) {
            (Some(_), Some(_), _) | (_, _, None) => Sample::default(),
            (_, _, Some((proc, work))) => {
                let limit_kb = self.task.as_ref().map_or(u64::MAX, |task| u64::from(task.run.memory_kb));
                sampler::sample(proc, work, self.pid, limit_kb)
            }
        };
        Sample {
            memory_kb: if self.group.is_some() { 0 } else { sampled.memory_kb },
            cpu_us: counted.unwrap_or(sampled.cpu_us),
        }
    }

    fn kill(&mut self, reason: Kill) {
        if let Some(task) = &mut self.task {
            task.killed.get_or_insert(reason);
        }
        self.end();
    }

    /// Kills the first process, and the kernel with it all others. It is our child and not reaped yet, so the number is its own.
    fn end(&self) {
        let _ = kill(self.pid, Signal::SIGKILL);
    }

    /// Reaps the ended box, and answers its run if that has not been done. Returns the group when it cannot be removed yet.
    pub(super) fn finish(mut self) -> Option<Group> {
        let waited = sys::wait4(self.pid).ok();
        self.listen();
        self.answer(waited);
        self.let_go()
    }

    /// Answers the run, once.
    fn answer(&mut self, waited: Option<Waited>) {
        let used = self.measure();
        let Some(task) = self.task.take() else { return };
        let report = self.report.as_ref();
        let own_cpu = report.map(|report| report.cpu_us).or(waited.map(|end| micros(end.cpu))).unwrap_or(0);
        let group_kb = self.group.as_ref().map_or(0, Group::peak_kb);
        let counted_kb = Some(group_kb.max(task.peak.memory_kb)).filter(|&kb| kb > 0);
        let rss_kb = report.map(|report| report.max_rss_kb).or(waited.map(|end| end.max_rss_kb));
        let reply = RunReply {
            end: self.end_of(&task),
            cpu_us: own_cpu.max(used.cpu_us).max(task.peak.cpu_us),
            memory_kb: counted_kb.or(rss_kb).unwrap_or(0),
        };
        // It may have had the run killed meanwhile.
        let _ = wire::send_last(task.answer.as_fd(), &reply);
    }

    fn end_of(&self, task: &Task) -> End {
        let out_of_memory = self.group.as_ref().is_some_and(Group::out_of_memory);
        match (task.killed, &self.report, &self.failure) {
            (Some(Kill::Asked), _, _) => End::Killed(Kill::Asked),
            _ if out_of_memory => End::Killed(Kill::Memory),
            (Some(reason), _, _) => End::Killed(reason),
            (None, _, Some(failure)) => End::Failed(failure.clone()),
            (None, Some(report), None) => match report.status {
                Ok(code) => End::Exited(code),
                Err(signal) => End::Signalled(signal),
            },
            (None, None, None) => End::Failed("the box ended without a word".to_owned()),
        }
    }

    /// Ends and reaps it without an answer.
    pub(super) fn abandon(self) -> Option<Group> {
        self.end();
        let _ = sys::wait4(self.pid);
        self.let_go()
    }

    fn let_go(self) -> Option<Group> {
        self.group.filter(|group| group.remove().is_err())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
