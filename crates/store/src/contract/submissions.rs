//! Handing in and listing.

use std::collections::BTreeMap;
use std::sync::Arc;

use codementor_core::audience::{Audience, SESSION_KEY, Unfinished};
use codementor_core::id::{ChallengeId, Language, SubmissionId, UserId};
use codementor_core::judging::Verdict;
use codementor_core::ports::{ChallengeStatus, NewSubmission, Queued, Store, SubmissionFilter};
use codementor_core::submission::{MAX_SOURCE_BYTES, Submission, SubmissionStatus};

use super::fixtures::{add_guest, challenge, finish, hand_in, new_submission, noon, race};

pub(crate) async fn a_submission_is_kept_as_it_was(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    for code in ["", "a\0b\r\n\u{2028}漢'\"; DROP TABLE users; --", &"é".repeat(MAX_SOURCE_BYTES / 2)] {
        let new = NewSubmission {
            language: Language::javascript(),
            code: code.to_owned(),
            created_at: noon(7),
            ..new_submission(ada.id, "two-sum")
        };
        let expected = Submission {
            id: new.id,
            user_id: ada.id,
            challenge_id: challenge("two-sum"),
            language: Language::javascript(),
            code: code.to_owned(),
            status: SubmissionStatus::Queued,
            report: None,
            counterexample: None,
            xp_awarded: 0,
            created_at: noon(7),
            finished_at: None,
        };
        assert_eq!(hand_in(&store, &new).await, expected);
        assert_eq!(store.submission(new.id).await.unwrap(), Some(expected));
    }
    assert_eq!(store.submission(SubmissionId::new()).await.unwrap(), None);
}

pub(crate) async fn too_many_unfinished_are_refused(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let hand_in = async |user| {
        let new = new_submission(user, "two-sum");
        (new.id, store.create_submission(&new, 2).await.unwrap())
    };
    let (first, outcome) = hand_in(ada.id).await;
    assert!(matches!(outcome, Queued::New(_)));
    store.mark_running(first).await.unwrap();
    assert!(matches!(hand_in(ada.id).await.1, Queued::New(_)));
    let (refused, outcome) = hand_in(ada.id).await;
    assert_eq!(outcome, Queued::TooMany);
    assert_eq!(store.submission(refused).await.unwrap(), None);
    assert!(matches!(hand_in(grace.id).await.1, Queued::New(_)));
    finish(&store, first, Verdict::WrongAnswer, 10, noon(1)).await;
    assert!(matches!(hand_in(ada.id).await.1, Queued::New(_)));
    assert_eq!(hand_in(ada.id).await.1, Queued::TooMany);
    let none_allowed = store.create_submission(&new_submission(grace.id, "two-sum"), 0).await;
    assert_eq!(none_allowed.unwrap(), Queued::TooMany);
}

pub(crate) async fn the_bound_holds_in_a_race(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let outcomes = race(40, |_| {
        let store = Arc::clone(&store);
        let new = new_submission(ada.id, "two-sum");
        async move { store.create_submission(&new, 3).await.unwrap() }
    })
    .await;
    let stored = outcomes.iter().filter(|outcome| matches!(outcome, Queued::New(_))).count();
    assert_eq!(stored, 3);
    assert_eq!(store.unfinished(100).await.unwrap().len(), 3);
}

fn request(user: UserId, key: &str) -> NewSubmission {
    NewSubmission { request_key: Some(key.to_owned()), ..new_submission(user, "two-sum") }
}

pub(crate) async fn a_repeated_request_is_the_same_submission(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let first = hand_in(&store, &request(ada.id, "key")).await;
    // Repeated beats too many, and the first answer stands whatever comes with the repetition.
    let again = NewSubmission { code: "other".to_owned(), ..request(ada.id, "key") };
    let repeated = store.create_submission(&again, 1).await.unwrap();
    assert_eq!(repeated, Queued::Repeated(first.clone()));
    assert_eq!(store.submission(again.id).await.unwrap(), None);
    let finished = finish(&store, first.id, Verdict::Accepted, 10, noon(1)).await;
    let repeated = store.create_submission(&again, 1).await.unwrap();
    assert_eq!(repeated, Queued::Repeated(finished.submission));

    hand_in(&store, &request(grace.id, "key")).await;
    hand_in(&store, &request(ada.id, "Key")).await;
    hand_in(&store, &new_submission(ada.id, "two-sum")).await;
    hand_in(&store, &new_submission(ada.id, "two-sum")).await;
}

pub(crate) async fn a_raced_request_is_one_submission(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let outcomes = race(24, |_| {
        let store = Arc::clone(&store);
        let new = request(ada.id, "key");
        async move { store.create_submission(&new, 1).await.unwrap() }
    })
    .await;
    let mut new = 0;
    let mut ids = Vec::new();
    for outcome in outcomes {
        match outcome {
            Queued::New(submission) => {
                new += 1;
                ids.push(submission.id);
            }
            Queued::Repeated(submission) => ids.push(submission.id),
            Queued::TooMany => panic!("a repeated request was refused"),
        }
    }
    assert_eq!(new, 1);
    assert!(ids.iter().all(|id| *id == ids[0]));
}

