//! Relations between the parameters of a function, as an author writes them: `size <= len(readings)`, `max(pairs) < count`.

use codementor_core::challenge::Parameter;
use codementor_core::quality::{Compare, Measure, Relation, Term};

/// What stands between two terms. Longer signs first: `<` is the beginning of `<=`.
const SIGNS: [(&str, Compare, Turn); 6] = [
    ("<=", Compare::LessOrEqual, Turn::As),
    (">=", Compare::LessOrEqual, Turn::Round),
    ("==", Compare::Equal, Turn::As),
    ("!=", Compare::NotEqual, Turn::As),
    ("<", Compare::Less, Turn::As),
    (">", Compare::Less, Turn::Round),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    As,
    Round,
}

/// Reads a relation.
///
/// # Errors
/// Says what is not understood.
pub(crate) fn read(text: &str, parameters: &[Parameter]) -> Result<Relation, String> {
    let fault = |why: &str| format!("challenge.toml: generator: where: {text:?}: {why}");
    let sign = SIGNS.iter().find(|(sign, ..)| text.contains(sign));
    let (sign, compare, turn) = sign.ok_or_else(|| fault("one of <, <=, ==, !=, >=, > is needed"))?;
    let (left, right) = text.split_once(sign).unwrap_or_default();
    let left = term(left, parameters).map_err(|why| fault(&why))?;
    let right = term(right, parameters).map_err(|why| fault(&why))?;
    let (left, right) = if *turn == Turn::As { (left, right) } else { (right, left) };
    Ok(Relation { left, compare: *compare, right })
}

fn term(text: &str, parameters: &[Parameter]) -> Result<Term, String> {
    let text = text.trim();
    if let Ok(plus) = text.parse() {
        return Ok(Term { of: None, plus });
    }
    let (subject, plus) = match text.rfind(['+', '-']) {
        None => (text, 0),
        Some(at) => {
            let number = text[at..].replace(' ', "");
            (text[..at].trim(), number.parse().map_err(|_| format!("{number:?} is no number"))?)
        }
    };
    let (measure, name) =
        match subject.split_once('(').map(|(word, rest)| (word.trim(), rest.strip_suffix(')'))) {
            None => (Measure::Value, subject),
            Some(("len", Some(name))) => (Measure::Length, name.trim()),
            Some(("min", Some(name))) => (Measure::Min, name.trim()),
            Some(("max", Some(name))) => (Measure::Max, name.trim()),
            Some(_) => return Err(format!("{subject:?} is none of len(…), min(…), max(…)")),
        };
    let place = parameters.iter().position(|parameter| parameter.name == name);
    let place = place.ok_or_else(|| format!("there is no parameter {name:?}"))?;
    Ok(Term { of: Some((measure, place)), plus })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Vec<Parameter> {
        let named = |name: &str| Parameter { name: name.to_owned(), kind: "int".to_owned() };
        vec![named("size"), named("readings")]
    }

    #[test]
    fn relations_are_read_whichever_way_round() {
        let size = Term { of: Some((Measure::Value, 0)), plus: 0 };
        let length = Term { of: Some((Measure::Length, 1)), plus: -1 };
        let wanted = Relation { left: size, compare: Compare::LessOrEqual, right: length };
        assert_eq!(read("size <= len(readings) - 1", &parameters()), Ok(wanted.clone()));
        assert_eq!(read(" len( readings )-1>=size", &parameters()), Ok(wanted));
        let number = read("0 < min(readings)", &parameters()).unwrap();
        assert_eq!(number.left, Term { of: None, plus: 0 });
        for wrong in [
            "size",
            "size < other",
            "size < sum(readings)",
            "size < len(readings",
            "size << 2",
            "size < 1 + x",
        ] {
            assert!(read(wrong, &parameters()).is_err(), "{wrong}");
        }
    }
}
