//! Names that stand for a text in a package's other texts: `{{name}}`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Skip;

/// The most constants.
const MAX_CONSTANTS: usize = 50;
/// No name of a constant is looked for beyond so many bytes.
const MAX_NAME_BYTES: usize = 100;
/// The longest constant, in bytes.
const MAX_CONSTANT_BYTES: usize = 200;

/// What stands for each name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Constants(BTreeMap<String, String>);

impl Constants {
    /// Those of `problem.yaml`.
    pub(super) fn new(all: BTreeMap<String, Value>) -> Result<Self, Skip> {
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let all: BTreeMap<_, _> = all.into_iter().map(|(name, value)| (name, text(value))).collect();
        // They are put into every text: many long ones would make few bytes into many.
        if all.len() > MAX_CONSTANTS || all.values().any(|value| value.len() > MAX_CONSTANT_BYTES) {
            return Err(Skip::because(format!(
                "problem.yaml: more than {MAX_CONSTANTS} constants, or one of more than {MAX_CONSTANT_BYTES} bytes"
            )));
        }
        Ok(Self(all))
    }

    /// A text with what its names stand for. One pass: what a name stands for is not read again, so no few bytes become many.
    pub(super) fn filled(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let end = from.floor_char_boundary(MAX_NAME_BYTES);
            let inner = from["{{".len()..end].split_once("}}").map(|(name, _)| name);
            match inner.and_then(|name| Some((name, self.0.get(name)?))) {
                Some((name, value)) => {
                    filled.push_str(value);
                    rest = &from["{{}}".len() + name.len()..];
                }
                None => {
                    filled.push('{');
                    rest = &from[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    /// What a name stands for.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constants(all: &[(&str, Value)]) -> Result<Constants, Skip> {
        Constants::new(all.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn names_stand_for_texts() {
        let known = constants(&[("max_n", 100.into()), ("name", "{{max_n}}".into())]).unwrap();
        assert_eq!(
            known.filled("n ≤ {{max_n}}, {{name}}, {{other}} {{{max_n}}"),
            "n ≤ 100, {{max_n}}, {{other}} {100"
        );
        assert_eq!((known.get("max_n"), known.get("nobody")), (Some("100"), None));
        assert_eq!(known.filled(&"{".repeat(300)), "{".repeat(300));
        assert!(constants(&[("x", "y".repeat(201).into())]).is_err());
    }
}
