//! A challenge as the catalogue offers it and the judge grades it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ChallengeId, Language};
use crate::judging::{Checker, Entry, Expected, Input, Job, JobTest, Limits, StopPolicy, TestSuite, Types};
use crate::quality::Quality;

/// How hard a challenge is, and so how much it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// One idea.
    Easy,
    /// Two ideas, or one that is seldom seen.
    Medium,
    /// Needs a plan.
    Hard,
}

impl Difficulty {
    /// XP for the first accepted solution.
    #[must_use]
    pub fn xp(self) -> u32 {
        match self {
            Self::Easy => 10,
            Self::Medium => 25,
            Self::Hard => 50,
        }
    }

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
        }
    }
}

/// A word that is no difficulty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown difficulty; use easy, medium or hard")]
pub struct UnknownDifficulty;

impl FromStr for Difficulty {
    type Err = UnknownDifficulty;

    fn from_str(text: &str) -> Result<Self, UnknownDifficulty> {
        match text {
            "easy" => Ok(Self::Easy),
            "medium" => Ok(Self::Medium),
            "hard" => Ok(Self::Hard),
            _ => Err(UnknownDifficulty),
        }
    }
}

/// One parameter of a function, for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the statement.
    pub name: String,
    /// Its type in the notation of the challenge format, such as `int[]`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The function a learner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The function's name in each language.
    pub names: BTreeMap<Language, String>,
    /// What it is called with.
    pub parameters: Vec<Parameter>,
    /// The type of what it returns.
    pub returns: String,
}

impl Signature {
    /// The types as they are called, when all of them are known.
    #[must_use]
    pub fn types(&self) -> Option<Types> {
        let kinds = self.parameters.iter().map(|parameter| parameter.kind.parse().ok());
        Some(Types { parameters: kinds.collect::<Option<_>>()?, returns: self.returns.parse().ok()? })
    }
}

/// What the learner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A function, called once a test.
    Function(Signature),
    /// A program from standard input to standard output.
    Io,
    /// A file that tests load. Such a challenge is offered in one language, and its tests may be read.
    Tests(Arc<TestSuite>),
}

/// Tests that give points together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Unique within the challenge; shown.
    pub name: String,
    /// What it gives when all its tests are accepted.
    pub points: u32,
}

/// What is done after a test that was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AfterFailure {
    /// No more tests of its group are run; without groups none at all.
    #[default]
    Stop,
    /// All tests are run.
    GoOn,
}

/// Whether what the learner begins with is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Task {
    /// It is not, and is to be written.
    #[default]
    Write,
    /// It is, and is to be written better.
    Refactor,
}

/// One test with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Unique within the challenge.
    pub name: String,
    /// Shown to learners; every other test is hidden.
    pub example: bool,
    /// The name of its group.
    pub group: Option<String>,
    /// Why the answer is what it is; Markdown, examples only.
    pub note: Option<String>,
    /// What goes in.
    pub input: Input,
    /// What must come out.
    pub expected: Expected,
}

/// The files of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solutions {
    /// What the learner begins with.
    pub starter: String,
    /// A correct solution.
    pub reference: String,
    /// Plausible wrong solutions by file name; the hidden tests must kill each.
    pub wrong: BTreeMap<String, String>,
}

/// A challenge, whole: with the hidden tests and the solutions. Only parts of it may leave the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// Its slug.
    pub id: ChallengeId,
    /// Its title.
    pub title: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// One to five topic slugs.
    pub topics: Vec<String>,
    /// Its place among the challenges of its difficulty.
    pub order: i64,
    /// The task, Markdown.
    pub statement: String,
    /// The explanation for those who solved it, Markdown.
    pub editorial: String,
    /// Three hints from a nudge to a plan, Markdown.
    pub hints: Vec<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// SPDX identifier.
    pub license: String,
    /// Where it came from.
    pub source: Option<String>,
    /// What the learner writes.
    pub kind: Kind,
    /// Whether that is there already.
    pub task: Task,
    /// Limits of one test; of a file of tests, of all of them together.
    pub limits: Limits,
    /// How answers are compared.
    pub checker: Checker,
    /// Examples and hidden tests, in order.
    pub tests: Vec<Test>,
    /// What groups of tests give; none when every test counts alike.
    pub groups: Vec<Group>,
    /// What is done after a failure.
    pub after_failure: AfterFailure,
    /// The files of each language that its author wrote.
    pub solutions: BTreeMap<Language, Solutions>,
    /// What learners begin with in all other languages in which it can be written.
    pub starters: BTreeMap<Language, String>,
    /// What serves the quality of its tests.
    pub quality: Quality,
}

/// Which tests a job takes from a challenge.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// The examples only.
    Examples,
    /// All tests.
    All,
    /// One test of the learner's own; nothing is expected of it.
    Own(Input),
}

