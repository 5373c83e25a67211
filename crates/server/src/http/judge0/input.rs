//! What is handed in, checked field by field; all that is wrong is told at once, as Judge0 does.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use codementor_judge::{INPUT_LIMIT, SOURCE_LIMIT, TESTS_LIMIT};
use codementor_protocol::judge0::{Language, NewSubmission, TestInput};
use serde_json::Value;

use super::error::Faults;
use super::view::Base64;
use crate::judge0::kept::{Asked, AskedLimits, Run};

/// A number: its default, its least (itself allowed or not) and its most.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The field.
    pub name: &'static str,
    /// Without the field.
    pub default: f64,
    /// Not less than this.
    pub least: f64,
    /// Not more than this.
    pub most: f64,
}

const fn range(name: &'static str, default: f64, least: f64, most: f64) -> Range {
    Range { name, default, least, most }
}

/// Times in seconds, sizes in kilobytes.
pub const RANGES: [Range; 7] = [
    range("cpu_time_limit", 5.0, 0.001, 15.0),
    range("cpu_extra_time", 1.0, 0.0, 5.0),
    range("wall_time_limit", 10.5, 1.0, 31.0),
    range("memory_limit", 128_000.0, 2_048.0, 524_288.0),
    range("stack_limit", 64_000.0, 0.0, 128_000.0),
    range("max_processes_and_or_threads", 60.0, 1.0, 120.0),
    range("max_file_size", 1_024.0, 0.0, 4_096.0),
];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What somebody asks with.
pub struct Reading<'a> {
    /// What is installed.
    pub languages: &'a [Language],
    /// Whether texts are in base64.
    pub base64: Base64,
    /// Whether callbacks may go there; in words why not.
    pub callback: &'a dyn Fn(&str) -> Result<(), String>,
}

