//! Smaller inputs than a given one, in the way of delta debugging (Zeller and Hildebrandt, TSE 2002): halves, single items, numbers
//! toward zero. Whether they still fail, and keep the rules, is for others to find out.

use serde_json::Value;

use super::rules::{length, numbers};

/// Items of a list that are taken out or made smaller one by one; of longer lists halves are tried only.
const MAX_SINGLE: usize = 16;

/// How large arguments are to the eye: the length of their text, then their numbers. Smaller is simpler.
pub(super) fn measure(args: &[Value]) -> (usize, u64) {
    let text: usize = args.iter().map(|value| value.to_string().len()).sum();
    (text, args.iter().map(weight).fold(0, u64::saturating_add))
}

/// What numbers, characters and truth add up to.
fn weight(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(weight).fold(0, u64::saturating_add),
        Value::Object(fields) => fields.values().map(weight).fold(0, u64::saturating_add),
        Value::String(text) => text.chars().map(u64::from).fold(0, u64::saturating_add),
        // A negative number is less simple than its opposite.
        Value::Number(number) => number.as_i64().map_or(1 << 20, |whole| {
            whole.unsigned_abs().saturating_mul(2).saturating_add(u64::from(whole < 0))
        }),
        Value::Bool(is_true) => u64::from(*is_true),
        Value::Null => 0,
    }
}

/// Arguments that are smaller, the smallest first.
pub(super) fn smaller(args: &[Value]) -> Vec<Vec<Value>> {
    let mut found: Vec<Vec<Value>> = Vec::new();
    for (place, value) in args.iter().enumerate() {
        for other in smaller_values(value) {
            let mut changed = args.to_vec();
            changed[place] = other;
            found.push(changed);
        }
    }
    found.extend(together(args));
    found.extend(everywhere(args));
    let bound = measure(args);
    let mut sized: Vec<_> = found.into_iter().map(|args| (measure(&args), args)).collect();
    sized.retain(|(size, _)| *size < bound);
    sized.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| left.len().cmp(&right.len())));
    sized.dedup_by(|(_, a), (_, b)| a == b);
    sized.into_iter().map(|(_, args)| args).collect()
}

fn smaller_values(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => {
            let mut found: Vec<Value> = without(items).into_iter().map(Value::Array).collect();
            for (n, item) in items.iter().enumerate().take(MAX_SINGLE) {
                found.extend(smaller_values(item).into_iter().map(|other| replaced(items, n, other)));
            }
            found.extend(without_column(items));
            found
        }
        Value::String(text) => {
            let chars: Vec<char> = text.chars().collect();
            let mut found: Vec<Value> =
                without(&chars).into_iter().map(|rest| rest.iter().collect::<String>().into()).collect();
            let least = chars.iter().min().copied().unwrap_or('a');
            for n in (0..chars.len().min(MAX_SINGLE)).filter(|n| chars[*n] != least) {
                let mut plain = chars.clone();
                plain[n] = least;
                found.push(plain.iter().collect::<String>().into());
            }
            found
        }
        Value::Object(fields) => fields
            .keys()
            .map(|key| {
                Value::Object(
                    fields
                        .iter()
                        .filter(|(other, _)| *other != key)
                        .map(|(k, v)| (k.clone(), v.clone()))
                        .collect(),
                )
            })
            .collect(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => {
                [0, whole / 2, whole / 10, whole % 10, whole - whole.signum(), whole.saturating_abs()]
                    .map(Value::from)
                    .to_vec()
            }
            None => number.as_f64().map(|float| Value::from(float.trunc())).into_iter().collect(),
        },
        Value::Bool(true) => vec![Value::from(false)],
        Value::Bool(false) | Value::Null => Vec::new(),
    }
}

/// Nothing, halves, and all but one.
fn without<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return Vec::new();
    }
    let half = items.len() / 2;
    let mut found = vec![Vec::new(), items[..half].to_vec(), items[half..].to_vec()];
    found.extend((0..items.len().min(MAX_SINGLE)).map(|n| but(items, n)));
    found
}

fn but<T: Clone>(items: &[T], left_out: usize) -> Vec<T> {
    items.iter().enumerate().filter(|(n, _)| *n != left_out).map(|(_, item)| item.clone()).collect()
}

fn replaced(items: &[Value], place: usize, other: Value) -> Value {
    let mut items = items.to_vec();
    items[place] = other;
    Value::Array(items)
}

/// A table without one of its columns.
fn without_column(rows: &[Value]) -> Vec<Value> {
    let width = rows.first().and_then(length).unwrap_or(0);
    let is_table = rows.len() > 1 && rows.iter().all(|row| length(row) == Some(width));
    let columns = if is_table { width.min(MAX_SINGLE) } else { 0 };
    (0..columns)
        .map(|column| Value::Array(rows.iter().map(|row| cell_left_out(row, column)).collect()))
        .collect()
}

fn cell_left_out(row: &Value, column: usize) -> Value {
    match row {
        Value::String(text) => {
            but(&text.chars().collect::<Vec<_>>(), column).iter().collect::<String>().into()
        }
        Value::Array(cells) => Value::Array(but(cells, column)),
        other => other.clone(),
    }
}

/// Lists of one length each without the same place, and numbers and lists one smaller at once: parameters that belong together.
fn together(args: &[Value]) -> Vec<Vec<Value>> {
    let longest = args.iter().filter_map(|value| value.as_array().map(Vec::len)).max().unwrap_or(0);
    let mut found = Vec::new();
    for place in 0..longest.min(MAX_SINGLE) {
        let cut = |value: &Value| match value {
            Value::Array(items) if items.len() == longest => Value::Array(but(items, place)),
            other => other.clone(),
        };
        let shorter: Vec<Value> = args.iter().map(cut).collect();
        let fewer = |value: &Value| match value.as_i64() {
            Some(number) if number > 0 => Value::from(number - 1),
            _ => value.clone(),
        };
        found.push(shorter.iter().map(fewer).collect());
        found.push(shorter);
    }
    found
}

/// One number smaller wherever it stands: what is looked for and what is found must stay equal.
fn everywhere(args: &[Value]) -> Vec<Vec<Value>> {
    let mut known: Vec<i64> = args.iter().flat_map(numbers).collect();
    known.sort_unstable();
    known.dedup();
    known.truncate(MAX_SINGLE);
    let exchanged = |old: i64, new: i64| args.iter().map(|value| exchange(value, old, new)).collect();
    known
        .into_iter()
        .flat_map(|old| [0, old / 2, old - old.signum(), old.saturating_abs()].map(|new| exchanged(old, new)))
        .collect()
}

fn exchange(value: &Value, old: i64, new: i64) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| exchange(item, old, new)).collect(),
        other if other.as_i64() == Some(old) => Value::from(new),
        other => other.clone(),
    }
}
