//! Live sessions: making, changing, ending and listing them.

use std::sync::Arc;

use codementor_core::id::{InvitationId, Language, SessionId, UserId};
use codementor_core::live::{Entrance, Invitation, LiveChange, LiveSession, Part, Policy, Recording};
use codementor_core::ports::{Store, StoreError};

use super::fixtures::{add_guest, challenge, noon, race};
use super::live_fixtures::{begin, come, invitation, knock, live_session, people, still};

pub(crate) async fn a_live_session_is_kept_as_it_was(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let plain = live_session(ada.id, 0);
    let full = LiveSession {
        title: "漢".repeat(80),
        challenge_id: Some(challenge("two-sum")),
        language: Language::javascript(),
        policy: Policy::Driver,
        recording: Recording::Off,
        timer_ends_at: Some(noon(60_000)),
        ended_at: Some(noon(1)),
        ..live_session(ada.id, 0)
    };
    for session in [plain, full] {
        let link = invitation(session.id, Part::Viewer, 0);
        store.create_live(&session, Part::Mentor, &link).await.unwrap();
        assert_eq!(store.live(session.id).await.unwrap(), Some(session.clone()));
        assert_eq!(people(&store, session.id).await, [(ada.id, Part::Mentor)]);
        assert_eq!(store.part(session.id, ada.id).await.unwrap(), Some(Part::Mentor));
        let open = if session.ended_at.is_none() { vec![link] } else { Vec::new() };
        assert_eq!(store.invitations(session.id, noon(0)).await.unwrap(), open);
    }
}

pub(crate) async fn unknown_live_sessions_are_none(store: Arc<dyn Store>) {
    let (unknown, ada) = (SessionId::new(), add_guest(&store, "ada").await.id);
    assert_eq!(store.live(unknown).await.unwrap(), None);
    assert_eq!(store.change_live(unknown, &LiveChange::default()).await.unwrap(), None);
    assert!(!store.end_live(unknown, noon(0)).await.unwrap());
    assert_eq!(store.lives_of(UserId::new(), None, 10).await.unwrap(), []);
    assert_eq!(store.part(unknown, ada).await.unwrap(), None);
    assert_eq!(store.enter(unknown, &knock(ada, 0)).await.unwrap(), Entrance::Missing);
    assert_eq!(store.set_part(unknown, ada, Part::Driver).await.unwrap(), []);
    assert!(!store.send_out(unknown, ada, noon(0)).await.unwrap());
    assert_eq!(store.participants(unknown).await.unwrap(), []);
    assert_eq!(store.everybody(unknown).await.unwrap(), []);
    assert!(!store.invite(&invitation(unknown, Part::Viewer, 0)).await.unwrap());
    assert_eq!(store.invitations(unknown, noon(0)).await.unwrap(), []);
    assert_eq!(store.revoke_invitation(unknown, InvitationId::new(), noon(0)).await.unwrap(), None);
}

pub(crate) async fn a_session_that_cannot_be_made_leaves_nothing(store: Arc<dyn Store>) {
    let (known, known_link) = begin(&store).await;
    let session = live_session(known.creator, 0);
    let link = invitation(session.id, Part::Viewer, 0);
    for (session, link) in [
        (session.clone(), invitation(known.id, Part::Viewer, 0)),
        (session.clone(), Invitation { id: known_link.id, ..link.clone() }),
        (LiveSession { creator: UserId::new(), ..session.clone() }, link.clone()),
        (LiveSession { id: known.id, ..session.clone() }, invitation(known.id, Part::Viewer, 0)),
    ] {
        let outcome = store.create_live(&session, Part::Driver, &link).await;
        assert!(matches!(outcome, Err(StoreError::Failed(_))), "{outcome:?}");
    }
    assert_eq!(store.live(session.id).await.unwrap(), None);
    assert_eq!(store.everybody(session.id).await.unwrap(), []);
    assert_eq!(store.live(known.id).await.unwrap(), Some(known.clone()));
    assert_eq!(store.invitations(known.id, noon(0)).await.unwrap(), [known_link]);
    store.create_live(&session, Part::Driver, &link).await.unwrap();
}

