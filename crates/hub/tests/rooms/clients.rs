//! Whose a client is: nobody writes or shows as another person's, also before that one has written, and nobody brings clients without end.

use codementor_core::SessionId;
use codementor_hub::wire::awareness::{Entry, encode};
use codementor_hub::wire::message;
use codementor_hub::wire::update::{Id, encode_edit};

use crate::school::School;

fn shown(client: u64, clock: u32, state: &str) -> Vec<u8> {
    message::awareness(&encode([Entry { client, clock, state }].into_iter()))
}

#[tokio::test]
async fn nobody_writes_as_a_client_that_somebody_else_shows() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.say(shown(7, 1, "{}")).await;
    let mut eve = school.client(session, "Eve", 7).await;
    eve.insert(0, "forged").await;
    assert_eq!(eve.closed().await, 4400);
    ada.insert(0, "mine").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "mine");
}

#[tokio::test]
async fn nobody_shows_something_as_a_client_that_somebody_else_wrote_as() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "mine").await;
    ada.settle().await;
    let mut eve = school.client(session, "Eve", 9).await;
    eve.say(shown(7, 1, r#"{"cursor":666}"#)).await;
    eve.settle().await;
    // Else this would be hearsay, and nobody would see it.
    ada.say(shown(7, 1, r#"{"cursor":1}"#)).await;
    ada.insert(0, "still ").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "still mine");
}

#[tokio::test]
async fn what_somebody_passes_on_of_others_is_free_and_their_own_is_bounded() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.say(shown(7, 1, "{}")).await;
    let mut ben = school.client(session, "Ben", 8).await;
    // As the common provider does with all that it hears.
    for clock in 1..1_000 {
        ben.say(shown(7, clock, "{}")).await;
    }
    ben.insert(0, "still here").await;
    ben.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "still here");
    for clock in 1..1_000 {
        ben.say(shown(8, clock, "{}")).await;
    }
    assert_eq!(ben.closed().await, 4429);
    ada.settle().await;
}

#[tokio::test]
async fn a_connection_brings_few_new_clients() {
    let school = School::new();
    let session = SessionId::new();
    let mut eve = school.client(session, "Eve", 9).await;
    let edit = |client| message::update(&encode_edit(Id { client, clock: 0 }, (None, None), "x", &[]));
    for client in 100..164 {
        eve.say(edit(client)).await;
    }
    eve.settle().await;
    assert_eq!(eve.room().text().await.unwrap(), "x".repeat(64));
    eve.say(edit(500)).await;
    assert_eq!(eve.closed().await, 4400);
    // Nobody else is kept from writing.
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "y").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap().len(), 65);
}
