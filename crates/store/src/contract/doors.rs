//! Coming into live sessions, by invitations, and what revoking these does.

use std::sync::Arc;

use codementor_core::id::InvitationId;
use codementor_core::live::{Entrance, Invitation, Knock, MAX_INVITATIONS, MAX_PARTICIPANTS, Part};
use codementor_core::ports::Store;

use super::fixtures::{add_guest, noon, race};
use super::live_fixtures::{begin, come, invitation, knock, new_as, people, still};

pub(crate) async fn who_came_in_once_is_in(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    // Whatever they knock with, they are what they are.
    let again = Knock { secret_hash: Some([9; 32]), part: Some(Part::Mentor), ..knock(grace, 2) };
    assert_eq!(store.enter(session.id, &again).await.unwrap(), still(Part::Navigator));
    assert_eq!(store.enter(session.id, &knock(session.creator, 2)).await.unwrap(), still(Part::Driver));
    assert_eq!(store.invitations(session.id, noon(2)).await.unwrap(), [link]);
    assert_eq!(people(&store, session.id).await.len(), 2);
}

pub(crate) async fn a_secret_opens_its_own_invitations_only(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let secret = |byte, part| Invitation { secret_hash: Some([byte; 32]), ..invitation(session.id, part, 0) };
    let grace = add_guest(&store, "grace").await.id;
    let enter = async |user, secret_hash| {
        store.enter(session.id, &Knock { secret_hash, ..knock(user, 1) }).await.unwrap()
    };
    assert!(store.invite(&secret(1, Part::Mentor)).await.unwrap());
    assert_eq!(enter(grace, Some([2; 32])).await, Entrance::Missing);
    store.revoke_invitation(session.id, link.id, noon(0)).await.unwrap();
    assert_eq!(enter(grace, None).await, Entrance::Missing, "no secret is not any secret");
    assert_eq!(store.everybody(session.id).await.unwrap().len(), 1);
    assert_eq!(enter(grace, Some([1; 32])).await, new_as(Part::Mentor));
    // Of several with one secret the newest serves, and any that is left.
    let (second, third) = (secret(1, Part::Viewer), secret(1, Part::Navigator));
    for more in [&second, &third] {
        assert!(store.invite(more).await.unwrap());
    }
    let alan = add_guest(&store, "alan").await.id;
    assert_eq!(enter(alan, Some([1; 32])).await, new_as(Part::Navigator));
    store.revoke_invitation(session.id, third.id, noon(0)).await.unwrap();
    let edsger = add_guest(&store, "edsger").await.id;
    assert_eq!(enter(edsger, Some([1; 32])).await, new_as(Part::Viewer));
}

pub(crate) async fn an_invitation_of_another_session_opens_nothing(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let (other, others) = super::live_fixtures::begin_by(&store, session.creator, Part::Driver).await;
    let grace = come(&store, session.id, "grace", 1).await;
    assert_eq!(store.revoke_invitation(session.id, others.id, noon(1)).await.unwrap(), None);
    assert_eq!(store.revoke_invitation(other.id, link.id, noon(1)).await.unwrap(), None);
    assert_eq!(store.revoke_invitation(other.id, others.id, noon(1)).await.unwrap(), Some(Vec::new()));
    assert_eq!(store.enter(other.id, &knock(grace, 2)).await.unwrap(), Entrance::Missing);
    assert_eq!(store.part(session.id, grace).await.unwrap(), Some(Part::Navigator));
}

pub(crate) async fn a_lapsed_invitation_lets_nobody_in(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let short = Invitation {
        secret_hash: Some([1; 32]),
        expires_at: Some(noon(10)),
        ..invitation(session.id, Part::Navigator, 0)
    };
    assert!(store.invite(&short).await.unwrap());
    let enter = async |who: &str, at| {
        let user = add_guest(&store, who).await.id;
        let knock = Knock { secret_hash: Some([1; 32]), ..knock(user, at) };
        (user, store.enter(session.id, &knock).await.unwrap())
    };
    let (grace, entrance) = enter("grace", 9).await;
    assert_eq!(entrance, new_as(Part::Navigator));
    assert_eq!(enter("alan", 10).await.1, Entrance::Missing);
    assert_eq!(store.invitations(session.id, noon(9)).await.unwrap(), [link.clone(), short.clone()]);
    assert_eq!(store.invitations(session.id, noon(10)).await.unwrap(), [link]);
    // Who came by it stays, until it is revoked after all.
    assert_eq!(store.enter(session.id, &knock(grace, 20)).await.unwrap(), still(Part::Navigator));
    assert_eq!(store.revoke_invitation(session.id, short.id, noon(30)).await.unwrap(), Some(vec![grace]));
}

