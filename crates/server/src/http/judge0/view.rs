//! Submissions as Judge0 shows them: all fields by name, and of these the wanted ones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codementor_core::judge0::Judge0Submission;
use codementor_protocol::judge0::{Named, Submission};
use serde_json::{Map, Value};

use super::error::{Answer, Error};
use crate::judge0::kept::Asked;
use crate::judge0::outcome;
use crate::judge0::run::{seconds, status};

/// What is told when nothing else is asked for.
const DEFAULT: [&str; 8] =
    ["stdout", "time", "memory", "stderr", "token", "compile_output", "message", "status"];
/// What travels in base64 when that is asked for.
const TEXTS: [&str; 7] =
    ["source_code", "stdin", "expected_output", "stdout", "stderr", "compile_output", "message"];

/// Whether texts travel in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base64 {
    /// They do.
    Yes,
    /// They travel as they are.
    No,
}

/// Which fields are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fields {
    /// Those that Judge0 tells, and `tests` where there are some.
    Default,
    /// All.
    All,
    /// These.
    Only(Vec<String>),
}

impl Fields {
    /// Reads the query's `fields`.
    pub fn parse(text: Option<&str>) -> Answer<Self> {
        let names: Vec<&str> =
            text.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Ok(Self::Default);
        }
        if names.contains(&"*") {
            return Ok(Self::All);
        }
        let known = fields(&Submission::default());
        let unknown: Vec<_> = names.iter().filter(|name| !known.contains_key(**name)).take(20).collect();
        if unknown.is_empty() {
            return Ok(Self::Only(names.into_iter().map(str::to_owned).collect()));
        }
        let unknown: Vec<String> = unknown.iter().map(|name| name.chars().take(40).collect()).collect();
        Err(Error::bad("invalid_fields", format!("invalid fields: [{}]", unknown.join(", "))))
    }

    fn has(&self, name: &str, value: &Value) -> bool {
        match self {
            Self::Default => DEFAULT.contains(&name) || (name == "tests" && !value.is_null()),
            Self::All => true,
            Self::Only(names) => names.iter().any(|known| known == name),
        }
    }
}

/// A submission in the fields that are wanted.
#[must_use]
pub fn show(kept: &Judge0Submission, is_running: bool, base64: Base64, wanted: &Fields) -> Value {
    let mut fields = fields(&whole(kept, is_running));
    fields.retain(|name, value| wanted.has(name, value));
    if base64 == Base64::Yes {
        pack(&mut fields);
        let tests = fields.get_mut("tests").and_then(Value::as_array_mut);
        tests.into_iter().flatten().filter_map(Value::as_object_mut).for_each(pack);
    }
    Value::Object(fields)
}

/// What is sent when a submission has ended.
#[must_use]
pub fn callback_body(kept: &Judge0Submission, base64: Base64) -> Vec<u8> {
    show(kept, false, base64, &Fields::Default).to_string().into_bytes()
}

fn pack(fields: &mut Map<String, Value>) {
    for name in TEXTS {
        if let Some(Value::String(text)) = fields.get_mut(name) {
            *text = STANDARD.encode(&*text);
        }
    }
}

fn fields(submission: &Submission) -> Map<String, Value> {
    // Plain data can be written as JSON.
    match serde_json::to_value(submission) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn whole(kept: &Judge0Submission, is_running: bool) -> Submission {
    let mut shown = Submission {
        token: kept.token.to_string(),
        created_at: kept.created_at.to_rfc3339(),
        finished_at: kept.finished_at.map(|at| at.to_rfc3339()),
        number_of_runs: 1,
        status_id: if is_running { 2 } else { 1 },
        ..Submission::default()
    };
    if let Ok(asked) = serde_json::from_str::<Asked>(&kept.request) {
        ask(&mut shown, asked);
    }
    if let Some(result) = &kept.result {
        let outcome = outcome(result);
        shown.status_id = outcome.status_id;
        shown.verdict = Some(outcome.verdict);
        shown.stdout = outcome.stdout;
        shown.stderr = outcome.stderr;
        shown.compile_output = outcome.compile_output;
        shown.message = outcome.message;
        shown.exit_code = outcome.exit_code;
        shown.exit_signal = outcome.exit_signal;
        shown.time = outcome.time_ms.map(seconds);
        shown.memory = outcome.memory_kb;
        shown.tests = outcome.tests;
    }
    shown.status = status(shown.status_id);
    shown
}

fn ask(shown: &mut Submission, asked: Asked) {
    let limits = asked.limits;
    shown.source_code = asked.source_code;
    shown.language_id = asked.language_id;
    shown.language = Named { id: asked.language_id, name: asked.language_name };
    shown.stdin = asked.run.stdin;
    shown.expected_output = asked.run.expected_output;
    shown.cpu_time_limit = limits.cpu_time_limit;
    shown.cpu_extra_time = limits.cpu_extra_time;
    shown.wall_time_limit = limits.wall_time_limit;
    shown.memory_limit = limits.memory_limit;
    shown.stack_limit = limits.stack_limit as u32;
    shown.max_processes_and_or_threads = limits.max_processes_and_or_threads as u32;
    shown.max_file_size = limits.max_file_size as u32;
    shown.callback_url = asked.callback_url;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_ones_or_refused_by_name() {
        assert_eq!(Fields::parse(None).unwrap(), Fields::Default);
        assert_eq!(Fields::parse(Some(" , ")).unwrap(), Fields::Default);
        assert_eq!(Fields::parse(Some("token,*")).unwrap(), Fields::All);
        let only = Fields::parse(Some("token, status_id")).unwrap();
        assert_eq!(only, Fields::Only(vec!["token".to_owned(), "status_id".to_owned()]));
        assert!(Fields::parse(Some("token,nothing")).is_err());
        let known = fields(&Submission::default());
        assert!(DEFAULT.iter().chain(&TEXTS).all(|name| known.contains_key(*name)));
    }
}
