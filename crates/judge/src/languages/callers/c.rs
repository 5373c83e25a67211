//! The program that calls a function in C. The learner's file is taken into it, so that the compiler sees whether they agree; what
//! reads and writes is compiled apart, so that its names and headers are not in the way of the learner's.

use std::fmt::Write as _;

use codementor_core::forms::c::{Item, Shape};
use codementor_core::judging::Types;

/// A function of another signature than the challenge's must not be called with what it misunderstands.
const STRICT: &str = "#pragma GCC diagnostic error \"-Wimplicit-function-declaration\"\n\
                      #pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n\
                      #pragma GCC diagnostic error \"-Wint-conversion\"\n";

/// C17 and later.
pub(crate) fn c(name: &str, types: &Types) -> Option<String> {
    let returns = Shape::of(&types.returns)?;
    let shapes: Vec<Shape> = types.parameters.iter().map(Shape::of).collect::<Option<_>>()?;
    let (mut declared, mut read, mut given) = (String::new(), String::new(), Vec::new());
    for (at, shape) in shapes.iter().enumerate() {
        declare(&mut declared, *shape);
        let comma = if at > 0 { "  judge_expect(',');\n" } else { "" };
        // Writing a text cannot fail.
        let _ = write!(read, "{comma}{}", reading(at, *shape));
        given.extend(passing(at, *shape));
    }
    let (before, places, kept) = match returns {
        Shape::One(_) | Shape::Maybe(_) => ("", &[][..], ""),
        Shape::List(_) => ("  size_t judge_size = 0;\n", &["&judge_size"][..], ", judge_size"),
        Shape::Table(_) => (
            "  size_t judge_size = 0;\n  size_t *judge_sizes = NULL;\n",
            &["&judge_size", "&judge_sizes"][..],
            ", judge_size, judge_sizes",
        ),
    };
    given.extend(places.iter().map(|&place| place.to_owned()));
    let (form, word, given) = (received(returns), word(returns), given.join(", "));
    let sizes = ["", ", size_t", ", size_t, const size_t *"][places.len()];
    Some(format!(
        "#include \"solution.c\"\n#include <stdbool.h>\n#include <stddef.h>\n{STRICT}void judge_begin(void);\nvoid judge_expect(char);\n\
         {declared}void judge_answer_{word}({form}{sizes});\nint main(void) {{\n  judge_begin();\n  judge_expect('[');\n{read}  \
         judge_expect(']');\n{before}  {form}judge_answer = {name}({given});\n  judge_answer_{word}(judge_answer{kept});\n}}\n"
    ))
}

/// What the functions that read and write a shape are called.
fn word(shape: Shape) -> String {
    let item = match shape.item() {
        Item::Bool => "bool",
        Item::Float => "float",
        Item::Int => "int",
        Item::String => "string",
    };
    match shape {
        Shape::One(_) => item.to_owned(),
        Shape::Maybe(_) => format!("{item}_maybe"),
        Shape::List(_) => format!("{item}_list"),
        Shape::Table(_) => format!("{item}_table"),
    }
}

/// Tells what reads a shape.
fn declare(declared: &mut String, shape: Shape) {
    let sizes = match shape {
        Shape::One(_) | Shape::Maybe(_) => "void",
        Shape::List(_) => "size_t *",
        Shape::Table(_) => "size_t *, size_t **",
    };
    let line = format!("{}judge_{}({sizes});\n", shape.form(), word(shape));
    if !declared.contains(&line) {
        declared.push_str(&line);
    }
}

fn reading(at: usize, shape: Shape) -> String {
    let (form, word) = (shape.form(), word(shape));
    match shape {
        Shape::One(_) | Shape::Maybe(_) => format!("  {form}judge_{at} = judge_{word}();\n"),
        Shape::List(_) => {
            format!("  size_t judge_{at}_size;\n  {form}judge_{at} = judge_{word}(&judge_{at}_size);\n")
        }
        Shape::Table(_) => format!(
            "  size_t judge_{at}_size, *judge_{at}_sizes;\n  \
             {form}judge_{at} = judge_{word}(&judge_{at}_size, &judge_{at}_sizes);\n"
        ),
    }
}

fn passing(at: usize, shape: Shape) -> Vec<String> {
    // Texts within lists may be declared `const` at any depth, which the language does not convert by itself.
    let value = match shape {
        Shape::List(Item::String) | Shape::Table(Item::String) => format!("(void *)judge_{at}"),
        _ => format!("judge_{at}"),
    };
    match shape {
        Shape::One(_) | Shape::Maybe(_) => vec![value],
        Shape::List(_) => vec![value, format!("judge_{at}_size")],
        Shape::Table(_) => vec![value, format!("judge_{at}_size"), format!("judge_{at}_sizes")],
    }
}

/// What the function returns is held in this, with any `const`.
fn received(shape: Shape) -> String {
    match shape {
        Shape::One(Item::String) | Shape::Maybe(Item::String) => "const char *".to_owned(),
        Shape::List(Item::String) | Shape::Table(Item::String) => "const void *".to_owned(),
        Shape::One(item) => item.form().to_owned(),
        Shape::Maybe(_) | Shape::List(_) => format!("const {}", shape.form()),
        Shape::Table(_) => shape.form(),
    }
}
