//! The catalogue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::common::Difficulty;

/// Where the asking person stands with a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not tried.
    Todo,
    /// Handed in, not accepted yet.
    Attempted,
    /// Accepted.
    Solved,
}

/// Query of `GET /api/challenges`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChallengeQuery {
    /// `easy`, `medium` or `hard`; several separated by commas.
    pub difficulty: Option<String>,
    /// Topic slugs separated by commas; a challenge with any of them is listed.
    pub topic: Option<String>,
    /// Only those offered in this language.
    pub language: Option<String>,
    /// `todo`, `attempted` or `solved`; several separated by commas.
    pub status: Option<String>,
    /// Words that title, id, topics or statement contain, all of them; at most 100 characters.
    pub q: Option<String>,
    /// Page size, 1 to 100, default 50.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A challenge in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChallengeSummary {
    /// Slug.
    pub id: String,
    /// Title.
    pub title: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// Topic slugs.
    pub topics: Vec<String>,
    /// Languages it is offered in on this server, those that its author wrote a reference in first.
    pub languages: Vec<String>,
    /// XP for the first accepted solution.
    pub xp: u32,
    /// Where the asking person stands; `todo` for everybody not signed in.
    pub status: Status,
}

/// `GET /api/challenges/{id}`. Never hidden tests or reference solutions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChallengeDetail {
    /// What lists show.
    #[serde(flatten)]
    pub summary: ChallengeSummary,
    /// The task, Markdown.
    pub statement: String,
    /// What the learner writes.
    pub kind: ChallengeKind,
    /// The function to write; `null` unless `kind` is `function`.
    #[schema(required)]
    pub function: Option<FunctionSignature>,
    /// What the editor begins with, by language; made from the signature where the author wrote nothing.
    pub starter_code: BTreeMap<String, String>,
    /// The tests that are shown.
    pub examples: Vec<Example>,
    /// How many tests there are in all.
    pub test_count: u32,
    /// What groups of tests give; empty when every test counts alike.
    pub groups: Vec<Group>,
    /// Whether what the editor begins with is right already and is to be written better.
    pub refactoring: bool,
    /// Limits of one test; of a file of tests, of all together.
    pub limits: Limits,
    /// How many levels of hints there are.
    pub hint_levels: u32,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// SPDX identifier.
    pub license: String,
    /// Where it came from.
    #[schema(required)]
    pub source: Option<String>,
}

/// What the learner writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChallengeKind {
    /// A function.
    Function,
    /// A program from standard input to standard output.
    Io,
    /// A file that a file of tests loads; the examples are these tests.
    Tests,
}

/// Tests that give points together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// What it gives when all its tests are accepted.
    pub points: u32,
}

/// The function to write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionSignature {
    /// Its name by language.
    pub names: BTreeMap<String, String>,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The type of its result.
    pub returns: String,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, such as `int[]`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A test that is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// Its name.
    pub name: String,
    /// What goes in: the arguments separated by commas, or standard input. Of a test of a file its code.
    pub input: String,
    /// The arguments as values, for a function; else `null`.
    #[schema(required)]
    pub args: Option<Vec<Value>>,
    /// What must come out; `null` for a test that says so itself.
    #[schema(required)]
    pub expected: Option<String>,
    /// Why, Markdown.
    #[schema(required)]
    pub note: Option<String>,
}

/// Limits of one test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    /// CPU time in milliseconds.
    pub time_ms: u32,
    /// Memory in KiB.
    pub memory_kb: u32,
}

/// `GET /api/challenges/next`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NextChallenge {
    /// The choice; `null` when everything is solved.
    #[schema(required)]
    pub challenge: Option<ChallengeSummary>,
    /// Why this one, a sentence for the learner.
    pub reason: String,
}

/// `GET /api/challenges/{id}/hints/{level}`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hint {
    /// From 1, a nudge, to `hint_levels`, a plan.
    pub level: u32,
    /// Markdown.
    pub hint: String,
}

/// `GET /api/challenges/{id}/editorial`, for those who solved it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Editorial {
    /// Markdown.
    pub editorial: String,
}
