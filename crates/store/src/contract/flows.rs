//! Sign-ins under way.

use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::ports::{OauthFlow, SecretHash, Store};
use futures_util::{StreamExt, stream};

use super::fixtures::{noon, race};

/// The bound in the port's documentation.
const MAX_FLOWS: u32 = 10_000;

fn hash(number: u32) -> SecretHash {
    let mut hash = [7; 32];
    hash[..4].copy_from_slice(&number.to_le_bytes());
    hash
}

fn flow(number: u32) -> OauthFlow {
    OauthFlow {
        state_hash: hash(number),
        browser_hash: [9; 32],
        pkce_verifier: format!("verifier-{number}"),
        next: "/challenges/two-sum".to_owned(),
        guest: number.is_multiple_of(2).then(UserId::new),
        time_zone: number.is_multiple_of(2).then(|| "Europe/Berlin".to_owned()),
        expires_at: noon(1_000),
    }
}

pub(crate) async fn a_flow_is_taken_once(store: Arc<dyn Store>) {
    for number in 0..2 {
        let flow = flow(number);
        store.put_flow(&flow).await.unwrap();
        assert_eq!(store.take_flow(&hash(9), noon(0)).await.unwrap(), None);
        assert_eq!(store.take_flow(&flow.state_hash, noon(0)).await.unwrap(), Some(flow.clone()));
        assert_eq!(store.take_flow(&flow.state_hash, noon(0)).await.unwrap(), None);
    }
}

pub(crate) async fn a_raced_flow_is_taken_once(store: Arc<dyn Store>) {
    store.put_flow(&flow(1)).await.unwrap();
    let taken = race(16, |_| {
        let store = Arc::clone(&store);
        async move { store.take_flow(&hash(1), noon(0)).await.unwrap() }
    })
    .await;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), [flow(1)]);
}

pub(crate) async fn an_expired_flow_is_none(store: Arc<dyn Store>) {
    for number in 1..=3 {
        store.put_flow(&OauthFlow { guest: None, ..flow(number) }).await.unwrap();
    }
    assert!(store.take_flow(&hash(1), noon(999)).await.unwrap().is_some());
    assert_eq!(store.take_flow(&hash(2), noon(1_000)).await.unwrap(), None);
    // Looking too late uses it up: a clock that steps back does not revive it.
    assert_eq!(store.take_flow(&hash(2), noon(0)).await.unwrap(), None);
}

pub(crate) async fn at_most_ten_thousand_flows_are_kept(store: Arc<dyn Store>) {
    let put = async |number| store.put_flow(&flow(number)).await.unwrap();
    put(0).await;
    put(1).await;
    // One that is used up makes room.
    put(2).await;
    assert!(store.take_flow(&hash(2), noon(0)).await.unwrap().is_some());
    stream::iter(0..MAX_FLOWS - 1).map(|number| put(number + 10)).buffer_unordered(64).collect::<()>().await;
    assert_eq!(store.take_flow(&hash(0), noon(0)).await.unwrap(), None);
    for number in [1, 10, 5_000, MAX_FLOWS + 8] {
        assert!(store.take_flow(&hash(number), noon(0)).await.unwrap().is_some(), "{number}");
    }
}
