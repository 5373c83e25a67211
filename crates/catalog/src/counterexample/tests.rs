//! Rules, guesses and shrinking, without programs; the whole search is tested with the real judge.

use codementor_core::quality::{Order, Shape};
use serde_json::json;

use super::infer::infer;
use super::rules::{fits, generate};
use super::shrink::{measure, smaller};
use super::*;
use crate::random::Random;

fn challenge(id: &str) -> Challenge {
    let found = crate::builtin().unwrap().into_iter().find(|challenge| challenge.id.as_str() == id);
    found.unwrap()
}

fn rules(id: &str) -> Rules {
    match challenge(id).quality.generator {
        codementor_core::quality::Generator::Rules(rules) => rules,
        other => panic!("{id}: {other:?}"),
    }
}

fn args(value: Value) -> Vec<Value> {
    value.as_array().unwrap().clone()
}

fn seed() -> u64 {
    let given = std::env::var("CODEMENTOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    println!("CODEMENTOR_TEST_SEED={seed}");
    seed
}

#[test]
fn whatever_is_made_by_rules_keeps_them_and_so_does_every_example() {
    let mut random = Random::new(seed());
    for challenge in crate::builtin().unwrap() {
        let codementor_core::quality::Generator::Rules(rules) = &challenge.quality.generator else {
            continue;
        };
        let made: Vec<_> = (0..60).filter_map(|n| generate(rules, n / 6, &mut random)).collect();
        assert!(made.len() >= 50, "{}: {} of 60", challenge.id, made.len());
        assert!(made.iter().all(|args| fits(rules, args)));
        let mut texts: Vec<String> = made.iter().map(|args| text_of(args)).collect();
        texts.sort();
        texts.dedup();
        assert!(texts.len() >= 12, "{}: {texts:?}", challenge.id);
    }
}

#[test]
fn rules_are_kept_or_broken() {
    let window = rules("window-maximum");
    assert!(fits(&window, &args(json!([[1, 2], 2]))));
    assert!(!fits(&window, &args(json!([[1, 2], 3]))), "the relation");
    assert!(!fits(&window, &args(json!([[], 1]))), "the length");
    assert!(!fits(&window, &args(json!([["1"], 1]))), "the type");
    assert!(!fits(&window, &args(json!([[1]]))), "the number of arguments");
    let islands = rules("island-count");
    assert!(fits(&islands, &args(json!([["#.", ".."]]))));
    assert!(!fits(&islands, &args(json!([["#.", "."]]))), "rows of one length");
    assert!(!fits(&islands, &args(json!([["x"]]))), "the alphabet");
    let shelf = rules("first-position");
    assert!(!fits(&shelf, &args(json!([[2, 1], 1]))), "the order");
    assert!(!fits(&rules("coin-change"), &args(json!([[2, 2], 1]))), "all different");
}

#[test]
fn everything_smaller_is_smaller_and_the_smallest_has_nothing_below_it() {
    let start = args(json!([["ab", "cd"], [3, -4], 2, {"k": [1]}, true, 2.5, null]));
    let found = smaller(&start);
    assert!(found.iter().all(|args| measure(args) < measure(&start)));
    assert!(found.is_sorted_by_key(|args| measure(args)));
    assert!(found.contains(&args(json!([["ab", "cd"], [-4], 2, {"k": [1]}, true, 2.5, null]))));
    assert!(
        found.contains(&args(json!([["cd"], [-4], 1, {"k": [1]}, true, 2.5, null]))),
        "lists of one length together"
    );
    assert!(
        found.contains(&args(json!([["a", "c"], [3, -4], 2, {"k": [1]}, true, 2.5, null]))),
        "a column of a table"
    );
    assert!(smaller(&args(json!([[], "", 0, false, null]))).is_empty());
}

/// Shrinking to the end, where a predicate takes the programs' place.
fn shrunk(rules: &Rules, start: Vec<Value>, fails: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let mut current = start;
    while let Some(next) = smaller(&current).into_iter().find(|args| fits(rules, args) && fails(args)) {
        current = next;
    }
    current
}

#[test]
fn shrinking_ends_at_the_smallest_that_fails_from_every_start() {
    let rules = rules("first-position");
    let mut random = Random::new(seed());
    let twice = |args: &[Value]| {
        let wanted = &args[1];
        args[0].as_array().is_some_and(|values| values.iter().filter(|value| *value == wanted).count() >= 2)
    };
    let mut starts = 0;
    for n in 0..2_000 {
        if let Some(start) = generate(&rules, n % 11, &mut random).filter(|args| twice(args)) {
            starts += 1;
            assert_eq!(shrunk(&rules, start.clone(), twice), args(json!([[0, 0], 0])), "from {start:?}");
        }
    }
    assert!(starts > 20, "{starts}");
}

#[test]
fn what_all_examples_have_in_common_becomes_a_rule() {
    let challenge = challenge("window-maximum");
    let codementor_core::challenge::Kind::Function(signature) = &challenge.kind else { panic!("a function") };
    let examples: Vec<Vec<Value>> = vec![
        args(json!([[4, 2, 7, 1, 3, 5], 3])),
        args(json!([[-5, -2, -9, -7], 2])),
        args(json!([[3, 8, 6], 3])),
    ];
    let examples: Vec<&[Value]> = examples.iter().map(Vec::as_slice).collect();
    let rules = infer(signature, &examples).unwrap();
    assert!(examples.iter().all(|args| fits(&rules, args)), "the examples themselves keep them");
    assert_eq!(rules.parameters[1], Shape::Int(2, 3));
    let Shape::List { length, order, distinct, .. } = &rules.parameters[0] else { panic!("{rules:?}") };
    assert_eq!((*length, *order, *distinct), ((3, 6), Order::Any, true));
    assert!(!fits(&rules, &args(json!([[1, 2, 3], 4]))), "never a window larger than the list");
    // Of values of any kind nothing is known.
    let flatten =
        crate::builtin().unwrap().into_iter().find(|one| one.id.as_str() == "flatten-nested").unwrap();
    let codementor_core::challenge::Kind::Function(signature) = &flatten.kind else { panic!("a function") };
    assert_eq!(infer(signature, &[&[json!([1])], &[json!([2])]]), None);
}
