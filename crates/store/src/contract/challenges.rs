//! Challenges that did not come with the program.

use std::sync::Arc;

use codementor_core::catalogue::{
    ContentFault, FileSet, Listing, MAX_OF_AUTHOR, Offers, Origin, Published, Removed, Save, Saved, Stage,
    StoredChallenge, Verification,
};
use codementor_core::id::UserId;
use codementor_core::ports::Store;

use super::fixtures::{add_github, add_guest, challenge, github, noon, race};

fn files(text: &str) -> FileSet {
    let mut files = FileSet::default();
    files.insert("statement.md", text.to_owned()).unwrap();
    files.insert("data/ü \"x\".txt", "\u{1}\n".repeat(1_000)).unwrap();
    files
}

fn save(id: &str, revision: u64, text: &str, author: UserId) -> Save {
    Save {
        id: challenge(id),
        revision,
        title: format!("Title of {text}"),
        files: files(text),
        origin: Origin::Authored(author),
        by: Some(author),
        at: noon(0),
    }
}

async fn saved(store: &Arc<dyn Store>, save: &Save) -> StoredChallenge {
    match store.save_challenge(save).await.unwrap() {
        Saved::Done(stored) => stored,
        other => panic!("not saved: {other:?}"),
    }
}

fn found(stored: &StoredChallenge, faults: &[&str]) -> Verification {
    let fault = |message: &&str| ContentFault { file: "tests.toml".into(), message: (*message).to_owned() };
    Verification {
        content: stored.content,
        at: noon(5),
        judge: vec!["Python 3.11".to_owned()],
        faults: faults.iter().map(fault).collect(),
    }
}

async fn published(store: &Arc<dyn Store>, stored: &StoredChallenge) -> StoredChallenge {
    assert!(store.note_verification(&stored.id, &found(stored, &[])).await.unwrap());
    match store.publish_challenge(&stored.id, &stored.content).await.unwrap() {
        Published::Done(stored) => *stored,
        other => panic!("not published: {other:?}"),
    }
}

async fn offers(store: &Arc<dyn Store>) -> Offers {
    store.offers(None).await.unwrap().unwrap()
}

pub(crate) async fn a_challenge_is_kept_as_it_was(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let mine = saved(&store, &save("mine", 0, "one", ada)).await;
    let expected = StoredChallenge {
        id: challenge("mine"),
        title: "Title of one".to_owned(),
        origin: Origin::Authored(ada),
        stage: Stage::Draft,
        content: files("one").hash(),
        offered: None,
        verification: None,
        revision: 1,
        created_at: noon(0),
        changed_at: noon(0),
        changed_by: Some(ada),
    };
    assert_eq!(mine, expected);
    let origin = Origin::Imported { format: "native".to_owned() };
    let brought = Save { origin: origin.clone(), by: None, ..save("brought", 0, "one", ada) };
    let brought = saved(&store, &brought).await;
    assert_eq!((&brought.origin, brought.changed_by), (&origin, None));
    // Two challenges with one content: it stays as long as either needs it.
    assert_eq!(brought.content, mine.content);
    assert_eq!(store.remove_challenge(&mine.id, 1).await.unwrap(), Removed::Done);
    assert_eq!(store.stored_challenge(&mine.id).await.unwrap(), None);
    assert_eq!(store.challenge_files(&brought.content).await.unwrap(), Some(files("one")));
    assert_eq!(store.remove_challenge(&brought.id, 1).await.unwrap(), Removed::Done);
    assert_eq!(store.challenge_files(&brought.content).await.unwrap(), None);
}

pub(crate) async fn unknown_challenges_are_none(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let id = challenge("nothing");
    assert_eq!(store.stored_challenge(&id).await.unwrap(), None);
    assert_eq!(store.save_challenge(&save("nothing", 1, "x", ada)).await.unwrap(), Saved::Missing);
    assert_eq!(store.publish_challenge(&id, &files("x").hash()).await.unwrap(), Published::Missing);
    assert_eq!(store.withdraw_challenge(&id).await.unwrap(), None);
    assert_eq!(store.remove_challenge(&id, 1).await.unwrap(), Removed::Missing);
    assert_eq!(store.challenge_files(&files("x").hash()).await.unwrap(), None);
    assert_eq!(offers(&store).await.items, []);
}

