//! What only a document that breaks on command shows. Everything else of rooms is in the crate's `tests`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codementor_core::live::Part;
use codementor_core::time::SystemClock;
use codementor_core::{SessionId, UserId};
use codementor_protocol::session_event::CodeChange;
use codementor_store::{Options, SqliteJournal};
use tempfile::TempDir;

use super::batch::MAX_COMMANDS;
use super::{Announcement, Hears, Keep, Newcomer, Room, Settings, Unavailable};
use crate::document::POISON;
use crate::hub::{Hub, Observer, Unobserved};
use crate::outbox::{Next, What};
use crate::wire::state_vector::StateVector;
use crate::wire::update::{Id, encode_edit};
use crate::wire::{Message, message};

fn newcomer() -> Newcomer {
    Newcomer { user: UserId::new(), name: "Ada".to_owned(), part: Part::Navigator, hears: Hears::Events }
}

fn hub() -> (Hub, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), &Options::default()).unwrap();
    (Hub::new(Arc::new(journal), Arc::new(SystemClock), Arc::new(Unobserved)), folder)
}

#[tokio::test]
async fn a_room_that_panics_sends_its_members_home_and_opens_again() {
    let (hub, _folder) = hub();
    let session = SessionId::new();
    let room = hub.room(session, Settings::default()).await.unwrap();
    let ada = room.join(newcomer()).await.unwrap();
    ada.edit(CodeChange { from: 0, to: 0, insert: "kept".to_owned(), version: None }, None).await.unwrap();
    assert_eq!(room.text().await.unwrap(), "kept");
    let panic = Announcement::new(None, "panic", &(), Keep::Forget);
    assert_eq!(room.announce(panic).await, Err(Unavailable::Closing));
    assert_eq!(hub.open_rooms(), 0);
    while ada.outbox().next().await != Next::Close(1012) {}
    let again = hub.room(session, Settings::default()).await.unwrap();
    assert_eq!(again.text().await.unwrap(), "kept");
}

#[tokio::test]
async fn a_document_that_broke_is_made_anew_from_what_was_kept() {
    let (hub, _folder) = hub();
    let session = SessionId::new();
    let room = hub.room(session, Settings::default()).await.unwrap();
    let poison = String::from_utf8(POISON.to_vec()).unwrap();
    let change = |insert: &str| CodeChange { from: 0, to: 0, insert: insert.to_owned(), version: None };
    let ada = room.join(newcomer()).await.unwrap();
    let eve = room.join(newcomer()).await.unwrap();
    // In one batch: what was said before and after it holds.
    ada.edit(change("sound"), None).await.unwrap();
    ada.edit(change(&poison), Some("1".to_owned())).await.unwrap();
    ada.edit(change("still "), Some("2".to_owned())).await.unwrap();
    assert_eq!(room.text().await.unwrap(), "still sound");
    let update = encode_edit(Id { client: 5, clock: 0 }, (None, None), &poison, &[]);
    eve.say(Message::read(&message::update(&update).into()).unwrap()).await.unwrap();
    assert!(!room.replace(UserId::new(), poison).await.unwrap());
    assert_eq!(room.text().await.unwrap(), "still sound");
    let mut answers = Vec::new();
    while let Some(next) = ada.outbox().try_next() {
        if let Next::Frame(frame) = next
            && frame.what() == What::Answer
        {
            answers.push(String::from_utf8(frame.payload().to_vec()).unwrap());
        }
    }
    assert!(answers[0].contains("refused") && answers[1].contains("\"ack\""), "{answers:?}");
    assert_eq!(answers.len(), 2);
    assert_eq!(eve.outbox().next().await, Next::Close(4400));
    drop((ada, eve));
    hub.stop().await;
}

#[tokio::test]
async fn who_holds_a_document_hears_what_they_wrote_without_it() {
    let (hub, _folder) = hub();
    let room = hub.room(SessionId::new(), Settings::default()).await.unwrap();
    let (ada, ben) = (room.join(newcomer()).await.unwrap(), room.join(newcomer()).await.unwrap());
    ada.say(Message::Step1(StateVector::default())).await.unwrap();
    for member in [&ada, &ben] {
        let change = CodeChange { from: 0, to: 0, insert: "x".to_owned(), version: None };
        member.edit(change, None).await.unwrap();
    }
    assert_eq!(room.text().await.unwrap(), "xx");
    let updates = |member: &crate::room::Member| {
        let frames = std::iter::from_fn(|| member.outbox().try_next());
        let is_text =
            |next: &Next| matches!(next, Next::Frame(frame) if matches!(frame.what(), What::Text(_)));
        frames.filter(is_text).count()
    };
    // An answer to her question, her own edit and Ben's; only Ada's for Ben, who never asked.
    assert_eq!((updates(&ada), updates(&ben)), (3, 1));
    drop((ada, ben));
    hub.stop().await;
}

/// Notes how many edits each batch told.
#[derive(Default)]
struct Batches(Mutex<Vec<u64>>);

impl Observer for Batches {
    fn told(&self, edits: u64, _: u64) {
        self.0.lock().unwrap().push(edits);
    }

    fn refused(&self, reason: &'static str) {
        panic!("{reason}");
    }
}

/// A room that lets edits gather for ever, and what it tells.
async fn patient_room() -> (Room, Arc<Batches>, (Hub, TempDir)) {
    let folder = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(&folder.path().join("journal.db"), &Options::default()).unwrap();
    let batches = Arc::new(Batches::default());
    let hub = Hub::new(Arc::new(journal), Arc::new(SystemClock), batches.clone())
        .with_pause(Duration::from_secs(3600));
    let room = hub.room(SessionId::new(), Settings::default()).await.unwrap();
    (room, batches, (hub, folder))
}

#[tokio::test]
async fn where_there_is_much_to_do_edits_gather_until_something_cannot_wait() {
    let (room, batches, _hub) = patient_room().await;
    let ada = room.join(newcomer()).await.unwrap();
    let eve = room.join(newcomer()).await.unwrap();
    let change = |insert: &str| CodeChange { from: 0, to: 0, insert: insert.to_owned(), version: None };
    for word in ["three", "two ", "one "] {
        ada.edit(change(word), None).await.unwrap();
        // Takes the edit, and waits for more.
        tokio::task::yield_now().await;
    }
    assert!(batches.0.lock().unwrap().is_empty());
    // Somebody wants an answer.
    assert_eq!(room.text().await.unwrap(), "one two three");
    assert_eq!(*batches.0.lock().unwrap(), [3]);
    ada.edit(change("zero "), None).await.unwrap();
    // Somebody goes.
    drop(eve);
    let third = room.join(newcomer()).await.unwrap();
    assert_eq!(*batches.0.lock().unwrap(), [3, 1]);
    drop((ada, third));
}

#[tokio::test]
async fn no_more_than_a_batch_gathers() {
    let (room, batches, _hub) = patient_room().await;
    let ada = room.join(newcomer()).await.unwrap();
    let change = || CodeChange { from: 0, to: 0, insert: "x".to_owned(), version: None };
    for _ in 0..MAX_COMMANDS + 1 {
        ada.edit(change(), None).await.unwrap();
    }
    assert_eq!(room.text().await.unwrap().len(), MAX_COMMANDS + 1);
    assert_eq!(*batches.0.lock().unwrap(), [MAX_COMMANDS as u64, 1]);
}
