//! Finishing a submission: its verdict, its ledger entry and the leaderboards, in one transaction and only once.

use codementor_core::id::{SubmissionId, UserId};
use codementor_core::judging::Verdict;
use codementor_core::ledger::{Entry, Period, Reason, practice_on};
use codementor_core::ports::Finished;
use codementor_core::submission::{Report, Submission, SubmissionStatus};
use codementor_core::time::{Timestamp, zone};
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::fault::{DbResult, Fault};
use super::{query, standings, submissions, users};

pub(super) const FINISH: &str = "UPDATE submissions
    SET status = 'finished', verdict = ?2, score = ?3, tests = ?4, total_tests = ?5, compile_output = ?6,
        time_ms = ?7, memory_kb = ?8, xp_awarded = ?9, finished_at = ?10
    WHERE id = ?1";
const INSERT_ENTRY: &str = "INSERT INTO ledger
        (user_id, challenge_id, reason, language, xp, submission_id, at, month, week)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (user_id, challenge_id, reason) DO NOTHING";

/// What a worker reports.
pub(super) struct Finish {
    pub(super) id: SubmissionId,
    pub(super) report: Report,
    pub(super) xp: u32,
    pub(super) now: Timestamp,
}

impl Finish {
    /// Finishes the submission, within a transaction.
    pub(super) fn run(&self, conn: &Connection) -> DbResult<Option<Finished>> {
        let Some(submission) = submissions::by_id(conn, self.id)? else {
            return Ok(None);
        };
        if submission.status == SubmissionStatus::Finished {
            return Ok(Some(Finished { submission, first: false }));
        }
        let xp_awarded = match self.report.verdict {
            Verdict::Accepted => self.earn(conn, &submission)?,
            _ => 0,
        };
        self.store(conn, xp_awarded)?;
        let submission = Submission {
            status: SubmissionStatus::Finished,
            report: Some(self.report.clone()),
            xp_awarded,
            finished_at: Some(self.now),
            ..submission
        };
        Ok(Some(Finished { submission, first: true }))
    }

    /// Writes the ledger for an accepted submission and returns the XP it brought.
    fn earn(&self, conn: &Connection, submission: &Submission) -> DbResult<u32> {
        let solved = Entry {
            user_id: submission.user_id,
            challenge_id: submission.challenge_id.clone(),
            reason: Reason::Solved,
            language: submission.language.clone(),
            xp: self.xp,
            submission_id: submission.id,
            at: self.now,
        };
        if enter(conn, &solved)? {
            return Ok(self.xp);
        }
        let reason = practice_on(self.now, &zone_of(conn, submission.user_id)?);
        let practice = Entry { reason, xp: 0, ..solved };
        enter(conn, &practice)?;
        Ok(0)
    }

    fn store(&self, conn: &Connection, xp_awarded: u32) -> DbResult<()> {
        let tests = serde_json::to_string(&self.report.tests).map_err(|_| Fault::Malformed("test report"))?;
        query::change(
            conn,
            FINISH,
            params![
                self.id.to_string(),
                self.report.verdict.as_str(),
                self.report.score,
                tests,
                self.report.total_tests,
                self.report.compile_output,
                self.report.time_ms,
                self.report.memory_kb,
                xp_awarded,
                self.now.as_ms(),
            ],
        )?;
        Ok(())
    }
}

/// The zone whose days a person's streak is counted in. A name that the zone database has dropped counts as UTC, as there.
fn zone_of(conn: &Connection, user: UserId) -> DbResult<TimeZone> {
    let user = users::by_id(conn, user)?.ok_or(Fault::Malformed("user"))?;
    Ok(zone(&user.time_zone).unwrap_or(TimeZone::UTC))
}

/// Writes an entry unless it is there already, and the leaderboards it counts in. `true` when it is new.
fn enter(conn: &Connection, entry: &Entry) -> DbResult<bool> {
    let added = query::change(
        conn,
        INSERT_ENTRY,
        params![
            entry.user_id.to_string(),
            entry.challenge_id.as_str(),
            entry.reason.to_string(),
            entry.language.as_str(),
            entry.xp,
            entry.submission_id.to_string(),
            entry.at.as_ms(),
            Period::Month.key(entry.at),
            Period::Week.key(entry.at),
        ],
    )?;
    // An entry without XP changes no sum.
    if added == 1 && entry.xp > 0 {
        standings::project(conn, entry.user_id, entry.at, &entry.language)?;
    }
    Ok(added == 1)
}
