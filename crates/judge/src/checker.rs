//! Whether an answer is right. Pure; the answer is a stranger's bytes. Everything is linear, or n log n where order does not count.

use std::cmp::Ordering;

use codementor_core::judging::{Checker, Tolerance, ValidatorOptions};
use serde_json::{Number, Value};

/// Whether a returned value is right.
#[must_use]
pub fn value_is_right(checker: &Checker, actual: &Value, expected: &Value) -> bool {
    match (checker, actual, expected) {
        (Checker::Unordered, Value::Array(actual), Value::Array(expected)) => {
            let (mut actual, mut expected): (Vec<_>, Vec<_>) =
                (actual.iter().collect(), expected.iter().collect());
            actual.sort_by(|a, b| order(a, b));
            expected.sort_by(|a, b| order(a, b));
            actual.len() == expected.len() && actual.iter().zip(expected).all(|(a, b)| order(a, b).is_eq())
        }
        (Checker::Float(tolerance), _, _) => near(actual, expected, *tolerance),
        _ => order(actual, expected).is_eq(),
    }
}

/// Whether what a program wrote is right.
#[must_use]
pub fn text_is_right(checker: &Checker, actual: &[u8], expected: &str) -> bool {
    if *checker == Checker::Exact {
        return actual == expected.as_bytes();
    }
    let Ok(actual) = std::str::from_utf8(actual) else {
        return false;
    };
    match checker {
        Checker::Tokens => actual.split_whitespace().eq(expected.split_whitespace()),
        Checker::Sorted => {
            let sorted = |text| {
                let mut lines: Vec<_> = lines(text).collect();
                lines.sort_unstable();
                lines
            };
            sorted(actual) == sorted(expected)
        }
        Checker::Float(tolerance) => {
            words_fit(actual, expected, |actual, expected| near_words(actual, expected, *tolerance))
        }
        Checker::Validator(options) => is_valid(*options, actual, expected),
        // Order of lines counts in every other checker.
        _ => lines(actual).eq(lines(expected)),
    }
}

/// Whether there are as many words and each fits.
fn words_fit(actual: &str, expected: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    let (mut actual, mut expected) = (actual.split_whitespace(), expected.split_whitespace());
    loop {
        match (actual.next(), expected.next()) {
            (None, None) => return true,
            (Some(actual), Some(expected)) if fits(actual, expected) => {}
            _ => return false,
        }
    }
}

fn is_valid(options: ValidatorOptions, actual: &str, expected: &str) -> bool {
    let space = |text: &str| {
        let spaces = text.split(|c: char| !c.is_whitespace()).filter(|part| !part.is_empty());
        (text.starts_with(char::is_whitespace), spaces.map(str::to_owned).collect::<Vec<_>>())
    };
    if options.space_sensitive && space(actual) != space(expected) {
        return false;
    }
    words_fit(actual, expected, |actual, expected| {
        let same =
            if options.case_sensitive { actual == expected } else { actual.eq_ignore_ascii_case(expected) };
        let is_float = options.tolerance != Tolerance::default();
        same || is_float && near_words(actual, expected, options.tolerance)
    })
}

/// Lines without white space at their ends, and without blank lines at the end of the text.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().split('\n').map(str::trim_end)
}

fn near_numbers(actual: f64, expected: f64, tolerance: Tolerance) -> bool {
    let difference = (actual - expected).abs();
    let within = |bound: Option<f64>, unit: f64| bound.is_some_and(|bound| difference <= bound * unit);
    difference == 0.0 || within(tolerance.absolute, 1.0) || within(tolerance.relative, expected.abs())
}

fn near_words(actual: &str, expected: &str, tolerance: Tolerance) -> bool {
    let number = |word: &str| word.parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(actual), number(expected)) {
        (Some(actual), Some(expected)) => near_numbers(actual, expected, tolerance),
        _ => actual == expected,
    }
}

fn near(actual: &Value, expected: &Value, tolerance: Tolerance) -> bool {
    match (actual, expected) {
        (Value::Number(actual), Value::Number(expected)) => match (actual.as_f64(), expected.as_f64()) {
            (Some(actual), Some(expected)) => near_numbers(actual, expected, tolerance),
            _ => actual == expected,
        },
        (Value::Array(actual), Value::Array(expected)) => {
            actual.len() == expected.len()
                && actual.iter().zip(expected).all(|(actual, expected)| near(actual, expected, tolerance))
        }
        (Value::Object(actual), Value::Object(expected)) => {
            actual.len() == expected.len()
                && actual.iter().all(|(key, actual)| {
                    expected.get(key).is_some_and(|expected| near(actual, expected, tolerance))
                })
        }
        _ => actual == expected,
    }
}

