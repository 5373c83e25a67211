//! A package that was read, as files of the native format.

use std::collections::BTreeMap;

use codementor_core::catalogue::FileSet;
use codementor_core::{Difficulty, Language};
use toml::{Table, Value};

use super::super::folder::Folder;
use super::super::head::{Head, text};
use super::super::{Promise, Skip};
use super::data::{Case, Data, MAX_TESTS};
use super::groups::Scores;
use super::problem::{Problem, Validation};
use super::validator::Validator;
use super::{read_text, starters};
use crate::format::{LANGUAGES, TOPICS};

/// A test whose input and answer are not longer together is written into the list of tests; others have files, of which there are
/// not too many.
const SHORT: usize = 1_024;
/// The longest name of a test, in characters.
const MAX_NAME: usize = 60;

/// What is said to those who ask for help: a package has no hints.
const HINTS: [&str; 3] = [
    "Take the first sample and solve it with pencil and paper. What did you look at, and in which order?",
    "Look at the largest input that the statement allows. How many steps may your program take for it? That rules many ideas out.",
    "Make the samples pass first. Then write small inputs yourself: the smallest that is allowed, all the same, the other way round.",
];

/// All that a challenge is made of.
pub(super) struct Parts<'a> {
    pub(super) package: &'a Folder,
    pub(super) problem: &'a Problem,
    pub(super) title: &'a str,
    pub(super) time_ms: u32,
    pub(super) data: &'a Data,
    pub(super) scores: Scores<'a>,
    pub(super) validator: Option<&'a Validator>,
    pub(super) statement: &'a str,
    pub(super) references: BTreeMap<&'a Language, &'a Promise>,
}

/// A test and what it counts for.
struct Test<'a> {
    case: &'a Case,
    name: String,
    group: Option<&'a str>,
    is_example: bool,
}

impl Parts<'_> {
    /// The files.
    pub(super) fn files(&self) -> Result<FileSet, Skip> {
        let mut files = FileSet::default();
        let mut add = |path: &str, text: &str| files.insert(path, text.to_owned()).map_err(Skip::because);
        if self.references.is_empty() {
            let known = LANGUAGES.map(|(name, _)| name).join(", ");
            return Err(Skip::because(format!(
                "it has no accepted submission of one file in a language that is judged here: {known}"
            )));
        }
        let tests = self.tests()?;
        add("challenge.toml", &self.head()?)?;
        add("statement.md", self.statement)?;
        add("editorial.md", &self.editorial()?)?;
        for (language, reference) in &self.references {
            let (_, ending) =
                LANGUAGES.iter().find(|(name, _)| *name == language.as_str()).copied().unwrap_or_default();
            let starter = match self.problem.validation {
                Validation::Interactive => starters::talking(language.as_str()),
                Validation::Own | Validation::Usual => starters::starter(language.as_str()),
            };
            add(&format!("{language}/reference.{ending}"), &reference.source)?;
            add(&format!("{language}/starter.{ending}"), starter)?;
        }
        for (path, text) in self.validator.into_iter().flat_map(|validator| &validator.files) {
            add(path, text)?;
        }
        for test in tests.iter().filter(|test| !is_short(test.case)) {
            add(&format!("data/{}.in", test.case.path), &test.case.input)?;
            add(&format!("data/{}.ans", test.case.path), &test.case.answer)?;
        }
        let mut list = Table::new();
        list.insert("tests".to_owned(), Value::Array(tests.iter().map(Test::table).collect()));
        add("tests.toml", &list.to_string())?;
        Ok(files)
    }

    fn head(&self) -> Result<String, Skip> {
        let problem = self.problem;
        let topics =
            TOPICS.into_iter().filter(|topic| problem.keywords.iter().any(|word| word == topic)).take(4);
        let mut limits = Table::new();
        limits.insert("time_ms".to_owned(), Value::Integer(self.time_ms.into()));
        limits.insert("memory_mb".to_owned(), Value::Integer(problem.memory_mb.into()));
        let head = Head {
            title: self.title,
            // A package does not say how hard it is.
            difficulty: Difficulty::Medium,
            topics: topics.filter(|topic| *topic != "input-output").chain(["input-output"]).collect(),
            kind: "io",
            task: None,
            order: 2_000,
            hints: HINTS.to_vec(),
            authors: &problem.authors,
            license: &problem.license,
            source: problem.source.as_deref(),
            tables: vec![("limits", limits), ("checker", self.checker()?)],
        };
        let mut head = head.table();
        if self.scores.goes_on {
            head.insert("after_failure".to_owned(), text("go_on"));
        }
        let group = |unit: &super::groups::Unit<'_>| {
            let mut group = Table::new();
            group.insert("name".to_owned(), text(&unit.name));
            group.insert("points".to_owned(), Value::Integer(unit.points.into()));
            Value::Table(group)
        };
        if !self.scores.units.is_empty() {
            head.insert("groups".to_owned(), Value::Array(self.scores.units.iter().map(group).collect()));
        }
        Ok(head.to_string())
    }

    /// The package's own program, or the default output validator.
    fn checker(&self) -> Result<Table, Skip> {
        let arguments = self.data.arguments()?;
        if self.validator.is_none() {
            return usual(&arguments);
        }
        let kind = if self.problem.validation == Validation::Interactive { "interactive" } else { "program" };
        let mut checker = Table::new();
        checker.insert("kind".to_owned(), text(kind));
        if !arguments.is_empty() {
            let arguments = arguments.iter().map(|argument| text(argument)).collect();
            checker.insert("arguments".to_owned(), Value::Array(arguments));
        }
        Ok(checker)
    }

    /// Examples first, then the groups in their order, each with what it needs.
    fn tests(&self) -> Result<Vec<Test<'_>>, Skip> {
        let mut tests: Vec<Test<'_>> = self.data.samples.iter().map(|case| Test::new(case, None)).collect();
        let units = self.scores.units.as_slice();
        if units.is_empty() {
            tests.extend(self.data.secret.all().into_iter().map(|case| Test::new(case, None)));
        }
        for unit in units {
            for case in &unit.needs {
                let name = format!("{} for {}", case.path, unit.name);
                tests.push(Test { name, ..Test::new(case, Some(&unit.name)) });
            }
            tests.extend(unit.cases.iter().map(|case| Test::new(case, Some(&unit.name))));
        }
        if tests.len() > MAX_TESTS {
            return Err(Skip::because(format!("it has {} tests, more than {MAX_TESTS}", tests.len())));
        }
        for (at, test) in tests.iter_mut().enumerate() {
            // What does not compile is told with the first test, so that one cannot be hidden.
            test.is_example = at < self.data.samples.len().max(1);
            if test.name.chars().count() > MAX_NAME {
                test.name = format!("test {}", at + 1);
            }
        }
        Ok(tests)
    }

    /// The package's own, or an accepted submission.
    fn editorial(&self) -> Result<String, Skip> {
        for path in ["solution/solution.en.md", "solution/solution.md"] {
            let text = read_text(self.package, path)?;
            if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                return Ok(text);
            }
        }
        let one = self.references.values().next();
        let shown = one.map(|one| format!("````{}\n{}\n````", one.language, one.source.trim_end()));
        Ok(format!(
            "The authors of this problem wrote no editorial. This is an accepted solution:\n\n{}",
            shown.unwrap_or_default()
        ))
    }
}

