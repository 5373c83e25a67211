//! The process's metrics, declared once. No global registry: whoever measures is given this.

use codementor_hub::hub::Observer;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

/// Buckets around the objectives: most answers within 5 ms, judging within a second.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Declares the struct and registers each metric; the doc comment is the help text.
macro_rules! metrics {
    ($($(#[doc = $help:literal])+ $field:ident: $type:ident($name:literal $(, [$($label:literal),*])?),)*) => {
        /// All metrics of the process.
        pub struct Metrics {
            registry: Registry,
            $($(#[doc = $help])+ pub $field: $type,)*
        }

        impl Metrics {
            /// Registers everything in a registry of its own.
            ///
            /// # Errors
            /// When two metrics share a name, which a test rules out.
            pub fn new() -> Result<Self, prometheus::Error> {
                let registry = Registry::new();
                $(
                    let help = concat!($($help),+).trim();
                    let $field = make::$type($name, help, &[$($($label),*)?])?;
                    registry.register(Box::new($field.clone()))?;
                )*
                registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
                Ok(Self { registry, $($field,)* })
            }
        }
    };
}

metrics! {
    /// Requests answered, by method, route template and status.
    http_requests: IntCounterVec("codementor_http_requests_total", ["method", "route", "status"]),
    /// Time from a request's head to its answer's head, in seconds.
    http_seconds: HistogramVec("codementor_http_request_duration_seconds", ["method", "route"]),
    /// Requests being answered now.
    http_in_flight: IntGauge("codementor_http_requests_in_flight"),
    /// Open TCP connections.
    connections: IntGauge("codementor_connections"),
    /// Open WebSockets.
    sockets: IntGauge("codementor_websockets"),
    /// What was turned away, by kind and reason.
    rejected: IntCounterVec("codementor_rejected_total", ["kind", "reason"]),
    /// Judged programs, by kind (submission, run, execute, terminal, judge0), language and verdict.
    judged: IntCounterVec("codementor_judged_total", ["kind", "language", "verdict"]),
    /// Time from queueing to verdict in seconds, by kind.
    judge_seconds: HistogramVec("codementor_judge_duration_seconds", ["kind"]),
    /// Programs waiting for a judge worker.
    judge_queue: IntGauge("codementor_judge_queue_length"),
    /// Judge workers connected, beside this process.
    judge_workers: IntGauge("codementor_judge_workers"),
    /// Programs that can be judged at once, by this process and its workers.
    judge_places: IntGauge("codementor_judge_places"),
    /// Counterexamples of failed submissions that were looked for, by result (found, none, failed, full).
    counterexamples: IntCounterVec("codementor_counterexamples_total", ["result"]),
    /// Programs running on terminals.
    terminals: IntGauge("codementor_terminals"),
    /// Edits of live sessions that were kept and told.
    edits: IntCounter("codementor_edits_total"),
    /// Edits that were put on their way to a participant: each once for every other one.
    deliveries: IntCounter("codementor_deliveries_total"),
    /// Open rooms of live sessions.
    rooms: IntGauge("codementor_rooms"),
    /// 1 when a part works, 0 when not, by part.
    up: IntGaugeVec("codementor_dependency_up", ["dependency"]),
    /// Always 1; the labels tell what runs.
    build_info: IntGaugeVec("codementor_build_info", ["version", "commit"]),
}

#[expect(non_snake_case, reason = "named after the type each makes")]
mod make {
    use super::*;

    pub fn IntCounterVec(
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, prometheus::Error> {
        IntCounterVec::new(Opts::new(name, help), labels)
    }

    pub fn IntGaugeVec(name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
        IntGaugeVec::new(Opts::new(name, help), labels)
    }

    pub fn IntCounter(name: &str, help: &str, _: &[&str]) -> Result<IntCounter, prometheus::Error> {
        IntCounter::new(name, help)
    }

    pub fn IntGauge(name: &str, help: &str, _: &[&str]) -> Result<IntGauge, prometheus::Error> {
        IntGauge::new(name, help)
    }

    pub fn HistogramVec(name: &str, help: &str, labels: &[&str]) -> Result<HistogramVec, prometheus::Error> {
        HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels)
    }
}

impl Metrics {
    /// Counts something turned away.
    pub fn reject(&self, kind: &str, reason: &str) {
        self.rejected.with_label_values(&[kind, reason]).inc();
    }

    /// All metrics in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(16 * 1024);
        // Writing to memory cannot fail, and a metric that cannot be encoded is left out by the encoder.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        text
    }
}

impl Observer for Metrics {
    fn told(&self, edits: u64, deliveries: u64) {
        self.edits.inc_by(edits);
        self.deliveries.inc_by(deliveries);
    }

    fn refused(&self, reason: &'static str) {
        self.reject("edit", reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_register_and_render() {
        let metrics = Metrics::new().unwrap();
        metrics.reject("http", "test");
        let text = String::from_utf8(metrics.render()).unwrap();
        assert!(text.contains("codementor_rejected_total{kind=\"http\",reason=\"test\"} 1"), "{text}");
        assert!(text.contains("# HELP codementor_rejected_total What was turned away"), "{text}");
        assert!(text.contains("process_resident_memory_bytes"), "{text}");
    }
}
