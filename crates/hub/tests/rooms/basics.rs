//! What a room has always promised.

use std::sync::Arc;

use codementor_core::SessionId;
use codementor_core::journal::Kind;
use codementor_core::live::Part;
use codementor_hub::outbox::MAX_BYTES;
use codementor_hub::room::Unavailable;
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::{Message, message};
use codementor_protocol::session_event::CodeChange;
use rand::RngExt;

use crate::client::Client;
use crate::school::{School, notice};
use crate::seeds::seeded;

#[tokio::test]
async fn members_see_each_others_edits_and_not_their_own() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    ada.insert(0, "let x").await;
    ben.settle().await;
    assert_eq!(ben.text(), "let x");
    ben.insert(5, " = 1").await;
    ada.settle().await;
    ben.settle().await;
    assert_eq!((ada.text(), ben.text()), ("let x = 1".to_owned(), "let x = 1".to_owned()));
    assert_eq!((ada.updates, ben.updates), (1, 1), "nobody hears themselves");
    assert_eq!(ada.room().text().await.unwrap(), "let x = 1");
}

#[tokio::test]
async fn what_somebody_has_heard_is_in_the_journal() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    for n in 0..30 {
        ada.insert(n, "x").await;
        ben.hear_update().await;
        let record = school.journal.read(session, 0, 100).await.unwrap();
        assert_eq!(record.len() as u32, n + 1);
        let last = record.last().unwrap();
        assert_eq!((last.seq, last.author, last.kind), (u64::from(n) + 1, Some(ada.user), Kind::Edit));
    }
}

#[tokio::test]
async fn two_who_open_at_once_get_one_room() {
    let school = Arc::new(School::new());
    for _ in 0..20 {
        let session = SessionId::new();
        let mut clients = Vec::new();
        let joining = (0..8).map(|n| {
            let school = school.clone();
            tokio::spawn(async move { school.client(session, "Somebody", 100 + n).await })
        });
        for joined in joining.collect::<Vec<_>>() {
            clients.push(joined.await.unwrap());
        }
        for (n, client) in clients.iter_mut().enumerate() {
            client.insert(0, &n.to_string()).await;
        }
        let text = clients[0].room().text().await.unwrap();
        assert_eq!(text.len(), 8);
        for client in &mut clients {
            client.settle().await;
            assert_eq!(client.text(), text);
        }
    }
    assert_eq!(school.hub.open_rooms(), 20);
}

#[tokio::test]
async fn readers_change_nothing_and_rights_change_at_once() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut eve = school.client_with(session, "Eve", 9, Part::Viewer).await;
    eve.insert(0, "no").await;
    eve.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "");
    assert!(eve.events.iter().any(|event| event.contains("read_only")), "{:?}", eve.events);
    // An empty answer to the first step is no writing.
    let before = eve.events.len();
    eve.say(message::step_2(&[0, 0])).await;
    eve.settle().await;
    assert_eq!(eve.events.len(), before);
    ada.room().set_parts(vec![(eve.user, Part::Navigator)], notice("role-changed")).await.unwrap();
    eve.settle().await;
    ada.settle().await;
    assert_eq!(ada.text(), "no", "what waited is there once it may be");
    ada.room().set_parts(vec![(ada.user, Part::Viewer)], notice("role-changed")).await.unwrap();
    ada.insert(0, "x").await;
    ada.settle().await;
    assert_eq!(eve.room().text().await.unwrap(), "no");
}

#[tokio::test]
async fn who_does_not_read_holds_little_and_gets_everything_by_one_difference() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    let line = "x".repeat(999) + "\n";
    // Two thirds of the text are taken out again, so that the difference is smaller than what was missed.
    for n in 0..2_000 {
        ada.insert(0, &line).await;
        if n % 3 != 0 {
            ada.remove(0, 1_000).await;
        }
        assert!(ben.outbox().waiting() <= MAX_BYTES);
    }
    let text = ada.room().text().await.unwrap();
    ben.settle().await;
    assert_eq!(ben.text(), text);
    assert_eq!(ben.catch_ups, 1);
    ada.insert(0, "on").await;
    ben.hear_update().await;
    assert_eq!(ben.text(), ada.text(), "and goes on as before");
}

#[tokio::test]
async fn gaps_are_filled_by_asking() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert_unsent(0, "lost ");
    ada.insert(5, "found").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "lost found");
}

#[tokio::test]
async fn lies_end_their_own_connection_only() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    ada.insert(0, "ab").await;
    ben.settle().await;
    // Ben writes on as Ada's client.
    let mut forger = Client::offline(7);
    forger.hear(&ada.whole());
    let forged = forger.insert_unsent(2, "!");
    ben.say(message::update(&forged)).await;
    assert_eq!(ben.closed().await, 4400);
    ada.insert(2, "c").await;
    assert_eq!(ada.room().text().await.unwrap(), "abc");
}

