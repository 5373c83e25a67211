//! C++.

use codementor_core::forms::CPP as FORMS;
use codementor_core::value_type::ValueType;

use super::{Does, Function, Starter, Style};

pub(super) const CPP: Starter = Starter {
    id: "cpp",
    style: Style::Snake,
    reserved: &[
        "EOF",
        "NULL",
        "alignas",
        "alignof",
        "and",
        "and_eq",
        "asm",
        "auto",
        "bitand",
        "bitor",
        "bool",
        "break",
        "case",
        "catch",
        "char",
        "char16_t",
        "char32_t",
        "char8_t",
        "class",
        "co_await",
        "co_return",
        "co_yield",
        "compl",
        "concept",
        "const",
        "const_cast",
        "consteval",
        "constexpr",
        "constinit",
        "continue",
        "decltype",
        "default",
        "delete",
        "do",
        "double",
        "dynamic_cast",
        "else",
        "enum",
        "errno",
        "explicit",
        "export",
        "extern",
        "false",
        "float",
        "for",
        "friend",
        "goto",
        "if",
        "inline",
        "int",
        "linux",
        "long",
        "mutable",
        "namespace",
        "new",
        "noexcept",
        "not",
        "not_eq",
        "nullptr",
        "operator",
        "or",
        "or_eq",
        "private",
        "protected",
        "public",
        "register",
        "reinterpret_cast",
        "requires",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "static_assert",
        "static_cast",
        "std",
        "stderr",
        "stdin",
        "stdout",
        "struct",
        "switch",
        "template",
        "this",
        "thread_local",
        "throw",
        "true",
        "try",
        "typedef",
        "typeid",
        "typename",
        "typeof",
        "union",
        "unix",
        "unsigned",
        "using",
        "virtual",
        "void",
        "volatile",
        "wchar_t",
        "while",
        "xor",
        "xor_eq",
    ],
    taken: super::c::TAKEN,
    function,
    does: Does::ReturnNothing,
    program: r#"#include <iostream>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> lines;
    for (std::string line; std::getline(std::cin, line);) lines.push_back(line);

    // Write your solution here and print the results with std::cout.
}
"#,
    conversation: r#"#include <iostream>
#include <string>

int main() {
    // Write your solution here: read with std::cin and answer with std::cout and std::endl.
    // The other side waits for what you write.
}
"#,
};

fn function(function: &Function) -> Option<String> {
    let parameters = function.in_form(|name, kind| {
        let form = FORMS.of(kind)?;
        Some(match kind {
            ValueType::Bool | ValueType::Float | ValueType::Int => format!("{form} {name}"),
            _ => format!("const {form} &{name}"),
        })
    })?;
    let (title, name, returns) = (&function.title, &function.name, FORMS.of(&function.returns)?);
    let includes = includes(function);
    Some(format!(
        "{includes}// {title}\n{returns} {name}({parameters}) {{\n    // Write your solution here.\n    return {{}};\n}}\n"
    ))
}

fn includes(function: &Function) -> String {
    let is_text = |kind: &ValueType| matches!(kind, ValueType::String | ValueType::Map(_));
    let needed = [
        ("map", function.mentions(|kind| matches!(kind, ValueType::Map(_)))),
        ("optional", function.mentions(|kind| matches!(kind, ValueType::Optional(_)))),
        ("string", function.mentions(is_text)),
        ("vector", function.mentions(|kind| matches!(kind, ValueType::List(_)))),
    ];
    let needed = needed.into_iter().filter(|(_, is_needed)| *is_needed);
    let lines: String = needed.map(|(header, _)| format!("#include <{header}>\n")).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}