/// Why a selection of tests cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The challenge has no such language.
    #[error("this challenge is not offered in that language")]
    Language,
    /// Arguments for a program, standard input for a function, or the wrong number of arguments.
    #[error("{0}")]
    Input(String),
}

impl Challenge {
    /// The XP for solving it.
    #[must_use]
    pub fn xp(&self) -> u32 {
        self.difficulty.xp()
    }

    /// The languages it may be written in, those that its author wrote first.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.solutions.keys().chain(self.starters.keys())
    }

    /// Whether it may be written in a language.
    #[must_use]
    pub fn offers(&self, language: &Language) -> bool {
        self.solutions.contains_key(language) || self.starters.contains_key(language)
    }

    /// What learners begin with.
    #[must_use]
    pub fn starter(&self, language: &Language) -> Option<&str> {
        let written = self.solutions.get(language).map(|solutions| &solutions.starter);
        written.or_else(|| self.starters.get(language)).map(String::as_str)
    }

    /// The language of the reference that answers for a solution in `language`: the same, or else Python, or any there is.
    #[must_use]
    pub fn reference_language(&self, language: &Language) -> Option<&Language> {
        let known = |wanted: &Language| self.solutions.get_key_value(wanted).map(|(language, _)| language);
        known(language).or_else(|| known(&Language::python())).or_else(|| self.solutions.keys().next())
    }

    /// The job that judges `source` on a selection of the tests.
    ///
    /// # Errors
    /// When the language is not offered or the learner's own input does not fit the challenge.
    pub fn job(&self, language: &Language, source: &str, selection: Selection) -> Result<Job, JobError> {
        if !self.offers(language) {
            return Err(JobError::Language);
        }
        let entry = match &self.kind {
            Kind::Io => Entry::Program,
            Kind::Function(signature) => {
                let name = signature.names.get(language).ok_or(JobError::Language)?;
                Entry::Function { name: name.clone(), types: signature.types() }
            }
            Kind::Tests(suite) => Entry::Tests(Arc::clone(suite)),
        };
        let stop = if selection == Selection::All { self.stop_policy() } else { StopPolicy::Never };
        let tests = match selection {
            Selection::Own(input) => {
                self.check_own(&input)?;
                vec![JobTest { input, expected: None }]
            }
            Selection::Examples => self.tests.iter().filter(|test| test.example).map(Test::for_job).collect(),
            Selection::All => self.tests.iter().map(Test::for_job).collect(),
        };
        Ok(Job {
            language: language.clone(),
            source: source.to_owned(),
            entry,
            tests,
            limits: self.limits,
            checker: self.checker.clone(),
            stop,
        })
    }

    fn stop_policy(&self) -> StopPolicy {
        let group = |(at, test): (usize, &Test)| {
            let named = |name| self.groups.iter().position(|group| &group.name == name);
            // One without a group is a group of its own.
            test.group.as_ref().and_then(named).unwrap_or(self.groups.len() + at)
        };
        match (&self.kind, self.after_failure) {
            // They run in one go.
            (Kind::Tests(_), _) | (_, AfterFailure::GoOn) => StopPolicy::Never,
            _ if self.groups.is_empty() => StopPolicy::FirstFailure,
            _ => StopPolicy::FirstFailureOfGroup(self.tests.iter().enumerate().map(group).collect()),
        }
    }

    fn check_own(&self, input: &Input) -> Result<(), JobError> {
        match (&self.kind, input) {
            (Kind::Function(signature), Input::Args(args)) => {
                let wanted = signature.parameters.len();
                if args.len() == wanted {
                    Ok(())
                } else {
                    Err(JobError::Input(format!("the function takes {wanted} arguments, not {}", args.len())))
                }
            }
            (Kind::Io, Input::Stdin(_)) => Ok(()),
            (Kind::Tests(_), _) | (_, Input::Case(_)) => Err(JobError::Input(
                "this challenge is judged by a file of tests and takes no input".to_owned(),
            )),
            (Kind::Function(_), Input::Stdin(_)) => {
                Err(JobError::Input("this challenge takes arguments (`args`), not standard input".to_owned()))
            }
            (Kind::Io, Input::Args(_)) => Err(JobError::Input(
                "this challenge takes standard input (`stdin`), not arguments".to_owned(),
            )),
        }
    }
}

impl Test {
    fn for_job(&self) -> JobTest {
        JobTest { input: self.input.clone(), expected: Some(self.expected.clone()) }
    }
}

/// Writes a JSON value the way learners see it: one line, a space after each comma and colon.
#[must_use]
pub fn show_value(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let inner: Vec<String> = items.iter().map(show_value).collect();
            format!("[{}]", inner.join(", "))
        }
        Value::Object(fields) => {
            let inner: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), show_value(value)))
                .collect();
            format!("{{{}}}", inner.join(", "))
        }
        other => other.to_string(),
    }
}
