//! What the examples of a challenge have in common, as rules: ranges, lengths, alphabets, order, and what holds between parameters in
//! every example. The way of Daikon (Ernst et al., "Dynamically Discovering Likely Program Invariants", TSE 2001): what has never been
//! seen broken is taken for a rule. A guess, and told as one.

use codementor_core::challenge::Signature;
use codementor_core::quality::{Compare, Measure, Order, Relation, Rules, Shape, Term};
use codementor_core::value_type::ValueType;
use serde_json::Value;

use super::rules::{are_distinct, are_even, is_ordered, length, quantity};

/// The rules that all examples keep; none where a parameter is of no known kind.
pub(super) fn infer(signature: &Signature, examples: &[&[Value]]) -> Option<Rules> {
    let parameters = signature.parameters.iter().enumerate().map(|(place, parameter)| {
        let kind: ValueType = parameter.kind.parse().ok()?;
        let seen: Vec<&Value> = examples.iter().filter_map(|args| args.get(place)).collect();
        shape(&kind, &seen)
    });
    let parameters: Vec<Shape> = parameters.collect::<Option<_>>()?;
    Some(Rules { relations: relations(parameters.len(), examples), parameters })
}

fn shape(kind: &ValueType, seen: &[&Value]) -> Option<Shape> {
    match kind {
        ValueType::Int => {
            let numbers: Vec<i64> = seen.iter().map(|value| value.as_i64()).collect::<Option<_>>()?;
            Some(Shape::Int(*numbers.iter().min()?, *numbers.iter().max()?))
        }
        ValueType::Float => {
            let numbers: Vec<f64> = seen.iter().map(|value| value.as_f64()).collect::<Option<_>>()?;
            let (low, high) =
                (numbers.iter().copied().reduce(f64::min)?, numbers.iter().copied().reduce(f64::max)?);
            Some(Shape::Float(low, high))
        }
        ValueType::Bool => Some(Shape::Bool),
        ValueType::String => {
            let mut alphabet: Vec<char> =
                seen.iter().filter_map(|value| value.as_str()).flat_map(str::chars).collect();
            alphabet.sort_unstable();
            alphabet.dedup();
            Some(Shape::Text { length: lengths(seen)?, alphabet })
        }
        ValueType::List(inner) => list(inner, seen),
        ValueType::Optional(inner) => {
            let there: Vec<&Value> = seen.iter().copied().filter(|value| !value.is_null()).collect();
            let inner = shape(inner, &there)?;
            let is_null = there.len() < seen.len();
            Some(if is_null { Shape::Optional(Box::new(inner)) } else { inner })
        }
        // Nothing is known of what they mean.
        ValueType::Any | ValueType::Map(_) => None,
    }
}

fn list(inner: &ValueType, seen: &[&Value]) -> Option<Shape> {
    let lists: Vec<&Vec<Value>> = seen.iter().map(|value| value.as_array()).collect::<Option<_>>()?;
    let items: Vec<&Value> = lists.iter().copied().flatten().collect();
    let all = |holds: &dyn Fn(&[Value]) -> bool| lists.iter().all(|list| holds(list));
    let order =
        [Order::Ascending, Order::Descending].into_iter().find(|order| all(&|list| is_ordered(*order, list)));
    let is_nested = matches!(inner, ValueType::List(_) | ValueType::String);
    Some(Shape::List {
        length: lengths(seen)?,
        items: Box::new(shape(inner, &items)?),
        order: order.unwrap_or_default(),
        distinct: all(&are_distinct),
        even: is_nested && all(&are_even),
    })
}

fn lengths(seen: &[&Value]) -> Option<(usize, usize)> {
    let lengths: Vec<usize> = seen.iter().map(|value| length(value)).collect::<Option<_>>()?;
    Some((*lengths.iter().min()?, *lengths.iter().max()?))
}

fn relations(parameters: usize, examples: &[&[Value]]) -> Vec<Relation> {
    let measures = [Measure::Value, Measure::Length, Measure::Min, Measure::Max];
    let terms: Vec<Term> = (0..parameters)
        .flat_map(|place| measures.map(|measure| Term { of: Some((measure, place)), plus: 0 }))
        // A lone number is its own smallest and largest.
        .filter(|term| examples.iter().any(|args| quantity(*term, args).is_some()))
        .filter(|term| !is_double(*term, examples))
        .collect();
    let mut found = Vec::new();
    for (n, left) in terms.iter().enumerate() {
        for right in &terms[n + 1..] {
            found.extend(relation(*left, *right, examples));
        }
    }
    found
}

fn is_double(term: Term, examples: &[&[Value]]) -> bool {
    let Some((Measure::Min | Measure::Max, place)) = term.of else { return false };
    examples.iter().any(|args| args.get(place).is_some_and(Value::is_number))
}

/// The strongest relation that every example keeps in which both quantities are there.
fn relation(left: Term, right: Term, examples: &[&[Value]]) -> Option<Relation> {
    let seen: Vec<(i64, i64)> =
        examples.iter().filter_map(|args| Some((quantity(left, args)?, quantity(right, args)?))).collect();
    // Of one alone nothing can be said.
    if seen.len() < 2 {
        return None;
    }
    let all = |holds: fn(&(i64, i64)) -> bool| seen.iter().all(holds);
    let of = |left, compare, right| Some(Relation { left, compare, right });
    if all(|(a, b)| a == b) {
        of(left, Compare::Equal, right)
    } else if all(|(a, b)| a < b) {
        of(left, Compare::Less, right)
    } else if all(|(a, b)| a <= b) {
        of(left, Compare::LessOrEqual, right)
    } else if all(|(a, b)| a > b) {
        of(right, Compare::Less, left)
    } else if all(|(a, b)| a >= b) {
        of(right, Compare::LessOrEqual, left)
    } else {
        None
    }
}
