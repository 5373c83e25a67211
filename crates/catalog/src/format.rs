//! Reads the native format, version 1. `FORMAT.md` beside this crate is its description; this is its only reader.

use std::collections::{BTreeMap, BTreeSet};

use codementor_core::challenge::{Kind, Parameter, Signature, Solutions, Test};
use codementor_core::judging::{Checker, Expected, Input, Limits};
use codementor_core::{Challenge, ChallengeId, Difficulty, Language};
use serde::Deserialize;
use serde_json::Value;

use crate::files::Files;
use crate::{quality, signature, values};

/// The topics a challenge may have.
pub const TOPICS: [&str; 16] = [
    "arrays",
    "backtracking",
    "dynamic-programming",
    "graphs",
    "hash-maps",
    "heaps",
    "input-output",
    "math",
    "matrices",
    "queues",
    "recursion",
    "searching",
    "sorting",
    "stacks",
    "strings",
    "two-pointers",
];

/// What is wrong with a challenge, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("challenge {id}: {fault}")]
pub struct FormatError {
    /// The challenge's folder.
    pub id: String,
    /// Where and what.
    pub fault: String,
}

impl FormatError {
    pub(crate) fn new(id: &str, fault: &str) -> Self {
        Self { id: id.to_owned(), fault: fault.to_owned() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    title: String,
    difficulty: Difficulty,
    topics: Vec<String>,
    kind: String,
    order: i64,
    hints: Vec<String>,
    authors: Vec<String>,
    license: String,
    source: Option<String>,
    function: Option<Function>,
    #[serde(default)]
    limits: LimitsTable,
    checker: Option<CheckerTable>,
    #[serde(default)]
    generator: quality::GeneratorTable,
    #[serde(default)]
    mutation: quality::MutationTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    names: BTreeMap<Language, String>,
    parameters: Vec<Parameter>,
    returns: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsTable {
    time_ms: u32,
    memory_mb: u32,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { time_ms: 2_000, memory_mb: 128 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckerTable {
    kind: String,
    tolerance: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestsFile {
    tests: Vec<TestTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestTable {
    name: String,
    #[serde(default)]
    example: bool,
    note: Option<String>,
    args: Option<String>,
    args_file: Option<String>,
    expected: Option<String>,
    expected_file: Option<String>,
    stdin: Option<String>,
    stdin_file: Option<String>,
    stdout: Option<String>,
    stdout_file: Option<String>,
}

/// Reads a challenge from its files.
///
/// # Errors
/// Says where the first fault is and what is wrong.
pub fn parse(id: &str, mut files: Files) -> Result<Challenge, FormatError> {
    read(id, &mut files).map_err(|fault| FormatError { id: id.to_owned(), fault })
}

type Read<T> = Result<T, String>;

fn read(id: &str, files: &mut Files) -> Read<Challenge> {
    let id: ChallengeId = id.parse().map_err(|_| "the folder's name is no slug".to_owned())?;
    let head: Head = from_toml("challenge.toml", &required(files, "challenge.toml")?)?;
    check_head(&head)?;
    let kind = read_kind(&head)?;
    let checker = read_checker(head.checker.as_ref(), &kind)?;
    let tests: TestsFile = from_toml("tests.toml", &required(files, "tests.toml")?)?;
    let challenge = Challenge {
        id,
        statement: required(files, "statement.md")?,
        editorial: required(files, "editorial.md")?,
        tests: read_tests(tests.tests, &kind, files)?,
        solutions: read_solutions(files)?,
        quality: quality::read(head.generator, head.mutation, &kind, files)?,
        limits: Limits { time_ms: head.limits.time_ms, memory_kb: head.limits.memory_mb * 1024 },
        checker,
        kind,
        title: head.title,
        difficulty: head.difficulty,
        topics: head.topics,
        order: head.order,
        hints: head.hints,
        authors: head.authors,
        license: head.license,
        source: head.source,
    };
    if let Kind::Function(signature) = &challenge.kind {
        signature::check(signature, challenge.solutions.keys())?;
    }
    match files.paths().next() {
        Some(stray) => Err(format!("{stray}: the format knows no such file, or no test names it")),
        None => Ok(challenge),
    }
}

fn required(files: &mut Files, path: &str) -> Read<String> {
    files.take(path).filter(|text| !text.trim().is_empty()).ok_or_else(|| format!("{path}: missing or empty"))
}

fn from_toml<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Read<T> {
    toml::from_str(text).map_err(|error| format!("{path}: {error}"))
}

fn ensure(holds: bool, fault: &str) -> Read<()> {
    if holds { Ok(()) } else { Err(fault.to_owned()) }
}

fn check_head(head: &Head) -> Read<()> {
    ensure(head.format == 1, "challenge.toml: format must be 1")?;
    ensure((1..=80).contains(&head.title.chars().count()), "challenge.toml: title needs 1 to 80 characters")?;
    ensure((1..=5).contains(&head.topics.len()), "challenge.toml: 1 to 5 topics")?;
    for topic in &head.topics {
        ensure(TOPICS.contains(&topic.as_str()), &format!("challenge.toml: unknown topic {topic}"))?;
    }
    let full = head.hints.iter().all(|hint| !hint.trim().is_empty());
    ensure(head.hints.len() == 3 && full, "challenge.toml: exactly three hints, none empty")?;
    ensure(
        !head.authors.is_empty() && !head.license.is_empty(),
        "challenge.toml: authors and license are needed",
    )?;
    ensure((100..=10_000).contains(&head.limits.time_ms), "challenge.toml: time_ms must be 100 to 10000")?;
    ensure((16..=512).contains(&head.limits.memory_mb), "challenge.toml: memory_mb must be 16 to 512")
}

fn read_kind(head: &Head) -> Read<Kind> {
    match (head.kind.as_str(), &head.function) {
        ("io", None) => Ok(Kind::Io),
        ("io", Some(_)) => Err("challenge.toml: [function] goes with kind \"function\" only".to_owned()),
        ("function", Some(function)) => Ok(Kind::Function(Signature {
            names: function.names.clone(),
            parameters: function.parameters.clone(),
            returns: function.returns.clone(),
        })),
        ("function", None) => Err("challenge.toml: kind \"function\" needs [function]".to_owned()),
        (other, _) => Err(format!("challenge.toml: unknown kind {other}; use function or io")),
    }
}

fn read_checker(table: Option<&CheckerTable>, kind: &Kind) -> Read<Checker> {
    let is_function = matches!(kind, Kind::Function(_));
    let Some(table) = table else {
        return Ok(if is_function { Checker::Exact } else { Checker::Lines });
    };
    ensure(
        table.kind == "float" || table.tolerance.is_none(),
        "challenge.toml: tolerance goes with the float checker",
    )?;
    match table.kind.as_str() {
        "exact" => Ok(Checker::Exact),
        "lines" if !is_function => Ok(Checker::Lines),
        "tokens" if !is_function => Ok(Checker::Tokens),
        "unordered" if is_function => Ok(Checker::Unordered),
        "float" => {
            let tolerance = table.tolerance.unwrap_or(1e-6);
            let sane = tolerance.is_finite() && tolerance > 0.0 && tolerance < 1.0;
            ensure(sane, "challenge.toml: tolerance must be between 0 and 1")?;
            Ok(Checker::Float { tolerance })
        }
        other => Err(format!("challenge.toml: no checker {other} for this kind")),
    }
}

fn read_tests(tables: Vec<TestTable>, kind: &Kind, files: &mut Files) -> Read<Vec<Test>> {
    let examples = tables.iter().filter(|table| table.example).count();
    ensure(examples >= 2, "tests.toml: at least two tests must be examples")?;
    ensure(tables.len() - examples >= 4, "tests.toml: at least four tests must be hidden")?;
    ensure(tables.len() <= 100, "tests.toml: at most 100 tests")?;
    // A compile error is told with the first test, and its text may hold whatever the program has read: never a hidden input.
    ensure(tables.is_sorted_by_key(|table| !table.example), "tests.toml: examples come before hidden tests")?;
    let mut names = BTreeSet::new();
    let mut data = DataFiles { files, taken: BTreeMap::new() };
    let mut tests = Vec::with_capacity(tables.len());
    for table in tables {
        let name = table.name.clone();
        ensure((1..=60).contains(&name.chars().count()), &format!("tests.toml: {name}: 1 to 60 characters"))?;
        ensure(names.insert(name.clone()), &format!("tests.toml: two tests are called {name}"))?;
        tests
            .push(read_test(table, kind, &mut data).map_err(|fault| format!("tests.toml: {name}: {fault}"))?);
    }
    Ok(tests)
}

/// Files under `data/`, each of which several tests may name.
struct DataFiles<'a> {
    files: &'a mut Files,
    taken: BTreeMap<String, String>,
}

impl DataFiles<'_> {
    /// A text given in place or by file.
    fn text(&mut self, field: &str, here: Option<String>, path: Option<String>) -> Read<Option<String>> {
        let path = match (here, path) {
            (here, None) => return Ok(here),
            (None, Some(path)) => path,
            (Some(_), Some(_)) => return Err(format!("{field} or {field}_file, not both")),
        };
        if !path.starts_with("data/") {
            return Err(format!("{path}: files of tests lie in data/"));
        }
        if let Some(text) = self.taken.get(&path) {
            return Ok(Some(text.clone()));
        }
        let text = self.files.take(&path).ok_or_else(|| format!("{path}: no such file"))?;
        self.taken.insert(path, text.clone());
        Ok(Some(text))
    }
}

fn read_test(table: TestTable, kind: &Kind, data: &mut DataFiles<'_>) -> Read<Test> {
    ensure(table.example || table.note.is_none(), "only examples have a note")?;
    let args = data.text("args", table.args, table.args_file)?;
    let expected = data.text("expected", table.expected, table.expected_file)?;
    let stdin = data.text("stdin", table.stdin, table.stdin_file)?;
    let stdout = data.text("stdout", table.stdout, table.stdout_file)?;
    let (input, expected) = match (kind, args, expected, stdin, stdout) {
        (Kind::Function(signature), Some(args), Some(expected), None, None) => {
            (Input::Args(read_args(&args, signature)?), Expected::Value(values::read("expected", &expected)?))
        }
        (Kind::Io, None, None, Some(stdin), Some(stdout)) => (Input::Stdin(stdin), Expected::Stdout(stdout)),
        (Kind::Function(_), ..) => return Err("needs args and expected, and nothing else".to_owned()),
        (Kind::Io, ..) => return Err("needs stdin and stdout, and nothing else".to_owned()),
    };
    Ok(Test { name: table.name, example: table.example, note: table.note, input, expected })
}

fn read_args(text: &str, signature: &Signature) -> Read<Vec<Value>> {
    let args = values::read_list("args", text)?;
    let wanted = signature.parameters.len();
    ensure(args.len() == wanted, &format!("args has {} values, the function takes {wanted}", args.len()))?;
    Ok(args)
}

/// File name endings by language.
const LANGUAGES: [(&str, &str); 2] = [("python", "py"), ("javascript", "js")];

fn read_solutions(files: &mut Files) -> Read<BTreeMap<Language, Solutions>> {
    let mut solutions = BTreeMap::new();
    for (name, ending) in LANGUAGES {
        let prefix = format!("{name}/wrong/");
        let paths: Vec<String> = files
            .paths()
            .filter(|p| p.starts_with(&prefix) && p.ends_with(ending))
            .map(str::to_owned)
            .collect();
        let Some(reference) = files.take(&format!("{name}/reference.{ending}")) else {
            continue;
        };
        let starter = required(files, &format!("{name}/starter.{ending}"))?;
        let wrong = paths.into_iter().filter_map(|path| files.take(&path).map(|text| (path, text))).collect();
        let language: Language = name.parse().map_err(|_| format!("{name}: no language"))?;
        solutions.insert(language, Solutions { starter, reference, wrong });
    }
    ensure(!solutions.is_empty(), "at least one language with starter and reference is needed")?;
    Ok(solutions)
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