impl Reading<'_> {
    /// Checks a submission.
    pub fn read(&self, new: &NewSubmission) -> Result<Asked, Faults> {
        let mut faults = Faults::new();
        let source_code = self.source(&new.source_code, &mut faults);
        let language = self.language(new, &mut faults);
        let (run, tests) = (self.run(new, &mut faults), self.tests(new, &mut faults));
        let limits = limits(new, &mut faults);
        for (name, value) in [
            ("compiler_options", &new.compiler_options),
            ("command_line_arguments", &new.command_line_arguments),
            ("additional_files", &new.additional_files),
        ] {
            if !is_blank(value) {
                fault(&mut faults, name, format!("setting {} is not allowed", name.replace('_', " ")));
            }
        }
        for (name, value) in [
            ("enable_per_process_and_thread_time_limit", &new.enable_per_process_and_thread_time_limit),
            ("enable_per_process_and_thread_memory_limit", &new.enable_per_process_and_thread_memory_limit),
            ("redirect_stderr_to_stdout", &new.redirect_stderr_to_stdout),
            ("enable_network", &new.enable_network),
        ] {
            if switch(name, value, &mut faults) {
                fault(&mut faults, name, "this option cannot be enabled");
            }
        }
        let runs = Range { name: "number_of_runs", default: 1.0, least: 1.0, most: 1.0 };
        number(runs, &new.number_of_runs, &mut faults);
        let stop_on_failure = switch("stop_on_failure", &new.stop_on_failure, &mut faults);
        let callback_url = self.callback_url(&new.callback_url, &mut faults);
        match (language, source_code, faults.is_empty()) {
            (Some(language), Some(source_code), true) => Ok(Asked {
                source_code,
                // The judge names well-formed languages only.
                language: language.language.parse().map_err(|_| Faults::new())?,
                language_id: language.id,
                language_name: language.name.clone(),
                run,
                tests,
                stop_on_failure,
                limits,
                callback_url,
            }),
            _ => Err(faults),
        }
    }

    fn source(&self, value: &Value, faults: &mut Faults) -> Option<String> {
        match self.text("source_code", value, SOURCE_LIMIT, faults) {
            Some(source) if !source.trim().is_empty() => Some(source),
            _ if faults.contains_key("source_code") => None,
            _ => {
                fault(faults, "source_code", "can't be blank");
                None
            }
        }
    }

    fn language(&self, new: &NewSubmission, faults: &mut Faults) -> Option<&Language> {
        let known = |id: &str| self.languages.iter().find(|known| known.language == id);
        if let Value::String(id) = &new.language {
            let found = known(id);
            if found.is_none() {
                fault(faults, "language", "is not installed here");
            }
            return found;
        }
        let id = match &new.language_id {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => {
                fault(faults, "language_id", "can't be blank");
                return None;
            }
        };
        let found = id.and_then(|id| self.languages.iter().find(|known| u64::from(known.id) == id));
        if found.is_none() {
            let shown: String = new.language_id.to_string().chars().take(20).collect();
            fault(faults, "language_id", format!("language with id {shown} doesn't exist"));
        }
        found
    }

    fn run(&self, new: &NewSubmission, faults: &mut Faults) -> Run {
        Run {
            stdin: self.text("stdin", &new.stdin, INPUT_LIMIT, faults),
            expected_output: self.text("expected_output", &new.expected_output, INPUT_LIMIT, faults),
        }
    }

    fn tests(&self, new: &NewSubmission, faults: &mut Faults) -> Option<Vec<Run>> {
        let tests = match &new.tests {
            Value::Null => return None,
            Value::Array(tests) if (1..=TESTS_LIMIT).contains(&tests.len()) => tests,
            _ => {
                fault(faults, "tests", format!("must be a list of 1 to {TESTS_LIMIT}"));
                return None;
            }
        };
        if !new.stdin.is_null() || !new.expected_output.is_null() {
            fault(faults, "tests", "stand instead of stdin and expected_output");
        }
        let mut read = Vec::with_capacity(tests.len());
        for test in tests {
            let Ok(test) = serde_json::from_value::<TestInput>(test.clone()) else {
                fault(faults, "tests", "must be objects with stdin and expected_output");
                return None;
            };
            read.push(Run {
                stdin: self.text("tests", &test.stdin, INPUT_LIMIT, faults),
                expected_output: self.text("tests", &test.expected_output, INPUT_LIMIT, faults),
            });
        }
        Some(read)
    }

    fn callback_url(&self, value: &Value, faults: &mut Faults) -> Option<String> {
        if is_blank(value) {
            return None;
        }
        let Value::String(url) = value else {
            fault(faults, "callback_url", "is not a valid URL");
            return None;
        };
        if let Err(why) = (self.callback)(url) {
            fault(faults, "callback_url", why);
        }
        Some(url.clone())
    }

    /// A text of at most `limit` bytes.
    fn text(&self, name: &'static str, value: &Value, limit: usize, faults: &mut Faults) -> Option<String> {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text,
            _ => {
                fault(faults, name, "is not a text");
                return None;
            }
        };
        let text = match self.base64 {
            Base64::No => Ok(text.clone()),
            Base64::Yes => unpacked(text),
        };
        let fit = text.and_then(|text| {
            if text.len() <= limit { Ok(text) } else { Err(format!("is longer than {limit} bytes")) }
        });
        fit.inspect_err(|why| fault(faults, name, why.clone())).ok()
    }
}

/// The text behind base64, which may come in lines.
fn unpacked(text: &str) -> Result<String, String> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(packed).map_err(|_| "is not valid base64".to_owned())?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

fn limits(new: &NewSubmission, faults: &mut Faults) -> AskedLimits {
    let values = [
        &new.cpu_time_limit,
        &new.cpu_extra_time,
        &new.wall_time_limit,
        &new.memory_limit,
        &new.stack_limit,
        &new.max_processes_and_or_threads,
        &new.max_file_size,
    ];
    let mut read = RANGES.iter().zip(values).map(|(range, value)| number(*range, value, faults));
    let mut next = || read.next().unwrap_or_default();
    AskedLimits {
        cpu_time_limit: next(),
        cpu_extra_time: next(),
        wall_time_limit: next(),
        memory_limit: next(),
        stack_limit: next(),
        max_processes_and_or_threads: next(),
        max_file_size: next(),
    }
}

