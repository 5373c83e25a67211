//! What the clients of a run saw together, and the windows that figures are taken from.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::process;

/// The longest latency that is told apart from longer ones, in microseconds.
const LONGEST: u64 = 300_000_000;

/// Counters of one run, on one thread.
#[derive(Debug)]
pub struct Stats {
    /// The zero of all its times.
    pub origin: Instant,
    /// Updates that left this process's queues for the socket.
    pub sent: Cell<u64>,
    /// Updates received by another client, each once a client.
    pub deliveries: Cell<u64>,
    /// Updates that came back to their sender.
    pub echoes: Cell<u64>,
    /// Updates that a client had already.
    pub repeats: Cell<u64>,
    /// Frames that are no honest message, and units of clients that do not exist.
    pub unreadable: Cell<u64>,
    /// Clients whose first synchronisation is over.
    pub synced: Cell<u64>,
    /// Sockets that the server ended, by close code; 1006 is an end without one.
    pub closed: RefCell<BTreeMap<u16, u64>>,
    /// Something above changed.
    pub changed: Notify,
    latency: RefCell<Histogram<u64>>,
    /// Latencies count from here on, by the time at which an update was due.
    measured_from: Cell<u64>,
}

impl Stats {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// Never, but for a histogram that cannot be.
    pub fn new() -> Result<Self> {
        Ok(Self {
            origin: Instant::now(),
            sent: Cell::default(),
            deliveries: Cell::default(),
            echoes: Cell::default(),
            repeats: Cell::default(),
            unreadable: Cell::default(),
            synced: Cell::default(),
            closed: RefCell::default(),
            changed: Notify::new(),
            latency: RefCell::new(histogram()?),
            measured_from: Cell::new(u64::MAX),
        })
    }

    /// Microseconds since the run began.
    #[must_use]
    pub fn now(&self) -> u64 {
        // Fits for half a million years.
        self.origin.elapsed().as_micros() as u64
    }

    /// One delivery.
    pub fn deliver(&self, due: u64, now: u64) {
        add(&self.deliveries, 1);
        if due >= self.measured_from.get() {
            self.latency.borrow_mut().saturating_record(now.saturating_sub(due).max(1));
        }
    }

    /// How many sockets the server ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.closed.borrow().values().sum()
    }

    /// Waits until `done`, as long as something changes at least every `patience`. Tells whether it is.
    pub async fn until(&self, patience: Duration, done: impl Fn() -> bool) -> bool {
        loop {
            let changed = self.changed.notified();
            if done() {
                return true;
            }
            if tokio::time::timeout(patience, changed).await.is_err() {
                return done();
            }
        }
    }

    /// Begins a window. The first one is where latencies begin to count.
    ///
    /// # Errors
    /// When the server's process is gone.
    pub fn begin(&self, server: Option<u32>) -> Result<Window> {
        self.measured_from.set(self.measured_from.get().min(self.now()));
        self.latency.borrow_mut().reset();
        Ok(Window {
            server,
            started: Instant::now(),
            sent: self.sent.get(),
            deliveries: self.deliveries.get(),
            server_cpu: server.map(process::cpu_seconds).transpose()?,
            own_cpu: process::cpu_seconds(std::process::id())?,
            waited: waited(server),
        })
    }

    /// Latencies so far in this window.
    #[must_use]
    pub fn latency(&self) -> Histogram<u64> {
        self.latency.borrow().clone()
    }
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LONGEST, 3)?)
}

/// Adds to a counter.
pub fn add(counter: &Cell<u64>, more: u64) {
    counter.set(counter.get() + more);
}

fn waited(server: Option<u32>) -> [f64; 2] {
    [server.map_or(0.0, process::waited_seconds), process::waited_seconds(std::process::id())]
}

/// A window that has begun.
#[derive(Debug)]
pub struct Window {
    server: Option<u32>,
    started: Instant,
    sent: u64,
    deliveries: u64,
    server_cpu: Option<f64>,
    own_cpu: f64,
    waited: [f64; 2],
}

impl Window {
    /// Ends it.
    ///
    /// # Errors
    /// When the server's process is gone.
    pub fn end(&self, stats: &Stats) -> Result<Figures> {
        let server_cpu = match (self.server, self.server_cpu) {
            (Some(pid), Some(before)) => Some(process::cpu_seconds(pid)? - before),
            _ => None,
        };
        let after = waited(self.server);
        Ok(Figures {
            seconds: self.started.elapsed().as_secs_f64(),
            sent: stats.sent.get() - self.sent,
            deliveries: stats.deliveries.get() - self.deliveries,
            server_cpu,
            own_cpu: process::cpu_seconds(std::process::id())? - self.own_cpu,
            waited: std::array::from_fn(|at| (after[at] - self.waited[at]).max(0.0)),
            latency: stats.latency(),
        })
    }
}

/// What a window saw.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Its length.
    pub seconds: f64,
    /// Updates sent in it.
    pub sent: u64,
    /// Deliveries in it.
    pub deliveries: u64,
    /// CPU seconds of the server.
    pub server_cpu: Option<f64>,
    /// CPU seconds of this process.
    pub own_cpu: f64,
    /// Seconds for which the server, and this process, were ready to run and had no core.
    pub waited: [f64; 2],
    /// In microseconds, from the moment at which an update was due.
    pub latency: Histogram<u64>,
}

impl Figures {
    /// Deliveries a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of deliveries are far below 2^52")]
    pub fn rate(&self) -> f64 {
        self.deliveries as f64 / self.seconds
    }

    /// The latency that `quantile` of all deliveries did not exceed, in microseconds.
    #[must_use]
    pub fn latency(&self, quantile: f64) -> u64 {
        self.latency.value_at_quantile(quantile)
    }

    /// As the report shows it.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of deliveries are far below 2^52")]
    pub fn json(&self) -> Value {
        let cpu = self.server_cpu.filter(|_| self.deliveries > 0);
        let own_share = self.own_cpu / self.seconds;
        json!({
            "seconds": round(self.seconds), "sent": self.sent, "deliveries": self.deliveries,
            "deliveries_per_second": self.rate().round(),
            "latency_us": {
                "p50": self.latency(0.5), "p90": self.latency(0.9), "p99": self.latency(0.99),
                "p99.9": self.latency(0.999), "max": self.latency.max(), "count": self.latency.len(),
            },
            "server_cpu_seconds": self.server_cpu.map(round),
            "server_cpu_seconds_per_million_deliveries": cpu.map(|cpu| round(cpu * 1e6 / self.deliveries as f64)),
            "generator_cpu_seconds": round(self.own_cpu),
            // Much of it means that something else used their cores: then latencies are the neighbours'.
            "seconds_without_a_core": { "server": round(self.waited[0]), "generator": round(self.waited[1]) },
            // Above this the figures are the generator's, not the server's.
            "generator_was_the_limit": own_share > 0.9,
        })
    }
}

/// To a thousandth.
#[must_use]
pub fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_window() {
        let stats = Stats::new().unwrap();
        stats.deliver(stats.now(), stats.now() + 1_000_000);
        let window = stats.begin(None).unwrap();
        let due = stats.now() + 10;
        for micros in 1..=1000 {
            stats.deliver(due, due + micros);
        }
        // Due before the first window: counts as a delivery, not as a latency.
        stats.deliver(0, due);
        let figures = window.end(&stats).unwrap();
        assert_eq!((figures.deliveries, figures.latency.len()), (1001, 1000));
        let at = |quantile| figures.latency(quantile);
        assert_eq!((at(0.5), at(0.9), at(0.99), at(0.999), at(1.0)), (500, 900, 990, 999, 1000));
    }
}
