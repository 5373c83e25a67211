//! Arguments and answers of tests: JSON that every language of the judge can hold.

use serde_json::{Number, Value};

/// The largest integer that a double holds with all its neighbours, 2⁵³ − 1.
const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Lists and objects within each other.
const MAX_DEPTH: usize = 100;

/// Reads one value.
///
/// # Errors
/// Names the field and what is wrong with it.
pub(crate) fn read(field: &str, text: &str) -> Result<Value, String> {
    let value = parse(field, text)?;
    check(field, &value)?;
    Ok(value)
}

/// Reads a list of values. The list itself is none of them.
///
/// # Errors
/// Names the field and what is wrong with it.
pub(crate) fn read_list(field: &str, text: &str) -> Result<Vec<Value>, String> {
    let Value::Array(values) = parse(field, text)? else {
        return Err(format!("{field} must be a list"));
    };
    values.iter().try_for_each(|value| check(field, value))?;
    Ok(values)
}

fn parse(field: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{field}: {error}"))
}

fn check(field: &str, value: &Value) -> Result<(), String> {
    if !is_exact(value) {
        return Err(format!("{field}: an integer beyond 2^53 - 1"));
    }
    if depth(value) > MAX_DEPTH {
        return Err(format!("{field}: more than {MAX_DEPTH} lists or objects within each other"));
    }
    Ok(())
}

/// Whether every integer is one that all languages can hold. What is written like a float and has no fraction is an integer, too:
/// languages differ in what they make of it.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => number_is_exact(number),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(fields) => fields.values().all(is_exact),
        _ => true,
    }
}

fn number_is_exact(number: &Number) -> bool {
    if let Some(whole) = number.as_i64() {
        return whole.unsigned_abs() <= MAX_INTEGER;
    }
    #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is a double")]
    let most = MAX_INTEGER as f64;
    !number.is_u64() && number.as_f64().is_some_and(|float| float.fract() != 0.0 || float.abs() <= most)
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_beyond_a_double_are_refused_however_they_are_written() {
        for text in ["9007199254740991", "-9007199254740991", "9007199254740991.0", "0.1", "1e15", "1e-300"] {
            assert!(read("args", text).is_ok(), "{text}");
        }
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
            "100000000000000000000000",
            "9007199254740992.0",
            "1e300",
            "[{\"a\": [-1e22]}]",
            "1e999",
        ] {
            assert!(read("args", text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_has_a_bound() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read("expected", &nested(100)).is_ok() && read_list("args", &nested(101)).is_ok());
        assert!(read_list("args", &nested(102)).is_err() && read_list("args", "{}").is_err());
        for depth in [101, 127, 10_000] {
            assert!(read("args", &nested(depth)).is_err(), "{depth}");
        }
    }
}
