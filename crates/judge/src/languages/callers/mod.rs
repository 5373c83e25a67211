//! Programs that call a learner's function: they read its arguments, typed as the challenge says, and write what it returns.

mod c;

use codementor_core::forms::{CPP, Forms, GO, RUST};
use codementor_core::judging::Types;

pub(crate) use self::c::c;

/// Writes the program that calls a function of this name; none where a type has no form in the language.
pub(crate) type Caller = fn(&str, &Types) -> Option<String>;

/// What stands beside the callers.
pub(crate) const C_HARNESS: &str = include_str!("harness.c.txt");
pub(crate) const CPP_HARNESS: &str = include_str!("harness.hpp");
pub(crate) const RUST_HARNESS: &str = include_str!("harness.rs.txt");
pub(crate) const GO_HARNESS: &str = include_str!("harness.go.txt");
pub(crate) const JAVA_HARNESS: &str = include_str!("JudgeHarness.java.txt");

/// The arguments as variables `a0`, `a1` and so on, by a form for each: of its number and its type.
fn each(types: &Types, forms: &Forms, form: fn(usize, &str) -> String) -> Option<String> {
    let all =
        types.parameters.iter().enumerate().map(|(at, kind)| forms.of(kind).map(|kind| form(at, &kind)));
    all.collect()
}

fn arguments(types: &Types, form: fn(usize) -> String) -> String {
    let all: Vec<_> = (0..types.parameters.len()).map(form).collect();
    all.join(", ")
}

/// C++17 and later.
pub(crate) fn cpp(name: &str, types: &Types) -> Option<String> {
    CPP.of(&types.returns)?;
    let read = each(types, &CPP, |at, kind| {
        let comma = if at > 0 { "  in.expect(',');\n" } else { "" };
        format!("{comma}  {kind} a{at}{{}};\n  in.read(a{at});\n")
    })?;
    let arguments = arguments(types, |at| format!("a{at}"));
    Some(format!(
        "#include \"/judge/harness.hpp\"\n#include \"solution.cpp\"\nint main() {{\n  judge::In in;\n  in.expect('[');\n{read}  \
         in.expect(']');\n  judge::answer({name}({arguments}));\n}}\n"
    ))
}

/// Rust.
pub(crate) fn rust(name: &str, types: &Types) -> Option<String> {
    RUST.of(&types.returns)?;
    let read = each(types, &RUST, |at, kind| {
        let comma = if at > 0 { "    input.expect(\",\");\n" } else { "" };
        format!("{comma}    let a{at} = <{kind} as judge::Value>::read(&mut input);\n")
    })?;
    let arguments = arguments(types, |at| format!("a{at}"));
    Some(format!(
        "#![allow(warnings)]\n#[path = \"solution.rs\"]\nmod solution;\n#[path = \"/judge/harness.rs\"]\nmod judge;\nfn main() {{\n    \
         let mut input = judge::In::new();\n    input.expect(\"[\");\n{read}    input.expect(\"]\");\n    \
         judge::answer(&solution::{name}({arguments}));\n}}\n"
    ))
}

/// Go.
pub(crate) fn go(name: &str, types: &Types) -> Option<String> {
    GO.of(&types.returns)?;
    let variables = each(types, &GO, |at, kind| format!("\tvar a{at} {kind}\n"))?;
    let places = arguments(types, |at| format!("&a{at}"));
    let arguments = arguments(types, |at| format!("a{at}"));
    Some(format!(
        "package main\n\nfunc main() {{\n{variables}\tjudgeRead({places})\n\tjudgeAnswer({name}({arguments}))\n}}\n"
    ))
}

/// Java: the types are those that the method itself declares, so the name is all that is needed.
pub(crate) fn java(name: &str, _: &Types) -> Option<String> {
    Some(format!(
        "final class JudgeMain {{\n    public static void main(String[] arguments) throws Throwable {{\n        \
         JudgeHarness.call(Solution.class, \"{name}\");\n    }}\n}}\n"
    ))
}