#[tokio::test]
async fn edits_by_place_reach_everybody_under_their_author() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let other = school.client(session, "Ben", 8).await;
    let ben = other.user;
    ada.insert(0, "lt x").await;
    let change = CodeChange { from: 1, to: 1, insert: "e".to_owned(), version: None };
    other.member().edit(change, None).await.unwrap();
    ada.hear_update().await;
    assert_eq!(ada.text(), "let x");
    let record = school.record(session).await;
    let edits = record.iter().filter(|entry| entry.kind == Kind::Edit);
    assert_eq!(edits.map(|entry| entry.author).collect::<Vec<_>>(), [Some(ada.user), Some(ben)]);
}

#[tokio::test]
async fn a_room_whose_record_somebody_else_writes_gives_way() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = school.client(session, "Ben", 8).await;
    ada.insert(0, "kept").await;
    ben.hear_update().await;
    // Another node has taken the session over and goes on writing.
    let other = school.restarted();
    let mut eve = other.client(session, "Eve", 9).await;
    eve.insert(4, "!").await;
    assert_eq!(eve.room().text().await.unwrap(), "kept!");
    ada.insert(0, "never seen ").await;
    assert_eq!((ada.closed().await, ben.closed().await), (1012, 1012));
    assert_eq!(ben.text(), "kept", "what was not kept was not told");
    ada.reconnect(&school, session).await;
    assert_eq!(ada.text(), "never seen kept!", "and nothing was lost");
    assert_eq!(ada.room().text().await.unwrap(), "never seen kept!");
}

#[tokio::test(start_paused = true)]
async fn an_empty_room_closes_and_opens_again_as_it_was() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "stays").await;
    let room = ada.room().clone();
    assert_eq!(room.text().await.unwrap(), "stays");
    let user = ada.user;
    drop(ada);
    while school.hub.open_rooms() > 0 {
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(room.text().await, Err(Unavailable::Closing));
    let kept = school.journal.load(session).await.unwrap();
    assert!(kept.snapshot.is_some_and(|snapshot| snapshot.seq == 1) && kept.tail.is_empty());
    let ben = school.client(session, "Ben", 8).await;
    assert_eq!(ben.room().text().await.unwrap(), "stays");
    // Whose client it was is still known.
    let mut forger = Client::offline(7);
    forger.hear(&ben.whole());
    let forged = forger.insert_unsent(5, "!");
    ben.say(message::update(&forged)).await;
    assert_ne!(ben.user, user);
    assert_eq!(ben.closed().await, 4400);
}

#[tokio::test]
async fn random_sessions_end_alike_for_everybody_and_in_the_record() {
    let mut rng = seeded();
    for _ in 0..6 {
        let school = School::new();
        let session = SessionId::new();
        let mut clients = Vec::new();
        for n in 0..5 {
            clients.push(school.client(session, "Somebody", 50 + n).await);
        }
        for _ in 0..300 {
            let who = rng.random_range(0..clients.len());
            let client = &mut clients[who];
            let length = u32::try_from(client.text().encode_utf16().count()).unwrap();
            match rng.random_range(0..10) {
                0..5 => {
                    client
                        .insert(rng.random_range(0..=length), ["a", "bc", "\n", "é"][rng.random_range(0..4)])
                        .await
                }
                5 if length > 0 => client.remove(rng.random_range(0..length), 1).await,
                6 => drop(client.insert_unsent(rng.random_range(0..=length), "lost")),
                7 => client.repeat_last().await,
                8 => client.reconnect(&school, session).await,
                _ => client.settle().await,
            }
        }
        // What was never sent comes with the next connection.
        for client in &mut clients {
            client.reconnect(&school, session).await;
        }
        let text = clients[0].room().text().await.unwrap();
        for client in &mut clients {
            client.settle().await;
            assert_eq!(client.text(), text);
        }
        // A server that starts anew reads the same from the record.
        let again = school.restarted();
        let late = again.client(session, "Late", 99).await;
        assert_eq!(late.room().text().await.unwrap(), text);
        let known = StateVector::default();
        late.say(message::step_1(&known)).await;
    }
}

#[test]
fn messages_of_servers_mean_nothing_from_a_client() {
    assert!(matches!(Message::read(&vec![2, 0, 1, b'x'].into()), Ok(Message::Auth)));
    assert!(matches!(Message::read(&Vec::new().into()), Ok(Message::Empty)));
    assert!(Message::read(&vec![9].into()).is_err());
}
