//! Who takes part in live sessions, and as what.

use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::live::{Part, Participant};
use codementor_core::ports::Store;

use super::fixtures::{add_guest, name, noon, race};
use super::live_fixtures::{begin, begin_by, come, invitation, knock, new_as, people};

pub(crate) async fn people_are_listed_in_the_order_in_which_they_came(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let (other, _) = begin_by(&store, session.creator, Part::Mentor).await;
    // The clock may step back in between.
    let people = [("grace", 30), ("alan", 10), ("edsger", 20)];
    let mut expected = vec![(session.creator, "ada", Part::Driver, 0)];
    for (who, at) in people {
        expected.push((come(&store, session.id, who, at).await, who, Part::Navigator, at));
    }
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(user_id, who, part, at)| Participant { user_id, name: name(who), part, joined_at: noon(at) })
        .collect();
    assert_eq!(store.participants(session.id).await.unwrap(), expected);
    assert_eq!(store.everybody(session.id).await.unwrap(), expected);
    assert_eq!(store.participants(other.id).await.unwrap().len(), 1);
    assert_eq!(store.part(other.id, expected[1].user_id).await.unwrap(), None);
    assert_eq!(store.part(session.id, expected[1].user_id).await.unwrap(), Some(Part::Navigator));
}

pub(crate) async fn a_new_driver_takes_the_keyboard_from_the_last(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let (ada, grace) = (session.creator, come(&store, session.id, "grace", 1).await);
    let set = async |user, part| store.set_part(session.id, user, part).await.unwrap();
    assert_eq!(set(grace, Part::Driver).await, [(grace, Part::Driver), (ada, Part::Navigator)]);
    assert_eq!(people(&store, session.id).await, [(ada, Part::Navigator), (grace, Part::Driver)]);
    assert_eq!(set(grace, Part::Driver).await, [], "they are that already");
    assert_eq!(set(ada, Part::Mentor).await, [(ada, Part::Mentor)]);
    // Nobody has the keyboard for a while.
    assert_eq!(set(grace, Part::Viewer).await, [(grace, Part::Viewer)]);
    assert_eq!(set(ada, Part::Driver).await, [(ada, Part::Driver)]);
    assert_eq!(people(&store, session.id).await, [(ada, Part::Driver), (grace, Part::Viewer)]);
}

pub(crate) async fn who_does_not_take_part_gets_none(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let grace = come(&store, session.id, "grace", 1).await;
    let stranger = add_guest(&store, "stranger").await.id;
    assert!(store.send_out(session.id, grace, noon(2)).await.unwrap());
    for user in [grace, stranger, UserId::new()] {
        for part in [Part::Driver, Part::Viewer] {
            assert_eq!(store.set_part(session.id, user, part).await.unwrap(), []);
        }
        assert_eq!(store.part(session.id, user).await.unwrap(), None);
        assert!(!store.send_out(session.id, user, noon(3)).await.unwrap());
    }
    assert_eq!(people(&store, session.id).await, [(session.creator, Part::Driver)]);
}

pub(crate) async fn two_drivers_at_once_end_with_one(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let mut users = vec![session.creator];
    for number in 0..5 {
        users.push(come(&store, session.id, &format!("guest{number}"), 1).await);
    }
    for _ in 0..10 {
        let users = users.clone();
        let changes = race(6, |number| {
            let (store, user) = (Arc::clone(&store), users[number]);
            async move { store.set_part(session.id, user, Part::Driver).await.unwrap() }
        })
        .await;
        let now = people(&store, session.id).await;
        let drivers: Vec<_> = now.iter().filter(|(_, part)| *part == Part::Driver).collect();
        assert_eq!(drivers.len(), 1, "{now:?}");
        // Each that got the keyboard was told so, and each that lost it, too.
        let told = |part| changes.iter().flatten().filter(|(_, told)| *told == part).count();
        assert!(told(Part::Driver) - told(Part::Navigator) <= 1, "{changes:?}");
    }
}

pub(crate) async fn who_is_sent_out_keeps_a_place_in_the_record(store: Arc<dyn Store>) {
    let (session, _) = begin(&store).await;
    let (ada, grace) = (session.creator, come(&store, session.id, "grace", 1).await);
    let alan = come(&store, session.id, "alan", 2).await;
    store.set_part(session.id, grace, Part::Driver).await.unwrap();
    assert!(store.send_out(session.id, grace, noon(3)).await.unwrap());
    assert!(!store.send_out(session.id, grace, noon(4)).await.unwrap());
    assert_eq!(people(&store, session.id).await, [(ada, Part::Navigator), (alan, Part::Navigator)]);
    let all = store.everybody(session.id).await.unwrap();
    let all: Vec<_> = all.into_iter().map(|one| (one.user_id, one.part, one.joined_at)).collect();
    let had = (grace, Part::Driver, noon(1));
    assert_eq!(all, [(ada, Part::Navigator, noon(0)), had, (alan, Part::Navigator, noon(2))]);

    // The keyboard is free again; who comes back has the old place and a new part.
    assert_eq!(store.set_part(session.id, ada, Part::Driver).await.unwrap(), [(ada, Part::Driver)]);
    assert!(store.invite(&invitation(session.id, Part::Mentor, 9)).await.unwrap());
    assert_eq!(store.enter(session.id, &knock(grace, 10)).await.unwrap(), new_as(Part::Mentor));
    let back = store.participants(session.id).await.unwrap();
    let back: Vec<_> = back.into_iter().map(|one| (one.user_id, one.part, one.joined_at)).collect();
    let place = (grace, Part::Mentor, noon(1));
    assert_eq!(back, [(ada, Part::Driver, noon(0)), place, (alan, Part::Navigator, noon(2))]);
}

pub(crate) async fn who_made_the_session_is_never_sent_out(store: Arc<dyn Store>) {
    let (session, link) = begin(&store).await;
    let ada = session.creator;
    store.set_part(session.id, ada, Part::Viewer).await.unwrap();
    assert!(!store.send_out(session.id, ada, noon(1)).await.unwrap());
    store.enter(session.id, &knock(ada, 1)).await.unwrap();
    assert_eq!(store.revoke_invitation(session.id, link.id, noon(2)).await.unwrap(), Some(Vec::new()));
    assert_eq!(people(&store, session.id).await, [(ada, Part::Viewer)]);
}
