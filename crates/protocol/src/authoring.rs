//! Writing challenges: for mentors and admins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whether learners see a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Never offered yet.
    Draft,
    /// Offered.
    Published,
    /// Offered once, and no more.
    Withdrawn,
}

/// A challenge that did not come with the program, in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthoredSummary {
    /// Slug.
    pub id: String,
    /// Title, as its file had it when it was saved; else its slug.
    pub title: String,
    /// Whether learners see it.
    pub stage: Stage,
    /// The name of who wrote it; `null` for one that was imported.
    #[schema(required)]
    pub author: Option<String>,
    /// `native`, `exercism` or `kattis` for one that was imported; else `null`.
    #[schema(required)]
    pub format: Option<String>,
    /// Grows with each change of the working copy. Changes name the one they were made from.
    pub revision: u64,
    /// The hash of the working copy.
    pub content: String,
    /// The hash of what learners see, while it is published.
    #[schema(required)]
    pub published_content: Option<String>,
    /// Whether the working copy, as it is, has passed verification.
    pub verified: bool,
    /// Whether the asking person may change it.
    pub may_edit: bool,
    /// When the working copy last changed.
    pub changed_at: String,
    /// The name of who changed it; `null`: an import.
    #[schema(required)]
    pub changed_by: Option<String>,
}

/// A challenge that did not come with the program, whole: with tests and solutions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthoredChallenge {
    /// How it stands.
    #[serde(flatten)]
    pub state: AuthoredState,
    /// The working copy: text by path, in the native format.
    pub files: BTreeMap<String, String>,
}

/// How a challenge that did not come with the program stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthoredState {
    /// What lists show.
    #[serde(flatten)]
    pub summary: AuthoredSummary,
    /// The last verification.
    #[schema(required)]
    pub verification: Option<VerificationReport>,
    /// A verification under way.
    #[schema(required)]
    pub verifying: Option<VerificationProgress>,
    /// Why the last verification came to no end: the judge's fault, not the challenge's.
    #[schema(required)]
    pub verification_problem: Option<String>,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationReport {
    /// The hash of what was verified.
    pub content: String,
    /// Whether that is the working copy as it is.
    pub current: bool,
    /// When.
    pub at: String,
    /// The languages and their versions.
    pub judge: Vec<String>,
    /// What is wrong; empty: it passed.
    pub faults: Vec<FileFault>,
}

/// What is wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileFault {
    /// Its path.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

/// How far a verification is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationProgress {
    /// The hash of what is verified.
    pub content: String,
    /// Programs that are judged.
    pub done: u32,
    /// Programs there are.
    pub total: u32,
}

/// What a new challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// A function.
    Function,
    /// A program from standard input to standard output.
    Io,
}

/// `POST /api/authoring/challenges`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChallenge {
    /// Its slug, for ever: `a-z`, `0-9` and single inner hyphens, 2 to 64 characters.
    pub id: String,
    /// Its title, 1 to 80 characters.
    pub title: String,
    /// What it begins with.
    pub template: Template,
}

/// `PATCH /api/authoring/challenges/{id}`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeFiles {
    /// The revision that was changed.
    pub revision: u64,
    /// Files that are new or other now: text by path.
    #[serde(default)]
    pub put: BTreeMap<String, String>,
    /// Paths of files that are gone.
    #[serde(default)]
    pub remove: Vec<String>,
}

/// Which content is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfContent {
    /// Its hash, `content` of the challenge as it was seen.
    pub content: String,
}

/// The query of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuthoringQuery {
    /// Page size, 1 to 100, default 50.
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Which revision is meant.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RevisionQuery {
    /// The revision that was seen.
    pub revision: u64,
}

/// The query of an upload.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// The slug; default: the name of the archive's only folder.
    pub id: Option<String>,
    /// The revision that the files replace; default 0: a new challenge.
    pub revision: Option<u64>,
}