fn number(range: Range, value: &Value, faults: &mut Faults) -> f64 {
    let number = match value {
        Value::Null => Some(range.default),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number| number.is_finite()) {
        None => fault(faults, range.name, "is not a number"),
        Some(number) if number < range.least => {
            fault(faults, range.name, format!("must be greater than or equal to {}", range.least));
        }
        Some(number) if number > range.most => {
            fault(faults, range.name, format!("must be less than or equal to {}", range.most));
        }
        Some(number) => return number,
    }
    range.default
}

fn switch(name: &'static str, value: &Value, faults: &mut Faults) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(on) => *on,
        Value::String(text) if text == "true" || text == "false" => text == "true",
        _ => {
            fault(faults, name, "is neither true nor false");
            false
        }
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Notes what is wrong with a field; of the same field not the same twice.
fn fault(faults: &mut Faults, name: &'static str, why: impl Into<String>) {
    let (known, why) = (faults.entry(name).or_default(), why.into());
    if !known.contains(&why) {
        known.push(why);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: Value, base64: Base64) -> Result<Asked, Faults> {
        let python = Language {
            id: 71,
            name: "Python (3.11.2)".to_owned(),
            is_archived: false,
            language: "python".to_owned(),
        };
        let new: NewSubmission = serde_json::from_value(body).unwrap();
        let callback = |_: &str| Err("setting callback is not allowed".to_owned());
        Reading { languages: &[python], base64, callback: &callback }.read(&new)
    }

    #[test]
    fn defaults_stand_for_what_is_left_out() {
        let asked = read(json!({ "source_code": "x", "language_id": 71 }), Base64::No).unwrap();
        assert_eq!(asked.limits.for_judge().time_ms, 5_000);
        assert_eq!((asked.run, asked.tests), (Run::default(), None));
        let by_name = json!({ "source_code": "eA==\n", "language": "python", "cpu_time_limit": "2.5" });
        let asked = read(by_name, Base64::Yes).unwrap();
        assert_eq!((asked.source_code.as_str(), asked.limits.cpu_time_limit), ("x", 2.5));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let faults = read(
            json!({
                "source_code": " ", "language_id": 999, "stdin": 5, "cpu_time_limit": -1, "wall_time_limit": "x",
                "memory_limit": 1e12, "number_of_runs": 2, "enable_network": true, "compiler_options": "-O3",
                "callback_url": "http://x/", "tests": [], "redirect_stderr_to_stdout": "maybe",
            }),
            Base64::No,
        )
        .unwrap_err();
        let names: Vec<_> = faults.keys().copied().collect();
        let wanted = [
            "callback_url",
            "compiler_options",
            "cpu_time_limit",
            "enable_network",
            "language_id",
            "memory_limit",
            "number_of_runs",
            "redirect_stderr_to_stdout",
            "source_code",
            "stdin",
            "tests",
            "wall_time_limit",
        ];
        assert_eq!(names, wanted);
        assert_eq!(faults["language_id"], ["language with id 999 doesn't exist"]);
        assert_eq!(faults["source_code"], ["can't be blank"]);
    }

    #[test]
    fn texts_are_utf8_and_bounded() {
        let faults = |stdin: Value, base64| {
            let body = json!({ "source_code": "eA==", "language_id": "71", "stdin": stdin });
            read(body, base64).map_err(|faults| faults["stdin"].join(", ")).err()
        };
        assert_eq!(faults(json!("!!"), Base64::Yes).as_deref(), Some("is not valid base64"));
        assert_eq!(faults(json!("/w=="), Base64::Yes).as_deref(), Some("is not UTF-8"));
        assert!(
            faults(json!("x".repeat(INPUT_LIMIT + 1)), Base64::No).is_some_and(|why| why.contains("longer"))
        );
        assert_eq!(faults(json!("x".repeat(INPUT_LIMIT)), Base64::No), None);
    }
}
