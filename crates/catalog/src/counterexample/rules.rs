//! Whether arguments keep an author's rules, and making some that do.

use codementor_core::quality::{Compare, Measure, Order, Relation, Rules, Shape, Term};
use serde_json::{Map, Number, Value};

use crate::random::Random;

/// How often something is made before it is given up: relations are kept by trying.
const TRIES: usize = 200;

/// Whether arguments keep the rules.
pub(super) fn fits(rules: &Rules, args: &[Value]) -> bool {
    args.len() == rules.parameters.len()
        && rules.parameters.iter().zip(args).all(|(shape, value)| fits_shape(shape, value))
        && rules.relations.iter().all(|relation| holds(relation, args))
}

fn fits_shape(shape: &Shape, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Int(low, high), _) => value.as_i64().is_some_and(|number| (*low..=*high).contains(&number)),
        (Shape::Float(low, high), _) => value.as_f64().is_some_and(|number| (*low..=*high).contains(&number)),
        (Shape::Bool, _) => value.is_boolean(),
        (Shape::Text { length, alphabet }, Value::String(text)) => {
            within(*length, text.chars().count()) && text.chars().all(|char| alphabet.contains(&char))
        }
        (Shape::List { length, items, order, distinct, even }, Value::Array(list)) => {
            within(*length, list.len())
                && list.iter().all(|item| fits_shape(items, item))
                && is_ordered(*order, list)
                && (!distinct || are_distinct(list))
                && (!even || are_even(list))
        }
        (Shape::Map { length, values }, Value::Object(fields)) => {
            within(*length, fields.len()) && fields.values().all(|value| fits_shape(values, value))
        }
        (Shape::Optional(inner), _) => value.is_null() || fits_shape(inner, value),
        (Shape::OneOf(values), _) => values.contains(value),
        _ => false,
    }
}

fn within((least, most): (usize, usize), count: usize) -> bool {
    (least..=most).contains(&count)
}

/// Numbers and texts have an order; of other values every order is right.
pub(super) fn is_ordered(order: Order, list: &[Value]) -> bool {
    match order {
        Order::Any => true,
        Order::Ascending => list.is_sorted_by(|a, b| compare(a, b).is_le()),
        Order::Descending => list.is_sorted_by(|a, b| compare(a, b).is_ge()),
    }
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let first = a.iter().zip(b).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
            first.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)),
    }
}

pub(super) fn are_distinct(list: &[Value]) -> bool {
    list.iter().enumerate().all(|(n, item)| !list[..n].contains(item))
}

/// Whether all items are lists or texts of one length.
pub(super) fn are_even(list: &[Value]) -> bool {
    list.windows(2).all(|pair| length(&pair[0]).is_some() && length(&pair[0]) == length(&pair[1]))
}

pub(super) fn length(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(fields) => Some(fields.len()),
        _ => None,
    }
}

/// Whether a relation holds. One about the smallest or largest number of what has none does.
pub(super) fn holds(relation: &Relation, args: &[Value]) -> bool {
    let (Some(left), Some(right)) = (quantity(relation.left, args), quantity(relation.right, args)) else {
        return true;
    };
    match relation.compare {
        Compare::Less => left < right,
        Compare::LessOrEqual => left <= right,
        Compare::Equal => left == right,
        Compare::NotEqual => left != right,
    }
}

/// What a term comes to, where it comes to anything.
pub(super) fn quantity(term: Term, args: &[Value]) -> Option<i64> {
    let Some((measure, place)) = term.of else { return Some(term.plus) };
    let value = args.get(place)?;
    let number = match measure {
        Measure::Value => value.as_i64(),
        Measure::Length => length(value).and_then(|length| i64::try_from(length).ok()),
        Measure::Min => numbers(value).into_iter().min(),
        Measure::Max => numbers(value).into_iter().max(),
    };
    number?.checked_add(term.plus)
}

/// All whole numbers within a value.
pub(super) fn numbers(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(fields) => fields.values().flat_map(numbers).collect(),
        other => other.as_i64().into_iter().collect(),
    }
}

/// Arguments that keep the rules, of about this size; none when they are not found by trying.
pub(super) fn generate(rules: &Rules, size: usize, random: &mut Random) -> Option<Vec<Value>> {
    (0..TRIES).find_map(|_| {
        let mut args: Vec<Value> =
            rules.parameters.iter().map(|shape| make(shape, size, None, random)).collect();
        borrow(rules, &mut args, random);
        fits(rules, &args).then_some(args)
    })
}

