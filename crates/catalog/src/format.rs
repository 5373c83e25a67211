//! Reads the native format, version 1. `FORMAT.md` beside this crate is its description; this is its only reader.

use std::collections::{BTreeMap, BTreeSet};

use codementor_core::challenge::{AfterFailure, Group, Kind, Parameter, Signature, Solutions, Task, Test};
use codementor_core::judging::{Expected, Input, Limits, TestCase};
use codementor_core::{Challenge, ChallengeId, Difficulty, Language};
use serde::Deserialize;
use serde_json::Value;

use crate::files::Files;
use crate::{checkers, groups, quality, signature, starters, suites, values};

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
    #[serde(default)]
    hints: Vec<String>,
    authors: Vec<String>,
    license: String,
    source: Option<String>,
    function: Option<Function>,
    #[serde(default)]
    limits: LimitsTable,
    checker: Option<checkers::Table>,
    tests: Option<suites::Table>,
    #[serde(default)]
    task: TaskName,
    #[serde(default)]
    after_failure: AfterFailureName,
    #[serde(default)]
    groups: Vec<groups::Table>,
    #[serde(default)]
    generator: quality::GeneratorTable,
    #[serde(default)]
    mutation: quality::MutationTable,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum TaskName {
    #[default]
    Write,
    Refactor,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum AfterFailureName {
    #[default]
    Stop,
    GoOn,
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
    group: Option<String>,
    code: Option<String>,
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

pub(crate) type Read<T> = Result<T, String>;

fn read(id: &str, files: &mut Files) -> Read<Challenge> {
    let id: ChallengeId = id.parse().map_err(|_| "the folder's name is no slug".to_owned())?;
    let head: Head = from_toml("challenge.toml", &required(files, "challenge.toml")?)?;
    check_head(&head)?;
    let kind = read_kind(&head, files)?;
    let checker = checkers::read(head.checker.as_ref(), &kind, files)?;
    let groups = groups::read(&head.groups, head.kind == "tests")?;
    let tests: TestsFile = from_toml("tests.toml", &required(files, "tests.toml")?)?;
    let mut challenge = Challenge {
        id,
        statement: required(files, "statement.md")?,
        editorial: match &kind {
            Kind::Tests(_) => files.take("editorial.md").unwrap_or_default(),
            Kind::Function(_) | Kind::Io => required(files, "editorial.md")?,
        },
        tests: read_tests(tests.tests, &kind, &groups, files)?,
        solutions: read_solutions(files)?,
        starters: BTreeMap::new(),
        quality: quality::read(head.generator, head.mutation, &kind, files)?,
        limits: Limits { time_ms: head.limits.time_ms, memory_kb: head.limits.memory_mb * 1024 },
        checker,
        kind,
        groups,
        task: match head.task {
            TaskName::Write => Task::Write,
            TaskName::Refactor => Task::Refactor,
        },
        after_failure: match head.after_failure {
            AfterFailureName::Stop => AfterFailure::Stop,
            AfterFailureName::GoOn => AfterFailure::GoOn,
        },
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
    if matches!(challenge.kind, Kind::Tests(_)) {
        ensure(challenge.solutions.len() == 1, "a challenge with a file of tests has one language")?;
    }
    starters::add(&mut challenge);
    match files.paths().next() {
        Some(stray) => Err(format!("{stray}: the format knows no such file, or no test names it")),
        None => Ok(challenge),
    }
}

pub(crate) fn required(files: &mut Files, path: &str) -> Read<String> {
    files.take(path).filter(|text| !text.trim().is_empty()).ok_or_else(|| format!("{path}: missing or empty"))
}

fn from_toml<T: for<'de> Deserialize<'de>>(path: &str, text: &str) -> Read<T> {
    toml::from_str(text).map_err(|error| format!("{path}: {error}"))
}

pub(crate) fn ensure(holds: bool, fault: &str) -> Read<()> {
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
    let enough = head.hints.len() == 3 || (head.hints.len() < 3 && head.kind == "tests");
    ensure(enough && full, "challenge.toml: exactly three hints, none empty")?;
    ensure(
        !head.authors.is_empty() && !head.license.is_empty(),
        "challenge.toml: authors and license are needed",
    )?;
    ensure((100..=10_000).contains(&head.limits.time_ms), "challenge.toml: time_ms must be 100 to 10000")?;
    ensure((16..=512).contains(&head.limits.memory_mb), "challenge.toml: memory_mb must be 16 to 512")
}

fn read_kind(head: &Head, files: &mut Files) -> Read<Kind> {
    if let (Some(_), true) = (&head.tests, head.kind != "tests") {
        return Err("challenge.toml: [tests] goes with kind \"tests\" only".to_owned());
    }
    match (head.kind.as_str(), &head.function) {
        ("tests", None) => Ok(Kind::Tests(suites::read(head.tests.as_ref(), files)?)),
        ("io", None) => Ok(Kind::Io),
        ("io" | "tests", Some(_)) => {
            Err("challenge.toml: [function] goes with kind \"function\" only".to_owned())
        }
        ("function", Some(function)) => Ok(Kind::Function(Signature {
            names: function.names.clone(),
            parameters: function.parameters.clone(),
            returns: function.returns.clone(),
        })),
        ("function", None) => Err("challenge.toml: kind \"function\" needs [function]".to_owned()),
        (other, _) => Err(format!("challenge.toml: unknown kind {other}; use function, io or tests")),
    }
}

fn read_tests(tables: Vec<TestTable>, kind: &Kind, groups: &[Group], files: &mut Files) -> Read<Vec<Test>> {
    let examples = tables.iter().filter(|table| table.example).count();
    // Whoever sees a file of tests may read all of it.
    if matches!(kind, Kind::Tests(_)) {
        ensure(!tables.is_empty() && examples == tables.len(), "tests.toml: all tests must be examples")?;
    } else {
        ensure(examples >= 1, "tests.toml: at least one test must be an example")?;
    }
    ensure(tables.len() <= MAX_TESTS, &format!("tests.toml: at most {MAX_TESTS} tests"))?;
    groups::check(tables.iter().map(|table| (&table.name, &table.group, table.example)), groups)?;
    // A compile error is told with the first test, and its text may hold whatever the program has read: never a hidden input.
    ensure(tables.is_sorted_by_key(|table| !table.example), "tests.toml: examples come before hidden tests")?;
    let mut names = BTreeSet::new();
    let mut data = DataFiles { files, taken: BTreeMap::new() };
    let mut tests = Vec::with_capacity(tables.len());
    for table in tables {
        let name = table.name.clone();
        let longest = if matches!(kind, Kind::Tests(_)) { 200 } else { 60 };
        let sane = (1..=longest).contains(&name.chars().count());
        ensure(sane, &format!("tests.toml: {name}: 1 to {longest} characters"))?;
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
    ensure(table.code.is_none() || matches!(kind, Kind::Tests(_)), "code goes with kind \"tests\" only")?;
    let (input, expected) = match (kind, args, expected, stdin, stdout) {
        (Kind::Tests(_), None, None, None, None) => {
            let case = TestCase { name: table.name.clone(), code: table.code.unwrap_or_default() };
            (Input::Case(case), Expected::Pass)
        }
        (Kind::Tests(_), ..) => return Err("needs no args, expected, stdin or stdout".to_owned()),
        (Kind::Function(signature), Some(args), Some(expected), None, None) => {
            (Input::Args(read_args(&args, signature)?), Expected::Value(values::read("expected", &expected)?))
        }
        (Kind::Io, None, None, Some(stdin), Some(stdout)) => (Input::Stdin(stdin), Expected::Stdout(stdout)),
        (Kind::Function(_), ..) => return Err("needs args and expected, and nothing else".to_owned()),
        (Kind::Io, ..) => return Err("needs stdin and stdout, and nothing else".to_owned()),
    };
    let TestTable { name, example, note, group, .. } = table;
    Ok(Test { name, example, note, group, input, expected })
}

fn read_args(text: &str, signature: &Signature) -> Read<Vec<Value>> {
    let args = values::read_list("args", text)?;
    let wanted = signature.parameters.len();
    ensure(args.len() == wanted, &format!("args has {} values, the function takes {wanted}", args.len()))?;
    Ok(args)
}

/// The most tests of a challenge.
const MAX_TESTS: usize = 200;

/// File name endings by language.
pub(crate) const LANGUAGES: [(&str, &str); 8] = [
    ("python", "py"),
    ("javascript", "js"),
    ("typescript", "ts"),
    ("c", "c"),
    ("cpp", "cpp"),
    ("rust", "rs"),
    ("go", "go"),
    ("java", "java"),
];

fn read_solutions(files: &mut Files) -> Read<BTreeMap<Language, Solutions>> {
    let mut solutions = BTreeMap::new();
    for (name, ending) in LANGUAGES {
        let prefix = format!("{name}/wrong/");
        let paths: Vec<String> = files
            .paths()
            .filter(|path| path.starts_with(&prefix) && path.ends_with(&format!(".{ending}")))
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
