//! Mutants of small programs, one operator at a time, and of every reference.

use super::*;

fn made(language: Language, source: &str) -> Vec<(Operator, String)> {
    mutants(&language, source).into_iter().map(|mutant| (mutant.operator, mutant.apply(source))).collect()
}

/// The texts that one operator makes of a program.
fn of(language: Language, operator: Operator, source: &str) -> Vec<String> {
    made(language, source).into_iter().filter(|(made, _)| *made == operator).map(|(_, text)| text).collect()
}

#[test]
fn every_operator_of_python_makes_what_it_says() {
    let python = |operator, source: &str| of(Language::python(), operator, source);
    assert_eq!(python(Operator::Relational, "x = a < b\n"), ["x = a <= b\n", "x = a >= b\n"]);
    assert_eq!(python(Operator::Relational, "x = a not in b\n"), ["x = a in b\n"]);
    assert_eq!(python(Operator::Relational, "x = a is not b\n"), ["x = a is b\n"]);
    assert_eq!(python(Operator::Relational, "x = 1 <= a < 3\n").len(), 4);
    assert_eq!(python(Operator::Arithmetic, "x = a // b\n"), ["x = a * b\n"]);
    assert_eq!(python(Operator::Arithmetic, "x += b\n"), ["x -= b\n", "x = b\n"]);
    assert_eq!(python(Operator::Logical, "x = a and b\n"), ["x = a or b\n"]);
    assert_eq!(python(Operator::Sign, "x = not a\n"), ["x = a\n"]);
    assert_eq!(python(Operator::Sign, "x = -a\n"), ["x = a\n"]);
    assert_eq!(python(Operator::Constant, "x = 0\n"), ["x = 1\n", "x = (-1)\n"]);
    assert_eq!(python(Operator::Constant, "x = 2.5\n"), ["x = (2.5 + 1)\n"]);
    assert_eq!(python(Operator::Boolean, "x = True\n"), ["x = False\n"]);
    assert_eq!(python(Operator::Text, "x = 'a'\ny = ''\n"), ["x = \"\"\ny = ''\n", "x = 'a'\ny = \"?\"\n"]);
    assert_eq!(
        python(Operator::Condition, "if a:\n    b()\n"),
        ["if False:\n    b()\n", "if True:\n    b()\n", "if not (a):\n    b()\n"]
    );
    assert_eq!(python(Operator::Statement, "def f():\n    a()\n"), ["def f():\n    pass\n"]);
    assert_eq!(python(Operator::ReturnValue, "def f():\n    return 1\n"), ["def f():\n    return None\n"]);
    assert_eq!(
        python(Operator::OffByOne, "x = a[b:c]\n"),
        ["x = a[(b) + 1:c]\n", "x = a[(b) - 1:c]\n", "x = a[b:(c) + 1]\n", "x = a[b:(c) - 1]\n"]
    );
    assert_eq!(python(Operator::OffByOne, "x = range(1, n)\n").len(), 2);
    assert_eq!(python(Operator::LoopControl, "while a:\n    break\n"), ["while a:\n    continue\n"]);
    assert_eq!(python(Operator::Call, "x = min(a)\n"), ["x = max(a)\n"]);
    assert_eq!(python(Operator::Call, "x = a.lower()\n"), ["x = a.upper()\n"]);
}

