//! How languages write the types of the challenge format: what a learner begins with and the program that calls it say the same.

pub mod c;

use crate::value_type::ValueType;

/// How a language writes types.
#[derive(Debug)]
pub struct Forms {
    any: Option<&'static str>,
    /// Of `bool`, `float`, `int` and `string`.
    plain: [&'static str; 4],
    /// Before and behind the type of what is in it.
    list: [&'static str; 2],
    map: [&'static str; 2],
    optional: [&'static str; 2],
}

/// C++17 and later.
pub const CPP: Forms = Forms {
    any: None,
    plain: ["bool", "double", "long long", "std::string"],
    list: ["std::vector<", ">"],
    map: ["std::map<std::string, ", ">"],
    optional: ["std::optional<", ">"],
};

/// Rust.
pub const RUST: Forms = Forms {
    any: None,
    plain: ["bool", "f64", "i64", "String"],
    list: ["Vec<", ">"],
    map: ["std::collections::BTreeMap<String, ", ">"],
    optional: ["Option<", ">"],
};

/// Go.
pub const GO: Forms = Forms {
    any: Some("any"),
    plain: ["bool", "float64", "int", "string"],
    list: ["[]", ""],
    map: ["map[string]", ""],
    optional: ["*", ""],
};

impl Forms {
    /// How the type is written; `None` where the language has no form for it.
    #[must_use]
    pub fn of(&self, kind: &ValueType) -> Option<String> {
        let [bool, float, int, string] = self.plain;
        let around = |[before, behind]: [&str; 2], item| Some(format!("{before}{}{behind}", self.of(item)?));
        match kind {
            ValueType::Any => self.any.map(str::to_owned),
            ValueType::Bool => Some(bool.to_owned()),
            ValueType::Float => Some(float.to_owned()),
            ValueType::Int => Some(int.to_owned()),
            ValueType::String => Some(string.to_owned()),
            ValueType::List(item) => around(self.list, item),
            ValueType::Map(item) => around(self.map, item),
            ValueType::Optional(item) => around(self.optional, item),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_or_have_no_form() {
        let written = |forms: &Forms, text: &str| forms.of(&text.parse().unwrap());
        assert_eq!(written(&CPP, "int[][]").as_deref(), Some("std::vector<std::vector<long long>>"));
        assert_eq!(written(&GO, "map<string, any[]>?").as_deref(), Some("*map[string][]any"));
        assert_eq!(written(&RUST, "string?").as_deref(), Some("Option<String>"));
        assert_eq!(written(&RUST, "any[]"), None);
    }
}