pub(crate) async fn what_changes_changes_and_the_rest_stays(store: Arc<dyn Store>) {
    let (mut session, _) = begin(&store).await;
    let other = live_session(session.creator, 0);
    store.create_live(&other, Part::Driver, &invitation(other.id, Part::Viewer, 0)).await.unwrap();
    let mut expect = async |change: LiveChange, apply: &dyn Fn(&mut LiveSession)| {
        apply(&mut session);
        assert_eq!(store.change_live(session.id, &change).await.unwrap().as_ref(), Some(&session));
        assert_eq!(store.live(session.id).await.unwrap().as_ref(), Some(&session));
    };
    let nothing = LiveChange::default;
    expect(nothing(), &|_| ()).await;
    expect(LiveChange { title: Some("Ü".to_owned()), ..nothing() }, &|now| now.title = "Ü".to_owned()).await;
    expect(LiveChange { language: Some(Language::javascript()), ..nothing() }, &|now| {
        now.language = Language::javascript();
    })
    .await;
    expect(LiveChange { policy: Some(Policy::Driver), ..nothing() }, &|now| now.policy = Policy::Driver)
        .await;
    expect(LiveChange { recording: Some(Recording::Off), ..nothing() }, &|now| {
        now.recording = Recording::Off;
    })
    .await;
    expect(LiveChange { timer_ends_at: Some(Some(noon(9))), ..nothing() }, &|now| {
        now.timer_ends_at = Some(noon(9));
    })
    .await;
    expect(nothing(), &|_| ()).await;
    expect(LiveChange { timer_ends_at: Some(None), policy: Some(Policy::Free), ..nothing() }, &|now| {
        (now.timer_ends_at, now.policy) = (None, Policy::Free);
    })
    .await;
    assert_eq!(store.live(other.id).await.unwrap(), Some(other));
}

pub(crate) async fn an_ended_session_is_looked_at_and_not_entered(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    let late = add_guest(&store, "late").await.id;
    assert!(store.end_live(session.id, noon(5)).await.unwrap());
    assert!(!store.end_live(session.id, noon(6)).await.unwrap());

    let ended = LiveSession { ended_at: Some(noon(5)), ..session.clone() };
    assert_eq!(store.live(session.id).await.unwrap(), Some(ended.clone()));
    let change = LiveChange { title: Some("later".to_owned()), ..LiveChange::default() };
    assert_eq!(store.change_live(session.id, &change).await.unwrap(), None);
    for user in [session.creator, grace, late] {
        assert_eq!(store.enter(session.id, &knock(user, 4)).await.unwrap(), Entrance::Missing);
    }
    assert!(!store.invite(&invitation(session.id, Part::Viewer, 6)).await.unwrap());
    assert_eq!(store.invitations(session.id, noon(4)).await.unwrap(), []);
    assert_eq!(store.part(session.id, grace).await.unwrap(), Some(Part::Navigator));
    assert_eq!(people(&store, session.id).await.len(), 2);
    assert_eq!(store.lives_of(grace, None, 9).await.unwrap(), [ended]);
    // Who must not look any more is sent out all the same.
    assert!(store.send_out(session.id, grace, noon(7)).await.unwrap());
    assert_eq!(store.lives_of(grace, None, 9).await.unwrap(), []);
}

pub(crate) async fn a_raced_end_happens_once(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let ended = race(8, |number| {
        let store = Arc::clone(&store);
        async move { store.end_live(session.id, noon(number as i64)).await.unwrap().then_some(number) }
    })
    .await;
    let ended: Vec<_> = ended.into_iter().flatten().collect();
    assert_eq!(ended.len(), 1);
    assert_eq!(store.live(session.id).await.unwrap().unwrap().ended_at, Some(noon(ended[0] as i64)));
}

pub(crate) async fn a_persons_sessions_page_newest_first(store: Arc<dyn Store>) {
    let (ada, grace) = (add_guest(&store, "ada").await.id, add_guest(&store, "grace").await.id);
    let mut mine = Vec::new();
    // Not made in the order of their times, and several at one time.
    for at in [3, 1, 2, 2, 2, 5, 4, 4] {
        let session = live_session(ada, at);
        let link = invitation(session.id, Part::Navigator, at);
        store.create_live(&session, Part::Driver, &link).await.unwrap();
        if at != 3 {
            assert!(matches!(store.enter(session.id, &knock(grace, 9)).await, Ok(Entrance::In { .. })));
            mine.push(session);
        }
    }
    mine.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id.to_string())));
    assert_eq!(store.lives_of(grace, None, 101).await.unwrap(), mine);
    assert_eq!(store.lives_of(ada, None, 101).await.unwrap().len(), 8);
    for limit in [1, 2, 3, 7] {
        let mut listed: Vec<LiveSession> = Vec::new();
        while listed.len() < mine.len() {
            let before = listed.last().map(|last| (last.created_at, last.id));
            let page = store.lives_of(grace, before, limit).await.unwrap();
            assert_eq!(page.len(), (mine.len() - listed.len()).min(limit as usize));
            listed.extend(page);
        }
        assert_eq!(listed, mine);
    }
    assert!(store.send_out(mine[0].id, grace, noon(10)).await.unwrap());
    assert_eq!(store.lives_of(grace, None, 101).await.unwrap(), mine[1..]);
    assert_eq!(store.enter(mine[1].id, &knock(grace, 11)).await.unwrap(), still(Part::Navigator));
}
