//! Who may write: by part and policy, with effect from the next message on, and without losing what was written meanwhile.

use codementor_core::SessionId;
use codementor_core::live::{Part, Policy, Recording};
use codementor_hub::room::Settings;
use codementor_protocol::session_event::CodeChange;

use crate::listener::Listener;
use crate::school::{School, notice};

const DRIVER: Settings = Settings { policy: Policy::Driver, recording: Recording::On };

#[tokio::test]
async fn viewers_never_write_in_either_way() {
    let school = School::new();
    let session = SessionId::new();
    let mut viewer = school.client_with(session, "Eve", 9, Part::Viewer).await;
    viewer.insert(0, "no").await;
    viewer.settle().await;
    assert!(viewer.events.iter().any(|event| event.contains("read_only")), "{:?}", viewer.events);
    let mut listener = Listener::offline(Part::Viewer);
    listener.reconnect(&school, session).await;
    listener.edit(0, 0, "no").await;
    listener.settle().await;
    let errors = listener.heard("error");
    assert_eq!(
        (errors.len(), &errors[0]["id"], &errors[0]["data"]["code"]),
        (1, &"1".into(), &"read_only".into())
    );
    assert_eq!(listener.heard("session-state")[0]["data"]["may_write"], false);
    assert_eq!(viewer.room().text().await.unwrap(), "");
    assert!(
        school.record(session).await.iter().all(|entry| entry.kind == codementor_core::journal::Kind::Event)
    );
}

#[tokio::test]
async fn a_viewer_who_comes_back_is_not_told_that_they_may_not_write() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "let it be").await;
    ada.remove(0, 4).await;
    let mut viewer = school.client_with(session, "Eve", 9, Part::Viewer).await;
    viewer.reconnect(&school, session).await;
    // All that was deleted is named in every answer to a first step.
    assert_eq!((viewer.text().as_str(), viewer.events.len()), ("it be", 0), "{:?}", viewer.events);
    viewer.remove(0, 1).await;
    viewer.settle().await;
    assert_eq!((ada.room().text().await.unwrap().as_str(), viewer.events.len()), ("it be", 1));
}

#[tokio::test]
async fn under_the_driver_policy_the_driver_writes_and_nobody_else() {
    let school = School::new();
    let session = SessionId::new();
    let room = school.hub.room(session, DRIVER).await.unwrap();
    for (n, part) in [Part::Driver, Part::Navigator, Part::Mentor, Part::Viewer].into_iter().enumerate() {
        let mut client = school.client_with(session, "Somebody", 10 + n as u64, part).await;
        client.insert(0, "x").await;
        client.settle().await;
        assert_eq!(room.text().await.unwrap(), "x", "only the driver wrote, not {part:?}");
    }
    // Handed over: both change at once.
    let mut ada = school.client_with(session, "Ada", 20, Part::Driver).await;
    let mut ben = school.client_with(session, "Ben", 21, Part::Navigator).await;
    room.set_parts(vec![(ben.user, Part::Driver), (ada.user, Part::Navigator)], notice("role-changed"))
        .await
        .unwrap();
    ada.insert(0, "a").await;
    ben.insert(0, "b").await;
    ada.settle().await;
    ben.settle().await;
    assert_eq!(room.text().await.unwrap(), "bx");
}

#[tokio::test]
async fn a_change_holds_from_the_very_next_message_on() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let room = ada.room().clone();
    ada.insert(0, "1").await;
    room.set_parts(vec![(ada.user, Part::Viewer)], notice("role-changed")).await.unwrap();
    ada.insert(1, "2").await;
    assert_eq!(room.text().await.unwrap(), "1");
    room.set_parts(vec![(ada.user, Part::Mentor)], notice("role-changed")).await.unwrap();
    ada.settle().await;
    assert_eq!(room.text().await.unwrap(), "12", "what was written meanwhile comes");
    room.set(DRIVER, notice("session-updated")).await.unwrap();
    ada.insert(2, "3").await;
    assert_eq!(room.text().await.unwrap(), "12");
    room.set(Settings::default(), notice("session-updated")).await.unwrap();
    ada.settle().await;
    assert_eq!(room.text().await.unwrap(), "123", "also when the policy allows it");
}

