//! Translates between the rules' types and the wire's. Exhaustive matches: a new variant in `core` does not compile until it is told here.

use codementor_core::challenge::{Challenge, Kind, Task};
use codementor_core::judging::Input;
use codementor_core::submission::{
    Counterexample, Report, Submission, TestReport, show_expected, show_input,
};
use codementor_core::user::{AccountKind, User};
use codementor_core::{Difficulty, Role, SubmissionStatus, Verdict};
use codementor_protocol::{auth, challenge, common, submission};

use crate::offered::Offered;

/// A role on the wire.
#[must_use]
pub fn role(role: Role) -> common::Role {
    match role {
        Role::Learner => common::Role::Learner,
        Role::Mentor => common::Role::Mentor,
        Role::Admin => common::Role::Admin,
    }
}

/// A difficulty on the wire.
#[must_use]
pub fn difficulty(difficulty: Difficulty) -> common::Difficulty {
    match difficulty {
        Difficulty::Easy => common::Difficulty::Easy,
        Difficulty::Medium => common::Difficulty::Medium,
        Difficulty::Hard => common::Difficulty::Hard,
    }
}

/// A verdict on the wire.
#[must_use]
pub fn verdict(verdict: Verdict) -> common::Verdict {
    match verdict {
        Verdict::Accepted => common::Verdict::Accepted,
        Verdict::WrongAnswer => common::Verdict::WrongAnswer,
        Verdict::TimeLimitExceeded => common::Verdict::TimeLimitExceeded,
        Verdict::MemoryLimitExceeded => common::Verdict::MemoryLimitExceeded,
        Verdict::OutputLimitExceeded => common::Verdict::OutputLimitExceeded,
        Verdict::RuntimeError => common::Verdict::RuntimeError,
        Verdict::CompileError => common::Verdict::CompileError,
        Verdict::InternalError => common::Verdict::InternalError,
    }
}

/// A submission's status on the wire.
#[must_use]
pub fn status(status: SubmissionStatus) -> submission::SubmissionStatus {
    match status {
        SubmissionStatus::Queued => submission::SubmissionStatus::Queued,
        SubmissionStatus::Running => submission::SubmissionStatus::Running,
        SubmissionStatus::Finished => submission::SubmissionStatus::Finished,
    }
}

/// The signed-in person on the wire.
#[must_use]
pub fn user(user: &User) -> auth::User {
    auth::User {
        id: user.id.to_string(),
        username: user.name.to_string(),
        role: role(user.role),
        kind: match user.kind {
            AccountKind::Guest => auth::AccountKind::Guest,
            AccountKind::Github => auth::AccountKind::Github,
        },
        time_zone: user.time_zone.clone(),
        created_at: user.created_at.to_rfc3339(),
    }
}

/// A challenge in a list.
#[must_use]
pub fn challenge_summary(
    challenge: &Challenge,
    offered: &Offered,
    status: challenge::Status,
) -> challenge::ChallengeSummary {
    challenge::ChallengeSummary {
        id: challenge.id.to_string(),
        title: challenge.title.clone(),
        difficulty: difficulty(challenge.difficulty),
        topics: challenge.topics.clone(),
        languages: offered.languages(challenge).into_iter().map(ToString::to_string).collect(),
        xp: challenge.xp(),
        status,
    }
}

