//! An exercise as files of the native format. Which tests it has is known once they have been run.

use std::collections::BTreeSet;
use std::sync::Arc;

use codementor_core::catalogue::FileSet;
use codementor_core::judging::{
    Checker, Entry, Job, Judgement, Limits, SourceFile, StopPolicy, TestCase, TestSuite, Verdict,
};
use codementor_core::ports::{Judge, JudgeError};
use toml::{Table, Value};

use super::{Exercise, NamedFile};
use crate::format::LANGUAGES;
use crate::import::head::{Head, text};

/// Time of all tests of an exercise together, in milliseconds. Tracks name none.
const TIME_MS: u32 = 10_000;
/// Memory of all tests of an exercise together, in MiB.
const MEMORY_MB: u32 = 256;
/// Where the first exercise of a track stands among the challenges of its difficulty: behind those that come with the program.
const FIRST: i64 = 1_000;

/// Why an exercise cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The judge gives no verdict.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The exercise does not fit.
    #[error("{0}")]
    Exercise(String),
}

impl Exercise {
    /// Runs its tests, on its example and on what the learner begins with, and writes it all down.
    ///
    /// # Errors
    /// When there is no verdict on the example, or what the exercise has does not fit into a challenge.
    pub async fn list(&self, judge: &dyn Judge) -> Result<FileSet, ListError> {
        let found = judge.judge(&self.job(&self.reference), None).await?;
        let cases = cases(found);
        if cases.is_empty() {
            return Err(ListError::Exercise("its tests cannot be told apart from its example".to_owned()));
        }
        // What cannot even be loaded is not right yet.
        let is_right = match judge.judge(&self.job(&self.starter.text), None).await {
            Ok(judgement) => judgement.verdict == Verdict::Accepted && !judgement.tests.is_empty(),
            Err(JudgeError::Failed(_)) => false,
            Err(error) => return Err(error.into()),
        };
        self.files(&cases, is_right).map_err(ListError::Exercise)
    }

    fn job(&self, source: &str) -> Job {
        let file = |file: &NamedFile| SourceFile { name: file.name.clone(), text: file.text.clone() };
        let suite = TestSuite {
            solution: self.starter.name.clone(),
            file: file(&self.tests),
            others: self.others.iter().map(file).collect(),
        };
        Job {
            language: self.language.clone(),
            source: source.to_owned(),
            entry: Entry::Tests(Arc::new(suite)),
            tests: Vec::new(),
            limits: Limits { time_ms: TIME_MS, memory_kb: MEMORY_MB * 1024 },
            checker: Checker::Exact,
            stop: StopPolicy::Never,
        }
    }

    fn files(&self, cases: &[TestCase], is_right: bool) -> Result<FileSet, String> {
        let language = self.language.as_str();
        let ending = LANGUAGES.iter().find(|(name, _)| *name == language).map(|(_, ending)| *ending);
        let ending = ending.ok_or_else(|| format!("{language} has no tests here"))?;
        let mut files = FileSet::default();
        let mut add =
            |path: String, text: &str| files.insert(&path, text.to_owned()).map_err(|e| e.to_string());
        add("challenge.toml".to_owned(), &self.head(is_right))?;
        add("statement.md".to_owned(), &self.statement)?;
        add("editorial.md".to_owned(), &self.editorial)?;
        add("tests.toml".to_owned(), &tests(cases))?;
        add(format!("{language}/starter.{ending}"), &self.starter.text)?;
        add(format!("{language}/reference.{ending}"), &self.reference)?;
        for file in self.others.iter().chain([&self.tests]) {
            add(format!("{language}/tests/{}", file.name), &file.text)?;
        }
        Ok(files)
    }

    fn head(&self, is_right: bool) -> String {
        let mut limits = Table::new();
        limits.insert("time_ms".to_owned(), Value::Integer(TIME_MS.into()));
        limits.insert("memory_mb".to_owned(), Value::Integer(MEMORY_MB.into()));
        let mut tests = Table::new();
        tests.insert("solution".to_owned(), text(&self.starter.name));
        tests.insert("file".to_owned(), text(&self.tests.name));
        let head = Head {
            title: &self.title,
            difficulty: self.difficulty,
            topics: self.topics.iter().map(String::as_str).collect(),
            kind: "tests",
            // Tests that pass already leave its code to be written better.
            task: is_right.then_some("refactor"),
            order: FIRST + self.order,
            hints: self.hints.iter().map(String::as_str).collect(),
            authors: &self.authors,
            license: &self.license,
            source: Some(&self.source),
            tables: vec![("limits", limits), ("tests", tests)],
        };
        head.to_toml()
    }
}

/// The tests that were found, each name once.
fn cases(judgement: Judgement) -> Vec<TestCase> {
    let mut names = BTreeSet::new();
    let found = judgement.tests.into_iter().filter_map(|outcome| outcome.found);
    found.filter(|case| names.insert(case.name.clone())).collect()
}

fn tests(cases: &[TestCase]) -> String {
    let test = |case: &TestCase| {
        let mut test = Table::new();
        test.insert("name".to_owned(), text(&case.name));
        test.insert("example".to_owned(), Value::Boolean(true));
        test.insert("code".to_owned(), text(&case.code));
        Value::Table(test)
    };
    let mut file = Table::new();
    file.insert("tests".to_owned(), Value::Array(cases.iter().map(test).collect()));
    file.to_string()
}
