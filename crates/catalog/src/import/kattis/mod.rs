//! Problem packages of Kattis and ICPC, legacy and 2025-09, as far as a program that reads and writes can be judged by them:
//! <https://icpc.io/problem-package-format/>.

mod data;
mod latex;
mod problem;
mod statement;
mod submissions;

use codementor_core::catalogue::FileSet;
use codementor_core::{ChallengeId, Difficulty};
use toml::{Table, Value};

use self::data::{Case, Data};
use self::problem::Problem;
use super::folder::{Folder, FolderError, Kind};
use super::head::Head;
use super::{Found, Promise, Skip};
use crate::format::{LANGUAGES, TOPICS};

/// The largest file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;
/// The most packages of a folder.
const MAX_PACKAGES: usize = 1_000;
/// The time of one test when the package does not say it.
const TIME_MS: u32 = 5_000;

/// Reads the package that a folder is, or those that are in it, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn kattis(folder: &Folder) -> Result<Vec<Found>, FolderError> {
    let entries = folder.list("")?;
    if entries.iter().any(|entry| entry.name == "problem.yaml") {
        return Ok(vec![found(&folder.name().unwrap_or_default(), folder)]);
    }
    let mut all = Vec::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Folder).take(MAX_PACKAGES) {
        let inner = folder.folder(&entry.name)?;
        if inner.list("")?.iter().any(|entry| entry.name == "problem.yaml") {
            all.push(found(&entry.name, &inner));
        }
    }
    Ok(all)
}

fn found(name: &str, package: &Folder) -> Found {
    let name = format!("kattis-{name}");
    match package_files(&name, package) {
        Ok((id, files, promises)) => Found { name, files: Ok((id, files)), promises },
        Err(skip) => Found { name, files: Err(skip), promises: Vec::new() },
    }
}

fn package_files(name: &str, package: &Folder) -> Result<(ChallengeId, FileSet, Vec<Promise>), Skip> {
    let id: ChallengeId = name
        .parse()
        .map_err(|_| Skip::because("the folder's name is no slug (a-z, 0-9 and single hyphens)"))?;
    let yaml = read_text(package, "problem.yaml")?.ok_or_else(|| Skip::because("problem.yaml: missing"))?;
    let problem = problem::problem(&yaml, name)?;
    for folder in ["output_validator", "output_validators", "include"] {
        if package.list(folder).is_ok_and(|entries| !entries.is_empty()) {
            return Err(Skip::because(format!("{folder}/ is there, which cannot be used here")));
        }
    }
    let data = data::data(package)?;
    let statement = statement::statement(package, problem.version)?;
    let submissions = submissions::submissions(package)?;
    let mut files = FileSet::default();
    let mut add = |path: String, text: String| files.insert(&path, text).map_err(Skip::because);
    add("challenge.toml".to_owned(), head(&problem, &data)?)?;
    add("statement.md".to_owned(), statement)?;
    let references = submissions::references(&submissions);
    if references.is_empty() {
        let known: Vec<&str> = LANGUAGES.iter().map(|(name, _)| *name).collect();
        return Err(Skip::because(format!("it has no accepted submission in {}", known.join(" or "))));
    }
    add("editorial.md".to_owned(), editorial(package, &references)?)?;
    for (language, reference) in references {
        let ending = ending(language.as_str());
        add(format!("{language}/reference.{ending}"), reference.source.clone())?;
        add(format!("{language}/starter.{ending}"), starter(language.as_str()).to_owned())?;
    }
    add("tests.toml".to_owned(), tests(&data))?;
    for case in data.samples.iter().chain(&data.secret) {
        add(format!("data/{}.in", case.path), case.input.clone())?;
        add(format!("data/{}.ans", case.path), case.answer.clone())?;
    }
    Ok((id, files, submissions))
}

fn head(problem: &Problem, data: &Data) -> Result<String, Skip> {
    let topics = TOPICS.into_iter().filter(|topic| problem.keywords.iter().any(|word| word == topic)).take(4);
    let mut limits = Table::new();
    limits.insert("time_ms".to_owned(), Value::Integer(problem.time_ms.unwrap_or(TIME_MS).into()));
    limits.insert("memory_mb".to_owned(), Value::Integer(problem.memory_mb.into()));
    let flags = if data.arguments.is_empty() { &problem.flags } else { &data.arguments };
    let head = Head {
        title: &problem.title,
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
        tables: vec![("limits", limits), ("checker", checker(flags)?)],
    };
    Ok(head.to_toml())
}

/// The default output validator with these options.
fn checker(flags: &[String]) -> Result<Table, Skip> {
    let mut checker = Table::new();
    checker.insert("kind".to_owned(), Value::String("validator".to_owned()));
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

fn tests(data: &Data) -> String {
    let samples = data.samples.iter().map(|case| (case, true));
    let secret = data.secret.iter().map(|case| (case, false));
    let tests =
        samples.chain(secret).enumerate().map(|(at, (case, example))| Value::Table(test(at, case, example)));
    let mut file = Table::new();
    file.insert("tests".to_owned(), Value::Array(tests.collect()));
    file.to_string()
}

fn test(at: usize, case: &Case, example: bool) -> Table {
    let name = if case.path.chars().count() <= 60 { case.path.clone() } else { format!("test {}", at + 1) };
    let mut test = Table::new();
    test.insert("name".to_owned(), Value::String(name));
    if example {
        test.insert("example".to_owned(), Value::Boolean(true));
    }
    test.insert("stdin_file".to_owned(), Value::String(format!("data/{}.in", case.path)));
    test.insert("stdout_file".to_owned(), Value::String(format!("data/{}.ans", case.path)));
    test
}

/// What is said to those who ask for help: a package has no hints.
const HINTS: [&str; 3] = [
    "Take the first sample and solve it with pencil and paper. What did you look at, and in which order?",
    "Look at the largest input that the statement allows. How many steps may your program take for it? That rules many ideas out.",
    "Make the samples pass first. Then write small inputs yourself: the smallest that is allowed, all the same, the other way round.",
];

/// The package's own, or an accepted submission.
fn editorial(
    package: &Folder,
    references: &std::collections::BTreeMap<&codementor_core::Language, &Promise>,
) -> Result<String, Skip> {
    for path in ["solution/solution.en.md", "solution/solution.md"] {
        if let Some(text) = read_text(package, path)? {
            return Ok(text);
        }
    }
    let one = references.values().next();
    let shown = one.map(|one| format!("````{}\n{}\n````", one.language, one.source.trim_end()));
    Ok(format!(
        "The authors of this problem wrote no editorial. This is an accepted solution:\n\n{}",
        shown.unwrap_or_default()
    ))
}

fn ending(language: &str) -> &'static str {
    LANGUAGES.iter().find(|(name, _)| *name == language).map_or("txt", |(_, ending)| *ending)
}

/// Reads the input and leaves the rest to the learner.
fn starter(language: &str) -> &'static str {
    match language {
        "python" => "import sys\n\nlines = sys.stdin.read().splitlines()\n",
        "javascript" => "const lines = require(\"fs\").readFileSync(0, \"utf8\").split(\"\\n\");\n",
        _ => "\n",
    }
}

fn read_text(folder: &Folder, path: &str) -> Result<Option<String>, Skip> {
    let Some(bytes) = folder.read_if_there(path, MAX_FILE).map_err(Skip::because)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| Skip::because(format!("{path}: not UTF-8 text")))
}

#[cfg(test)]
mod tests;
