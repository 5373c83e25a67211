//! Types of values in the notation of the challenge format: `int`, `string[]`, `map<string, int>`, `float?`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A type of arguments and answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValueType {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Bool,
    /// A number.
    Float,
    /// A whole number.
    Int,
    /// A text.
    String,
    /// A list.
    List(Box<ValueType>),
    /// An object with values of one type.
    Map(Box<ValueType>),
    /// A value or `null`.
    Optional(Box<ValueType>),
}

/// Not a type of the challenge format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown type {0}")]
pub struct UnknownType(String);

/// No type is nested more deeply.
const MAX_DEPTH: usize = 16;

impl FromStr for ValueType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, UnknownType> {
        parse(text, MAX_DEPTH).ok_or_else(|| UnknownType(text.to_owned()))
    }
}

fn parse(text: &str, depth: usize) -> Option<ValueType> {
    let inner = |text| Some(Box::new(parse(text, depth.checked_sub(1)?)?));
    match text {
        "any" => return Some(ValueType::Any),
        "bool" => return Some(ValueType::Bool),
        "float" => return Some(ValueType::Float),
        "int" => return Some(ValueType::Int),
        "string" => return Some(ValueType::String),
        _ => {}
    }
    if let Some(item) = text.strip_suffix("[]") {
        return inner(item).map(ValueType::List);
    }
    if let Some(item) = text.strip_suffix('?') {
        return inner(item).map(ValueType::Optional);
    }
    let item = text.strip_prefix("map<string, ").and_then(|rest| rest.strip_suffix('>'))?;
    inner(item).map(ValueType::Map)
}

impl TryFrom<String> for ValueType {
    type Error = UnknownType;

    fn try_from(text: String) -> Result<Self, UnknownType> {
        text.parse()
    }
}

impl From<ValueType> for String {
    fn from(kind: ValueType) -> Self {
        kind.to_string()
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Bool => f.write_str("bool"),
            Self::Float => f.write_str("float"),
            Self::Int => f.write_str("int"),
            Self::String => f.write_str("string"),
            Self::List(item) => write!(f, "{item}[]"),
            Self::Map(item) => write!(f, "map<string, {item}>"),
            Self::Optional(item) => write!(f, "{item}?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_the_documented_ones_and_what_is_made_of_them() {
        for text in ["int", "any[]", "string[][]", "int?", "map<string, int>", "map<string, bool[]?>[]"] {
            assert_eq!(text.parse::<ValueType>().map(|kind| kind.to_string()).as_deref(), Ok(text));
        }
        let deep = format!("int{}", "[]".repeat(17));
        for text in
            ["", "integer", "Int", "[]", "int []", "int[", "map<int, int>", "map<string,int>", "?", &deep]
        {
            assert!(text.parse::<ValueType>().is_err(), "{text}");
        }
    }
}