#[tokio::test]
async fn who_writes_offline_while_read_only_loses_nothing() {
    let school = School::new();
    let session = SessionId::new();
    let ben = school.client(session, "Ben", 8).await;
    let mut ada = school.client_with(session, "Ada", 7, Part::Viewer).await;
    ada.member = None;
    ada.insert_unsent(0, "offline ");
    ada.reconnect(&school, session).await;
    assert_eq!(ben.room().text().await.unwrap(), "");
    ben.room().set_parts(vec![(ada.user, Part::Navigator)], notice("role-changed")).await.unwrap();
    ada.settle().await;
    assert_eq!(ben.room().text().await.unwrap(), "offline ");
}

#[tokio::test]
async fn what_was_said_of_somebodys_part_is_newer_than_what_they_come_with() {
    let school = School::new();
    let session = SessionId::new();
    let ben = school.client(session, "Ben", 8).await;
    let mut eve = crate::client::Client::offline(9);
    ben.room().set_parts(vec![(eve.user, Part::Viewer)], notice("role-changed")).await.unwrap();
    eve.reconnect(&school, session).await;
    eve.insert(0, "no").await;
    eve.settle().await;
    assert_eq!(ben.room().text().await.unwrap(), "");
}

#[tokio::test]
async fn who_was_sent_out_is_gone_at_once_and_may_come_back_as_something_else() {
    let school = School::new();
    let session = SessionId::new();
    let mut ben = Listener::of(&school, session).await;
    let mut eve = Listener::of(&school, session).await;
    let room = ben.room().clone();
    room.send_out(vec![eve.user]).await.unwrap();
    // Said before her connection noticed.
    eve.member().tell(crate::school::chat(eve.user, "still here"), None).await.unwrap();
    eve.member()
        .edit(CodeChange { from: 0, to: 0, insert: "!".to_owned(), version: None }, None)
        .await
        .unwrap();
    assert_eq!(eve.wait_for_end().await, 4403);
    ben.settle().await;
    assert_eq!(ben.kinds(), ["session-state", "user-joined", "user-left"], "and nobody hears her any more");
    assert_eq!((room.text().await.unwrap().as_str(), room.present()), ("", 1));
    // Her old connection ends later than she is back, which is no going.
    let mut back = Listener::offline(Part::Viewer);
    back.user = eve.user;
    back.reconnect(&school, session).await;
    drop(eve);
    ben.settle().await;
    assert_eq!(ben.kinds()[3..], ["user-joined"]);
    assert_eq!(ben.heard("user-joined")[1]["data"]["role"], "viewer");
    back.edit(0, 0, "no").await;
    back.settle().await;
    assert_eq!(room.text().await.unwrap(), "");
}

#[tokio::test]
async fn who_was_let_in_before_they_were_sent_out_leaves_nothing_behind() {
    let school = School::new();
    let session = SessionId::new();
    let ben = school.client(session, "Ben", 8).await;
    let mut eve = school.client(session, "Eve", 9).await;
    // A second connection of hers was let in and joins late; the server looks again and drops it.
    ben.room().send_out(vec![eve.user]).await.unwrap();
    eve.rejoin(ben.room()).await;
    eve.member = None;
    // Invited anew, to watch.
    eve.part = Part::Viewer;
    eve.reconnect(&school, session).await;
    eve.insert(0, "no").await;
    eve.settle().await;
    assert_eq!(ben.room().text().await.unwrap(), "");
    // A slow connection from before changes nothing as long as she is here.
    let mut slow = crate::client::Client::offline(10);
    slow.user = eve.user;
    slow.reconnect(&school, session).await;
    slow.insert(0, "no").await;
    slow.settle().await;
    assert_eq!(ben.room().text().await.unwrap(), "");
}

#[tokio::test]
async fn people_who_are_here_have_colours_of_their_own() {
    let school = School::new();
    let session = SessionId::new();
    let mut listeners = Vec::new();
    for _ in 0..12 {
        listeners.push(Listener::of(&school, session).await);
    }
    let colors = |listener: &Listener| -> Vec<String> {
        let state = listener.heard("session-state").last().copied().unwrap().clone();
        let present = state["data"]["present"].as_array().unwrap().clone();
        present.iter().map(|person| person["color"].as_str().unwrap().to_owned()).collect()
    };
    let all = colors(&listeners[11]);
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 12, "{all:?}");
    listeners[0].reconnect(&school, session).await;
    let again = colors(&listeners[0]);
    assert!(again.contains(&all[0]) && again.len() == 12, "who comes back is who they were: {again:?}");
}
