//! Reads the tables `[generator]` and `[mutation]` of `challenge.toml`.

use std::collections::BTreeMap;

use codementor_core::Language;
use codementor_core::challenge::{Kind, Parameter};
use codementor_core::quality::{Equivalent, Generator, Order, Quality, Rules, Shape};
use codementor_core::value_type::ValueType;
use serde::Deserialize;
use serde_json::Value;

use crate::files::Files;
use crate::{relation, values};

/// What no generated list or text is longer than.
const MAX_LENGTH: usize = 50;
/// Names of a generator's file, and its language.
const PROGRAMS: [(&str, &str); 2] = [("generator.py", "python"), ("generator.js", "javascript")];

/// `[generator]`
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GeneratorTable {
    off: bool,
    parameters: BTreeMap<String, ShapeTable>,
    #[serde(rename = "where")]
    relations: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ShapeTable {
    range: Option<(f64, f64)>,
    length: Option<(usize, usize)>,
    alphabet: Option<String>,
    items: Option<Box<ShapeTable>>,
    order: Option<OrderWord>,
    distinct: bool,
    even: bool,
    one_of: Option<Vec<String>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum OrderWord {
    Ascending,
    Descending,
}

/// `[mutation]`
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MutationTable {
    equivalent: Vec<EquivalentTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EquivalentTable {
    language: Language,
    line: String,
    mutant: String,
    why: String,
}

/// Reads both tables, and the generator's program where there is one.
///
/// # Errors
/// Says where the first fault is and what is wrong.
pub(crate) fn read(
    generator: GeneratorTable,
    mutation: MutationTable,
    kind: &Kind,
    files: &mut Files,
) -> Result<Quality, String> {
    let equivalents = mutation.equivalent.into_iter().map(equivalent).collect::<Result<_, _>>()?;
    Ok(Quality { generator: read_generator(generator, kind, files)?, equivalents })
}

fn equivalent(table: EquivalentTable) -> Result<Equivalent, String> {
    if table.why.trim().is_empty() {
        return Err(format!("challenge.toml: mutation: {:?} needs a reason", table.mutant));
    }
    let EquivalentTable { language, line, mutant, why } = table;
    Ok(Equivalent { language, before: line.trim().to_owned(), after: mutant.trim().to_owned(), why })
}

fn read_generator(table: GeneratorTable, kind: &Kind, files: &mut Files) -> Result<Generator, String> {
    let mut programs = PROGRAMS.iter().filter_map(|(path, language)| Some((language, files.take(path)?)));
    let program = programs.next();
    if programs.next().is_some() {
        return Err("generator.js: there is a generator.py already".to_owned());
    }
    let has_rules = !table.parameters.is_empty() || !table.relations.is_empty();
    match (program, kind) {
        (None, _) if table.off && !has_rules => Ok(Generator::Off),
        (Some((language, source)), _) if !table.off && !has_rules => {
            let language = language.parse().map_err(|_| format!("{language}: no language"))?;
            Ok(Generator::Program { language, source })
        }
        (None, _) if !has_rules => Ok(Generator::Inferred),
        (None, Kind::Function(signature)) if !table.off => {
            rules(table, &signature.parameters).map(Generator::Rules)
        }
        (None, Kind::Io) => {
            Err("challenge.toml: generator: rules are for functions; write generator.py".to_owned())
        }
        _ => Err("challenge.toml: generator: only one of off, rules and a program".to_owned()),
    }
}

fn rules(mut table: GeneratorTable, parameters: &[Parameter]) -> Result<Rules, String> {
    let shapes = parameters.iter().map(|parameter| {
        let fault = |why: String| format!("challenge.toml: generator: {}: {why}", parameter.name);
        let given = table.parameters.remove(&parameter.name).unwrap_or_default();
        let kind = parameter.kind.parse::<ValueType>().map_err(|error| fault(error.to_string()))?;
        shape(given, &kind).map_err(fault)
    });
    let shapes = shapes.collect::<Result<_, String>>()?;
    if let Some(name) = table.parameters.keys().next() {
        return Err(format!("challenge.toml: generator: there is no parameter {name}"));
    }
    let relations = table.relations.iter().map(|text| relation::read(text, parameters));
    Ok(Rules { parameters: shapes, relations: relations.collect::<Result<_, _>>()? })
}

fn shape(table: ShapeTable, kind: &ValueType) -> Result<Shape, String> {
    if let Some(texts) = &table.one_of {
        let values =
            texts.iter().map(|text| values::read("one_of", text)).collect::<Result<Vec<Value>, _>>()?;
        return if values.is_empty() {
            Err("one_of needs a value".to_owned())
        } else {
            Ok(Shape::OneOf(values))
        };
    }
    let length = table.length.unwrap_or((0, 8));
    if length.0 > length.1 || length.1 > MAX_LENGTH {
        return Err(format!("length must be [least, most], at most {MAX_LENGTH}"));
    }
    let (low, high) = table.range.unwrap_or((-20.0, 20.0));
    if !(low <= high && low.abs().max(high.abs()) <= 9_007_199_254_740_991.0) {
        return Err("range must be [least, most], within 2^53".to_owned());
    }
    match kind {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be within 2^53")]
        ValueType::Int if low.fract() == 0.0 && high.fract() == 0.0 => {
            Ok(Shape::Int(low as i64, high as i64))
        }
        ValueType::Int => Err("range of whole numbers".to_owned()),
        ValueType::Float => Ok(Shape::Float(low, high)),
        ValueType::Bool => Ok(Shape::Bool),
        ValueType::String => {
            let alphabet: Vec<char> = table.alphabet.as_deref().unwrap_or("abc").chars().collect();
            if alphabet.is_empty() {
                return Err("alphabet needs a character".to_owned());
            }
            Ok(Shape::Text { length, alphabet })
        }
        ValueType::List(inner) => Ok(Shape::List {
            length,
            items: Box::new(shape(*table.items.unwrap_or_default(), inner)?),
            order: match table.order {
                None => Order::Any,
                Some(OrderWord::Ascending) => Order::Ascending,
                Some(OrderWord::Descending) => Order::Descending,
            },
            distinct: table.distinct,
            even: table.even,
        }),
        ValueType::Map(inner) => {
            Ok(Shape::Map { length, values: Box::new(shape(*table.items.unwrap_or_default(), inner)?) })
        }
        ValueType::Optional(inner) => shape(table, inner).map(|inner| Shape::Optional(Box::new(inner))),
        ValueType::Any => Err("any needs one_of, or a generator.py for the whole".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use codementor_core::challenge::Signature;

    use super::*;

    fn function() -> Kind {
        let parameter = |name: &str, kind: &str| Parameter { name: name.to_owned(), kind: kind.to_owned() };
        Kind::Function(Signature {
            names: BTreeMap::new(),
            parameters: vec![parameter("size", "int"), parameter("words", "string[]")],
            returns: "int".to_owned(),
        })
    }

    fn generator(text: &str, kind: &Kind, program: Option<&str>) -> Result<Generator, String> {
        let mut files = Files::default();
        if let Some(path) = program {
            files.insert(path, b"print(1)".to_vec()).map_err(|error| error.to_string())?;
        }
        let table = toml::from_str(text).map_err(|error| error.to_string())?;
        read(table, MutationTable::default(), kind, &mut files).map(|quality| quality.generator)
    }

    #[test]
    fn rules_are_read_with_their_defaults() {
        let text = "where = ['size <= len(words)']\n[parameters]\nwords = { even = true, items = { alphabet = 'xy' } }";
        let Ok(Generator::Rules(rules)) = generator(text, &function(), None) else { panic!("rules") };
        assert_eq!((rules.relations.len(), &rules.parameters[0]), (1, &Shape::Int(-20, 20)));
        let text = Shape::Text { length: (0, 8), alphabet: vec!['x', 'y'] };
        let Shape::List { length: (0, 8), items, order: Order::Any, distinct: false, even: true } =
            &rules.parameters[1]
        else {
            panic!("{rules:?}")
        };
        assert_eq!(**items, text);
    }

    #[test]
    fn one_way_to_make_inputs_at_most() {
        let rules = "[parameters]\nsize = { range = [1, 2] }";
        assert_eq!(generator("", &function(), None), Ok(Generator::Inferred));
        assert_eq!(generator("off = true", &Kind::Io, None), Ok(Generator::Off));
        assert!(matches!(generator("", &Kind::Io, Some("generator.py")), Ok(Generator::Program { .. })));
        for (text, program) in [("off = true", Some("generator.js")), (rules, Some("generator.py"))] {
            assert!(generator(text, &function(), program).is_err(), "{text}");
        }
        assert!(generator(&format!("off = true\n{rules}"), &function(), None).is_err());
        assert!(generator(rules, &Kind::Io, None).is_err(), "rules are about parameters");
    }

    #[test]
    fn faults_are_told() {
        for text in [
            "[parameters]\nsize = { range = [2, 1] }",
            "[parameters]\nsize = { range = [0.5, 1] }",
            "[parameters]\nsize = { range = [0, 1e300] }",
            "[parameters]\nsize = { range = [nan, 1] }",
            "[parameters]\nsize = { one_of = [] }",
            "[parameters]\nsize = { one_of = ['nonsense'] }",
            "[parameters]\nwords = { length = [3, 2] }",
            "[parameters]\nwords = { length = [0, 51] }",
            "[parameters]\nwords = { items = { alphabet = '' } }",
            "[parameters]\nwords = { order = 'sideways' }",
            "[parameters]\nwords = { size = 3 }",
            "[parameters]\nnobody = { range = [1, 2] }",
            "where = ['size < nobody']",
        ] {
            assert!(generator(text, &function(), None).is_err(), "{text}");
        }
        let mark = "[[equivalent]]\nlanguage = 'python'\nline = 'a'\nmutant = 'b'\nwhy = ' '";
        let mutation = toml::from_str(mark).unwrap();
        assert!(read(GeneratorTable::default(), mutation, &Kind::Io, &mut Files::default()).is_err());
    }
}
