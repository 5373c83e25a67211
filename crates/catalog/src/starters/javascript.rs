//! JavaScript.

use super::typescript::form;
use super::{Does, Function, Starter, Style};

pub(super) const JAVASCRIPT: Starter = Starter {
    id: "javascript",
    style: Style::Camel,
    reserved: RESERVED,
    taken: &[],
    function,
    does: Does::Fail,
    program: r#"const lines = require("fs").readFileSync(0, "utf8").split("\n");

// Write your solution here and print the results with console.log.
"#,
    conversation: r#"const lines = require("readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  // Write your solution here: every line comes by, and console.log answers.
});
"#,
};

pub(super) const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

fn function(function: &Function) -> Option<String> {
    let names: Vec<&str> = function.parameters.iter().map(|(name, _)| name.as_str()).collect();
    let told =
        function.parameters.iter().map(|(name, kind)| format!(" * @param {{{}}} {name}\n", form(kind)));
    let (title, name, returns) = (&function.title, &function.name, form(&function.returns));
    Some(format!(
        "/**\n * {title}\n *\n{} * @returns {{{returns}}}\n */\nfunction {name}({}) {{\n  // Write your solution here.\n  \
         throw new Error(\"not written yet\");\n}}\n",
        told.collect::<String>(),
        names.join(", ")
    ))
}
