//! Live sessions, links and people at the door to test with.

use std::sync::Arc;

use codementor_core::id::{InvitationId, Language, SessionId, UserId};
use codementor_core::live::{Entrance, Invitation, Knock, LiveSession, Part, Policy, Recording};
use codementor_core::ports::Store;

use super::fixtures::{add_guest, noon};

/// A session that was made so many milliseconds after noon.
pub(crate) fn live_session(creator: UserId, at: i64) -> LiveSession {
    LiveSession {
        id: SessionId::new(),
        title: "Two sums, two of us".to_owned(),
        creator,
        challenge_id: None,
        language: Language::python(),
        policy: Policy::Free,
        recording: Recording::On,
        timer_ends_at: None,
        created_at: noon(at),
        ended_at: None,
    }
}

/// A plain link that was made so many milliseconds after noon and does not lapse.
pub(crate) fn invitation(session: SessionId, part: Part, at: i64) -> Invitation {
    Invitation {
        id: InvitationId::new(),
        session_id: session,
        secret_hash: None,
        part,
        created_at: noon(at),
        expires_at: None,
    }
}

/// Somebody who knows the session's id and no secret.
pub(crate) fn knock(user: UserId, at: i64) -> Knock {
    Knock { user_id: user, secret_hash: None, part: None, at: noon(at) }
}

/// They were let in just now, as this.
pub(crate) fn new_as(part: Part) -> Entrance {
    Entrance::In { part, is_new: true }
}

/// They took part before, as this.
pub(crate) fn still(part: Part) -> Entrance {
    Entrance::In { part, is_new: false }
}

/// A session of noon that the guest `ada` made, as driver, with a plain link for navigators.
pub(crate) async fn begin(store: &Arc<dyn Store>) -> (LiveSession, Invitation) {
    let ada = add_guest(store, "ada").await;
    begin_by(store, ada.id, Part::Driver).await
}

/// A session of noon that somebody made, with a plain link for navigators.
pub(crate) async fn begin_by(
    store: &Arc<dyn Store>,
    creator: UserId,
    part: Part,
) -> (LiveSession, Invitation) {
    let session = live_session(creator, 0);
    let link = invitation(session.id, Part::Navigator, 0);
    store.create_live(&session, part, &link).await.unwrap();
    (session, link)
}

/// Adds a guest who comes in by the plain link.
pub(crate) async fn come(store: &Arc<dyn Store>, session: SessionId, name: &str, at: i64) -> UserId {
    let user = add_guest(store, name).await.id;
    let entrance = store.enter(session, &knock(user, at)).await.unwrap();
    assert!(matches!(entrance, Entrance::In { is_new: true, .. }), "{entrance:?}");
    user
}

/// Who takes part as what, in the order in which they came.
pub(crate) async fn people(store: &Arc<dyn Store>, session: SessionId) -> Vec<(UserId, Part)> {
    let people = store.participants(session).await.unwrap();
    people.into_iter().map(|one| (one.user_id, one.part)).collect()
}