pub(crate) async fn running_is_noted_until_finished(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let id = hand_in(&store, &new_submission(ada.id, "two-sum")).await.id;
    let status = async || store.submission(id).await.unwrap().unwrap().status;
    store.mark_running(id).await.unwrap();
    store.mark_running(id).await.unwrap();
    assert_eq!(status().await, SubmissionStatus::Running);
    finish(&store, id, Verdict::RuntimeError, 10, noon(1)).await;
    store.mark_running(id).await.unwrap();
    assert_eq!(status().await, SubmissionStatus::Finished);
    store.mark_running(SubmissionId::new()).await.unwrap();
}

pub(crate) async fn lists_page_newest_first(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let mut newest_first = Vec::new();
    for number in 0..9 {
        let slug = if number % 3 == 0 { "two-sum" } else { "run-length" };
        newest_first.insert(0, hand_in(&store, &new_submission(ada.id, slug)).await);
        hand_in(&store, &new_submission(grace.id, slug)).await;
    }
    let list = async |challenge_id: Option<ChallengeId>, before, limit| {
        let filter = SubmissionFilter { user_id: ada.id, challenge_id, before, limit };
        store.submissions(&filter).await.unwrap()
    };
    assert_eq!(list(None, None, 100).await, newest_first);
    assert_eq!(list(None, None, 4).await, newest_first[..4]);
    assert_eq!(list(None, Some(newest_first[3].id), 4).await, newest_first[4..8]);
    assert_eq!(list(None, Some(newest_first[7].id), 4).await, newest_first[8..]);
    assert!(list(None, Some(newest_first[8].id), 4).await.is_empty());
    // The limits of the limit.
    assert_eq!(list(None, None, 0).await.len(), 1);
    assert_eq!(list(None, None, u32::MAX).await.len(), 9);

    let two_sum: Vec<_> = newest_first
        .iter()
        .filter(|submission| submission.challenge_id == challenge("two-sum"))
        .cloned()
        .collect();
    assert_eq!(list(Some(challenge("two-sum")), None, 100).await, two_sum);
    assert_eq!(list(Some(challenge("two-sum")), Some(two_sum[0].id), 1).await, two_sum[1..2]);
    assert!(list(Some(challenge("caesar-shift")), None, 100).await.is_empty());
}

pub(crate) async fn unfinished_come_oldest_first(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let user = if number % 2 == 0 { ada.id } else { grace.id };
        ids.push(hand_in(&store, &new_submission(user, "two-sum")).await.id);
    }
    store.mark_running(ids[1]).await.unwrap();
    finish(&store, ids[2], Verdict::Accepted, 10, noon(1)).await;
    let unfinished = async |limit| {
        let unfinished = store.unfinished(limit).await.unwrap();
        assert!(unfinished.iter().all(|one| {
            let number = ids.iter().position(|known| *known == one.id).unwrap();
            one.user_id == if number % 2 == 0 { ada.id } else { grace.id } && one.audience == Audience::Person
        }));
        unfinished.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(unfinished(100).await, [ids[0], ids[1], ids[3], ids[4], ids[5]]);
    assert_eq!(unfinished(2).await, ids[..2]);
    assert!(unfinished(0).await.is_empty());
}

pub(crate) async fn unfinished_tell_who_waits_for_them(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let mut wanted = Vec::new();
    for (key, audience) in [
        (Some(format!("{SESSION_KEY}1")), Audience::Session),
        (Some("session-1".to_owned()), Audience::Person),
        (None, Audience::Person),
    ] {
        let new = NewSubmission { request_key: key, ..new_submission(ada.id, "two-sum") };
        assert_eq!(new.audience(), audience);
        wanted.push(Unfinished { id: new.id, user_id: ada.id, audience });
        hand_in(&store, &new).await;
    }
    assert_eq!(store.unfinished(10).await.unwrap(), wanted);
}

pub(crate) async fn solved_beats_attempted_in_any_order(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await;
    let grace = add_guest(&store, "grace").await;
    let wrong = Some(Verdict::WrongAnswer);
    let right = Some(Verdict::Accepted);
    let histories = [
        ("wrong-only", vec![wrong, wrong]),
        ("right-only", vec![right]),
        ("wrong-then-right", vec![wrong, right]),
        ("right-then-wrong", vec![right, wrong, None]),
        ("waiting", vec![None]),
    ];
    for (slug, history) in histories {
        for verdict in history {
            let id = hand_in(&store, &new_submission(ada.id, slug)).await.id;
            if let Some(verdict) = verdict {
                finish(&store, id, verdict, 10, noon(1)).await;
            }
        }
    }
    hand_in(&store, &new_submission(grace.id, "two-sum")).await;
    let statuses: BTreeMap<_, _> = store.challenge_statuses(ada.id).await.unwrap().into_iter().collect();
    let expected = [
        ("right-only", ChallengeStatus::Solved),
        ("right-then-wrong", ChallengeStatus::Solved),
        ("waiting", ChallengeStatus::Attempted),
        ("wrong-only", ChallengeStatus::Attempted),
        ("wrong-then-right", ChallengeStatus::Solved),
    ];
    assert_eq!(statuses, expected.map(|(slug, status)| (challenge(slug), status)).into());
}
