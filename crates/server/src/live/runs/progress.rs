//! Tells a session of each test of a run as it ends. What is lost on the way is in the result.

use codementor_core::challenge::Challenge;
use codementor_core::events::UserEvent;
use codementor_core::judging::{Input, TestOutcome};
use codementor_core::submission::{TestReport, examples};
use codementor_core::{SubmissionId, UserId};
use codementor_hub::room::{Announcement, Keep};
use codementor_protocol::event::SubmissionUpdate;
use codementor_protocol::session_event::RunProgress;
use codementor_protocol::submission::TestReport as WireReport;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};

use super::Run;
use crate::app::App;
use crate::live::announce;
use crate::wire;

impl Run {
    /// Of a run on the examples or an input: until the judge has no more to say.
    pub(super) async fn tell_outcomes(
        &self,
        app: &App,
        challenge: &Challenge,
        own: Option<&Input>,
        mut outcomes: mpsc::Receiver<TestOutcome>,
    ) {
        let shown = examples(challenge);
        let total = if own.is_some() { 1 } else { shown.len() };
        let mut tests_done = 0;
        while let Some(outcome) = outcomes.recv().await {
            tests_done += 1;
            let report = match (own, shown.get(outcome.index)) {
                (Some(input), _) => TestReport::own(input, &outcome),
                (None, Some(test)) => TestReport::new(test, &outcome, 0),
                (None, None) => continue,
            };
            let total = u32::try_from(total).unwrap_or(u32::MAX);
            self.tell_test(app, wire::test_report(&report), tests_done, total).await;
        }
    }

    /// Of what was handed in: from the events that its owner's own sockets get. Goes on until it is dropped.
    pub(super) async fn tell_updates(&self, app: &App, owner: UserId, id: SubmissionId) {
        let mut live = app.events.subscribe(owner, None).await.live;
        let id = id.to_string();
        loop {
            let event = next_event(&mut live).await;
            if &*event.kind != "submission-update" {
                continue;
            }
            let Ok(update) = serde_json::from_value::<SubmissionUpdate>((*event.data).clone()) else {
                continue;
            };
            if let Some(test) = update.test.filter(|_| update.submission_id == id) {
                self.tell_test(app, test, update.tests_done, update.total_tests).await;
            }
        }
    }

    async fn tell_test(&self, app: &App, test: WireReport, tests_done: u32, total_tests: u32) {
        let told = RunProgress { run_id: self.id.clone(), test, tests_done, total_tests };
        let announcement = Announcement::new(Some(self.user.id), "run-progress", &told, Keep::Forget);
        let told = announce(app, &self.session, &announcement);
        if let Err(error) = told.await {
            tracing::debug!(%error, session = %self.session.id, "a test could not be told");
        }
    }
}

/// The next event there is: who lags behind misses some, and when no more come they wait for one all the same.
async fn next_event(live: &mut broadcast::Receiver<UserEvent>) -> UserEvent {
    loop {
        match live.recv().await {
            Ok(event) => return event,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use codementor_core::events::EventId;
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn whoever_lags_behind_goes_on_with_what_is_left() {
        let (sender, mut live) = broadcast::channel(1);
        for sequence in [1, 2, 3] {
            let id = EventId { epoch: 1, sequence };
            sender.send(UserEvent { id, kind: Arc::from("test"), data: Arc::default() }).unwrap();
        }
        assert_eq!(next_event(&mut live).await.id.sequence, 3);
        drop(sender);
        assert!(next_event(&mut live).now_or_never().is_none());
    }
}
