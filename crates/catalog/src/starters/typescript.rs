//! TypeScript.

use codementor_core::value_type::ValueType;

use super::{Does, Function, Starter, Style, javascript};

pub(super) const TYPESCRIPT: Starter = Starter {
    id: "typescript",
    style: Style::Camel,
    reserved: javascript::RESERVED,
    taken: &[],
    function,
    does: Does::Fail,
    program: r#"import { readFileSync } from "fs";

const lines: string[] = readFileSync(0, "utf8").split("\n");

// Write your solution here and print the results with console.log.
"#,
    conversation: r#"import * as readline from "readline";

const lines = readline.createInterface({ input: process.stdin });

lines.on("line", (line: string) => {
  // Write your solution here: every line comes by, and console.log answers.
});
"#,
};

fn function(function: &Function) -> Option<String> {
    let parameters = function.in_form(|name, kind| Some(format!("{name}: {}", form(kind))))?;
    let (title, name, returns) = (&function.title, &function.name, form(&function.returns));
    Some(format!(
        "/** {title} */\nfunction {name}({parameters}): {returns} {{\n  // Write your solution here.\n  \
         throw new Error(\"not written yet\");\n}}\n"
    ))
}

/// As JavaScript's comments have it, too.
pub(super) fn form(kind: &ValueType) -> String {
    match kind {
        ValueType::Any => "any".to_owned(),
        ValueType::Bool => "boolean".to_owned(),
        ValueType::Float | ValueType::Int => "number".to_owned(),
        ValueType::String => "string".to_owned(),
        ValueType::List(item) => match **item {
            ValueType::Optional(_) => format!("({})[]", form(item)),
            _ => format!("{}[]", form(item)),
        },
        ValueType::Map(item) => format!("Record<string, {}>", form(item)),
        ValueType::Optional(item) => format!("{} | null", form(item)),
    }
}