pub(crate) async fn of_two_who_save_at_once_one_is_told(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    for revision in [0, 1] {
        let outcomes = race(6, |number| {
            let (store, save) =
                (Arc::clone(&store), save("raced", revision, &format!("{revision}-{number}"), ada));
            async move { store.save_challenge(&save).await.unwrap() }
        })
        .await;
        let kept = store.stored_challenge(&challenge("raced")).await.unwrap().unwrap();
        assert_eq!(kept.revision, revision + 1);
        let done = outcomes.iter().filter(|outcome| matches!(outcome, Saved::Done(_))).count();
        let told = outcomes.iter().filter(|outcome| **outcome == Saved::Conflict(kept.clone())).count();
        assert_eq!((done, told), (1, 5), "{outcomes:?}");
    }
}

pub(crate) async fn the_same_content_is_no_change(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let first = saved(&store, &save("same", 0, "one", ada)).await;
    let again = Save { at: noon(9), ..save("same", 1, "one", ada) };
    assert_eq!(saved(&store, &again).await, first);
    let other = Save { at: noon(9), ..save("same", 1, "two", ada) };
    let other = saved(&store, &other).await;
    assert_eq!((other.revision, other.created_at, other.changed_at), (2, noon(0), noon(9)));
    assert_eq!(store.challenge_files(&first.content).await.unwrap(), None);
}

pub(crate) async fn only_what_was_verified_is_published(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let stored = saved(&store, &save("mine", 0, "one", ada)).await;
    let publish = async || store.publish_challenge(&stored.id, &stored.content).await.unwrap();
    assert_eq!(publish().await, Published::Unverified);
    assert!(store.note_verification(&stored.id, &found(&stored, &["wrong"])).await.unwrap());
    assert_eq!(publish().await, Published::Unverified);
    assert!(store.note_verification(&stored.id, &found(&stored, &[])).await.unwrap());
    assert_eq!(
        store.publish_challenge(&stored.id, &files("other").hash()).await.unwrap(),
        Published::Unverified
    );
    let expected = StoredChallenge {
        stage: Stage::Published,
        offered: Some(stored.content),
        verification: Some(found(&stored, &[])),
        ..stored.clone()
    };
    // Once more changes nothing.
    for _ in 0..2 {
        assert_eq!(publish().await, Published::Done(Box::new(expected.clone())));
        assert_eq!(
            offers(&store).await,
            Offers { revision: 1, items: vec![(stored.id.clone(), stored.content)] }
        );
    }
    assert_eq!(store.remove_challenge(&stored.id, stored.revision).await.unwrap(), Removed::Conflict);
}

pub(crate) async fn a_verification_of_an_older_content_is_not_noted(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let first = saved(&store, &save("mine", 0, "one", ada)).await;
    let second = saved(&store, &save("mine", 1, "two", ada)).await;
    assert!(!store.note_verification(&first.id, &found(&first, &[])).await.unwrap());
    assert_eq!(store.publish_challenge(&first.id, &first.content).await.unwrap(), Published::Unverified);
    assert_eq!(store.stored_challenge(&first.id).await.unwrap(), Some(second));
}

pub(crate) async fn an_edit_leaves_what_is_offered(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let first = saved(&store, &save("mine", 0, "one", ada)).await;
    published(&store, &first).await;
    let second = saved(&store, &save("mine", 1, "two", ada)).await;
    assert_eq!((second.stage, second.offered), (Stage::Published, Some(first.content)));
    assert!(!second.is_verified());
    assert_eq!(offers(&store).await.items, [(first.id.clone(), first.content)]);
    assert_eq!(store.challenge_files(&first.content).await.unwrap(), Some(files("one")));
    published(&store, &second).await;
    assert_eq!(offers(&store).await.items, [(first.id.clone(), second.content)]);
    assert_eq!(store.challenge_files(&first.content).await.unwrap(), None);
}

