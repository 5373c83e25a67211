//! The conventions of functions in C: a list is a pointer and a size, a list of lists has a list of sizes as well, and what need not
//! be there is a pointer that may be `NULL`. Maps, `any` and deeper lists have no form.

use crate::value_type::ValueType;

/// What is neither a list nor missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// `bool`
    Bool,
    /// `double`
    Float,
    /// `long long`
    Int,
    /// `char *`
    String,
}

/// How a value comes and goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// By itself.
    One(Item),
    /// As a pointer that may be `NULL`.
    Maybe(Item),
    /// As a pointer and a size.
    List(Item),
    /// As a pointer to pointers, a size and a list of sizes.
    Table(Item),
}

impl Shape {
    /// The shape of a type; `None` where C has none.
    #[must_use]
    pub fn of(kind: &ValueType) -> Option<Self> {
        match kind {
            ValueType::List(row) => match &**row {
                ValueType::List(item) => Item::of(item).map(Self::Table),
                item => Item::of(item).map(Self::List),
            },
            ValueType::Optional(item) => Item::of(item).map(Self::Maybe),
            item => Item::of(item).map(Self::One),
        }
    }

    /// What is in it.
    #[must_use]
    pub fn item(self) -> Item {
        match self {
            Self::One(item) | Self::Maybe(item) | Self::List(item) | Self::Table(item) => item,
        }
    }

    /// Its type with the white space that a name needs behind it, such as `long long *`.
    #[must_use]
    pub fn form(self) -> String {
        let item = self.item().form();
        match self {
            // A text is a pointer already.
            Self::One(_) | Self::Maybe(Item::String) => item.to_owned(),
            Self::Maybe(_) | Self::List(_) => format!("{item}*"),
            Self::Table(_) => format!("{item}**"),
        }
    }
}

impl Item {
    fn of(kind: &ValueType) -> Option<Self> {
        match kind {
            ValueType::Bool => Some(Self::Bool),
            ValueType::Float => Some(Self::Float),
            ValueType::Int => Some(Self::Int),
            ValueType::String => Some(Self::String),
            ValueType::Any | ValueType::List(_) | ValueType::Map(_) | ValueType::Optional(_) => None,
        }
    }

    /// Its type with the white space that a name needs behind it.
    #[must_use]
    pub fn form(self) -> &'static str {
        match self {
            Self::Bool => "bool ",
            Self::Float => "double ",
            Self::Int => "long long ",
            Self::String => "char *",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_documented_shapes() {
        let form = |text: &str| Shape::of(&text.parse().unwrap()).map(Shape::form);
        for (kind, wanted) in [
            ("int", "long long "),
            ("int?", "long long *"),
            ("string", "char *"),
            ("string?", "char *"),
            ("bool[]", "bool *"),
            ("string[][]", "char ***"),
        ] {
            assert_eq!(form(kind).as_deref(), Some(wanted), "{kind}");
        }
        for kind in ["any", "any[]", "map<string, int>", "int[]?", "int?[]", "int[][][]"] {
            assert_eq!(form(kind), None, "{kind}");
        }
    }
}
