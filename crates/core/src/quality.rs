//! What the author of a challenge says about its inputs and about mutants of its references: the parts of a challenge that serve the
//! quality of its tests. Learners are told none of it.

use serde_json::Value;

use crate::id::Language;

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quality {
    /// How fresh inputs are made.
    pub generator: Generator,
    /// Mutants that no test can kill.
    pub equivalents: Vec<Equivalent>,
}

/// A mutant that does the same as the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivalent {
    /// In which language.
    pub language: Language,
    /// The first line that the mutant changes, without the white space around it.
    pub before: String,
    /// The same line in the mutant.
    pub after: String,
    /// Why it does the same.
    pub why: String,
}

/// How fresh inputs of a challenge are made.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Generator {
    /// By what the examples have in common. There is none for programs.
    #[default]
    Inferred,
    /// By the author's rules; a function's challenge only.
    Rules(Rules),
    /// By the author's program: it reads `{"seed": n, "size": n}` and writes one input.
    Program {
        /// Its language.
        language: Language,
        /// Its text.
        source: String,
    },
    /// Not at all.
    Off,
}

/// What the arguments of a function are like.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// One for each parameter.
    pub parameters: Vec<Shape>,
    /// What holds between them.
    pub relations: Vec<Relation>,
}

/// The values of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Whole numbers, both ends included.
    Int(i64, i64),
    /// Numbers, both ends included.
    Float(f64, f64),
    /// `true` and `false`.
    Bool,
    /// Texts of these characters.
    Text {
        /// How many characters, both ends included.
        length: (usize, usize),
        /// Which.
        alphabet: Vec<char>,
    },
    /// Lists.
    List {
        /// How many items, both ends included.
        length: (usize, usize),
        /// What they are like.
        items: Box<Shape>,
        /// How they are ordered.
        order: Order,
        /// Whether no two are equal.
        distinct: bool,
        /// Whether all of them, lists or texts themselves, are of one length.
        even: bool,
    },
    /// Objects whose keys are short texts.
    Map {
        /// How many entries, both ends included.
        length: (usize, usize),
        /// What the values are like.
        values: Box<Shape>,
    },
    /// The same, or `null`.
    Optional(Box<Shape>),
    /// One of these values.
    OneOf(Vec<Value>),
}

/// How the items of a list are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// In no order.
    #[default]
    Any,
    /// None is smaller than the one before.
    Ascending,
    /// None is larger than the one before.
    Descending,
}

/// What holds between two quantities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The one.
    pub left: Term,
    /// How it compares.
    pub compare: Compare,
    /// With the other.
    pub right: Term,
}

/// How two quantities compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// A quantity and a number that is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Of what; `None` is 0.
    pub of: Option<(Measure, usize)>,
    /// What is added.
    pub plus: i64,
}

/// A quantity of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A whole number itself.
    Value,
    /// How many items or characters.
    Length,
    /// The smallest whole number within.
    Min,
    /// The largest whole number within.
    Max,
}