pub(crate) async fn withdrawn_challenges_keep_their_ids(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let draft = saved(&store, &save("mine", 0, "one", ada)).await;
    assert_eq!(store.withdraw_challenge(&draft.id).await.unwrap(), Some(draft.clone()));
    published(&store, &draft).await;
    let withdrawn = store.withdraw_challenge(&draft.id).await.unwrap().unwrap();
    assert_eq!((withdrawn.stage, withdrawn.offered), (Stage::Withdrawn, None));
    assert_eq!(offers(&store).await, Offers { revision: 2, items: vec![] });
    assert_eq!(store.remove_challenge(&draft.id, 1).await.unwrap(), Removed::Conflict);
    assert_eq!(
        store.save_challenge(&save("mine", 0, "two", ada)).await.unwrap(),
        Saved::Conflict(withdrawn.clone())
    );
    assert!(matches!(store.publish_challenge(&draft.id, &draft.content).await.unwrap(), Published::Done(_)));
    assert_eq!(offers(&store).await.items.len(), 1);
}

pub(crate) async fn offers_are_told_when_they_change(store: Arc<dyn Store>) {
    let ada = add_guest(&store, "ada").await.id;
    let revision = offers(&store).await.revision;
    let draft = saved(&store, &save("mine", 0, "one", ada)).await;
    assert_eq!(store.offers(Some(revision)).await.unwrap(), None);
    published(&store, &draft).await;
    let after = store.offers(Some(revision)).await.unwrap().unwrap();
    assert_eq!(after, offers(&store).await);
    assert_eq!(store.offers(Some(after.revision)).await.unwrap(), None);
}

pub(crate) async fn lists_show_what_somebody_may_see(store: Arc<dyn Store>) {
    let (ada, grace) = (add_guest(&store, "ada").await.id, add_guest(&store, "grace").await.id);
    for id in ["b-draft", "d-offered", "a-draft"] {
        saved(&store, &save(id, 0, id, ada)).await;
    }
    let offered = store.stored_challenge(&challenge("d-offered")).await.unwrap().unwrap();
    published(&store, &offered).await;
    saved(&store, &save("c-hers", 0, "x", grace)).await;
    let list = async |seen_by, after: Option<&str>, limit| {
        let listing = Listing { seen_by, after: after.map(challenge), limit };
        let found = store.stored_challenges(&listing).await.unwrap();
        found.into_iter().map(|stored| stored.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list(None, None, 101).await, ["a-draft", "b-draft", "c-hers", "d-offered"]);
    assert_eq!(list(Some(ada), None, 101).await, ["a-draft", "b-draft", "d-offered"]);
    assert_eq!(list(Some(grace), None, 101).await, ["c-hers", "d-offered"]);
    assert_eq!(list(None, Some("a-draft"), 2).await, ["b-draft", "c-hers"]);
    assert!(list(None, Some("d-offered"), 2).await.is_empty());
}

pub(crate) async fn an_authors_challenges_are_bounded(store: Arc<dyn Store>) {
    let (ada, grace) = (add_guest(&store, "ada").await.id, add_guest(&store, "grace").await.id);
    for number in 0..MAX_OF_AUTHOR {
        saved(&store, &save(&format!("mine-{number}"), 0, "one", ada)).await;
    }
    assert_eq!(store.save_challenge(&save("one-more", 0, "one", ada)).await.unwrap(), Saved::Full);
    saved(&store, &save("one-more", 0, "one", grace)).await;
    saved(&store, &save("mine-0", 1, "two", ada)).await;
}

pub(crate) async fn a_guests_challenges_move(store: Arc<dyn Store>) {
    let person = add_github(&store, 7, "ada").await.id;
    let guest = add_guest(&store, "visitor").await.id;
    saved(&store, &save("theirs", 0, "one", guest)).await;
    let other = add_guest(&store, "grace").await.id;
    saved(&store, &save("other", 0, "one", other)).await;
    saved(&store, &Save { by: Some(guest), ..save("other", 1, "two", other) }).await;
    store.sign_in_github(&github(7, "ada"), Some(guest), "UTC", noon(9)).await.unwrap();
    let moved = store.stored_challenge(&challenge("theirs")).await.unwrap().unwrap();
    assert_eq!((moved.origin, moved.changed_by), (Origin::Authored(person), Some(person)));
    let changed = store.stored_challenge(&challenge("other")).await.unwrap().unwrap();
    assert_eq!((changed.origin, changed.changed_by), (Origin::Authored(other), Some(person)));
}
