//! Signing in with GitHub, without a merge.

use std::sync::Arc;

use codementor_core::id::UserId;
use codementor_core::ports::Store;
use codementor_core::role::Role;
use codementor_core::user::{AccountKind, User};

use super::fixtures::{add_github, add_guest, github, name, noon, race, solve};

pub(crate) async fn a_newcomer_is_named_after_the_login(store: Arc<dyn Store>) {
    let signed_in = store.sign_in_github(&github(7, "octo-cat"), None, "Asia/Tokyo", noon(5)).await.unwrap();
    let expected = User {
        id: signed_in.user.id,
        name: name("octo-cat"),
        role: Role::Learner,
        kind: AccountKind::Github,
        time_zone: "Asia/Tokyo".to_owned(),
        created_at: noon(5),
    };
    assert_eq!(signed_in.user, expected);
    assert_eq!(signed_in.merged_guest, None);
    assert_eq!(store.user(expected.id).await.unwrap(), Some(expected));
}

pub(crate) async fn taken_logins_get_numbers(store: Arc<dyn Store>) {
    add_guest(&store, "OctoCat").await;
    add_guest(&store, "octocat-3").await;
    for (id, expected) in [(1, "octocat-2"), (2, "octocat-4"), (3, "octocat-5")] {
        let user = add_github(&store, id, "octocat").await;
        assert_eq!(user.name.as_str(), expected);
    }
}

pub(crate) async fn a_long_login_is_cut(store: Arc<dyn Store>) {
    let login = "a".repeat(39);
    let first = add_github(&store, 1, &login).await;
    let second = add_github(&store, 2, &login).await;
    assert_eq!(first.name.as_str(), "a".repeat(32));
    assert_eq!(second.name.as_str(), format!("{}-2", "a".repeat(30)));
}

pub(crate) async fn the_account_counts_and_not_the_login(store: Arc<dyn Store>) {
    let octocat = add_github(&store, u64::MAX, "octocat").await;
    let renamed =
        store.sign_in_github(&github(u64::MAX, "monalisa"), None, "Asia/Tokyo", noon(9)).await.unwrap();
    assert_eq!(renamed.user, octocat);
    let heir = add_github(&store, 4, "octocat").await;
    assert_ne!(heir.id, octocat.id);
}

pub(crate) async fn a_guest_becomes_the_person(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let solved = solve(&store, ada.id, "two-sum", 10, noon(0)).await;
    let signed_in =
        store.sign_in_github(&github(1, "octocat"), Some(ada.id), "Asia/Tokyo", noon(9)).await.unwrap();
    let expected = User { kind: AccountKind::Github, ..ada };
    assert_eq!(signed_in.user, expected);
    assert_eq!(signed_in.merged_guest, None);
    assert_eq!(store.user(expected.id).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(store.submission(solved.id).await.unwrap(), Some(solved));
    assert_eq!(store.ledger_summary(expected.id).await.unwrap().total_xp, 10);
    let again = add_github(&store, 1, "octocat").await;
    assert_eq!(again, expected);
}

pub(crate) async fn who_is_no_guest_is_ignored(store: Arc<dyn Store>) {
    let octocat = add_github(&store, 1, "octocat").await;
    let other = add_github(&store, 2, "monalisa").await;
    for no_guest in [octocat.id, other.id, UserId::new()] {
        let known =
            store.sign_in_github(&github(1, "octocat"), Some(no_guest), "UTC", noon(0)).await.unwrap();
        assert_eq!((known.user, known.merged_guest), (octocat.clone(), None));
    }
    let newcomer = store.sign_in_github(&github(3, "hubot"), Some(other.id), "UTC", noon(0)).await.unwrap();
    assert_eq!(newcomer.user.name.as_str(), "hubot");
    assert_eq!(store.user(other.id).await.unwrap(), Some(other));
}

pub(crate) async fn a_raced_newcomer_is_one_person(store: Arc<dyn Store>) {
    let ids = race(16, |_| {
        let store = Arc::clone(&store);
        async move { add_github(&store, 1, "octocat").await.id }
    })
    .await;
    assert!(ids.iter().all(|id| *id == ids[0]));
}
