//! What happens where no more fits: everybody knows, nothing is lost, and who deletes goes on.

use codementor_core::SessionId;
use codementor_core::live::Part;
use codementor_hub::document::MAX_TEXT;
use codementor_hub::room::Hears;
use codementor_hub::wire::message;

use crate::client::Client;
use crate::frames::{Each, letters};
use crate::listener::Listener;
use crate::school::School;

fn limits(listener: &Listener) -> Vec<String> {
    let heard = listener.heard("text-limit");
    heard.iter().map(|event| event["data"]["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn everybody_knows_when_the_text_is_full_and_who_deletes_goes_on() {
    let school = School::new();
    let session = SessionId::new();
    let mut ben = Listener::of(&school, session).await;
    let mut ada = school.client(session, "Ada", 7).await;
    let part = MAX_TEXT as usize / 4;
    for _ in 0..3 {
        ada.insert(0, &"x".repeat(part)).await;
    }
    ben.settle().await;
    assert_eq!(limits(&ben), [] as [&str; 0]);
    ada.insert(0, &"y".repeat(part - 10)).await;
    ada.settle().await;
    ben.settle().await;
    assert_eq!(limits(&ben), ["full"]);
    // Who comes now knows as well.
    let mut late = Listener::offline(Part::Navigator);
    late.reconnect(&school, session).await;
    assert_eq!(late.heard("session-state")[0]["data"]["text_limit"], "full");
    ada.remove(0, 5_000).await;
    ada.settle().await;
    ben.settle().await;
    assert_eq!(limits(&ben), ["full", "free"]);
}

#[tokio::test]
async fn a_client_without_events_hears_why_its_edit_was_not_taken() {
    let school = School::new();
    let session = SessionId::new();
    let mut eve = Client::offline(9);
    (eve.hears, eve.part) = (Hears::Messages, Part::Viewer);
    eve.reconnect(&school, session).await;
    eve.insert(0, "no").await;
    eve.settle().await;
    assert_eq!(eve.denied, ["You may not write here just now."]);
    assert_eq!(eve.room().text().await.unwrap(), "");
}

#[tokio::test]
async fn who_changes_too_much_at_once_hears_so_and_stays() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "def f():").await;
    ada.say(message::update(&letters(5, 60_000, Each::Before))).await;
    ada.say(message::update(&letters(6, 1_000, Each::Before))).await;
    ada.settle().await;
    assert!(ada.events.iter().any(|event| event.contains("too_large") && event.contains("too much at once")));
    ada.insert(0, "# goes on").await;
    ada.settle().await;
    let text = ada.room().text().await.unwrap();
    assert!(text.contains("# goes on") && text.len() == 60_017);
}
