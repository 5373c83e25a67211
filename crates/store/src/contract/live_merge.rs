//! A guest with places in live sessions who turns out to be somebody known.

use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::live::{Entrance, Part};
use codementor_core::ports::Store;

use super::fixtures::{add_github, add_guest, github, noon};
use super::live_fixtures::{begin, begin_by, come, knock, people, still};

/// The guest `grace` becomes the account of [`add_github`]'s `octocat`.
async fn merge(store: &Arc<dyn Store>, guest: UserId) {
    let signed_in = store.sign_in_github(&github(1, "octocat"), Some(guest), "UTC", noon(9)).await.unwrap();
    assert_eq!(signed_in.merged_guest, Some(guest));
}

async fn enters(store: &Arc<dyn Store>, session: codementor_core::id::SessionId, user: UserId) {
    let entrance = store.enter(session, &knock(user, 1)).await.unwrap();
    assert!(matches!(entrance, Entrance::In { is_new: true, .. }), "{entrance:?}");
}

pub(crate) async fn a_guests_sessions_and_places_move(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await.id;
    let (session, link) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    let alan = come(&store, session.id, "alan", 2).await;
    let (made, _) = begin_by(&store, grace, Part::Driver).await;
    merge(&store, grace).await;

    assert_eq!(store.live(made.id).await.unwrap().unwrap().creator, person);
    assert_eq!(people(&store, made.id).await, [(person, Part::Driver)]);
    assert!(!store.send_out(made.id, person, noon(9)).await.unwrap());
    let expected = [(session.creator, Part::Driver), (person, Part::Navigator), (alan, Part::Navigator)];
    assert_eq!(people(&store, session.id).await, expected);
    assert_eq!(store.participants(session.id).await.unwrap()[1].name.as_str(), "octocat");
    assert_eq!(store.lives_of(person, None, 9).await.unwrap().len(), 2);
    let sent = store.revoke_invitation(session.id, link.id, noon(10)).await.unwrap();
    assert!(sent.unwrap().contains(&person), "they came by it as a guest");
}

pub(crate) async fn a_place_both_have_stays_the_persons(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await.id;
    let (session, _) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    enters(&store, session.id, person).await;
    store.set_part(session.id, grace, Part::Mentor).await.unwrap();
    store.set_part(session.id, person, Part::Viewer).await.unwrap();
    merge(&store, grace).await;
    assert_eq!(people(&store, session.id).await, [(session.creator, Part::Driver), (person, Part::Viewer)]);
    assert_eq!(store.everybody(session.id).await.unwrap().len(), 2);
}

pub(crate) async fn a_drivers_keyboard_is_passed_on(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await.id;
    let (session, _) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    enters(&store, session.id, person).await;
    store.set_part(session.id, grace, Part::Driver).await.unwrap();
    merge(&store, grace).await;
    assert_eq!(
        people(&store, session.id).await,
        [(session.creator, Part::Navigator), (person, Part::Driver)]
    );
}

pub(crate) async fn who_was_sent_out_stays_out_as_somebody_else(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await.id;
    let (first, _) = begin(&store).await;
    let ada = first.creator;
    let (second, _) = begin_by(&store, ada, Part::Viewer).await;
    let (third, _) = begin_by(&store, ada, Part::Viewer).await;
    let grace = add_guest(&store, "grace").await.id;
    // The guest from the first, where the person never was; the person from the second, where the guest then drives; the guest,
    // as the driver they were, from the third, where the person is.
    enters(&store, first.id, grace).await;
    enters(&store, second.id, person).await;
    enters(&store, third.id, grace).await;
    enters(&store, third.id, person).await;
    store.set_part(third.id, grace, Part::Driver).await.unwrap();
    for (session, user) in [(first.id, grace), (second.id, person), (third.id, grace)] {
        assert!(store.send_out(session, user, noon(2)).await.unwrap());
    }
    enters(&store, second.id, grace).await;
    store.set_part(second.id, grace, Part::Driver).await.unwrap();
    merge(&store, grace).await;

    for session in [first.id, second.id] {
        assert_eq!(store.part(session, person).await.unwrap(), None);
        assert_eq!(store.enter(session, &knock(person, 3)).await.unwrap(), Entrance::Missing);
        assert_eq!(store.everybody(session).await.unwrap().len(), 2);
    }
    assert_eq!(store.enter(third.id, &knock(person, 3)).await.unwrap(), still(Part::Navigator));
}

pub(crate) async fn who_becomes_a_sessions_maker_takes_part_in_it(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await.id;
    let grace = add_guest(&store, "grace").await.id;
    let (sent_from, _) = begin_by(&store, grace, Part::Driver).await;
    let (invited_to, link) = begin_by(&store, grace, Part::Driver).await;
    for session in [sent_from.id, invited_to.id] {
        enters(&store, session, person).await;
    }
    assert!(store.send_out(sent_from.id, person, noon(2)).await.unwrap());
    merge(&store, grace).await;

    for session in [sent_from.id, invited_to.id] {
        assert_eq!(people(&store, session).await, [(person, Part::Driver)]);
        assert!(!store.send_out(session, person, noon(10)).await.unwrap());
    }
    let sent = store.revoke_invitation(invited_to.id, link.id, noon(10)).await.unwrap();
    assert_eq!(sent, Some(Vec::new()));
    assert_eq!(people(&store, invited_to.id).await, [(person, Part::Driver)]);
}