/// A total order in which values are equal when they mean the same: numbers by value, objects whatever the order of keys.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            a.len().cmp(&b.len()).then_with(|| first_difference(a.iter().zip(b).map(|(a, b)| order(a, b))))
        }
        (Value::Object(a), Value::Object(b)) => {
            let (mut a, mut b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
            a.sort_by_key(|(key, _)| *key);
            b.sort_by_key(|(key, _)| *key);
            let pairs = a.iter().zip(&b);
            a.len().cmp(&b.len()).then_with(|| {
                first_difference(pairs.map(|(a, b)| a.0.cmp(b.0).then_with(|| order(a.1, b.1))))
            })
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Exact for integers up to 64 bits, also against floating-point numbers. Larger integers have been read as floating-point numbers.
fn order_numbers(a: &Number, b: &Number) -> Ordering {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (a_integer, b_integer) => {
            let a = a.as_f64().unwrap_or(0.0);
            let b = b.as_f64().unwrap_or(0.0);
            // Integers beyond 2^100 were floating-point numbers on both sides; -0.0 equals 0.0 by the first branch.
            a.total_cmp(&b).then(a_integer.cmp(&b_integer))
        }
    }
}

fn integer(number: &Number) -> Option<i128> {
    if let Some(whole) = number.as_i64() {
        return Some(i128::from(whole));
    }
    if let Some(whole) = number.as_u64() {
        return Some(i128::from(whole));
    }
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() < 2_f64.powi(100)).then_some(float as i128)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EXACT: &Checker = &Checker::Exact;
    const FLOAT: &Checker = &Checker::Float(Tolerance { absolute: Some(1e-6), relative: Some(1e-6) });

    #[test]
    fn numbers_are_equal_by_value_and_exactly() {
        assert!(value_is_right(EXACT, &json!(1.0), &json!(1)));
        assert!(value_is_right(EXACT, &json!(-0.0), &json!(0)));
        assert!(!value_is_right(EXACT, &json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
        assert!(!value_is_right(EXACT, &json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992.0)));
        assert!(!value_is_right(EXACT, &json!(0.1 + 0.2), &json!(0.3)));
        assert!(value_is_right(EXACT, &json!(u64::MAX), &json!(u64::MAX)));
    }

    #[test]
    fn numbers_are_read_to_the_last_bit() {
        for number in [31.245_270_191_439_438, 121.487_919_511_619_45, 5e-324, 1.797_693_134_862_315_7e308] {
            let read: Value = serde_json::from_str(&format!("{number:?}")).unwrap();
            assert!(value_is_right(EXACT, &read, &json!(number)), "{number}");
        }
    }

    #[test]
    fn kinds_are_not_mixed_up() {
        let values =
            [json!(null), json!(false), json!(0), json!(""), json!([]), json!({}), json!("0"), json!([0])];
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                for checker in [EXACT, &Checker::Unordered, FLOAT] {
                    assert_eq!(value_is_right(checker, a, b), i == j, "{a} {b} {checker:?}");
                }
            }
        }
    }

    #[test]
    fn keys_have_no_order() {
        let a: Value = serde_json::from_str(r#"{"b":[1],"a":2}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"a":2.0,"b":[1.0]}"#).unwrap();
        assert!(value_is_right(EXACT, &a, &b));
        assert!(value_is_right(FLOAT, &a, &b));
        assert!(!value_is_right(EXACT, &json!({"a": 2}), &b));
    }

    #[test]
    fn unordered_is_a_multiset_of_the_outermost_list_only() {
        let right = |a: Value, b: Value| value_is_right(&Checker::Unordered, &a, &b);
        assert!(right(json!([3, 1, 2, 1.0]), json!([1, 1, 2, 3])));
        assert!(!right(json!([1, 2, 2]), json!([1, 1, 2])));
        assert!(!right(json!([1, 2]), json!([1, 2, 2])));
        assert!(right(json!([[1, 2], [3]]), json!([[3], [1, 2]])));
        assert!(!right(json!([[2, 1]]), json!([[1, 2]])));
    }

    #[test]
    fn unordered_holds_for_every_rotation() {
        let values =
            [json!(1), json!("x"), json!([1, 2]), json!(null), json!({"k": 1}), json!(1.5), json!(1)];
        for by in 0..values.len() {
            let mut turned = values.clone();
            turned.rotate_left(by);
            assert!(value_is_right(&Checker::Unordered, &json!(turned), &json!(values)));
            turned[0] = json!("other");
            assert!(!value_is_right(&Checker::Unordered, &json!(turned), &json!(values)));
        }
    }

    #[test]
    fn a_large_unordered_answer_takes_no_quadratic_time() {
        let up: Vec<u32> = (0..200_000).collect();
        let down: Vec<u32> = (0..200_000).rev().collect();
        assert!(value_is_right(&Checker::Unordered, &json!(down), &json!(up)));
    }

    #[test]
    fn tolerance_is_absolute_or_relative() {
        let right = |a: Value, b: Value| value_is_right(FLOAT, &a, &b);
        assert!(right(json!([0.333_333_4, 1e12 + 1.0]), json!([1.0 / 3.0, 1e12])));
        assert!(!right(json!(0.3334), json!(1.0 / 3.0)));
        assert!(!right(json!([1.0]), json!([1.0, 2.0])));
        assert!(text_is_right(FLOAT, b"x 0.3333333\n", "x 0.33333334"));
        assert!(!text_is_right(FLOAT, b"nan", "1"));
        assert!(!text_is_right(FLOAT, b"inf", "1"));
        assert!(text_is_right(FLOAT, b"nan", "nan"));
        assert!(!text_is_right(FLOAT, b"1 2", "1"));
    }

    #[test]
    fn text_checkers_forgive_what_they_say() {
        let right = |checker: &Checker, a: &str, b| text_is_right(checker, a.as_bytes(), b);
        assert!(right(EXACT, "a\n", "a\n"));
        assert!(!right(EXACT, "a", "a\n"));
        assert!(right(&Checker::Lines, "a  \r\nb\n\n\n", "a\nb"));
        assert!(right(&Checker::Lines, "", "\n"));
        assert!(!right(&Checker::Lines, "a\n\nb", "a\nb"));
        assert!(!right(&Checker::Lines, " a", "a"));
        assert!(right(&Checker::Tokens, "a\n\n b", "a b"));
        assert!(!right(&Checker::Tokens, "ab", "a b"));
        assert!(!text_is_right(&Checker::Tokens, b"\xff", "\u{fffd}"));
        assert!(right(&Checker::Sorted, "b \na\n\n", "a\nb"));
        assert!(!right(&Checker::Sorted, "a\na\nb", "a\nb") && !right(&Checker::Sorted, "a b", "b a"));
    }

    #[test]
    fn the_default_validator_has_its_options() {
        let right = |options, a: &str, b| text_is_right(&Checker::Validator(options), a.as_bytes(), b);
        let plain = ValidatorOptions::default();
        assert!(right(plain, "YES\n 1.0", "yes 1.0") && !right(plain, "yes 1.00", "yes 1.0"));
        let cased = ValidatorOptions { case_sensitive: true, ..plain };
        assert!(right(cased, "yes", " yes\n") && !right(cased, "Yes", "yes"));
        let spaced = ValidatorOptions { space_sensitive: true, ..plain };
        assert!(right(spaced, "a  b\n", "A  b\n"));
        for other in ["a b\n", "a  b", " a  b\n", "a \nb\n"] {
            assert!(!right(spaced, other, "a  b\n"), "{other:?}");
        }
        let absolute = Tolerance { absolute: Some(0.01), relative: None };
        let near = ValidatorOptions { tolerance: absolute, ..plain };
        assert!(right(near, "x 1000.005", "x 1000.0") && !right(near, "x 1000.5", "x 1000.0"));
        let relative = Tolerance { absolute: None, relative: Some(0.01) };
        let near = ValidatorOptions { tolerance: relative, ..plain };
        assert!(right(near, "1000.5", "1000.0") && !right(near, "0.001", "0") && right(near, "0.0", "0"));
    }

    #[test]
    fn order_is_total_so_that_sorting_cannot_fail() {
        let values = [
            json!(1),
            json!(1.5),
            json!(-3),
            json!(1e300),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e30),
            json!("a"),
            json!([1]),
        ];
        for a in &values {
            for b in &values {
                assert_eq!(order(a, b), order(b, a).reverse(), "{a} {b}");
                for c in &values {
                    if order(a, b).is_le() && order(b, c).is_le() {
                        assert!(order(a, c).is_le(), "{a} {b} {c}");
                    }
                }
            }
        }
    }
}
