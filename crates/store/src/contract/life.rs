//! Opening, pinging, closing.

use std::sync::Arc;

use codementor_core::id::{AuthSessionId, SubmissionId, UserId};
use codementor_core::ledger::Period;
use codementor_core::ports::{Store, StoreError, StoreResult};

use super::fixtures::{add_guest, guest, new_submission, noon, race, scope};

pub(crate) async fn an_open_store_answers_pings(store: Arc<dyn Store>) {
    store.ping().await.unwrap();
    store.ping().await.unwrap();
}

pub(crate) async fn a_closed_store_is_unavailable(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    store.close().await;
    unavailable(store.ping().await);
    unavailable(store.user(ada.id).await);
    unavailable(store.create_user(&guest("grace")).await);
    unavailable(store.create_submission(&new_submission(ada.id, "two-sum"), 1).await);
    unavailable(store.submission(SubmissionId::new()).await);
    unavailable(store.session(AuthSessionId::new(), noon(0)).await);
    unavailable(store.take_flow(&[0; 32], noon(0)).await);
    unavailable(store.ledger_summary(UserId::new()).await);
    unavailable(store.standings(&scope(Period::All), None, 0, 1).await);
}

pub(crate) async fn closing_twice_is_closing_once(store: Arc<dyn Store>) {
    race(4, |_| {
        let store = Arc::clone(&store);
        async move { store.close().await }
    })
    .await;
    store.close().await;
    unavailable(store.ping().await);
}

fn unavailable<T: std::fmt::Debug>(result: StoreResult<T>) {
    assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
}
