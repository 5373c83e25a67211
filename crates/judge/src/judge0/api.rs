//! What a Judge0 server says, read leniently: numbers may be texts, texts may be missing, and none of it is trusted.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, GeneralPurpose as Decoder};
use serde::Deserialize;
use serde_json::Value;

/// The fields that are asked for.
pub(super) const FIELDS: &str =
    "token,status,stdout,stderr,compile_output,message,exit_code,exit_signal,time,memory";
/// Those of our own server beside them.
pub(super) const OWN_FIELDS: &str = "tests,verdict";

/// A submission, or one of its tests.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub status: Status,
    pub stdout: Option<String>,
    pub stderr: Option<String>,
    pub compile_output: Option<String>,
    pub message: Option<String>,
    pub exit_code: Option<i64>,
    pub exit_signal: Option<i64>,
    /// CPU time in seconds.
    pub time: Number,
    /// In KiB.
    pub memory: Number,
    /// Only from our own server: its verdict.
    pub verdict: Option<String>,
    /// Only from our own server: whether the outputs were too long to be kept whole.
    pub truncated: bool,
    /// Only from our own server.
    pub tests: Option<Vec<Answer>>,
}

impl Answer {
    /// Whether it still waits or runs.
    pub(super) fn is_unfinished(&self) -> bool {
        matches!(self.status.id, 0..=2)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub id: u32,
}

/// A number, or a number as a text.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Value")]
pub(super) struct Number(pub f64);

impl From<Value> for Number {
    fn from(value: Value) -> Self {
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        Self(number.filter(|number: &f64| number.is_finite() && *number >= 0.0).unwrap_or(0.0))
    }
}

/// The token of a submission.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub token: String,
}

impl Created {
    /// The token, when it can stand in an address as it is.
    pub(super) fn checked(self) -> Option<String> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_fit = (1..=64).contains(&self.token.len()) && self.token.bytes().all(is_plain);
        is_fit.then_some(self.token)
    }
}

/// An answer to several tokens; what is not known is null.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    pub submissions: Vec<Option<Answer>>,
}

/// One of `GET /languages`.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub id: u32,
    pub name: String,
    /// Only from our own server: our name of it.
    #[serde(default)]
    pub language: Option<String>,
}

/// `GET /about`, as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct About {
    pub version: Option<String>,
    /// Only from our own server.
    pub implementation: Option<Implementation>,
}

/// What our own server says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Implementation {
    pub name: String,
    /// How many tests a submission may have.
    #[serde(default)]
    pub tests: usize,
}

/// `GET /config_info`, as far as it matters.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Bounds {
    /// In seconds.
    pub max_cpu_time_limit: f64,
    /// In seconds.
    pub max_wall_time_limit: f64,
    /// In KiB.
    pub max_memory_limit: f64,
    pub enable_batched_submissions: bool,
    pub max_submission_batch_size: usize,
    pub enable_compiler_options: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            max_cpu_time_limit: 15.0,
            max_wall_time_limit: 20.0,
            max_memory_limit: 256_000.0,
            enable_batched_submissions: true,
            max_submission_batch_size: 20,
            enable_compiler_options: true,
        }
    }
}

const BASE64: Decoder = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes behind a text in base64, which comes in lines. `None` when it is none.
pub(super) fn bytes(text: Option<&str>) -> Option<Vec<u8>> {
    let Some(text) = text else { return Some(Vec::new()) };
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(packed).ok()
}

/// A text in base64.
pub(super) fn packed(text: &str) -> String {
    BASE64.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_leniently() {
        let text =
            r#"{"status":{"id":3,"description":"x"},"time":"0.25","memory":1024.5,"stdout":null,"more":[]}"#;
        let answer: Answer = serde_json::from_str(text).unwrap();
        assert_eq!((answer.time.0, answer.memory.0, answer.is_unfinished()), (0.25, 1024.5, false));
        let odd: Answer = serde_json::from_str(r#"{"time":"-1","memory":"nan"}"#).unwrap();
        assert_eq!((odd.time.0, odd.memory.0, odd.is_unfinished()), (0.0, 0.0, true));
    }

    #[test]
    fn base64_comes_in_lines_and_with_or_without_padding() {
        assert_eq!(bytes(Some("aGVs\nbG8=\n")), Some(b"hello".to_vec()));
        assert_eq!(bytes(Some("aGVsbG8")), Some(b"hello".to_vec()));
        assert_eq!(bytes(None), Some(Vec::new()));
        assert_eq!(bytes(Some("a!")), None);
    }

    #[test]
    fn tokens_go_into_addresses_as_they_are_or_not_at_all() {
        let checked = |token: &str| Created { token: token.to_owned() }.checked();
        assert!(checked("db54881d-bcf5-4c7b-a2e3-d33fe7e25de7").is_some());
        for bad in ["", "a/b", "a,b", "../x", "a?b", &"x".repeat(65)] {
            assert!(checked(bad).is_none(), "{bad}");
        }
    }
}
