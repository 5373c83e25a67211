//! Requests that are answered: once done, kept before that, and not done twice when asked twice.

use codementor_core::SessionId;
use codementor_core::live::Part;
use codementor_hub::wire::message;
use codementor_protocol::session_event::CodeChange;
use rand::RngExt;

use crate::listener::Listener;
use crate::school::{School, chat, notice};
use crate::seeds::seeded;

#[tokio::test]
async fn an_edit_asked_for_again_is_answered_again_and_not_done_again() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = Listener::of(&school, session).await;
    let change = |insert: &str| CodeChange { from: 0, to: 0, insert: insert.to_owned(), version: None };
    let id = |id: &str| Some(id.to_owned());
    ada.member().edit(change("once"), id("1")).await.unwrap();
    // In the same batch, in a later one, and over another connection of the same person.
    ada.member().edit(change("once"), id("1")).await.unwrap();
    ada.settle().await;
    ada.member().edit(change("once"), id("1")).await.unwrap();
    ada.settle().await;
    let acks: Vec<_> = ada.heard("ack").into_iter().cloned().collect();
    assert_eq!(acks.len(), 3);
    assert!(acks.iter().all(|ack| ack == &acks[0]), "{acks:?}");
    let mut again = Listener::offline(Part::Navigator);
    again.user = ada.user;
    again.reconnect(&school, session).await;
    again.member().edit(change("once"), id("1")).await.unwrap();
    again.settle().await;
    assert_eq!(again.heard("ack"), [&acks[0]]);
    // The id is hers alone.
    ben.member().edit(change("ben's, "), id("1")).await.unwrap();
    ben.settle().await;
    assert_eq!(ben.heard("ack").len(), 1);
    assert_eq!(ada.room().text().await.unwrap(), "ben's, once");
}

#[tokio::test]
async fn a_message_told_again_is_acknowledged_again_and_heard_once() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = Listener::of(&school, session).await;
    for _ in 0..5 {
        ada.member().tell(chat(ada.user, "hello"), Some("7".to_owned())).await.unwrap();
    }
    ada.settle().await;
    ben.settle().await;
    assert_eq!((ada.heard("ack").len(), ben.heard("new-message").len()), (5, 1));
    // Without an id everything is new.
    ada.member().tell(notice("cursor-update"), None).await.unwrap();
    ada.member().tell(notice("cursor-update"), None).await.unwrap();
    ben.settle().await;
    assert_eq!(ben.heard("cursor-update").len(), 2);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again() {
    let school = School::new();
    let session = SessionId::new();
    let mut eve = Listener::offline(Part::Viewer);
    eve.reconnect(&school, session).await;
    eve.edit(0, 0, "x").await;
    let asked = eve.waiting.clone();
    eve.settle().await;
    assert_eq!((eve.heard("error").len(), &eve.waiting), (1, &None));
    eve.room().set_parts(vec![(eve.user, Part::Mentor)], notice("role-changed")).await.unwrap();
    eve.waiting = asked;
    eve.ask_again().await;
    eve.settle().await;
    assert_eq!((eve.heard("ack").len(), eve.room().text().await.unwrap().as_str()), (1, "x"));
}

#[tokio::test]
async fn an_acknowledged_edit_is_in_the_journal() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let before = school.record(session).await.len();
    for n in 1..=30 {
        ada.edit(0, 0, "x").await;
        assert_eq!(ada.next_event().await["type"], "ack");
        assert_eq!(school.record(session).await.len(), before + n);
    }
}

#[tokio::test]
async fn the_same_update_a_thousand_times_is_one_entry() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    ada.insert(0, "once").await;
    for _ in 0..1_000 {
        ada.repeat_last().await;
    }
    ben.say(message::update(&ada.whole())).await;
    ada.settle().await;
    ben.settle().await;
    assert_eq!((ben.updates, school.record(session).await.len()), (1, 1));
}

#[tokio::test]
async fn nobody_takes_the_client_as_which_somebody_else_edits() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    ada.edit(0, 0, "a").await;
    ada.settle().await;
    let client = *ada_client(&school, session).await.iter().max().unwrap();
    // The same person in another session, where they have not written yet.
    let session = SessionId::new();
    let mut thief = school.client(session, "Eve", client).await;
    thief.insert(0, "stolen").await;
    assert_eq!(thief.closed().await, 4400);
    ada.reconnect(&school, session).await;
    ada.edit(0, 0, "a").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "a");
    assert_eq!(ada.heard("error"), [] as [&serde_json::Value; 0]);
    // Who has heard of it passes it on like everything else.
    let mut ben = school.client(session, "Ben", 8).await;
    ben.say(message::update(&ben.whole())).await;
    ben.settle().await;
    assert_eq!(ben.text(), "a");
}

