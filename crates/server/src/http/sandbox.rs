//! Running any program, outside challenges.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use codementor_core::judging::{Checker, Entry, Input, Job, JobTest, Judgement, Limits, StopPolicy};
use codementor_core::{Language, Verdict};
use codementor_judge::SOURCE_LIMIT;
use codementor_protocol::problem::Problem;
use codementor_protocol::sandbox as wire_sandbox;
use http::StatusCode;
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{Json as JsonBody, Signed};
use super::problem::{ApiError, ApiResult};
use super::submissions::{check_program, check_rate, refused};
use crate::app::SharedApp;
use crate::wire;

/// The limits of a program outside challenges.
pub const LIMITS: Limits = Limits { time_ms: 5_000, memory_kb: 256 * 1024 };
/// The most variables a program may be given.
const MAX_VARIABLES: usize = 50;

/// The routes of this module.
pub fn routes() -> OpenApiRouter<SharedApp> {
    OpenApiRouter::new().routes(routes!(execute)).routes(routes!(languages))
}

/// Runs a program: 5 s of CPU time, 256 MiB, no network.
#[utoipa::path(post, path = "/api/sandbox/execute", tag = "sandbox", request_body = wire_sandbox::ExecuteRequest, responses(
    (status = 200, body = wire_sandbox::ExecuteResult),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "`unauthenticated`"),
    (status = 413, body = Problem, content_type = "application/problem+json", description = "`code_too_large`, `body_too_large`"),
    (status = 422, body = Problem, content_type = "application/problem+json", description = "`unknown_language`, `invalid_request`"),
    (status = 429, body = Problem, content_type = "application/problem+json", description = "`too_many_running`, `rate_limited`"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "`judge_unavailable`, `queue_full`"),
))]
async fn execute(
    State(app): State<SharedApp>,
    Signed(identity): Signed,
    JsonBody(body): JsonBody<wire_sandbox::ExecuteRequest>,
) -> ApiResult<Json<wire_sandbox::ExecuteResult>> {
    let language = check_program(&app, &body.language, &body.code)?;
    check_rate(&app, identity.user.id)?;
    let source = match body.variables.filter(|variables| !variables.is_empty()) {
        None => body.code,
        Some(variables) => with_variables(&language, &body.code, &variables)?,
    };
    let test = JobTest { input: Input::Stdin(body.stdin.unwrap_or_default()), expected: None };
    let job = Job {
        language,
        source,
        entry: Entry::Program,
        tests: vec![test],
        limits: LIMITS,
        checker: Checker::Exact,
        stop: StopPolicy::Never,
    };
    let judgement = app.grader.run(identity.user.id, "execute", job, None).await;
    let judgement = judgement.map_err(|refusal| refused(&app, refusal))?;
    Ok(Json(result(&judgement)))
}

/// How a program outside challenges ended.
#[must_use]
pub fn result(judgement: &Judgement) -> wire_sandbox::ExecuteResult {
    let outcome = judgement.tests.first();
    let compile_output = judgement.compile_output.as_deref().unwrap_or_default();
    let error = outcome.map_or_else(
        || compile_output.to_owned(),
        |outcome| match (&outcome.message, outcome.stderr.as_str()) {
            (Some(message), stderr) if !stderr.contains(message.as_str()) => {
                if stderr.is_empty() {
                    message.clone()
                } else {
                    format!("{}\n{message}", stderr.trim_end())
                }
            }
            (_, stderr) => stderr.to_owned(),
        },
    );
    wire_sandbox::ExecuteResult {
        success: judgement.verdict == Verdict::Accepted,
        output: outcome.map(|outcome| outcome.stdout.clone()).unwrap_or_default(),
        error,
        verdict: wire::verdict(judgement.verdict),
        time_ms: judgement.time_ms(),
        memory_kb: judgement.memory_kb(),
    }
}

/// The languages installed here.
#[utoipa::path(get, path = "/api/sandbox/languages", tag = "sandbox", responses((status = 200, body = wire_sandbox::Languages)))]
async fn languages(State(app): State<SharedApp>) -> Json<wire_sandbox::Languages> {
    let items = app.judge.languages().into_iter().map(|language| wire_sandbox::Language {
        id: language.id.to_string(),
        name: language.name,
        version: language.version,
    });
    Json(wire_sandbox::Languages { items: items.collect() })
}

/// A program that sets the variables and then runs `code` under its own file name and line numbers.
fn with_variables(language: &Language, code: &str, variables: &BTreeMap<String, Value>) -> ApiResult<String> {
    if variables.len() > MAX_VARIABLES {
        return Err(ApiError::invalid("variables", format!("more than {MAX_VARIABLES}")));
    }
    if let Some(name) = variables.keys().find(|name| !is_identifier(name)) {
        return Err(ApiError::invalid("variables", format!("{:?} is no name for a variable", shorten(name))));
    }
    let values = serde_json::to_string(variables).map_err(|error| ApiError::internal(&error))?;
    let program = wrapped(language, code, &values)?;
    if program.len() > SOURCE_LIMIT {
        let detail =
            format!("The code and its variables together are larger than {} KiB.", SOURCE_LIMIT / 1024);
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "code_too_large", detail));
    }
    Ok(program)
}

fn wrapped(language: &Language, code: &str, values: &str) -> ApiResult<String> {
    match language.as_str() {
        // A traceback shows the learner's lines and begins below this program.
        "python" => Ok(format!(
            "import json, linecache, sys, traceback\n\
             code = {code}\n\
             linecache.cache['solution.py'] = (len(code), None, code.splitlines(True), 'solution.py')\n\
             sys.excepthook = lambda kind, error, trace: traceback.print_exception(kind, error, trace and trace.tb_next)\n\
             exec(compile(code, 'solution.py', 'exec'), {{'__name__': '__main__', **json.loads({values})}})\n",
            code = quoted(code),
            values = quoted(values),
        )),
        "javascript" => Ok(format!(
            "Object.assign(globalThis, JSON.parse({}), {{ require, module, exports }});\n\
             require(\"vm\").runInThisContext({}, {{ filename: \"solution.js\" }});\n",
            quoted(values),
            quoted(code)
        )),
        other => Err(ApiError::invalid("variables", format!("cannot be given to {other}"))),
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first
        && name.len() <= 64
        && !name.starts_with("__")
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn shorten(text: &str) -> String {
    text.chars().take(20).collect()
}

/// A text as a literal that Python and JavaScript read alike, hardly longer than the text: what the judge takes is bounded.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + text.len() / 8 + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' => literal.push_str(&format!("\\x{:02x}", u32::from(c))),
            // Ends of lines to older JavaScript, and to some editors.
            '\u{2028}' | '\u{2029}' => literal.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_cannot_carry_code() {
        for bad in ["", "a b", "a;b", "__proto__", "__class__", "1a", "a-b", "é", &"x".repeat(65)] {
            assert!(!is_identifier(bad), "{bad}");
        }
        assert!(is_identifier("user_1") && is_identifier("_x"));
    }

    #[test]
    fn texts_are_quoted_and_hardly_grow() {
        assert_eq!(quoted("a\"\\\n\t\r\0\u{7f}é😀\u{2028}"), "\"a\\\"\\\\\\n\\t\\r\\x00\\x7fé😀\\u2028\"");
        let honest = "    drücke(\"größe\")  # 漢字\n".repeat(1000);
        assert!(quoted(&honest).len() < honest.len() * 11 / 10);
    }
}
