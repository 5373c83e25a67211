//! Signed-in devices.

use std::collections::HashSet;
use std::sync::Arc;

use codementor_core::id::{AuthSessionId, UserId};
use codementor_core::ports::{AuthSession, Store};
use codementor_core::role::Role;
use codementor_core::time::Timestamp;

use super::fixtures::{DAY, add_guest, noon};

async fn sign_in(store: &Arc<dyn Store>, user_id: UserId, secret: u8, expires_at: Timestamp) -> AuthSession {
    let session = AuthSession {
        id: AuthSessionId::new(),
        user_id,
        secret_hash: [secret; 32],
        created_at: noon(0),
        expires_at,
    };
    store.create_session(&session).await.unwrap();
    session
}

pub(crate) async fn a_session_is_found_by_id_and_by_secret(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let session = sign_in(&store, ada.id, 1, noon(DAY)).await;
    let expected = Some((session.clone(), ada));
    assert_eq!(store.session(session.id, noon(1)).await.unwrap(), expected);
    assert_eq!(store.session_by_secret(&[1; 32], noon(1)).await.unwrap(), expected);
    assert_eq!(store.session_by_secret(&[2; 32], noon(1)).await.unwrap(), None);
    assert_eq!(store.session(AuthSessionId::new(), noon(1)).await.unwrap(), None);
}

pub(crate) async fn a_session_ends_at_its_expiry(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let session = sign_in(&store, ada.id, 1, noon(DAY)).await;
    for (now, live) in [(noon(DAY - 1), true), (noon(DAY), false), (noon(DAY + 1), false)] {
        assert_eq!(store.session(session.id, now).await.unwrap().is_some(), live);
        assert_eq!(store.session_by_secret(&[1; 32], now).await.unwrap().is_some(), live);
    }
}

pub(crate) async fn a_revoked_session_is_gone(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let revoked = sign_in(&store, ada.id, 1, noon(DAY)).await;
    let kept = sign_in(&store, ada.id, 2, noon(DAY)).await;
    store.revoke_session(revoked.id).await.unwrap();
    store.revoke_session(revoked.id).await.unwrap();
    assert_eq!(store.session(revoked.id, noon(1)).await.unwrap(), None);
    assert_eq!(store.session_by_secret(&[1; 32], noon(1)).await.unwrap(), None);
    assert!(store.session(kept.id, noon(1)).await.unwrap().is_some());
    // What is gone cannot be prolonged back to life.
    store.extend_session(revoked.id, noon(9 * DAY)).await.unwrap();
    assert_eq!(store.session(revoked.id, noon(1)).await.unwrap(), None);
}

pub(crate) async fn all_sessions_of_one_person_end_at_once(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let mut hers = HashSet::new();
    for secret in 1..=3 {
        hers.insert(sign_in(&store, ada.id, secret, noon(DAY)).await.id);
    }
    let other = sign_in(&store, grace.id, 9, noon(DAY)).await;
    let revoked = store.revoke_sessions_of(ada.id).await.unwrap();
    assert_eq!(revoked.into_iter().collect::<HashSet<_>>(), hers);
    for id in hers {
        assert_eq!(store.session(id, noon(1)).await.unwrap(), None);
    }
    assert!(store.session(other.id, noon(1)).await.unwrap().is_some());
    assert!(store.revoke_sessions_of(ada.id).await.unwrap().is_empty());
}

pub(crate) async fn extending_never_shortens(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let session = sign_in(&store, ada.id, 1, noon(DAY)).await;
    for (asked, until) in [(2, 2), (1, 2), (0, 2), (3, 3)] {
        store.extend_session(session.id, noon(asked * DAY)).await.unwrap();
        let (found, _) = store.session(session.id, noon(1)).await.unwrap().unwrap();
        assert_eq!(found.expires_at, noon(until * DAY));
    }
}

pub(crate) async fn a_session_shows_the_user_as_they_are_now(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let session = sign_in(&store, ada.id, 1, noon(DAY)).await;
    store.set_role(ada.id, Role::Mentor).await.unwrap();
    let (_, user) = store.session(session.id, noon(1)).await.unwrap().unwrap();
    assert_eq!(user.role, Role::Mentor);
}