async fn ada_client(school: &School, session: SessionId) -> Vec<u64> {
    let record = school.record(session).await;
    let edits = record.iter().filter(|entry| entry.kind == codementor_core::journal::Kind::Edit);
    let updates = edits.map(|entry| codementor_hub::wire::Update::read(entry.data.clone()).unwrap());
    updates.flat_map(|update| update.sections.into_iter().map(|section| section.client)).collect()
}

#[tokio::test]
async fn an_edit_for_an_old_version_moves_along_or_is_refused_but_never_misplaced() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = Listener::of(&school, session).await;
    ada.insert(0, "0123456789").await;
    ben.settle().await;
    let known = ben.version;
    let change = |version| CodeChange { from: 5, to: 5, insert: "|".to_owned(), version: Some(version) };
    // An update that leaves the text as it was, and one that does not.
    ada.insert_unsent(0, "gone");
    ada.remove(0, 4).await;
    ada.settle().await;
    ada.insert(0, ">").await;
    ben.member().edit(change(known), None).await.unwrap();
    assert_eq!(ada.room().text().await.unwrap(), ">01234|56789");
    let far = CodeChange { from: u32::MAX, to: u32::MAX, insert: "$".to_owned(), version: Some(known) };
    ben.member().edit(far, None).await.unwrap();
    assert_eq!(ada.room().text().await.unwrap(), ">01234|56789$");
    // One update that changes many places, only some of which are still remembered.
    let mut many = school.client(session, "Many", 9).await;
    many.insert(0, &"ab".repeat(1_100)).await;
    ben.settle().await;
    let known = ben.version;
    let mut eve = Listener::of(&school, session).await;
    many.remove_each(0, 2, 1_100).await;
    ben.member().edit(change(known), Some("old".to_owned())).await.unwrap();
    ben.settle().await;
    let error = ben.heard("error");
    assert_eq!(error[0]["data"]["code"], "stale_version");
    eve.settle().await;
    assert_eq!(eve.text(), many.room().text().await.unwrap());
}

#[tokio::test]
async fn who_has_no_crdt_sees_the_same_text_after_thousands_of_mixed_edits() {
    let mut rng = seeded();
    for _ in 0..4 {
        let school = School::new();
        let session = SessionId::new();
        let mut clients = Vec::new();
        let mut listeners = Vec::new();
        for n in 0..3 {
            clients.push(school.client(session, "Somebody", 50 + n).await);
            listeners.push(Listener::of(&school, session).await);
        }
        let mut acks = 0;
        for _ in 0..1_000 {
            let pieces = ["a", "bc\n", "é", "日本", "😀", "🦀🦀", ""];
            let piece = pieces[rng.random_range(0..pieces.len())];
            let who = rng.random_range(0..3);
            if rng.random_bool(0.5) {
                let client = &mut clients[who];
                let length = client.text().encode_utf16().count() as u32;
                match rng.random_range(0..4) {
                    // Also in the middle of characters, as editors do not and scripts may.
                    0 if length > 3 => client.remove(rng.random_range(0..length - 2), 2).await,
                    1 => client.settle().await,
                    _ if piece.is_empty() => {}
                    _ => client.insert(rng.random_range(0..=length), piece).await,
                }
            } else {
                let listener = &mut listeners[who];
                match rng.random_range(0..4) {
                    0 => listener.settle().await,
                    1 => listener.ask_again().await,
                    _ => {
                        let length = listener.length();
                        let from = rng.random_range(0..=length);
                        listener.edit(from, from + rng.random_range(0..=(length - from).min(6)), piece).await;
                    }
                }
            }
        }
        let text = clients[0].room().text().await.unwrap();
        for client in &mut clients {
            client.settle().await;
            // A step more: what the listeners' last edits brought.
            assert_eq!(client.text(), text);
        }
        for listener in &mut listeners {
            listener.settle().await;
            assert_eq!((listener.text(), &listener.waiting), (text.clone(), &None));
            assert!(listener.heard("error").is_empty(), "{:?}", listener.heard("error"));
            acks += listener.heard("ack").len();
        }
        assert!(acks > 100, "{acks}");
    }
}
