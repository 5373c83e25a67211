//! A guest who turns out to be somebody known.

use std::collections::BTreeSet;
use std::sync::Arc;

use codementor_core::id::{AuthSessionId, Language, UserId};
use codementor_core::ledger::{Period, Scope};
use codementor_core::ports::{AuthSession, ChallengeStatus, NewSubmission, Queued, Store, SubmissionFilter};
use codementor_core::user::User;

use super::fixtures::{
    DAY, add_github, add_guest, all_time, challenge, github, hand_in, name, new_submission, noon, places,
    race, scope, solve, solve_in,
};

async fn merge(store: &Arc<dyn Store>, guest: UserId) -> User {
    let signed_in =
        store.sign_in_github(&github(1, "octocat"), Some(guest), "Asia/Tokyo", noon(9)).await.unwrap();
    assert_eq!(signed_in.merged_guest, Some(guest));
    signed_in.user
}

pub(crate) async fn a_guests_work_moves(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await;
    let guest = add_guest(&store, "ada").await;
    let session = AuthSession {
        id: AuthSessionId::new(),
        user_id: guest.id,
        secret_hash: [1; 32],
        created_at: noon(0),
        expires_at: noon(DAY),
    };
    store.create_session(&session).await.unwrap();
    let own = solve(&store, person.id, "two-sum", 10, noon(0)).await;
    let moved = solve_in(&store, guest.id, "run-length", Language::javascript(), 25, noon(1)).await;
    let waiting = hand_in(&store, &new_submission(guest.id, "caesar-shift")).await;

    assert_eq!(merge(&store, guest.id).await, person);

    assert_eq!(store.user(guest.id).await.unwrap(), None);
    assert_eq!(store.user_by_name(&name("ada")).await.unwrap(), None);
    assert_eq!(store.session(session.id, noon(1)).await.unwrap(), None);
    let filter = SubmissionFilter { user_id: person.id, challenge_id: None, before: None, limit: 100 };
    let listed = store.submissions(&filter).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|submission| submission.id).collect();
    assert_eq!(ids, [waiting.id, moved.id, own.id]);
    assert!(listed.iter().all(|submission| submission.user_id == person.id));
    assert_eq!(listed[1].xp_awarded, 25);
    assert_eq!(store.ledger_summary(person.id).await.unwrap().total_xp, 35);
    assert_eq!(statuses(&store, person.id).await.len(), 3);
    assert_eq!(places(&all_time(&store).await), [(1, "octocat", 35)]);
    let javascript = Scope::new(Period::Month, noon(0), Some(&Language::javascript()));
    let board = store.standings(&javascript, Some(person.id), 0, 10).await.unwrap();
    assert_eq!((board.me, board.total), (Some((1, 25)), 1));
}

async fn statuses(store: &Arc<dyn Store>, user: UserId) -> BTreeSet<(String, bool)> {
    let statuses = store.challenge_statuses(user).await.unwrap();
    statuses.into_iter().map(|(id, status)| (id.to_string(), status == ChallengeStatus::Solved)).collect()
}

pub(crate) async fn a_challenge_both_solved_counts_once(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await;
    let guest = add_guest(&store, "ada").await;
    // The guest was first, in another month; the person's own entry stays all the same.
    let guests = solve_in(&store, guest.id, "two-sum", Language::javascript(), 25, noon(-40 * DAY)).await;
    let own = solve(&store, person.id, "two-sum", 10, noon(0)).await;
    merge(&store, guest.id).await;

    let summary = store.ledger_summary(person.id).await.unwrap();
    assert_eq!((summary.total_xp, summary.active), (10, vec![noon(0)]));
    assert_eq!(summary.solved[0].language, Language::python());
    let earlier = Scope::new(Period::Month, noon(-40 * DAY), None);
    assert_eq!(store.standings(&earlier, None, 0, 10).await.unwrap().total, 0);
    assert_eq!(places(&all_time(&store).await), [(1, "octocat", 10)]);
    // What a submission brought agrees with the ledger.
    let xp = |id| {
        let store = Arc::clone(&store);
        async move { store.submission(id).await.unwrap().unwrap().xp_awarded }
    };
    assert_eq!((xp(guests.id).await, xp(own.id).await), (0, 10));
}

pub(crate) async fn a_practice_day_both_have_stays_once(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await;
    let guest = add_guest(&store, "ada").await;
    for (user, moment) in [(person.id, 0), (guest.id, 1)] {
        solve(&store, user, "two-sum", 10, noon(moment)).await;
        solve(&store, user, "two-sum", 10, noon(DAY + moment)).await;
    }
    solve(&store, guest.id, "two-sum", 10, noon(2 * DAY)).await;
    merge(&store, guest.id).await;
    let summary = store.ledger_summary(person.id).await.unwrap();
    assert_eq!(summary.active, [noon(2 * DAY), noon(DAY), noon(0)]);
    assert_eq!((summary.total_xp, summary.solved.len()), (10, 1));
}

pub(crate) async fn a_request_key_both_used_stays_the_persons(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await;
    let guest = add_guest(&store, "ada").await;
    let request = |user, key: &str| NewSubmission {
        request_key: Some(key.to_owned()),
        ..new_submission(user, "two-sum")
    };
    let own = hand_in(&store, &request(person.id, "shared")).await;
    let guests = hand_in(&store, &request(guest.id, "shared")).await;
    let moved = hand_in(&store, &request(guest.id, "guests")).await;
    merge(&store, guest.id).await;

    for (key, expected) in [("shared", own.id), ("guests", moved.id)] {
        let outcome = store.create_submission(&request(person.id, key), 10).await.unwrap();
        assert!(matches!(&outcome, Queued::Repeated(before) if before.id == expected), "{outcome:?}");
    }
    let found = store.submission(guests.id).await.unwrap().unwrap();
    assert_eq!((found.user_id, found.challenge_id), (person.id, challenge("two-sum")));
}

pub(crate) async fn a_raced_merge_happens_once(store: Arc<dyn Store>) {
    let person = add_github(&store, 1, "octocat").await;
    let guest = add_guest(&store, "ada").await;
    solve(&store, guest.id, "two-sum", 10, noon(0)).await;
    let merged = race(16, |_| {
        let store = Arc::clone(&store);
        async move {
            let signed_in =
                store.sign_in_github(&github(1, "octocat"), Some(guest.id), "UTC", noon(0)).await.unwrap();
            (signed_in.user.id, signed_in.merged_guest)
        }
    })
    .await;
    assert!(merged.iter().all(|(id, _)| *id == person.id));
    assert_eq!(merged.iter().filter(|(_, merged)| merged.is_some()).count(), 1);
    let board = store.standings(&scope(Period::Week), Some(person.id), 0, 10).await.unwrap();
    assert_eq!((board.me, board.total), (Some((1, 10)), 1));
}