pub(crate) async fn a_knocks_part_is_stronger_unless_the_invitation_is_for_viewers(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let parts = [Part::Driver, Part::Navigator, Part::Mentor, Part::Viewer];
    store.set_part(session.id, session.creator, Part::Mentor).await.unwrap();
    for (number, invited) in (0_u8..).zip(parts) {
        let secret_hash = Some([number; 32]);
        let link = Invitation { secret_hash, ..invitation(session.id, invited, 0) };
        assert!(store.invite(&link).await.unwrap());
        for (other, part) in (0..).zip([None].into_iter().chain(parts.map(Some))) {
            let user = add_guest(&store, &format!("guest-{number}-{other}")).await.id;
            let expected = if invited == Part::Viewer { invited } else { part.unwrap_or(invited) };
            let knock = Knock { secret_hash, part, ..knock(user, 1) };
            assert_eq!(store.enter(session.id, &knock).await.unwrap(), new_as(expected));
            assert_eq!(store.part(session.id, user).await.unwrap(), Some(expected));
            // The keyboard is free for the next one.
            store.set_part(session.id, user, Part::Viewer).await.unwrap();
        }
    }
}

pub(crate) async fn who_comes_as_driver_takes_no_keyboard_away(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    assert!(store.invite(&invitation(session.id, Part::Driver, 1)).await.unwrap());
    let grace = add_guest(&store, "grace").await.id;
    assert_eq!(store.enter(session.id, &knock(grace, 1)).await.unwrap(), new_as(Part::Navigator));
    store.set_part(session.id, session.creator, Part::Mentor).await.unwrap();
    let mut users = Vec::new();
    for number in 0..6 {
        users.push(add_guest(&store, &format!("guest{number}")).await.id);
    }
    let entered = race(6, |number| {
        let (store, user) = (Arc::clone(&store), users[number]);
        async move { store.enter(session.id, &knock(user, 2)).await.unwrap() }
    })
    .await;
    assert_eq!(entered.iter().filter(|entrance| **entrance == new_as(Part::Driver)).count(), 1);
    assert_eq!(entered.iter().filter(|entrance| **entrance == new_as(Part::Navigator)).count(), 5);
}

pub(crate) async fn who_was_sent_out_needs_a_newer_invitation(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    let enter = async |at| store.enter(session.id, &knock(grace, at)).await.unwrap();
    assert!(store.send_out(session.id, grace, noon(5)).await.unwrap());
    assert_eq!(enter(6).await, Entrance::Missing);
    // One of the same moment is not newer.
    assert!(store.invite(&invitation(session.id, Part::Navigator, 5)).await.unwrap());
    assert_eq!(enter(6).await, Entrance::Missing);
    let newer = invitation(session.id, Part::Viewer, 6);
    assert!(store.invite(&newer).await.unwrap());
    assert_eq!(enter(7).await, new_as(Part::Viewer));
    assert_eq!(enter(7).await, still(Part::Viewer));
    // They came by the newer one now.
    assert_eq!(store.revoke_invitation(session.id, link.id, noon(8)).await.unwrap(), Some(Vec::new()));
    assert_eq!(store.revoke_invitation(session.id, newer.id, noon(9)).await.unwrap(), Some(vec![grace]));
    assert_eq!(enter(10).await, Entrance::Missing);
}

pub(crate) async fn revoking_sends_out_all_who_came_by_it(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    let alan = come(&store, session.id, "alan", 2).await;
    let gone = come(&store, session.id, "gone", 2).await;
    assert!(store.send_out(session.id, gone, noon(2)).await.unwrap());
    assert!(store.invite(&invitation(session.id, Part::Mentor, 3)).await.unwrap());
    let edsger = come(&store, session.id, "edsger", 4).await;

    let mut sent = store.revoke_invitation(session.id, link.id, noon(5)).await.unwrap().unwrap();
    sent.sort_unstable();
    assert_eq!(sent, [grace, alan]);
    assert_eq!(store.revoke_invitation(session.id, link.id, noon(6)).await.unwrap(), None);
    assert_eq!(store.revoke_invitation(session.id, InvitationId::new(), noon(6)).await.unwrap(), None);
    assert_eq!(people(&store, session.id).await, [(session.creator, Part::Driver), (edsger, Part::Mentor)]);
    for user in [grace, alan, gone] {
        let expected = if user == gone { new_as(Part::Mentor) } else { Entrance::Missing };
        assert_eq!(store.enter(session.id, &knock(user, 7)).await.unwrap(), expected);
    }
}

