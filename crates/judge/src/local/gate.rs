//! Who gets the next box. There are a bounded number of them at work; who came first goes first, so that two jobs of a hundred tests are
//! not both as late as the second. But a job that has had boxes for long gives way to those that have not, and still gets one box in
//! [`TURNS`], so that neither waits for the other for ever.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codementor_core::ports::JudgeError;
use tokio::sync::oneshot;

/// A job that has had boxes for this long, all of them together, gives way.
const LONG: Duration = Duration::from_secs(4);
/// One of so many boxes goes to the oldest job, however much it has had.
const TURNS: u64 = 4;

tokio::task_local! {
    /// The job that a task works on. A task without one asks as a job of its own.
    static JOB: Arc<Served>;
}

/// What a job has had.
#[derive(Debug)]
struct Served {
    number: u64,
    micros: AtomicU64,
}

/// Hands out boxes.
#[derive(Clone)]
pub(super) struct Gate {
    /// Held for a few instructions, never across an await.
    state: Arc<Mutex<State>>,
}

struct State {
    free: usize,
    /// Counts jobs and requests.
    next: u64,
    granted: u64,
    /// By whether the job has had much, its number and the request's.
    waiting: BTreeMap<(bool, u64, u64), Waiter>,
}

struct Waiter {
    boxes: usize,
    job: Arc<Served>,
    tell: oneshot::Sender<Permit>,
}

/// Boxes at work, until it is dropped.
pub(super) struct Permit {
    gate: Gate,
    boxes: usize,
    job: Arc<Served>,
    since: Instant,
}

impl Gate {
    /// A gate with so many boxes.
    pub(super) fn new(boxes: usize) -> Self {
        let state = State { free: boxes, next: 0, granted: 0, waiting: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    /// Does `work` as a job whose requests belong together.
    pub(super) async fn job<T>(&self, work: impl Future<Output = T>) -> T {
        let job = self.lock().job();
        JOB.scope(job, work).await
    }

    /// Waits for boxes, not more than there are. Dropping the future gives up the place.
    pub(super) async fn pass(&self, boxes: usize) -> Result<Permit, JudgeError> {
        let (tell, told) = oneshot::channel();
        let granted = {
            let mut state = self.lock();
            let job = JOB.try_with(Arc::clone).unwrap_or_else(|_| state.job());
            let has_had_much = job.micros.load(Ordering::Relaxed) > LONG.as_micros() as u64;
            let key = (has_had_much, job.number, state.number());
            state.waiting.insert(key, Waiter { boxes, job, tell });
            state.grant()
        };
        self.give(granted);
        told.await.map_err(|error| JudgeError::Failed(error.to_string()))
    }

    fn give(&self, granted: Vec<Waiter>) {
        for Waiter { boxes, job, tell } in granted {
            let permit = Permit { gate: self.clone(), boxes, job, since: Instant::now() };
            // Who has gone since gives it back by dropping it.
            let _ = tell.send(permit);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way, so a poisoned state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn job(&mut self) -> Arc<Served> {
        Arc::new(Served { number: self.number(), micros: AtomicU64::new(0) })
    }

    /// Takes those out who are to go now.
    fn grant(&mut self) -> Vec<Waiter> {
        let mut granted = Vec::new();
        self.waiting.retain(|_, waiter| !waiter.tell.is_closed());
        loop {
            let oldest = || self.waiting.keys().min_by_key(|(_, job, request)| (*job, *request));
            let next = if self.granted % TURNS == TURNS - 1 { oldest() } else { self.waiting.keys().next() };
            let Some(next) = next.copied() else { return granted };
            // Whoever needs more than is free is waited for, or would never get it.
            if self.waiting.get(&next).is_none_or(|waiter| waiter.boxes > self.free) {
                return granted;
            }
            if let Some(waiter) = self.waiting.remove(&next) {
                self.free -= waiter.boxes;
                self.granted += 1;
                granted.push(waiter);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let used = self.since.elapsed().as_micros() as u64;
        self.job.micros.fetch_add(used.saturating_mul(self.boxes as u64), Ordering::Relaxed);
        let granted = {
            let mut state = self.gate.lock();
            state.free += self.boxes;
            state.grant()
        };
        self.gate.give(granted);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn now<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        match std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    fn job(gate: &Gate, micros: u64) -> Arc<Served> {
        let job = gate.lock().job();
        job.micros.store(micros, Ordering::Relaxed);
        job
    }

    #[tokio::test]
    async fn the_older_job_goes_first_and_who_gives_up_is_passed_over() {
        let gate = Gate::new(2);
        let (first, second) = (job(&gate, 0), job(&gate, 0));
        let held = gate.pass(2).await.unwrap();
        let mut late = pin!(JOB.scope(second, gate.pass(1)));
        let mut gone = Box::pin(JOB.scope(first.clone(), gate.pass(2)));
        let mut early = pin!(JOB.scope(first, gate.pass(2)));
        assert!(now(&mut late).is_none() && now(&mut gone).is_none() && now(&mut early).is_none());
        drop(gone);
        drop(held);
        let both = now(&mut early).unwrap().unwrap();
        assert!(now(&mut late).is_none(), "both boxes are at work");
        drop(both);
        assert!(now(&mut late).unwrap().is_ok());
        assert_eq!(gate.lock().free, 2);
    }

    #[tokio::test]
    async fn a_job_that_has_had_much_gives_way_and_is_not_forgotten() {
        let gate = Gate::new(1);
        let (long, quick) = (job(&gate, 2 * LONG.as_micros() as u64), job(&gate, 0));
        let mut held = gate.pass(1).await.unwrap();
        let mut order = String::new();
        let mut waiting: Vec<_> = (0..8)
            .map(|index| {
                let (name, job) = if index % 2 == 0 { ('l', &long) } else { ('q', &quick) };
                (name, Box::pin(JOB.scope(job.clone(), gate.pass(1))))
            })
            .collect();
        assert!(waiting.iter_mut().all(|(_, one)| now(one).is_none()));
        while !waiting.is_empty() {
            drop(held);
            let next =
                waiting.iter_mut().enumerate().find_map(|(index, (_, one))| Some((index, now(one)?.ok()?)));
            let (index, permit) = next.unwrap();
            order.push(waiting.remove(index).0);
            held = permit;
        }
        assert_eq!(order, "qqlqqlll");
    }
}
