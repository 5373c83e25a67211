//! C. `codementor_core::forms::c` has the conventions.

use codementor_core::forms::c::{Item, Shape};
use codementor_core::value_type::ValueType;

use super::names::free;
use super::{Does, Function, Starter, Style};

pub(super) const C: Starter = Starter {
    id: "c",
    style: Style::Snake,
    reserved: &[
        "EOF", "NULL", "asm", "auto", "bool", "break", "case", "char", "const", "continue", "default", "do",
        "double", "else", "enum", "errno", "extern", "false", "float", "for", "goto", "if", "inline", "int",
        "linux", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static", "stderr",
        "stdin", "stdout", "struct", "switch", "true", "typedef", "typeof", "union", "unix", "unsigned",
        "void", "volatile", "while",
    ],
    taken: TAKEN,
    function,
    does: Does::ReturnNothing,
    program: r#"#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) != -1) {
        // Every line of the input comes by here, with its line end.
    }

    // Write your solution here and print the results with printf.
    free(line);
    return 0;
}
"#,
    conversation: r#"#include <stdio.h>

int main(void) {
    // The other side waits for what you write: no line is held back.
    setvbuf(stdout, NULL, _IOLBF, 0);

    // Write your solution here: read with scanf and answer with printf.
    return 0;
}
"#,
};

/// What the headers that learners include say already.
pub(super) const TAKEN: &[&str] = &[
    "abort",
    "abs",
    "access",
    "acos",
    "alarm",
    "asin",
    "atan",
    "atof",
    "atoi",
    "atol",
    "basename",
    "brk",
    "bsearch",
    "calloc",
    "cbrt",
    "ceil",
    "chdir",
    "chown",
    "clock",
    "close",
    "cos",
    "cosh",
    "crypt",
    "ctime",
    "daemon",
    "difftime",
    "div",
    "drem",
    "dup",
    "encrypt",
    "erf",
    "exit",
    "exp",
    "fabs",
    "fdim",
    "ffs",
    "floor",
    "fma",
    "fmax",
    "fmin",
    "fmod",
    "fork",
    "free",
    "frexp",
    "gamma",
    "getc",
    "getchar",
    "getenv",
    "getline",
    "gets",
    "getw",
    "hypot",
    "index",
    "isatty",
    "j0",
    "j1",
    "jn",
    "labs",
    "ldexp",
    "ldiv",
    "lgamma",
    "link",
    "llabs",
    "log",
    "log10",
    "log1p",
    "log2",
    "logb",
    "lrand48",
    "lround",
    "lseek",
    "main",
    "malloc",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "mktime",
    "modf",
    "nan",
    "nice",
    "pause",
    "perror",
    "pipe",
    "pow",
    "printf",
    "putc",
    "putchar",
    "puts",
    "putw",
    "qsort",
    "raise",
    "rand",
    "random",
    "read",
    "realloc",
    "remainder",
    "remove",
    "rename",
    "rewind",
    "rindex",
    "rint",
    "round",
    "scanf",
    "select",
    "setenv",
    "signal",
    "significand",
    "sin",
    "sinh",
    "sleep",
    "sqrt",
    "srand",
    "srandom",
    "stpcpy",
    "strcat",
    "strchr",
    "strcmp",
    "strcoll",
    "strcpy",
    "strcspn",
    "strdup",
    "strlen",
    "strncat",
    "strncmp",
    "strncpy",
    "strpbrk",
    "strrchr",
    "strsep",
    "strspn",
    "strstr",
    "strtod",
    "strtok",
    "strtol",
    "swab",
    "symlink",
    "sync",
    "system",
    "tan",
    "tanh",
    "tgamma",
    "time",
    "tmpfile",
    "tmpnam",
    "trunc",
    "truncate",
    "ungetc",
    "unlink",
    "unsetenv",
    "wait",
    "write",
    "y0",
    "y1",
    "yn",
];

fn function(function: &Function) -> Option<String> {
    let returns = Shape::of(&function.returns)?;
    let is_taken = |name: &str| function.parameters.iter().any(|(other, _)| other == name);
    let more = |name: String| free(name, is_taken);
    let mut parameters = Vec::new();
    for (name, kind) in &function.parameters {
        parameters.extend(parameter(name, Shape::of(kind)?, more));
    }
    let mut body = String::new();
    for (form, name, nothing) in places(returns) {
        let name = more((*name).to_owned());
        body.push_str(&format!("    *{name} = {nothing};\n"));
        parameters.push(format!("{form}{name}"));
    }
    if parameters.is_empty() {
        parameters.push("void".to_owned());
    }
    let (told, nothing) = told(returns);
    let (title, name, form, includes, parameters) =
        (&function.title, &function.name, returns.form(), includes(function, returns), parameters.join(", "));
    Some(format!(
        "{includes}\n// {title}\n{told}{form}{name}({parameters}) {{\n    // Write your solution here.\n{body}    \
         return {nothing};\n}}\n"
    ))
}

/// A parameter of the challenge as parameters in C.
fn parameter(name: &str, shape: Shape, more: impl Fn(String) -> String) -> Vec<String> {
    let constant = if matches!(shape, Shape::One(Item::String) | Shape::Maybe(_)) { "const " } else { "" };
    let mut all = vec![format!("{constant}{}{name}", shape.form())];
    if matches!(shape, Shape::List(_) | Shape::Table(_)) {
        all.push(format!("size_t {}", more(format!("{name}_size"))));
    }
    if matches!(shape, Shape::Table(_)) {
        all.push(format!("size_t *{}", more(format!("{name}_col_sizes"))));
    }
    all
}

/// Where the sizes of what is returned go: type, name and what stands there at first.
fn places(returns: Shape) -> &'static [(&'static str, &'static str, &'static str)] {
    match returns {
        Shape::One(_) | Shape::Maybe(_) => &[],
        Shape::List(_) => &[("size_t *", "return_size", "0")],
        Shape::Table(_) => &[("size_t *", "return_size", "0"), ("size_t **", "return_col_sizes", "NULL")],
    }
}

/// What is to be known of what is returned, and nothing of it.
fn told(returns: Shape) -> (&'static str, &'static str) {
    match returns {
        Shape::One(Item::Bool) => ("", "false"),
        Shape::One(Item::Float | Item::Int) => ("", "0"),
        Shape::One(Item::String) => ("// Returns a text made with malloc.\n", "NULL"),
        Shape::Maybe(_) => ("// Returns a value made with malloc, or NULL when there is none.\n", "NULL"),
        Shape::List(_) => ("// Returns a list made with malloc, and its length in *return_size.\n", "NULL"),
        Shape::Table(_) => (
            "// Returns a list of lists, all made with malloc, their number in *return_size and their lengths in\n\
             // *return_col_sizes.\n",
            "NULL",
        ),
    }
}

fn includes(function: &Function, returns: Shape) -> String {
    let is_made = !matches!(returns, Shape::One(Item::Bool | Item::Int | Item::Float));
    let needed = [
        ("stdbool", function.mentions(|kind| *kind == ValueType::Bool)),
        ("stdlib", is_made || function.mentions(|kind| matches!(kind, ValueType::List(_)))),
        ("string", function.mentions(|kind| *kind == ValueType::String)),
    ];
    let lines: String = needed
        .iter()
        .filter(|(_, is_needed)| *is_needed)
        .map(|(header, _)| format!("#include <{header}.h>\n"))
        .collect();
    // One is always of use.
    if lines.is_empty() { "#include <stdlib.h>\n".to_owned() } else { lines }
}
