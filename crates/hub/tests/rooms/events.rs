//! What members hear beside the text: who comes and goes, what is said, and where the session stands.

use codementor_core::SessionId;
use codementor_core::journal::Kind;
use codementor_core::live::Part;
use codementor_hub::outbox::{Next, What};
use codementor_hub::room::{Greeting, Hears, Keep};
use codementor_protocol::session_event::SessionState;

use crate::client::Client;
use crate::listener::{Listener, session as shown};
use crate::school::{School, chat, notice};

#[tokio::test]
async fn people_come_and_go_once_however_many_connections_they_have() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = Listener::of(&school, session).await;
    let mut second = Listener::offline(Part::Navigator);
    second.user = ben.user;
    second.reconnect(&school, session).await;
    let mut plain = Client::offline(9);
    plain.user = ben.user;
    plain.hears = Hears::Messages;
    plain.reconnect(&school, session).await;
    assert_eq!((ada.room().present(), ada.room().people().await.unwrap().len()), (2, 2));
    ben.member = None;
    second.member = None;
    ada.settle().await;
    assert_eq!(ada.kinds(), ["session-state", "user-joined"]);
    plain.member = None;
    ada.settle().await;
    assert_eq!(ada.kinds(), ["session-state", "user-joined", "user-left"]);
    assert_eq!(ada.heard("user-left")[0]["data"]["user_id"], ben.user.to_string());
    assert_eq!(ada.room().present(), 1);
    let record = school.record(session).await;
    let events: Vec<_> = record.iter().map(|entry| (entry.kind, entry.author)).collect();
    let (ada, ben) = (Some(ada.user), Some(ben.user));
    assert_eq!(
        events,
        [(Kind::Event, ada), (Kind::Event, ben), (Kind::Event, ben)],
        "and so says the record"
    );
}

#[tokio::test]
async fn who_hears_events_is_there_only_after_joining_the_session() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let silent = school.client(session, "Silent", 9).await;
    ada.settle().await;
    assert_eq!((ada.room().present(), ada.kinds()), (1, vec!["session-state"]));
    drop(silent);
    ada.settle().await;
    assert_eq!(ada.kinds(), ["session-state"], "nor does anybody go who was not there");
}

#[tokio::test]
async fn events_are_for_those_who_hear_them() {
    let school = School::new();
    let session = SessionId::new();
    let mut plain = Client::offline(9);
    plain.hears = Hears::Messages;
    plain.part = Part::Viewer;
    plain.reconnect(&school, session).await;
    let mut ada = Listener::of(&school, session).await;
    ada.room().announce(notice("session-updated")).await.unwrap();
    ada.member().tell(chat(ada.user, "hello"), None).await.unwrap();
    plain.insert(0, "refused").await;
    ada.edit(0, 0, "x").await;
    plain.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "x");
    assert!(plain.text().contains('x'), "the text is for everybody");
    assert!(plain.events.is_empty(), "{:?}", plain.events);
    ada.settle().await;
    assert_eq!(ada.kinds(), ["session-state", "session-updated", "ack"], "nobody hears themselves");
}

#[tokio::test]
async fn a_greeting_tells_everything_up_to_its_place_and_only_news_follow() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    ada.edit(0, 0, "let x😀").await;
    ada.settle().await;
    for n in 0..120 {
        ada.member().tell(chat(ada.user, &n.to_string()), None).await.unwrap();
    }
    let ben = Listener::offline(Part::Viewer);
    let mut late = ben;
    late.join(ada.room()).await;
    ada.member().tell(chat(ada.user, "news"), None).await.unwrap();
    late.settle().await;
    assert_eq!(late.kinds(), ["session-state", "new-message"]);
    let state: SessionState = serde_json::from_value(late.events[0]["data"].clone()).unwrap();
    assert_eq!((state.code.as_str(), state.user_id), ("let x😀", late.user.to_string()));
    assert_eq!((state.version, state.may_write), (ada.version, false));
    let people: Vec<_> = state.present.iter().map(|person| person.user_id.clone()).collect();
    assert_eq!(people, [ada.user.to_string(), late.user.to_string()], "in the order in which they came");
    let messages: Vec<_> = state.messages.iter().map(|message| message.message.clone()).collect();
    assert_eq!(
        messages,
        (20..120).map(|n| n.to_string()).collect::<Vec<_>>(),
        "the newest hundred, oldest first"
    );
    assert_eq!(late.heard("new-message")[0]["data"]["message"], "news");
    // Asked for again, it is told again and acknowledged after it; nobody arrives twice.
    let greeting = Greeting { session: shown(), code_updates: true, id: Some("again".to_owned()) };
    late.member().greet(greeting).await.unwrap();
    late.settle().await;
    assert_eq!(late.kinds()[2..], ["session-state", "ack"]);
    ada.settle().await;
    assert_eq!(ada.heard("user-joined").len(), 1);
}

#[tokio::test]
async fn what_is_to_be_forgotten_is_told_and_not_kept() {
    let school = School::new();
    let session = SessionId::new();
    let ada = Listener::of(&school, session).await;
    let mut ben = Listener::of(&school, session).await;
    let before = school.record(session).await.len();
    ada.member().tell(notice("cursor-update"), Some("1".to_owned())).await.unwrap();
    ada.member().tell(chat(ada.user, "kept"), Some("2".to_owned())).await.unwrap();
    ben.settle().await;
    assert_eq!(ben.kinds(), ["session-state", "cursor-update", "new-message"]);
    let record = school.record(session).await;
    assert_eq!(record.len(), before + 1);
    assert_eq!(record[before].author, Some(ada.user));
}

#[tokio::test]
async fn an_end_is_heard_by_everybody_before_the_close() {
    let school = School::new();
    let session = SessionId::new();
    let mut listeners = Vec::new();
    for _ in 0..5 {
        listeners.push(Listener::of(&school, session).await);
    }
    let mut plain = Client::offline(9);
    plain.hears = Hears::Messages;
    plain.reconnect(&school, session).await;
    listeners[0].edit(0, 0, "last words").await;
    let room = listeners[0].room().clone();
    let ended =
        codementor_hub::room::Announcement::new(None, "session-ended", &serde_json::json!({}), Keep::Record);
    room.end(ended).await.unwrap();
    for listener in &mut listeners {
        assert_eq!(listener.wait_for_end().await, 1000);
        assert_eq!(listener.kinds().last(), Some(&"session-ended"));
        assert_eq!(listener.text(), "last words");
        listener.member = None;
    }
    let mut words = 0;
    let code = loop {
        match plain.outbox().next().await {
            Next::Close(code) => break code,
            Next::Frame(frame) if matches!(frame.what(), What::Text(_)) => words += 1,
            _ => {}
        }
    };
    assert_eq!((words, code), (1, 1000));
    plain.member = None;
    assert!(room.text().await.is_err());
    let record = school.record(session).await;
    let last = String::from_utf8(record.last().unwrap().data.to_vec()).unwrap();
    assert!(last.contains("session-ended"), "{last}");
}
