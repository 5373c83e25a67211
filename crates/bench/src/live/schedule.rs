//! When each letter of a client is due: at a steady rate, whatever the server does (an open loop). Latency counts from there, so that
//! a server that holds its clients up does not hide it.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use rand::RngExt;
use rand::rngs::StdRng;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use super::client::Client;
use super::stats::Stats;

/// Letters fall due on this grid, in microseconds: what the timer ticks by. The runtime's own timers are four times as coarse.
const TICK: u64 = 250;

/// When a client's letters are due. The rate may change from one letter on.
#[derive(Debug, Default)]
pub struct Schedule(Vec<Pace>);

#[derive(Debug)]
struct Pace {
    /// The first letter of this pace.
    first: u32,
    /// When it is due, in microseconds of the run.
    start: u64,
    /// Nanoseconds from letter to letter.
    period: u64,
}

impl Schedule {
    /// From letter `first` on, due at `start`, one every `period` nanoseconds.
    pub fn pace(&mut self, first: u32, start: u64, period: u64) {
        // What was not typed yet follows the new pace.
        self.0.retain(|pace| pace.first < first);
        self.0.push(Pace { first, start, period });
    }

    /// When a letter is due, in microseconds of the run. Without a pace: never.
    #[must_use]
    pub fn due(&self, clock: u32) -> u64 {
        let pace = self.0.iter().rev().find(|pace| pace.first <= clock);
        pace.map_or(u64::MAX, |pace| {
            let exact = pace.start + u64::from(clock - pace.first) * pace.period / 1000;
            exact.next_multiple_of(TICK)
        })
    }
}

/// Has every client type when it is due.
#[derive(Debug)]
pub struct Pacer {
    stats: Rc<Stats>,
    /// When each typing client is due next, by place.
    due: RefCell<BinaryHeap<Reverse<(u64, usize)>>>,
    clients: RefCell<Vec<Rc<Client>>>,
    /// The most that one of them was late.
    latest: Cell<u64>,
}

impl Pacer {
    /// Nobody types.
    #[must_use]
    pub fn new(stats: Rc<Stats>) -> Self {
        Self { stats, due: RefCell::default(), clients: RefCell::default(), latest: Cell::default() }
    }

    /// From now on these clients, and no others, type so many letters a second each, not all at once.
    pub fn set(&self, clients: Vec<Rc<Client>>, rate: f64, random: &mut StdRng) {
        let period = Duration::from_secs_f64(1.0 / rate);
        let nanos = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX).max(1);
        let now = self.stats.now();
        let mut due = self.due.borrow_mut();
        due.clear();
        for (place, client) in clients.iter().enumerate() {
            let start = now + random.random_range(0..=nanos / 1000);
            let mut schedule = client.schedule.borrow_mut();
            schedule.pace(client.sent.get(), start, nanos);
            due.push(Reverse((schedule.due(client.sent.get()), place)));
        }
        self.clients.replace(clients);
    }

    /// Nobody types any more. Returns how many letters were due and not typed.
    pub fn stop(&self) -> u64 {
        self.due.borrow_mut().clear();
        let now = self.stats.now();
        let clients = self.clients.take();
        let behind = |client: &Rc<Client>| {
            let schedule = client.schedule.borrow();
            (client.sent.get()..)
                .take_while(|clock| schedule.due(*clock) + TICK <= now)
                .take(1_000_000)
                .count() as u64
        };
        clients.iter().filter(|client| !client.ended.get()).map(behind).sum()
    }

    /// How late a letter was typed at worst, in microseconds: the load's own hiccups, which are part of every latency.
    #[must_use]
    pub fn latest(&self) -> u64 {
        self.latest.get()
    }

    /// Goes on for ever.
    ///
    /// # Errors
    /// When the system has no timer.
    pub async fn run(&self) -> Result<()> {
        let timer =
            TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        let every = Expiration::Interval(TimeSpec::from_duration(Duration::from_micros(TICK)));
        timer.set(every, TimerSetTimeFlags::empty())?;
        // To the runtime a timer is a pipe out of which numbers come.
        let mut timer = Receiver::from_owned_fd_unchecked(OwnedFd::from(timer))?;
        loop {
            // How often it fired is not needed: the clock says what is due.
            timer.read_exact(&mut [0; 8]).await?;
            self.tick();
        }
    }

    fn tick(&self) {
        let now = self.stats.now();
        let clients = self.clients.borrow();
        let mut heap = self.due.borrow_mut();
        while let Some(Reverse((due, place))) = heap.peek().copied()
            && due <= now
        {
            heap.pop();
            self.latest.set(self.latest.get().max(now - due));
            if let Some(next) = clients.get(place).and_then(|client| client.type_due(now)) {
                // Still due means that the socket takes no more: next tick.
                heap.push(Reverse((next.max(now + 1), place)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_due_at_a_steady_rate() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.due(0), u64::MAX);
        schedule.pace(0, 1000, 2_000_000);
        assert_eq!([0, 1, 2, 1000].map(|clock| schedule.due(clock)), [1000, 3000, 5000, 2_001_000]);
        schedule.pace(3, 50_001, 1_000_000);
        assert_eq!([2, 3, 4].map(|clock| schedule.due(clock)), [5000, 50_250, 51_250]);
        // A pace of which nothing was typed is forgotten.
        schedule.pace(3, 90_000, 1_000_000);
        assert_eq!([2, 3].map(|clock| schedule.due(clock)), [5000, 90_000]);
    }
}
