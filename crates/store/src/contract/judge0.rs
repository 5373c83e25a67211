//! Programs handed in over the Judge0 API.

use std::sync::Arc;

use codementor_core::id::{Judge0Token, UserId};
use codementor_core::judge0::{
    Judge0Submission, Judge0Taken, MAX_KEPT, MAX_KEPT_BYTES, MAX_UNFINISHED, MAX_UNFINISHED_BYTES,
    MAX_UNFINISHED_IN_ALL, NewJudge0,
};
use codementor_core::ports::Store;

use super::fixtures::{add_github, add_guest, github, noon, race};

fn new(user: UserId, request: &str) -> NewJudge0 {
    NewJudge0 { token: Judge0Token::new(), user_id: user, request: request.to_owned(), created_at: noon(0) }
}

async fn hand_in(store: &Arc<dyn Store>, user: UserId, request: &str) -> Judge0Token {
    let new = new(user, request);
    assert_eq!(store.create_judge0(std::slice::from_ref(&new)).await.unwrap(), Judge0Taken::All);
    new.token
}

async fn handed_in_and_finished(store: &Arc<dyn Store>, user: UserId, result: &str) -> Judge0Token {
    let token = hand_in(store, user, "{}").await;
    assert!(store.finish_judge0(token, result, noon(1)).await.unwrap());
    token
}

async fn is_kept(store: &Arc<dyn Store>, token: Judge0Token) -> bool {
    store.judge0(token).await.unwrap().is_some()
}

pub(crate) async fn what_was_handed_in_is_kept_as_it_was(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    assert_eq!(store.judge0(Judge0Token::new()).await.unwrap(), None);
    assert!(!store.finish_judge0(Judge0Token::new(), "{}", noon(1)).await.unwrap());
    let handed = new(user, "{\"a\":\"Ünï\\u0000\"}");
    assert_eq!(store.create_judge0(std::slice::from_ref(&handed)).await.unwrap(), Judge0Taken::All);
    let unfinished = Judge0Submission {
        token: handed.token,
        user_id: user,
        request: handed.request.clone(),
        result: None,
        created_at: noon(0),
        finished_at: None,
    };
    assert_eq!(store.judge0(handed.token).await.unwrap(), Some(unfinished.clone()));
    assert_eq!(store.unfinished_judge0(9).await.unwrap(), [(handed.token, user)]);
    assert!(store.finish_judge0(handed.token, "{\"b\":1}", noon(5)).await.unwrap());
    assert!(!store.finish_judge0(handed.token, "{\"b\":2}", noon(6)).await.unwrap());
    let finished =
        Judge0Submission { result: Some("{\"b\":1}".to_owned()), finished_at: Some(noon(5)), ..unfinished };
    assert_eq!(store.judge0(handed.token).await.unwrap(), Some(finished));
    assert!(store.unfinished_judge0(9).await.unwrap().is_empty());
}

pub(crate) async fn a_batch_is_stored_whole_or_not_at_all(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    let batch = |number: u32| (0..number).map(|_| new(user, "{}")).collect::<Vec<_>>();
    assert_eq!(store.create_judge0(&[]).await.unwrap(), Judge0Taken::All);
    assert_eq!(store.create_judge0(&batch(MAX_UNFINISHED + 1)).await.unwrap(), Judge0Taken::TooMany);
    let half = batch(MAX_UNFINISHED / 2);
    assert_eq!(store.create_judge0(&half).await.unwrap(), Judge0Taken::All);
    assert_eq!(store.create_judge0(&batch(MAX_UNFINISHED)).await.unwrap(), Judge0Taken::TooMany);
    let unfinished = store.unfinished_judge0(MAX_UNFINISHED_IN_ALL).await.unwrap();
    let tokens: Vec<_> = unfinished.into_iter().map(|(token, _)| token).collect();
    assert_eq!(tokens, half.iter().map(|one| one.token).collect::<Vec<_>>(), "in their order");
    let large = "x".repeat(usize::try_from(MAX_UNFINISHED_BYTES).unwrap());
    assert_eq!(store.create_judge0(&[new(user, &large)]).await.unwrap(), Judge0Taken::TooMany);
    let other = add_guest(&store, "Ben").await.id;
    assert_eq!(store.create_judge0(&[new(other, "{}")]).await.unwrap(), Judge0Taken::All);
}

