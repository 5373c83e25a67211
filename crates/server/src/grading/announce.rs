//! Tells a person's sockets how their submission goes. Losing an event loses nothing: the store has the state.

use codementor_core::ledger::{Period, Scope};
use codementor_core::progress::level;
use codementor_core::{Submission, SubmissionStatus};
use codementor_protocol::event::{LeaderboardUpdate, ProgressUpdate, SubmissionUpdate};
use codementor_protocol::submission::TestReport;
use serde::Serialize;

use super::Grader;
use crate::{progress, wire};

impl Grader {
    pub(super) async fn announce_running(&self, submission: &Submission, total: usize) {
        let update = SubmissionUpdate {
            status: wire::status(SubmissionStatus::Running),
            ..unchanged(submission, 0, total)
        };
        self.send(submission, "submission-update", &update).await;
    }

    pub(super) async fn announce_test(
        &self,
        submission: &Submission,
        test: TestReport,
        done: u32,
        total: usize,
    ) {
        let update = SubmissionUpdate {
            status: wire::status(SubmissionStatus::Running),
            test: Some(test),
            ..unchanged(submission, done, total)
        };
        self.send(submission, "submission-update", &update).await;
    }

    pub(super) async fn announce_finished(&self, submission: &Submission) {
        let Some(report) = &submission.report else { return };
        let done = u32::try_from(report.tests.len()).unwrap_or(u32::MAX);
        let update = SubmissionUpdate {
            verdict: Some(wire::verdict(report.verdict)),
            xp_awarded: submission.xp_awarded,
            ..unchanged(submission, done, report.total_tests as usize)
        };
        self.send(submission, "submission-update", &update).await;
        if report.verdict == codementor_core::Verdict::Accepted
            && let Err(error) = self.announce_progress(submission).await
        {
            tracing::warn!(%error, "progress could not be announced");
        }
    }

    async fn announce_progress(&self, submission: &Submission) -> codementor_core::ports::StoreResult<()> {
        let Some(user) = self.store.user(submission.user_id).await? else { return Ok(()) };
        let now = self.clock.now();
        let reached = progress::of_user(&*self.store, &self.catalog.now(), &user, now).await?;
        let before = level(reached.total_xp.saturating_sub(u64::from(submission.xp_awarded)));
        let update = ProgressUpdate {
            total_xp: reached.total_xp,
            current_level: reached.current_level,
            streak_days: reached.streak_days,
            xp_awarded: submission.xp_awarded,
            level_up: reached.current_level > before,
        };
        self.send(submission, "progress-update", &update).await;
        if submission.xp_awarded > 0 {
            let scope = Scope::new(Period::All, now, None);
            let standings = self.store.standings(&scope, Some(user.id), 0, 1).await?;
            if let Some((rank, xp)) = standings.me {
                self.send(submission, "leaderboard-update", &LeaderboardUpdate { rank, xp }).await;
            }
        }
        Ok(())
    }

    pub(super) async fn send(&self, submission: &Submission, kind: &str, data: &impl Serialize) {
        match serde_json::to_value(data) {
            Ok(data) => {
                self.events.publish(submission.user_id, kind, data).await;
            }
            Err(error) => tracing::error!(%error, kind, "an event could not be written"),
        }
    }
}

fn unchanged(submission: &Submission, tests_done: u32, total: usize) -> SubmissionUpdate {
    SubmissionUpdate {
        submission_id: submission.id.to_string(),
        challenge_id: submission.challenge_id.to_string(),
        status: wire::status(submission.status),
        test: None,
        tests_done,
        total_tests: u32::try_from(total).unwrap_or(u32::MAX),
        verdict: None,
        xp_awarded: 0,
    }
}