impl<'a> Test<'a> {
    fn new(case: &'a Case, group: Option<&'a str>) -> Self {
        Self { case, name: case.path.clone(), group, is_example: false }
    }

    fn table(&self) -> Value {
        let mut test = Table::new();
        test.insert("name".to_owned(), text(&self.name));
        if self.is_example {
            test.insert("example".to_owned(), Value::Boolean(true));
        }
        if let Some(group) = self.group {
            test.insert("group".to_owned(), text(group));
        }
        if is_short(self.case) {
            test.insert("stdin".to_owned(), text(&self.case.input));
            test.insert("stdout".to_owned(), text(&self.case.answer));
        } else {
            test.insert("stdin_file".to_owned(), text(&format!("data/{}.in", self.case.path)));
            test.insert("stdout_file".to_owned(), text(&format!("data/{}.ans", self.case.path)));
        }
        Value::Table(test)
    }
}

fn is_short(case: &Case) -> bool {
    case.input.len() + case.answer.len() <= SHORT
}

/// The default output validator with these options.
fn usual(flags: &[String]) -> Result<Table, Skip> {
    let mut checker = Table::new();
    checker.insert("kind".to_owned(), text("validator"));
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        let (key, value) = match word.as_str() {
            "case_sensitive" => ("case_sensitive", Value::Boolean(true)),
            "space_change_sensitive" => ("space_sensitive", Value::Boolean(true)),
            "float_tolerance" | "float_absolute_tolerance" | "float_relative_tolerance" => {
                let tolerance = words.next().and_then(|word| word.parse::<f64>().ok());
                let tolerance =
                    tolerance.ok_or_else(|| Skip::because(format!("{word}: no number follows")))?;
                let key = match word.as_str() {
                    "float_absolute_tolerance" => "absolute",
                    "float_relative_tolerance" => "relative",
                    _ => "tolerance",
                };
                (key, Value::Float(tolerance))
            }
            other => return Err(Skip::because(format!("the validator's option {other} is not known"))),
        };
        checker.insert(key.to_owned(), value);
    }
    Ok(checker)
}
