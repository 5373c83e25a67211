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
        "stdin", "stdout", "struct", "switch", "true", "typedef", "typeof", "union", "unix", "unsigned", "void",
        "volatile", "while",
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
    "abort", "abs", "access", "acos", "alarm", "asin", "atan", "atof", "atoi", "atol", "basename", "brk",
    "bsearch", "calloc", "cbrt", "ceil", "chdir", "chown", "clock", "close", "cos", "cosh", "crypt", "ctime",
    "daemon", "difftime", "div", "drem", "dup", "encrypt", "erf", "exit", "exp", "fabs", "fdim", "ffs", "floor",
    "fma", "fmax", "fmin", "fmod", "fork", "free", "frexp", "gamma", "getc", "getchar", "getenv", "getline",
    "gets", "getw", "hypot", "index", "isatty", "j0", "j1", "jn", "labs", "ldexp", "ldiv", "lgamma", "link",
    "llabs", "log", "log10", "log1p", "log2", "logb", "lrand48", "lround", "lseek", "main", "malloc", "memchr",
    "memcmp", "memcpy", "memmove", "memset", "mktime", "modf", "nan", "nice", "pause", "perror", "pipe", "pow",
    "printf", "putc", "putchar", "puts", "putw", "qsort", "raise", "rand", "random", "read", "realloc",
    "remainder", "remove", "rename", "rewind", "rindex", "rint", "round", "scanf", "select", "setenv", "signal",
    "significand", "sin", "sinh", "sleep", "sqrt", "srand", "srandom", "stpcpy", "strcat", "strchr", "strcmp",
    "strcoll", "strcpy", "strcspn", "strdup", "strlen", "strncat", "strncmp", "strncpy", "strpbrk", "strrchr",
    "strsep", "strspn", "strstr", "strtod", "strtok", "strtol", "swab", "symlink", "sync", "system", "tan",
    "tanh", "tgamma", "time", "tmpfile", "tmpnam", "trunc", "truncate", "ungetc", "unlink", "unsetenv", "wait",
    "write", "y0", "y1", "yn",
];

fn function(function: &Function) -> Option<String> {
    let returns = Shape::of(&function.returns)?;
    let is_taken = |name: &str| function.parameters.iter().any(|(other, _)| other == name);
    let parameters = function.parameters(|name, kind| {
        let (shape, size) = (Shape::of(kind)?, free(format!("{name}_size"), is_taken));
        let constant = if matches!(shape, Shape::One(Item::String) | Shape::Maybe(_)) { "const " } else { "" };
        let itself = format!("{constant}{}{name}", shape.form());
        Some(match shape {
            Shape::One(_) | Shape::Maybe(_) => itself,
            Shape::List(_) => format!("{itself}, size_t {size}"),
            Shape::Table(_) => {
                format!("{itself}, size_t {size}, size_t *{}", free(format!("{name}_col_sizes"), is_taken))
            }
        })
    })?;
    let (size, sizes) =
        (free("return_size".to_owned(), is_taken), free("return_col_sizes".to_owned(), is_taken));
    let (told, more, body) = match returns {
        Shape::One(Item::String) => ("// Returns a text made with malloc.\n", String::new(), "    return NULL;\n".to_owned()),
        Shape::One(Item::Bool) => ("", String::new(), "    return false;\n".to_owned()),
        Shape::One(Item::Int | Item::Float) => ("", String::new(), "    return 0;\n".to_owned()),
        Shape::Maybe(_) => (
            "// Returns a value made with malloc, or NULL when there is none.\n",
            String::new(),
            "    return NULL;\n".to_owned(),
        ),
        Shape::List(_) => (
            "// Returns a list made with malloc and tells its length.\n",
            format!("size_t *{size}"),
            format!("    *{size} = 0;\n    return NULL;\n"),
        ),
        Shape::Table(_) => (
            "// Returns a list of lists, all made with malloc, and tells its length and theirs.\n",
            format!("size_t *{size}, size_t **{sizes}"),
            format!("    *{size} = 0;\n    *{sizes} = NULL;\n    return NULL;\n"),
        ),
    };
    let comma = if parameters.is_empty() || more.is_empty() { "" } else { ", " };
    let nothing = if parameters.is_empty() && more.is_empty() { "void" } else { "" };
    let (title, name, form, includes) = (&function.title, &function.name, returns.form(), includes(function, returns));
    Some(format!(
        "{includes}\n// {title}\n{told}{form}{name}({parameters}{comma}{more}{nothing}) {{\n    \
         // Write your solution here.\n{body}}}\n"
    ))
}

fn includes(function: &Function, returns: Shape) -> String {
    let is_made = !matches!(returns, Shape::One(Item::Bool | Item::Int | Item::Float));
    let needed = [
        ("stdbool", function.mentions(|kind| *kind == ValueType::Bool)),
        ("stdlib", is_made || function.mentions(|kind| matches!(kind, ValueType::List(_)))),
        ("string", function.mentions(|kind| *kind == ValueType::String)),
    ];
    let lines: String =
        needed.iter().filter(|(_, is_needed)| *is_needed).map(|(header, _)| format!("#include <{header}.h>\n")).collect();
    // One is always of use.
    if lines.is_empty() { "#include <stdlib.h>\n".to_owned() } else { lines }
}