/// Lets a lone number or text be one that occurs in another argument, half of the time: what is looked for should often be there.
fn borrow(rules: &Rules, args: &mut [Value], random: &mut Random) {
    for (place, shape) in rules.parameters.iter().enumerate() {
        if matches!(shape, Shape::Int(..)) && random.once_in(2) {
            let others: Vec<i64> = args
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != place)
                .flat_map(|(_, value)| numbers(value))
                .collect();
            if let Some(number) = random.pick(&others) {
                args[place] = Value::from(*number);
            }
        }
    }
}

/// A value of a shape. `forced` is the length that its neighbours have.
pub(super) fn make(shape: &Shape, size: usize, forced: Option<usize>, random: &mut Random) -> Value {
    match shape {
        Shape::Int(low, high) => Value::from(number(*low, *high, size, random)),
        Shape::Float(low, high) => float(*low, *high, size, random),
        Shape::Bool => Value::from(random.once_in(2)),
        Shape::Text { length, alphabet } => {
            let count = forced.unwrap_or_else(|| count(*length, size, random));
            // Of few different characters more is told, and the first ones are those that the author thinks of.
            let few = &alphabet[..alphabet.len().min(1 + random.below(alphabet.len() + 2))];
            (0..count).filter_map(|_| random.pick(few)).collect::<String>().into()
        }
        Shape::List { length, items, order, distinct, even } => {
            let count = forced.unwrap_or_else(|| count(*length, size, random));
            let inner = even.then(|| inner_length(items, size, random)).flatten();
            // Equal items are where mistakes are: a third of the lists has few different ones.
            let few = !distinct && random.once_in(3);
            let kinds = if few { 1 + random.below(3) } else { count };
            let made: Vec<Value> = (0..kinds).map(|_| make(items, size, inner, random)).collect();
            let mut list = match few {
                true => (0..count).filter_map(|_| random.pick(&made).cloned()).collect(),
                false => made,
            };
            if *distinct {
                let mut kept: Vec<Value> = Vec::with_capacity(list.len());
                list.into_iter().for_each(|item| {
                    if !kept.contains(&item) {
                        kept.push(item)
                    }
                });
                list = kept;
            }
            match order {
                Order::Any => {}
                Order::Ascending => list.sort_by(compare),
                Order::Descending => list.sort_by(|a, b| compare(b, a)),
            }
            Value::Array(list)
        }
        Shape::Map { length, values } => {
            let count = count(*length, size, random);
            let key = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap_or(0)).to_string();
            Value::Object(
                (0..count).map(|n| (key(n), make(values, size, None, random))).collect::<Map<_, _>>(),
            )
        }
        Shape::Optional(_) if random.once_in(4) => Value::Null,
        Shape::Optional(inner) => make(inner, size, forced, random),
        Shape::OneOf(values) => random.pick(values).cloned().unwrap_or(Value::Null),
    }
}

fn inner_length(items: &Shape, size: usize, random: &mut Random) -> Option<usize> {
    match items {
        Shape::Text { length, .. } | Shape::List { length, .. } => Some(count(*length, size, random)),
        _ => None,
    }
}

fn count((least, most): (usize, usize), size: usize, random: &mut Random) -> usize {
    match random.below(8) {
        // What is long is seldom, and it is where some mistakes are.
        0 => most,
        _ => least + random.below((most - least).min(size) + 1),
    }
}

/// Mostly near what is nearest to zero, at times anything, at times an end.
fn number(low: i64, high: i64, size: usize, random: &mut Random) -> i64 {
    let centre = 0.clamp(low, high);
    let near = i64::try_from(size + 2).unwrap_or(i64::MAX);
    match random.below(12) {
        0 => low,
        1 => high,
        // Of every length alike: of all numbers nearly all are long.
        2..=4 => {
            let span = high.abs_diff(low);
            let bits = u64::BITS - span.leading_zeros();
            let reach = (span >> random.below(bits as usize + 1)).cast_signed();
            random.between(low.max(centre.saturating_sub(reach)), high.min(centre.saturating_add(reach)))
        }
        _ => random.between(low.max(centre.saturating_sub(near)), high.min(centre.saturating_add(near))),
    }
}

fn float(low: f64, high: f64, size: usize, random: &mut Random) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "both are within 2^53")]
    let whole = number(low.ceil() as i64, high.floor() as i64, size, random);
    #[expect(clippy::cast_precision_loss, reason = "within 2^53")]
    let part = whole as f64 + f64::from(u8::try_from(random.below(4)).unwrap_or(0)) / 4.0;
    Number::from_f64(part.clamp(low, high)).map_or(Value::Null, Value::Number)
}
