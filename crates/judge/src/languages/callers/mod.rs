//! Programs that call a learner's function: they read its arguments, typed as the challenge says, and write what it returns.

use codementor_core::judging::Types;
use codementor_core::value_type::ValueType;

/// Writes the program that calls a function of this name; none where a type has no form in the language.
pub(crate) type Caller = fn(&str, &Types) -> Option<String>;

/// The arguments as variables `a0`, `a1` and so on, by a form for each: of its number and its type.
fn each(
    types: &Types,
    name: fn(&ValueType) -> Option<String>,
    form: fn(usize, &str) -> String,
) -> Option<String> {
    let forms = types.parameters.iter().enumerate().map(|(at, kind)| name(kind).map(|kind| form(at, &kind)));
    forms.collect()
}

fn arguments(types: &Types, form: fn(usize) -> String) -> String {
    let all: Vec<_> = (0..types.parameters.len()).map(form).collect();
    all.join(", ")
}

/// C++17 and later.
pub(super) fn cpp(name: &str, types: &Types) -> Option<String> {
    cpp_type(&types.returns)?;
    let read = each(types, cpp_type, |at, kind| {
        let comma = if at > 0 { "  in.expect(',');\n" } else { "" };
        format!("{comma}  {kind} a{at}{{}};\n  in.read(a{at});\n")
    })?;
    let arguments = arguments(types, |at| format!("a{at}"));
    Some(format!(
        "#include \"/judge/harness.hpp\"\n#include \"solution.cpp\"\nint main() {{\n  judge::In in;\n  in.expect('[');\n{read}  \
         in.expect(']');\n  judge::answer({name}({arguments}));\n}}\n"
    ))
}

fn cpp_type(kind: &ValueType) -> Option<String> {
    Some(match kind {
        ValueType::Any => return None,
        ValueType::Bool => "bool".to_owned(),
        ValueType::Float => "double".to_owned(),
        ValueType::Int => "long long".to_owned(),
        ValueType::String => "std::string".to_owned(),
        ValueType::List(item) => format!("std::vector<{}>", cpp_type(item)?),
        ValueType::Map(item) => format!("std::map<std::string, {}>", cpp_type(item)?),
        ValueType::Optional(item) => format!("std::optional<{}>", cpp_type(item)?),
    })
}

/// Rust.
pub(super) fn rust(name: &str, types: &Types) -> Option<String> {
    rust_type(&types.returns)?;
    let read = each(types, rust_type, |at, kind| {
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

fn rust_type(kind: &ValueType) -> Option<String> {
    Some(match kind {
        ValueType::Any => return None,
        ValueType::Bool => "bool".to_owned(),
        ValueType::Float => "f64".to_owned(),
        ValueType::Int => "i64".to_owned(),
        ValueType::String => "String".to_owned(),
        ValueType::List(item) => format!("Vec<{}>", rust_type(item)?),
        ValueType::Map(item) => format!("std::collections::BTreeMap<String, {}>", rust_type(item)?),
        ValueType::Optional(item) => format!("Option<{}>", rust_type(item)?),
    })
}

/// Go.
pub(super) fn go(name: &str, types: &Types) -> Option<String> {
    go_type(&types.returns)?;
    let variables = each(types, go_type, |at, kind| format!("\tvar a{at} {kind}\n"))?;
    let places = arguments(types, |at| format!("&a{at}"));
    let arguments = arguments(types, |at| format!("a{at}"));
    Some(format!(
        "package main\n\nfunc main() {{\n{variables}\tjudgeRead({places})\n\tjudgeAnswer({name}({arguments}))\n}}\n"
    ))
}

fn go_type(kind: &ValueType) -> Option<String> {
    Some(match kind {
        ValueType::Any => "any".to_owned(),
        ValueType::Bool => "bool".to_owned(),
        ValueType::Float => "float64".to_owned(),
        ValueType::Int => "int".to_owned(),
        ValueType::String => "string".to_owned(),
        ValueType::List(item) => format!("[]{}", go_type(item)?),
        ValueType::Map(item) => format!("map[string]{}", go_type(item)?),
        ValueType::Optional(item) => format!("*{}", go_type(item)?),
    })
}

/// Java: the types are those that the method itself declares, so the name is all that is needed.
pub(super) fn java(name: &str, _: &Types) -> Option<String> {
    Some(format!(
        "final class JudgeMain {{\n    public static void main(String[] arguments) throws Throwable {{\n        \
         JudgeHarness.call(Solution.class, \"{name}\");\n    }}\n}}\n"
    ))
}
