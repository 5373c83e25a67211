//! What learners begin with in languages in which an author wrote nothing: made of the signature of the function, or a program that
//! reads its input. It compiles, and it is never right.
//!
//! A language is a small declaration: how it writes names, which words are none, and how a function begins.

mod c;
mod cpp;
mod go;
mod java;
mod javascript;
mod names;
mod python;
mod rust;
mod typescript;

use std::collections::BTreeMap;

use codementor_core::challenge::{Kind, Signature, Task, Test};
use codementor_core::judging::{Checker, Expected, Tolerance};
use codementor_core::value_type::ValueType;
use codementor_core::{Challenge, Language};
use serde_json::Value;

use self::names::{Style, name_of, taken_names};

/// How a learner's file begins in a language.
struct Starter {
    /// The language's name in the API.
    id: &'static str,
    style: Style,
    /// Words that name nothing.
    reserved: &'static [&'static str],
    /// Names that a function cannot have.
    taken: &'static [&'static str],
    /// A file with a function; none where a type has no form in the language.
    function: fn(&Function) -> Option<String>,
    /// What it does when it is called.
    does: Does,
    /// A program that reads all of its input.
    program: &'static str,
    /// One that reads a line and answers it, for those with whom another program speaks.
    conversation: &'static str,
}

/// What an unfinished function does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// It fails.
    Fail,
    /// It returns nothing: an empty list or text, 0, false.
    ReturnNothing,
}

/// A function to be begun.
struct Function {
    title: String,
    name: String,
    parameters: Vec<(String, ValueType)>,
    returns: ValueType,
}

const ALL: [&Starter; 8] = [
    &c::C,
    &cpp::CPP,
    &go::GO,
    &java::JAVA,
    &javascript::JAVASCRIPT,
    &python::PYTHON,
    &rust::RUST,
    &typescript::TYPESCRIPT,
];

/// Offers a challenge in all further languages in which it can be written. One with a file of tests has its one language, and where
/// a program is to be written better there must be one.
pub(crate) fn add(challenge: &mut Challenge) {
    let is_fixed = matches!(challenge.kind, Kind::Tests(_)) || challenge.task == Task::Refactor;
    if is_fixed || challenge.tests.iter().all(|test| wants_nothing(test, &challenge.checker)) {
        return;
    }
    let written = match &challenge.kind {
        Kind::Function(signature) => signature.names.clone(),
        Kind::Io | Kind::Tests(_) => BTreeMap::new(),
    };
    for starter in ALL {
        let Ok(language) = starter.id.parse::<Language>() else { continue };
        if challenge.solutions.contains_key(&language) {
            continue;
        }
        let text = match &mut challenge.kind {
            Kind::Io if matches!(challenge.checker, Checker::Interactive(_)) => {
                Some(starter.conversation.to_owned())
            }
            Kind::Io => Some(starter.program.to_owned()),
            // What such a program says of nothing is not known here.
            Kind::Function(_)
                if starter.does == Does::ReturnNothing
                    && matches!(challenge.checker, Checker::Program(_)) =>
            {
                None
            }
            Kind::Function(signature) => {
                let name = name_of(starter, &language, &written);
                name.and_then(|name| begin(starter, &language, name, &challenge.title, signature))
            }
            Kind::Tests(_) => None,
        };
        challenge.starters.extend(text.map(|text| (language, text)));
    }
}

/// A file with the function, which has a name in the language from then on.
fn begin(
    starter: &Starter,
    language: &Language,
    name: String,
    title: &str,
    signature: &mut Signature,
) -> Option<String> {
    let types = signature.types()?;
    let given = taken_names(starter, signature.parameters.iter().map(|parameter| parameter.name.as_str()));
    let function = Function {
        title: one_line(title),
        name: name.clone(),
        parameters: given.into_iter().zip(types.parameters).collect(),
        returns: types.returns,
    };
    let text = (starter.function)(&function)?;
    signature.names.insert(language.clone(), name);
    Some(text)
}

/// The words of a title that may stand in a comment of any language.
fn one_line(title: &str) -> String {
    let plain = title.replace("*/", "* /");
    plain.chars().filter(|c| !c.is_control() && !matches!(c, '\\' | '\u{2028}' | '\u{2029}')).collect()
}

/// Whether the answer is what an unfinished function may return, or an unfinished program write.
fn wants_nothing(test: &Test, checker: &Checker) -> bool {
    let is_near = |number: f64| match checker {
        Checker::Float(Tolerance { absolute, relative }) => {
            absolute.is_some_and(|most| number.abs() <= most) || relative.is_some_and(|most| most >= 1.0)
        }
        _ => false,
    };
    match &test.expected {
        Expected::Stdout(text) => text.trim().is_empty(),
        Expected::Value(value) => match value {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Number(number) => number.as_f64().is_some_and(|number| number == 0.0 || is_near(number)),
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
        },
        Expected::Pass => false,
    }
}

fn of(language: &Language) -> Option<&'static Starter> {
    ALL.into_iter().find(|starter| starter.id == language.as_str())
}

/// Words that name nothing in a language.
pub(crate) fn is_reserved(name: &str, language: &Language) -> bool {
    of(language).is_some_and(|starter| starter.reserved.contains(&name))
}

/// Names that something else has already where a function would stand.
pub(crate) fn is_taken(name: &str, language: &Language) -> bool {
    of(language).is_some_and(|starter| starter.taken.contains(&name))
}

impl Function {
    /// The parameters, each in the form of the language, with commas between; none where a type has no form.
    fn in_form(&self, form: impl Fn(&str, &ValueType) -> Option<String>) -> Option<String> {
        let all: Option<Vec<String>> = self.parameters.iter().map(|(name, kind)| form(name, kind)).collect();
        Some(all?.join(", "))
    }

    /// Whether a type or one within it is like this anywhere in the signature.
    fn mentions(&self, is_meant: impl Fn(&ValueType) -> bool) -> bool {
        let mut kinds: Vec<&ValueType> = self.parameters.iter().map(|(_, kind)| kind).collect();
        kinds.push(&self.returns);
        while let Some(kind) = kinds.pop() {
            if is_meant(kind) {
                return true;
            }
            if let ValueType::List(item) | ValueType::Map(item) | ValueType::Optional(item) = kind {
                kinds.push(item);
            }
        }
        false
    }
}

#[cfg(test)]
mod tests;