/// A challenge without what must stay on the server: hidden tests, solutions, hints, editorial.
#[must_use]
pub fn challenge_detail(
    challenge: &Challenge,
    offered: &Offered,
    status: challenge::Status,
) -> challenge::ChallengeDetail {
    let languages = offered.languages(challenge);
    let (kind, function) = match &challenge.kind {
        Kind::Io => (challenge::ChallengeKind::Io, None),
        Kind::Tests(_) => (challenge::ChallengeKind::Tests, None),
        Kind::Function(signature) => {
            let function = challenge::FunctionSignature {
                names: signature
                    .names
                    .iter()
                    .filter(|(language, _)| languages.contains(language))
                    .map(|(language, name)| (language.to_string(), name.clone()))
                    .collect(),
                parameters: signature
                    .parameters
                    .iter()
                    .map(|p| challenge::Parameter { name: p.name.clone(), kind: p.kind.clone() })
                    .collect(),
                returns: signature.returns.clone(),
            };
            (challenge::ChallengeKind::Function, Some(function))
        }
    };
    challenge::ChallengeDetail {
        summary: challenge_summary(challenge, offered, status),
        statement: challenge.statement.clone(),
        kind,
        function,
        starter_code: languages
            .iter()
            .filter_map(|language| Some((language.to_string(), challenge.starter(language)?.to_owned())))
            .collect(),
        examples: codementor_core::submission::examples(challenge).into_iter().map(example).collect(),
        test_count: u32::try_from(challenge.tests.len()).unwrap_or(u32::MAX),
        groups: challenge
            .groups
            .iter()
            .map(|group| challenge::Group { name: group.name.clone(), points: group.points })
            .collect(),
        refactoring: challenge.task == Task::Refactor,
        limits: challenge::Limits {
            time_ms: challenge.limits.time_ms,
            memory_kb: challenge.limits.memory_kb,
        },
        hint_levels: u32::try_from(challenge.hints.len()).unwrap_or(u32::MAX),
        authors: challenge.authors.clone(),
        license: challenge.license.clone(),
        source: challenge.source.clone(),
    }
}

fn example(test: &codementor_core::challenge::Test) -> challenge::Example {
    challenge::Example {
        name: test.name.clone(),
        input: show_input(&test.input),
        args: match &test.input {
            Input::Args(args) => Some(args.clone()),
            Input::Stdin(_) | Input::Case(_) => None,
        },
        expected: show_expected(&test.expected),
        note: test.note.clone(),
    }
}

/// One test's report on the wire.
#[must_use]
pub fn test_report(report: &TestReport) -> submission::TestReport {
    submission::TestReport {
        name: report.name.clone(),
        verdict: verdict(report.verdict),
        time_ms: report.time_ms,
        memory_kb: report.memory_kb,
        hidden: report.hidden,
        group: report.group.clone(),
        input: report.input.clone(),
        expected: report.expected.clone(),
        actual: report.actual.clone(),
        stdout: report.stdout.clone(),
        stderr: report.stderr.clone(),
        message: report.message.clone(),
    }
}

/// A counterexample on the wire.
#[must_use]
pub fn counterexample(found: &Counterexample) -> submission::Counterexample {
    submission::Counterexample {
        verdict: verdict(found.verdict),
        input: found.input.clone(),
        args: found.args.clone(),
        expected: found.expected.clone(),
        actual: found.actual.clone(),
        stdout: found.stdout.clone(),
        stderr: found.stderr.clone(),
        message: found.message.clone(),
        runs: found.runs,
        inferred: found.inferred,
    }
}

/// The answer to a run.
#[must_use]
pub fn run_result(report: &Report) -> submission::RunResult {
    submission::RunResult {
        verdict: verdict(report.verdict),
        score: report.score,
        tests: report.tests.iter().map(test_report).collect(),
        compile_output: report.compile_output.clone(),
        time_ms: report.time_ms,
        memory_kb: report.memory_kb,
    }
}

/// A submission on the wire.
#[must_use]
pub fn submission(submission: &Submission, total_tests: u32) -> submission::Submission {
    let report = submission.report.as_ref();
    submission::Submission {
        id: submission.id.to_string(),
        challenge_id: submission.challenge_id.to_string(),
        language: submission.language.to_string(),
        code: submission.code.clone(),
        status: status(submission.status),
        verdict: report.map(|report| verdict(report.verdict)),
        score: report.map(|report| report.score),
        tests: report.map(|report| report.tests.iter().map(test_report).collect()).unwrap_or_default(),
        total_tests: report.map_or(total_tests, |report| report.total_tests),
        compile_output: report.and_then(|report| report.compile_output.clone()),
        time_ms: report.map_or(0, |report| report.time_ms),
        memory_kb: report.map_or(0, |report| report.memory_kb),
        counterexample: submission.counterexample.as_ref().map(counterexample),
        xp_awarded: submission.xp_awarded,
        achievements: Vec::new(),
        analysis: None,
        feedback: None,
        created_at: submission.created_at.to_rfc3339(),
        finished_at: submission.finished_at.map(codementor_core::Timestamp::to_rfc3339),
    }
}