/// Whichever is first, nobody is left who came by what was revoked.
pub(crate) async fn revoking_and_entering_raced_leaves_nobody_in(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    for round in 0..12_u8 {
        let secret_hash = Some([round; 32]);
        let link = Invitation { secret_hash, ..invitation(session.id, Part::Navigator, 0) };
        assert!(store.invite(&link).await.unwrap());
        let mut users = Vec::new();
        for number in 0..7 {
            users.push(add_guest(&store, &format!("guest-{round}-{number}")).await.id);
        }
        let outcomes = race(8, |number| {
            let (store, user) = (Arc::clone(&store), users.get(number).copied());
            async move {
                if let Some(user) = user {
                    let knock = Knock { secret_hash, ..knock(user, 1) };
                    let entrance = store.enter(session.id, &knock).await.unwrap();
                    return (entrance == new_as(Part::Navigator)).then_some(user).into_iter().collect();
                }
                store.revoke_invitation(session.id, link.id, noon(2)).await.unwrap().unwrap()
            }
        })
        .await;
        let mut entered: Vec<_> = outcomes[..7].iter().flatten().copied().collect();
        let mut sent = outcomes[7].clone();
        entered.sort_unstable();
        sent.sort_unstable();
        assert_eq!(entered, sent);
        assert_eq!(people(&store, session.id).await, [(session.creator, Part::Driver)]);
    }
}

pub(crate) async fn parallel_entries_never_exceed_the_bound(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let most = MAX_PARTICIPANTS as usize;
    let users = race(most + 20, |number| {
        let store = Arc::clone(&store);
        async move { add_guest(&store, &format!("guest{number}")).await.id }
    })
    .await;
    let entered = race(users.len(), |number| {
        let (store, user) = (Arc::clone(&store), users[number]);
        async move { store.enter(session.id, &knock(user, 1)).await.unwrap() }
    })
    .await;
    assert_eq!(entered.iter().filter(|entrance| **entrance == new_as(Part::Navigator)).count(), most - 1);
    assert_eq!(entered.iter().filter(|entrance| **entrance == Entrance::Full).count(), 21);
    assert_eq!(people(&store, session.id).await.len(), most);

    let outside = users[entered.iter().position(|entrance| *entrance == Entrance::Full).unwrap()];
    let inside = users[entered.iter().position(|entrance| *entrance != Entrance::Full).unwrap()];
    let enter = async |user| store.enter(session.id, &knock(user, 2)).await.unwrap();
    assert_eq!(enter(inside).await, still(Part::Navigator));
    // Who is sent out makes room, and does not count when they come back.
    assert!(store.send_out(session.id, inside, noon(3)).await.unwrap());
    assert_eq!(enter(outside).await, new_as(Part::Navigator));
    assert_eq!(enter(inside).await, Entrance::Missing);
    assert!(store.invite(&invitation(session.id, Part::Navigator, 4)).await.unwrap());
    assert_eq!(enter(inside).await, Entrance::Full);
}

pub(crate) async fn open_invitations_are_bounded_also_in_a_race(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let lapses = Invitation { expires_at: Some(noon(50)), ..invitation(session.id, Part::Viewer, 0) };
    assert!(store.invite(&lapses).await.unwrap());
    let invited = race(30, |_| {
        let store = Arc::clone(&store);
        async move { store.invite(&invitation(session.id, Part::Viewer, 1)).await.unwrap() }
    })
    .await;
    let most = MAX_INVITATIONS as usize;
    assert_eq!(invited.iter().filter(|added| **added).count(), most - 2);
    assert_eq!(store.invitations(session.id, noon(1)).await.unwrap().len(), most);
    // Room comes from one that is revoked, and from one that lapsed.
    let more = async |at| store.invite(&invitation(session.id, Part::Viewer, at)).await.unwrap();
    assert!(!more(2).await);
    store.revoke_invitation(session.id, link.id, noon(3)).await.unwrap();
    assert!(more(4).await);
    assert!(!more(49).await);
    assert!(more(50).await);
    assert!(!more(51).await);
}
