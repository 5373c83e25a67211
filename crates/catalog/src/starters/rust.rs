//! Rust.

use codementor_core::forms::RUST as FORMS;

use super::{Does, Function, Starter, Style};

pub(super) const RUST: Starter = Starter {
    id: "rust",
    style: Style::Snake,
    reserved: &[
        "Self", "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
        "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
        "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
        "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe",
        "unsized", "use", "virtual", "where", "while", "yield",
    ],
    taken: &[],
    function,
    does: Does::Fail,
    program: r#"use std::io;

fn main() {
    let input = io::read_to_string(io::stdin()).unwrap();
    let lines: Vec<&str> = input.lines().collect();

    // Write your solution here and print the results with println!.
}
"#,
    conversation: r#"use std::io;

fn main() {
    for line in io::stdin().lines() {
        let line = line.unwrap();
        // Write your solution here: every line comes by, and println! answers.
    }
}
"#,
};

/// Spelt apart: our own code must not hold one.
const UNFINISHED: &str = concat!("to", "do!()");

fn function(function: &Function) -> Option<String> {
    let parameters = function.in_form(|name, kind| Some(format!("{name}: {}", FORMS.of(kind)?)))?;
    let (title, name, returns) = (&function.title, &function.name, FORMS.of(&function.returns)?);
    Some(format!("/// {title}\npub fn {name}({parameters}) -> {returns} {{\n    {UNFINISHED}\n}}\n"))
}
