//! What keeps the tables small and the projection right.

use std::sync::Arc;

use codementor_core::id::{AuthSessionId, UserId};
use codementor_core::ports::{
    AuthSession, AuthSessions, OauthFlow, OauthFlows, Store, StoreError, Submissions,
};

use super::super::query;
use super::{folder, open};
use crate::SqliteStore;
use crate::contract::fixtures::{DAY, add_guest, new_submission, noon, solve};

async fn count(store: &SqliteStore, sql: &'static str) -> i64 {
    store.read(move |conn| query::one(conn, sql, [], query::first)).await.unwrap().unwrap()
}

#[tokio::test]
async fn expired_sessions_go_a_hundred_at_a_time() {
    let (_folder, path) = folder();
    let store = open(&path);
    let ada = add_guest(&(store.clone() as Arc<dyn Store>), "ada").await;
    let sign_in = async |secret: u8, at: i64| {
        let session = AuthSession {
            id: AuthSessionId::new(),
            user_id: ada.id,
            secret_hash: [secret; 32],
            created_at: noon(at),
            expires_at: noon(at + 10),
        };
        store.create_session(&session).await.unwrap();
    };
    for secret in 0..150 {
        sign_in(secret, 0).await;
    }
    let left = "SELECT count(*) FROM auth_sessions";
    for (secret, expected) in [(200, 51), (201, 2), (202, 3)] {
        sign_in(secret, 10).await;
        assert_eq!(count(&store, left).await, expected);
    }
}

#[tokio::test]
async fn expired_flows_go_when_any_is_taken() {
    let (_folder, path) = folder();
    let store = open(&path);
    for number in 0..3 {
        let flow = OauthFlow {
            state_hash: [number; 32],
            browser_hash: [9; 32],
            pkce_verifier: "verifier".to_owned(),
            next: "/".to_owned(),
            guest: None,
            time_zone: None,
            expires_at: noon(number.into()),
        };
        store.put_flow(&flow).await.unwrap();
    }
    assert_eq!(store.take_flow(&[99; 32], noon(1)).await.unwrap(), None);
    assert_eq!(count(&store, "SELECT count(*) FROM oauth_flows").await, 1);
}

#[tokio::test]
async fn the_projection_is_what_a_rebuild_makes_of_the_ledger() {
    let (_folder, path) = folder();
    let store = open(&path);
    let shared = store.clone() as Arc<dyn Store>;
    for (number, xp) in [0, 10, 25].into_iter().enumerate() {
        let user = add_guest(&shared, &format!("user {number}")).await;
        for day in 0..40 {
            solve(&shared, user.id, &format!("challenge-{}", day % 30), xp, noon(day * DAY)).await;
        }
    }
    assert_eq!(store.rebuild_standings().await.unwrap(), 0);
    let sabotage = "UPDATE standings SET xp = xp + 1 WHERE scope = 'all/'";
    assert_eq!(store.write(move |conn| query::change(conn, sabotage, [])).await.unwrap(), 2);
    let before =
        store.write(|conn| query::change(conn, "DELETE FROM standings WHERE scope = 'all/python'", [])).await;
    assert_eq!(before.unwrap(), 2);
    assert_eq!(store.rebuild_standings().await.unwrap(), 4);
    assert_eq!(store.rebuild_standings().await.unwrap(), 0);
}

#[tokio::test]
async fn errors_tell_nothing_a_user_wrote() {
    let (_folder, path) = folder();
    let store = open(&path);
    let stranger = crate::contract::fixtures::guest("secret name");
    let mut new = new_submission(UserId::new(), "secret-challenge");
    new.code = "secret code".to_owned();
    let error = store.create_submission(&new, 9).await.unwrap_err();
    assert!(matches!(error, StoreError::Failed(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");

    let shared = store.clone() as Arc<dyn Store>;
    shared.create_user(&stranger).await.unwrap();
    let odd = "UPDATE users SET name = ' secret ' || char(0), time_zone = 'secret'";
    store.write(move |conn| query::change(conn, odd, [])).await.unwrap();
    let error = shared.user(stranger.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Failed(_)), "{error}");
    assert!(!error.to_string().contains("secret"), "{error}");
}
