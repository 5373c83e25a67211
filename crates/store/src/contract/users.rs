//! People.

use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::ports::{Created, Store};
use codementor_core::role::Role;
use codementor_core::user::User;

use super::fixtures::{add_guest, guest, name, race};

pub(crate) async fn a_person_is_found_by_id_and_by_name(store: Arc<dyn Store>) {
    for text in ["Ada Lovelace", "李小龙", "o'neil", "नमस्ते"] {
        let user = add_guest(&store, text).await;
        assert_eq!(store.user(user.id).await.unwrap().as_ref(), Some(&user));
        assert_eq!(store.user_by_name(&name(text)).await.unwrap(), Some(user));
    }
}

pub(crate) async fn strangers_are_none(store: Arc<dyn Store>) {
    add_guest(&store, "ada").await;
    let id = UserId::new();
    assert_eq!(store.user(id).await.unwrap(), None);
    assert_eq!(store.user_by_name(&name("adam")).await.unwrap(), None);
    assert_eq!(store.set_role(id, Role::Admin).await.unwrap(), None);
    assert_eq!(store.set_time_zone(id, "UTC").await.unwrap(), None);
}

pub(crate) async fn a_taken_name_is_refused_in_every_spelling(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "Ada é").await;
    for spelling in ["Ada é", "ada é", "ＡＤＡ é", "ada e\u{301}"] {
        let other = guest(spelling);
        assert_eq!(store.create_user(&other).await.unwrap(), Created::Taken, "{spelling}");
        assert_eq!(store.user(other.id).await.unwrap(), None);
        assert_eq!(store.user_by_name(&name(spelling)).await.unwrap(), Some(ada.clone()));
    }
}

pub(crate) async fn a_raced_name_goes_to_one(store: Arc<dyn Store>) {
    let outcomes = race(32, |number| {
        let store = Arc::clone(&store);
        let user = guest(if number % 2 == 0 { "Grace" } else { "grace" });
        async move { (user.id, store.create_user(&user).await.unwrap()) }
    })
    .await;
    let winners: Vec<_> = outcomes.iter().filter(|(_, outcome)| *outcome == Created::New(())).collect();
    assert_eq!(winners.len(), 1);
    let found = store.user_by_name(&name("grace")).await.unwrap();
    assert_eq!(found.map(|user| user.id), Some(winners[0].0));
}

pub(crate) async fn role_and_time_zone_change(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    for role in [Role::Mentor, Role::Admin, Role::Learner, Role::Mentor] {
        let changed = store.set_role(ada.id, role).await.unwrap().unwrap();
        assert_eq!(changed, User { role, ..ada.clone() });
    }
    store.set_time_zone(ada.id, "Asia/Tokyo").await.unwrap();
    let expected = User { role: Role::Mentor, time_zone: "Asia/Tokyo".to_owned(), ..ada };
    assert_eq!(store.user(expected.id).await.unwrap(), Some(expected));
    assert_eq!(store.user(grace.id).await.unwrap(), Some(grace));
}
