//! Pinging and closing.

use std::fmt::Debug;
use std::sync::Arc;

use codementor_core::journal::{AppendError, Journal};
use codementor_core::ports::{StoreError, StoreResult};

use super::fixtures::{edits, session, snapshot};
use crate::contract::fixtures::race;

pub(crate) async fn an_open_journal_answers_pings(journal: Arc<dyn Journal>) {
    journal.ping().await.unwrap();
    session(&journal, 3).await;
    journal.ping().await.unwrap();
}

pub(crate) async fn a_closed_journal_is_unavailable(journal: Arc<dyn Journal>) {
    let session = session(&journal, 3).await;
    race(4, |_| {
        let journal = Arc::clone(&journal);
        async move { journal.close().await }
    })
    .await;
    journal.close().await;
    unavailable(journal.ping().await);
    let late = journal.append(session, edits(4, 4)).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))), "{late:?}");
    unavailable(journal.load(session).await);
    unavailable(journal.put_snapshot(session, snapshot(3)).await);
    unavailable(journal.trim(session, 0).await);
    unavailable(journal.read(session, 0, 1).await);
    unavailable(journal.remove(session).await);
}

/// Each append under way is either done or answered that it may not be.
pub(crate) async fn closing_waits_for_what_is_under_way(journal: Arc<dyn Journal>) {
    let outcomes = race(20, |number| {
        let journal = Arc::clone(&journal);
        async move {
            if number == 10 {
                journal.close().await;
                return Ok(());
            }
            journal.append(codementor_core::id::SessionId::new(), edits(1, 9)).await
        }
    })
    .await;
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(outcome, Err(AppendError::Store(StoreError::Unavailable(_)))), "{outcome:?}");
    }
}

fn unavailable<T: Debug>(result: StoreResult<T>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}
