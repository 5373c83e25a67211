//! Python.

use codementor_core::value_type::ValueType;

use super::{Does, Function, Starter, Style};

pub(super) const PYTHON: Starter = Starter {
    id: "python",
    style: Style::Snake,
    reserved: &[
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
        "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
        "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ],
    taken: &[],
    function,
    does: Does::Fail,
    program: r#"import sys

lines = sys.stdin.read().splitlines()

# Write your solution here and print the results.
"#,
    conversation: r#"# Write your solution here: read with input() and answer with print(..., flush=True).
# The other side waits for what you write.
"#,
};

fn function(function: &Function) -> Option<String> {
    let names: Vec<&str> = function.parameters.iter().map(|(name, _)| name.as_str()).collect();
    let told = function.parameters.iter().map(|(name, kind)| format!("    {name}: {}\n", form(kind)));
    let (title, name, returns) = (&function.title, &function.name, form(&function.returns));
    Some(format!(
        "# {title}\ndef {name}({}):\n    \"\"\"\n{}    Returns: {returns}\n    \"\"\"\n    # Write your solution here.\n    \
         raise NotImplementedError\n",
        names.join(", "),
        told.collect::<String>()
    ))
}

/// For the reader.
fn form(kind: &ValueType) -> String {
    match kind {
        ValueType::Any => "anything".to_owned(),
        ValueType::Bool => "bool".to_owned(),
        ValueType::Float => "float".to_owned(),
        ValueType::Int => "int".to_owned(),
        ValueType::String => "str".to_owned(),
        ValueType::List(item) => format!("list[{}]", form(item)),
        ValueType::Map(item) => format!("dict[str, {}]", form(item)),
        ValueType::Optional(item) => format!("{} or None", form(item)),
    }
}
