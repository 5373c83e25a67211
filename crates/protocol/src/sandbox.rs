//! Running any program, outside challenges.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::common::Verdict;

/// `POST /api/sandbox/execute`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExecuteRequest {
    /// Such as `python`.
    pub language: String,
    /// The program, at most 64 KiB.
    pub code: String,
    /// Its standard input.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Global variables that the program finds set: names to JSON values, at most 50.
    #[serde(default)]
    pub variables: Option<BTreeMap<String, Value>>,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExecuteResult {
    /// Whether it ran to its end with exit code 0.
    pub success: bool,
    /// What it wrote to standard output.
    pub output: String,
    /// What went wrong, and what it wrote to standard error; empty when nothing.
    pub error: String,
    /// How it ended; `accepted` means well.
    pub verdict: Verdict,
    /// CPU time in milliseconds.
    pub time_ms: u32,
    /// Peak memory in KiB.
    pub memory_kb: u32,
}

/// `GET /api/sandbox/languages`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Languages {
    /// The languages installed here.
    pub items: Vec<Language>,
}

/// A language installed here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Language {
    /// Its name in the API.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Of its toolchain.
    pub version: String,
}