pub(crate) async fn everybodys_unfinished_are_bounded(store: Arc<dyn Store>) {
    let people = MAX_UNFINISHED_IN_ALL / MAX_UNFINISHED;
    for number in 0..people {
        let user = add_guest(&store, &format!("Ada {number}")).await.id;
        let batch: Vec<_> = (0..MAX_UNFINISHED).map(|_| new(user, "{}")).collect();
        assert_eq!(store.create_judge0(&batch).await.unwrap(), Judge0Taken::All);
    }
    let late = add_guest(&store, "Late").await.id;
    assert_eq!(store.create_judge0(&[new(late, "{}")]).await.unwrap(), Judge0Taken::Full);
    let (first, _) = store.unfinished_judge0(1).await.unwrap()[0];
    assert!(store.finish_judge0(first, "{}", noon(1)).await.unwrap());
    assert_eq!(store.create_judge0(&[new(late, "{}")]).await.unwrap(), Judge0Taken::All);
}

pub(crate) async fn a_raced_end_happens_once(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    let token = hand_in(&store, user, "{}").await;
    let ended = race(16, |number| {
        let store = Arc::clone(&store);
        async move { store.finish_judge0(token, &number.to_string(), noon(1)).await.unwrap() }
    })
    .await;
    assert_eq!(ended.into_iter().filter(|first| *first).count(), 1);
}

pub(crate) async fn the_oldest_finished_go_first(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    let waiting = hand_in(&store, user, "{}").await;
    let first = handed_in_and_finished(&store, user, "{}").await;
    let second = handed_in_and_finished(&store, user, "{}").await;
    for _ in 0..MAX_KEPT - 1 {
        handed_in_and_finished(&store, user, "{}").await;
    }
    assert!(!is_kept(&store, first).await && is_kept(&store, second).await);
    assert!(is_kept(&store, waiting).await, "what is not finished is not forgotten");
}

pub(crate) async fn what_is_large_goes_sooner(store: Arc<dyn Store>) {
    let (user, other) = (add_guest(&store, "Ada").await.id, add_guest(&store, "Ben").await.id);
    let third = "x".repeat(usize::try_from(MAX_KEPT_BYTES / 3).unwrap());
    let others = handed_in_and_finished(&store, other, &third).await;
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(handed_in_and_finished(&store, user, &third).await);
    }
    assert!(!is_kept(&store, tokens[0]).await && !is_kept(&store, tokens[1]).await);
    assert!(is_kept(&store, tokens[2]).await && is_kept(&store, tokens[3]).await);
    assert!(is_kept(&store, others).await);
}

pub(crate) async fn pages_are_newest_first(store: Arc<dyn Store>) {
    let (user, other) = (add_guest(&store, "Ada").await.id, add_guest(&store, "Ben").await.id);
    let mut tokens = Vec::new();
    for _ in 0..5 {
        tokens.insert(0, hand_in(&store, user, "{}").await);
    }
    hand_in(&store, other, "{}").await;
    let page = async |offset, limit| {
        let (page, total) = store.judge0_of(user, offset, limit).await.unwrap();
        assert_eq!(total, 5);
        page.into_iter().map(|one| one.token).collect::<Vec<_>>()
    };
    assert_eq!(page(0, 2).await, tokens[..2]);
    assert_eq!(page(3, 100).await, tokens[3..]);
    assert!(page(u64::MAX, 1).await.is_empty());
}

pub(crate) async fn only_what_is_finished_is_removed(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    let token = hand_in(&store, user, "{}").await;
    assert!(!store.remove_judge0(token).await.unwrap());
    assert!(store.finish_judge0(token, "{}", noon(1)).await.unwrap());
    assert!(store.remove_judge0(token).await.unwrap());
    assert!(!store.remove_judge0(token).await.unwrap() && !is_kept(&store, token).await);
}

pub(crate) async fn old_age_forgets_the_finished_only(store: Arc<dyn Store>) {
    let user = add_guest(&store, "Ada").await.id;
    let waiting = hand_in(&store, user, "{}").await;
    let old = handed_in_and_finished(&store, user, "{}").await;
    let young = hand_in(&store, user, "{}").await;
    assert!(store.finish_judge0(young, "{}", noon(2)).await.unwrap());
    assert_eq!(store.forget_judge0(noon(2)).await.unwrap(), 1);
    assert!(!is_kept(&store, old).await && is_kept(&store, young).await && is_kept(&store, waiting).await);
}

pub(crate) async fn a_guests_programs_move(store: Arc<dyn Store>) {
    let person = add_github(&store, 7, "ada").await;
    let guest = add_guest(&store, "Guest").await;
    let token = hand_in(&store, guest.id, "{}").await;
    let merged =
        store.sign_in_github(&github(7, "ada"), Some(guest.id), "UTC", noon(1)).await.unwrap().merged_guest;
    assert_eq!(merged, Some(guest.id));
    assert_eq!(store.judge0(token).await.unwrap().unwrap().user_id, person.id);
}