#[test]
fn every_operator_of_javascript_makes_what_it_says() {
    let javascript = |operator, source: &str| of(Language::javascript(), operator, source);
    assert_eq!(javascript(Operator::Relational, "x = a !== b;"), ["x = a === b;"]);
    assert_eq!(javascript(Operator::Arithmetic, "x++;"), ["x--;"]);
    assert_eq!(javascript(Operator::Arithmetic, "x -= b;"), ["x += b;", "x = b;"]);
    assert_eq!(javascript(Operator::Logical, "x = a && b;"), ["x = a || b;"]);
    assert_eq!(javascript(Operator::Logical, "x = a ?? 1;"), ["x = a && 1;"]);
    assert_eq!(javascript(Operator::Sign, "x = !a;"), ["x = a;"]);
    assert_eq!(javascript(Operator::Constant, "x = 1;"), ["x = 2;", "x = 0;"]);
    assert_eq!(javascript(Operator::Text, "x = `a`;"), ["x = \"\";"]);
    assert!(javascript(Operator::Text, "x = `${a}`;").is_empty());
    assert_eq!(
        javascript(Operator::Condition, "if (a) b();"),
        ["if (false) b();", "if (true) b();", "if (!(a)) b();"]
    );
    assert_eq!(javascript(Operator::Condition, "x = a < b ? 1 : 2;").len(), 2);
    assert_eq!(javascript(Operator::Condition, "for (;a;) {}"), ["for (;false;) {}", "for (;!(a);) {}"]);
    assert!(javascript(Operator::Condition, "for (;;) {}").is_empty());
    assert_eq!(javascript(Operator::Statement, "function f() { a(); }"), ["function f() { ; }"]);
    assert_eq!(
        javascript(Operator::ReturnValue, "function f() { return 1; }"),
        ["function f() { return null; }"]
    );
    assert_eq!(
        javascript(Operator::OffByOne, "x = a.slice(b);"),
        ["x = a.slice((b) + 1);", "x = a.slice((b) - 1);"]
    );
    assert_eq!(javascript(Operator::LoopControl, "while (a) { continue; }"), ["while (a) { break; }"]);
    assert_eq!(javascript(Operator::Call, "x = Math.floor(a);"), ["x = Math.ceil(a);"]);
    assert!(mutants(&Language::javascript(), "const fs = require(\"fs\");").is_empty());
}

#[test]
fn nothing_is_made_where_no_test_could_tell() {
    let python = "\"\"\"1 < 2\"\"\"\nimport a\n# 1 < 2\ndef f(x: int):\n    '3'\n    return x\n    y = 1\n";
    let found = made(Language::python(), python);
    assert_eq!(found.len(), 1, "{found:?}");
    let javascript = "\"use strict\";\n// 1 < 2\nfunction f(x) { return x; x = 1; }";
    assert_eq!(made(Language::javascript(), javascript).len(), 1);
    assert!(made(Language::python(), "def f(:\n").is_empty(), "no mutants of what is no program");
    assert!(made("cobol".parse().unwrap(), "x = 1").is_empty());
}

#[test]
fn places_are_told_in_lines_and_characters() {
    let found = mutants(&Language::python(), "a = 'é' + b\nif c < d:\n    e()\n");
    let found = found.iter().find(|mutant| mutant.operator == Operator::Relational).unwrap();
    assert_eq!((found.line, found.column), (2, 6));
    assert_eq!((found.before.as_str(), found.after.as_str()), ("if c < d:", "if c <= d:"));
    let plus = mutants(&Language::python(), "a = 'é' + b\n");
    assert_eq!(plus.iter().find(|mutant| mutant.operator == Operator::Arithmetic).unwrap().column, 9);
}

#[test]
fn the_seed_decides_the_sample_and_every_operator_has_its_turn() {
    for challenge in crate::builtin().unwrap() {
        for (language, solutions) in &challenge.solutions {
            let all = mutants(language, &solutions.reference);
            assert!(!all.is_empty(), "{} in {language}", challenge.id);
            let texts: BTreeSet<String> =
                all.iter().map(|mutant| mutant.apply(&solutions.reference)).collect();
            assert_eq!(texts.len(), all.len(), "no two are the same");
            assert!(!texts.contains(&solutions.reference));
            let few = sample(all.clone(), 7, 10);
            assert_eq!(few, sample(all.clone(), 7, 10));
            assert_eq!(few.len(), all.len().min(10));
            let operators = |mutants: &[Mutant]| mutants.iter().map(|m| m.operator).collect::<BTreeSet<_>>();
            assert_eq!(operators(&few).len(), operators(&all).len().min(10), "{}", challenge.id);
        }
    }
}

#[test]
fn a_program_nested_deeply_does_no_harm() {
    let deep = format!("x = {}1{}\n", "(".repeat(20_000), ")".repeat(20_000));
    assert!(mutants(&Language::python(), &deep).len() <= 2);
}
