//! The texts that the store keeps of a submission over the Judge0 API: what was asked, and what came out.

use codementor_core::judging::Limits;
use codementor_core::{Language, Verdict};
use codementor_protocol::judge0::TestResult;
use serde::{Deserialize, Serialize};

/// What was asked. Checked before it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The program.
    pub source_code: String,
    /// Its language.
    pub language: Language,
    /// The number of its language.
    pub language_id: u32,
    /// The name of its language when it was handed in.
    pub language_name: String,
    /// The only run, where there are no tests.
    #[serde(flatten)]
    pub run: Run,
    /// Many runs.
    pub tests: Option<Vec<Run>>,
    /// Whether runs after one that is not accepted are left out.
    pub stop_on_failure: bool,
    /// Its limits.
    pub limits: AskedLimits,
    /// Where its end is told.
    pub callback_url: Option<String>,
}

/// One run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its standard input.
    pub stdin: Option<String>,
    /// What it should write.
    pub expected_output: Option<String>,
}

/// Limits as they were asked for, times in seconds and sizes in kilobytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedLimits {
    /// Processor time.
    pub cpu_time_limit: f64,
    /// Without an effect.
    pub cpu_extra_time: f64,
    /// Time on the clock.
    pub wall_time_limit: f64,
    /// Memory.
    pub memory_limit: f64,
    /// Without an effect.
    pub stack_limit: f64,
    /// Without an effect.
    pub max_processes_and_or_threads: f64,
    /// Without an effect.
    pub max_file_size: f64,
}

impl AskedLimits {
    /// The sandbox's limits. It gives a run twice its processor time and half a second on the clock, which must fit into what was
    /// asked for.
    #[must_use]
    pub fn for_judge(&self) -> Limits {
        let within = (self.wall_time_limit - 0.5) / 2.0;
        let time_ms = (self.cpu_time_limit.min(within) * 1_000.0).max(1.0) as u32;
        Limits { time_ms, memory_kb: self.memory_limit as u32 }
    }
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended: 3 to 14.
    pub status_id: u32,
    /// Our word for it.
    pub verdict: String,
    /// What the only run wrote.
    pub stdout: Option<String>,
    /// What the only run wrote to standard error.
    pub stderr: Option<String>,
    /// What the compiler said.
    pub compile_output: Option<String>,
    /// Why it did not end well.
    pub message: Option<String>,
    /// The only run's exit code.
    pub exit_code: Option<i32>,
    /// The signal that killed the only run.
    pub exit_signal: Option<i32>,
    /// The longest processor time of a run, in milliseconds.
    pub time_ms: Option<u32>,
    /// The most memory of a run.
    pub memory_kb: Option<u32>,
    /// The runs, where there are many.
    pub tests: Option<Vec<TestResult>>,
}

impl Outcome {
    /// The judge failed, not the program.
    #[must_use]
    pub fn broken(why: &str) -> Self {
        let verdict = Verdict::InternalError.as_str().to_owned();
        Self { status_id: 13, verdict, message: Some(why.to_owned()), ..Self::default() }
    }
}

/// Judge0's statuses, from 1 on: <https://ce.judge0.com/#statuses-and-languages-status-get>.
pub const STATUSES: [&str; 14] = [
    "In Queue",
    "Processing",
    "Accepted",
    "Wrong Answer",
    "Time Limit Exceeded",
    "Compilation Error",
    "Runtime Error (SIGSEGV)",
    "Runtime Error (SIGXFSZ)",
    "Runtime Error (SIGFPE)",
    "Runtime Error (SIGABRT)",
    "Runtime Error (NZEC)",
    "Runtime Error (Other)",
    "Internal Error",
    "Exec Format Error",
];

/// A status in words.
#[must_use]
pub fn description(id: u32) -> &'static str {
    let place = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    place.and_then(|place| STATUSES.get(place)).copied().unwrap_or("Internal Error")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(cpu: f64, wall: f64) -> u32 {
        let limits = AskedLimits {
            cpu_time_limit: cpu,
            cpu_extra_time: 0.5,
            wall_time_limit: wall,
            memory_limit: 128_000.5,
            stack_limit: 1.0,
            max_processes_and_or_threads: 1.0,
            max_file_size: 1.0,
        };
        limits.for_judge().time_ms
    }

    #[test]
    fn the_clock_lowers_the_processors_time_when_it_must() {
        assert_eq!(limits(2.0, 4.5), 2_000);
        assert_eq!(limits(2.0, 20.0), 2_000);
        assert_eq!(limits(5.0, 4.5), 2_000);
        assert_eq!(limits(0.000_1, 1.0), 1);
    }

    #[test]
    fn statuses_are_counted_from_one() {
        assert_eq!(
            (description(1), description(3), description(14)),
            ("In Queue", "Accepted", "Exec Format Error")
        );
        assert_eq!((description(0), description(15)), ("Internal Error", "Internal Error"));
    }
}
