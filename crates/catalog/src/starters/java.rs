//! Java. What calls the method takes the types that it declares itself.

use codementor_core::value_type::ValueType;

use super::{Does, Function, Starter, Style};

pub(super) const JAVA: Starter = Starter {
    id: "java",
    style: Style::Camel,
    reserved: &[
        "_",
        "abstract",
        "assert",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "char",
        "class",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extends",
        "false",
        "final",
        "finally",
        "float",
        "for",
        "goto",
        "if",
        "implements",
        "import",
        "instanceof",
        "int",
        "interface",
        "long",
        "native",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "short",
        "static",
        "strictfp",
        "super",
        "switch",
        "synchronized",
        "this",
        "throw",
        "throws",
        "transient",
        "true",
        "try",
        "void",
        "volatile",
        "while",
    ],
    taken: &[
        "clone",
        "equals",
        "finalize",
        "getClass",
        "hashCode",
        "notify",
        "notifyAll",
        "toString",
        "wait",
    ],
    function,
    does: Does::Fail,
    program: r#"import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;

public class Main {
    public static void main(String[] args) {
        List<String> lines = new BufferedReader(new InputStreamReader(System.in)).lines().toList();

        // Write your solution here and print the results with System.out.println.
    }
}
"#,
    conversation: r#"import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);

        // Write your solution here: read with in.nextLine() and answer with System.out.println.
    }
}
"#,
};

fn function(function: &Function) -> Option<String> {
    let parameters = function.in_form(|name, kind| Some(format!("{} {name}", form(kind))))?;
    let (title, name, returns, imports) =
        (&function.title, &function.name, form(&function.returns), imports(function));
    Some(format!(
        "{imports}/** {title} */\npublic class Solution {{\n    public static {returns} {name}({parameters}) {{\n        \
         // Write your solution here.\n        throw new UnsupportedOperationException(\"not written yet\");\n    }}\n}}\n"
    ))
}

fn imports(function: &Function) -> String {
    let is_list = |kind: &ValueType| matches!(kind, ValueType::List(item) if !is_array(item));
    let mut lines = String::new();
    // What is in a map or may be missing is an object, and so are lists in them.
    if function.mentions(is_list) {
        lines.push_str("import java.util.List;\n");
    }
    if function.mentions(|kind| matches!(kind, ValueType::Map(_))) {
        lines.push_str("import java.util.Map;\n");
    }
    if lines.is_empty() { lines } else { lines + "\n" }
}

/// Whether a list of these is an array: there are none of types with parameters.
fn is_array(item: &ValueType) -> bool {
    match item {
        ValueType::Bool | ValueType::Float | ValueType::Int | ValueType::String => true,
        ValueType::Any | ValueType::Map(_) => false,
        ValueType::List(item) | ValueType::Optional(item) => is_array(item),
    }
}

fn form(kind: &ValueType) -> String {
    match kind {
        ValueType::Bool => "boolean".to_owned(),
        ValueType::Float => "double".to_owned(),
        ValueType::Int => "long".to_owned(),
        ValueType::List(item) if is_array(item) => format!("{}[]", form(item)),
        kind => object(kind),
    }
}

/// As a type that may be the parameter of another, or `null`.
fn object(kind: &ValueType) -> String {
    match kind {
        ValueType::Any => "Object".to_owned(),
        ValueType::Bool => "Boolean".to_owned(),
        ValueType::Float => "Double".to_owned(),
        ValueType::Int => "Long".to_owned(),
        ValueType::String => "String".to_owned(),
        ValueType::List(item) if is_array(item) => form(kind),
        ValueType::List(item) => format!("List<{}>", object(item)),
        ValueType::Map(item) => format!("Map<String, {}>", object(item)),
        ValueType::Optional(item) => object(item),
    }
}
