//! One solution that counts for several people: judged once, finished for each.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use codementor_core::ports::{NewSubmission, Queued, StoreResult};
use codementor_core::submission::Report;
use codementor_core::{Submission, SubmissionId};

use super::{Grader, MAX_UNFINISHED, Refusal, lock};

impl Grader {
    /// Hands in `first` and, with it, the same solution of others; waits for its verdict, at most for `limit`, and gives it to all. Answers
    /// the submissions as they are then, `first` first. Others who have too much under way are left out.
    ///
    /// All of them are stored before anything is judged. After a crash or a verdict that came too late each is judged by itself, so none is
    /// lost and none counts twice.
    ///
    /// # Errors
    /// As [`Grader::submit`] of the first.
    pub async fn submit_together(
        self: &Arc<Self>,
        first: NewSubmission,
        others: Vec<NewSubmission>,
        limit: Duration,
    ) -> Result<Vec<Submission>, Refusal> {
        let followers = self.store_followers(others).await;
        let id = self.submit(first).await?.id;
        let waited = self.wait(id, limit).await;
        let first = self.store.submission(id).await?;
        let report = first.as_ref().and_then(|first| first.report.clone());
        let mut finished: Vec<Submission> = first.into_iter().collect();
        if let (Ok(true), Some(report)) = (waited, report) {
            finished.extend(self.finish_followers(&followers.stored, &report).await?);
        }
        Ok(finished)
    }

    /// Stores submissions that wait for another one's verdict. The queue leaves them alone for as long as they are known.
    async fn store_followers(&self, others: Vec<NewSubmission>) -> Followers<'_> {
        let ids = others.iter().map(|other| other.id).collect();
        let mut followers = Followers { grader: self, ids, stored: Vec::with_capacity(others.len()) };
        lock(&self.known).extend(&followers.ids);
        for other in others {
            match self.store.create_submission(&other, MAX_UNFINISHED).await {
                Ok(Queued::New(submission)) => followers.stored.push(submission),
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, user = %other.user_id, "a shared solution could not be stored for somebody");
                }
            }
        }
        followers
    }

    async fn finish_followers(
        &self,
        followers: &[Submission],
        report: &Report,
    ) -> StoreResult<Vec<Submission>> {
        let mut finished = Vec::with_capacity(followers.len());
        for follower in followers {
            let xp = self.catalog.get(&follower.challenge_id).map_or(0, |challenge| challenge.xp());
            let done = self.store.finish_submission(follower.id, report, xp, self.clock.now()).await?;
            if let Some(done) = done {
                if done.first {
                    self.announce_finished(&done.submission).await;
                    self.want_counterexample(&done.submission).await;
                }
                finished.push(done.submission);
            }
        }
        Ok(finished)
    }
}

/// Submissions that wait for another one's verdict, and are left alone by the queue until this is dropped: whatever became of that one,
/// whoever is not finished by then is judged by themselves.
struct Followers<'a> {
    grader: &'a Grader,
    ids: Vec<SubmissionId>,
    stored: Vec<Submission>,
}

impl Drop for Followers<'_> {
    fn drop(&mut self) {
        if self.ids.is_empty() {
            return;
        }
        let mut known = lock(&self.grader.known);
        for id in &self.ids {
            known.remove(id);
        }
        drop(known);
        self.grader.overflowed.store(true, Ordering::Release);
    }
}
