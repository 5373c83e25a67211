//! Which token stands for which others.

/// Tokens and what is put in their place.
pub(super) type Table = &'static [(&'static str, &'static [&'static str])];

/// The boundary, and the opposite. With a condition that is always the same, these subsume all others.
pub(super) const RELATIONAL: Table = &[
    ("<", &["<=", ">="]),
    ("<=", &["<", ">"]),
    (">", &[">=", "<="]),
    (">=", &[">", "<"]),
    ("==", &["!="]),
    ("!=", &["=="]),
    ("===", &["!=="]),
    ("!==", &["==="]),
    ("in", &["not in"]),
    ("not in", &["in"]),
    ("is", &["is not"]),
    ("is not", &["is"]),
];

pub(super) const ARITHMETIC: Table = &[
    ("+", &["-"]),
    ("-", &["+"]),
    ("*", &["+"]),
    ("/", &["*"]),
    ("//", &["*"]),
    ("%", &["*"]),
    ("**", &["*"]),
    ("<<", &[">>"]),
    (">>", &["<<"]),
    ("&", &["|"]),
    ("|", &["&"]),
    ("^", &["&"]),
];

pub(super) const ASSIGNMENT: Table = &[
    ("+=", &["-=", "="]),
    ("-=", &["+=", "="]),
    ("*=", &["+=", "="]),
    ("/=", &["*=", "="]),
    ("//=", &["*=", "="]),
    ("%=", &["*=", "="]),
    ("**=", &["*=", "="]),
    ("<<=", &[">>="]),
    (">>=", &["<<="]),
    ("&=", &["|="]),
    ("|=", &["&="]),
    ("^=", &["|="]),
];

pub(super) const LOGICAL: Table =
    &[("and", &["or"]), ("or", &["and"]), ("&&", &["||"]), ("||", &["&&"]), ("??", &["&&"])];

pub(super) const BOOLEAN: Table =
    &[("True", &["False"]), ("False", &["True"]), ("true", &["false"]), ("false", &["true"])];

/// Functions and methods of Python with a twin.
pub(super) const PYTHON_CALLS: Table = &[
    ("min", &["max"]),
    ("max", &["min"]),
    ("any", &["all"]),
    ("all", &["any"]),
    ("sorted", &["list"]),
    ("lower", &["upper"]),
    ("upper", &["lower"]),
    ("startswith", &["endswith"]),
    ("endswith", &["startswith"]),
    ("popleft", &["pop"]),
    ("appendleft", &["append"]),
];

/// Functions and methods of JavaScript with a twin.
pub(super) const JAVASCRIPT_CALLS: Table = &[
    ("min", &["max"]),
    ("max", &["min"]),
    ("some", &["every"]),
    ("every", &["some"]),
    ("floor", &["ceil"]),
    ("ceil", &["floor"]),
    ("toLowerCase", &["toUpperCase"]),
    ("toUpperCase", &["toLowerCase"]),
    ("startsWith", &["endsWith"]),
    ("endsWith", &["startsWith"]),
    ("push", &["unshift"]),
    ("unshift", &["push"]),
    ("pop", &["shift"]),
    ("shift", &["pop"]),
    ("sort", &["slice"]),
];
