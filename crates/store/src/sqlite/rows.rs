//! Stored rows as the core's types. A value this program would not have written is an error, never a guess.

use std::str::FromStr;

use codementor_core::id::{ChallengeId, Language};
use codementor_core::name::UserName;
use codementor_core::submission::{Counterexample, Report, Submission};
use codementor_core::time::Timestamp;
use codementor_core::user::{AccountKind, User};
use rusqlite::Row;
use rusqlite::types::FromSql;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};

use super::fault::{DbResult, Fault};

/// The columns of a user, which [`user`] reads from a row's start. `u` is the table.
macro_rules! user_columns {
    () => {
        "u.id, u.name, u.role, u.kind, u.time_zone, u.created_at"
    };
}
pub(super) use user_columns;

/// How many columns [`user`] reads.
pub(super) const USER_COLUMNS: usize = 6;

/// The columns of a submission, which [`submission`] reads.
macro_rules! submission_columns {
    () => {
        "id, user_id, challenge_id, language, code, status, xp_awarded, created_at, finished_at, \
         verdict, score, tests, total_tests, compile_output, time_ms, memory_kb, counterexample"
    };
}
pub(super) use submission_columns;

/// Reads [`user_columns`].
pub(super) fn user(row: &Row<'_>) -> DbResult<User> {
    let name = UserName::kept(row.get_ref(1)?.as_str().map_err(|_| Fault::Malformed("name"))?);
    Ok(User {
        id: parsed(row, 0, "user id")?,
        name: name.map_err(|_| Fault::Malformed("name"))?,
        role: parsed(row, 2, "role")?,
        kind: word(row, 3, "account kind")?,
        time_zone: row.get(4)?,
        created_at: time(row, 5)?,
    })
}

/// Reads [`submission_columns`].
pub(super) fn submission(row: &Row<'_>) -> DbResult<Submission> {
    let finished_at = row.get::<_, Option<i64>>(8)?.map(Timestamp::from_ms);
    Ok(Submission {
        id: parsed(row, 0, "submission id")?,
        user_id: parsed(row, 1, "user id")?,
        challenge_id: challenge(row, 2)?,
        language: language(row, 3)?,
        code: row.get(4)?,
        status: word(row, 5, "submission status")?,
        report: finished_at.map(|_| report(row)).transpose()?,
        counterexample: counterexample(row)?,
        xp_awarded: row.get(6)?,
        created_at: time(row, 7)?,
        finished_at,
    })
}

fn report(row: &Row<'_>) -> DbResult<Report> {
    let tests: String = row.get(11)?;
    Ok(Report {
        verdict: word(row, 9, "verdict")?,
        score: row.get(10)?,
        tests: serde_json::from_str(&tests).map_err(|_| Fault::Malformed("test report"))?,
        total_tests: row.get(12)?,
        compile_output: row.get(13)?,
        time_ms: row.get(14)?,
        memory_kb: row.get(15)?,
    })
}

fn counterexample(row: &Row<'_>) -> DbResult<Option<Counterexample>> {
    let text: Option<String> = row.get(16)?;
    let read = text.map(|text| serde_json::from_str(&text));
    read.transpose().map_err(|_| Fault::Malformed("counterexample"))
}

/// A moment.
pub(super) fn time(row: &Row<'_>, column: usize) -> DbResult<Timestamp> {
    Ok(Timestamp::from_ms(row.get(column)?))
}

/// A challenge's id.
pub(super) fn challenge(row: &Row<'_>, column: usize) -> DbResult<ChallengeId> {
    parsed(row, column, "challenge id")
}

/// A language's name.
pub(super) fn language(row: &Row<'_>, column: usize) -> DbResult<Language> {
    parsed(row, column, "language")
}

/// A count or sum.
pub(super) fn count(row: &Row<'_>, column: usize) -> DbResult<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| Fault::Malformed("count"))
}

/// Anything that is read from its text.
pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: usize, what: &'static str) -> DbResult<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| Fault::Malformed(what))?;
    text.parse().map_err(|_| Fault::Malformed(what))
}

/// One of an enum's words on the wire.
fn word<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: usize, what: &'static str) -> DbResult<T> {
    let text = row.get_ref(column)?.as_str().map_err(|_| Fault::Malformed(what))?;
    let word: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(word).map_err(|_| Fault::Malformed(what))
}

/// A value as it is.
pub(super) fn plain<T: FromSql>(row: &Row<'_>, column: usize) -> DbResult<T> {
    Ok(row.get(column)?)
}

/// The word for an account kind in the database.
pub(super) fn kind_word(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Guest => "guest",
        AccountKind::Github => "github",
    }
}
