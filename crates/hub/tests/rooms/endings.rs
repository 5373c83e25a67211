//! How rooms end and begin: stopped, forgotten, begun with a text, opened again with all that was kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use codementor_core::live::{Part, Policy, Recording};
use codementor_core::ports::Clock;
use codementor_core::{SessionId, Timestamp};
use codementor_hub::hub::BeginError;
use codementor_hub::room::{OpenError, Settings, Unavailable};
use codementor_hub::wire::message;

use crate::faulty::Mood;
use crate::frames::{Each, letters, letters_from};
use crate::listener::Listener;
use crate::school::{School, chat, notice};

const FORGETFUL: Settings = Settings { policy: Policy::Free, recording: Recording::Off };

#[tokio::test]
async fn a_stop_keeps_all_that_was_said_before_and_lets_nobody_in_after() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = Listener::of(&school, session).await;
    let room = ada.room().clone();
    for n in 0..100 {
        ada.insert(n, "x").await;
    }
    ben.member().tell(chat(ben.user, "bye"), None).await.unwrap();
    // Members who do not go by themselves hold nobody up.
    school.hub.stop().await;
    assert_eq!((ada.closed().await, ben.wait_for_end().await), (1012, 1012));
    assert_eq!(ben.text().len(), 100, "what was kept was told");
    assert!(matches!(school.hub.room(session, Settings::default()).await, Err(OpenError::Busy)));
    assert!(room.text().await.is_err() && room.announce(notice("late")).await.is_err());
    let kept = school.journal.load(session).await.unwrap();
    assert!(kept.tail.is_empty() && kept.snapshot.is_some());
    let mut again = Listener::of(&school.restarted(), session).await;
    again.settle().await;
    assert_eq!(again.text().len(), 100);
    assert_eq!(again.heard("session-state")[0]["data"]["messages"][0]["message"], "bye");
}

#[tokio::test]
async fn one_room_that_cannot_be_written_does_not_keep_the_others_from_stopping() {
    let (school, journal) = School::with_faults();
    let (stuck, sound) = (SessionId::new(), SessionId::new());
    let mut ada = school.client(sound, "Ada", 7).await;
    ada.insert(0, "sound").await;
    ada.settle().await;
    let mut eve = school.client(stuck, "Eve", 9).await;
    journal.append.turns(Mood::Hangs);
    let calls = journal.append.calls();
    eve.insert(0, "x").await;
    journal.append.called(calls + 1).await;
    // So much that its inbox is full.
    let flood = tokio::spawn(async move {
        for _ in 0..2_000 {
            eve.say(vec![3]).await;
        }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let sound_ends = async {
        assert_eq!(ada.closed().await, 1012);
        journal.append.turns(Mood::Works);
    };
    tokio::join!(school.hub.stop(), sound_ends);
    flood.await.unwrap();
    assert!(school.journal.load(sound).await.unwrap().snapshot.is_some());
}

#[tokio::test]
async fn turning_the_recording_off_forgets_what_was_recorded_and_keeps_the_text() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    ada.edit(0, 0, "secret past, ").await;
    ada.settle().await;
    ada.member().tell(chat(ada.user, "a word"), None).await.unwrap();
    ada.room().set(FORGETFUL, notice("session-updated")).await.unwrap();
    ada.settle().await;
    assert_eq!(school.record(session).await, [], "nothing is left to be replayed");
    let end = ada.length();
    ada.edit(end, end, "present").await;
    ada.settle().await;
    ada.member().tell(chat(ada.user, "another"), None).await.unwrap();
    ada.settle().await;
    assert!(
        school.record(session).await.iter().all(|entry| entry.kind == codementor_core::journal::Kind::Edit)
    );
    // A crash: the room is not told to end.
    let crashed = school.restarted();
    let room = crashed.hub.room(session, FORGETFUL).await.unwrap();
    assert_eq!(room.text().await.unwrap(), "secret past, present");
    drop((ada, room));
    school.hub.stop().await;
    crashed.hub.stop().await;
    let again = school.restarted();
    assert_eq!(school.record(session).await, []);
    let late = Listener::of(&again, session).await;
    assert_eq!(late.text(), "secret past, present");
    assert_eq!(late.heard("session-state")[0]["data"]["messages"], serde_json::json!([]));
}

#[tokio::test]
async fn recording_that_is_turned_on_again_begins_there() {
    let school = School::new();
    let session = SessionId::new();
    let room = school.hub.room(session, FORGETFUL).await.unwrap();
    let mut ada = Listener::of(&school, session).await;
    ada.edit(0, 0, "before, ").await;
    ada.settle().await;
    room.set(FORGETFUL, notice("session-updated")).await.unwrap();
    room.set(Settings::default(), notice("session-updated")).await.unwrap();
    let end = ada.length();
    ada.edit(end, end, "after").await;
    ada.member().tell(chat(ada.user, "kept"), None).await.unwrap();
    ada.settle().await;
    ada.member = None;
    drop(room);
    school.hub.stop().await;
    assert!(school.record(session).await.len() >= 2);
    assert_eq!(school.restarted().room(session).await.text().await.unwrap(), "before, after");
}

#[tokio::test]
async fn a_snapshot_that_fails_when_recording_ends_is_tried_again() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    ada.edit(0, 0, "secret").await;
    ada.settle().await;
    journal.snapshot.turns(Mood::Unavailable);
    ada.room().set(FORGETFUL, notice("session-updated")).await.unwrap();
    journal.snapshot.called(1).await;
    journal.snapshot.turns(Mood::Works);
    for _ in 0..32 {
        ada.edit(0, 0, "!").await;
        ada.settle().await;
    }
    journal.snapshot.called(2).await;
    school.hub.stop().await;
    // The last is the one of the stop.
    assert!(journal.snapshot.calls() <= 3, "not with every edit");
    assert_eq!(school.record(session).await, []);
}

#[tokio::test]
async fn nobody_waits_for_a_snapshot() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = school.client(session, "Ben", 8).await;
    journal.snapshot.turns(Mood::Hangs);
    // Due in the middle of them.
    for _ in 0..1_100 {
        ada.edit(0, 0, "x").await;
        ada.settle().await;
    }
    journal.snapshot.called(1).await;
    ben.settle().await;
    assert_eq!(ben.text().len(), 1_100);
    assert_eq!(journal.snapshot.calls(), 1, "one at a time");
    journal.snapshot.turns(Mood::Works);
    school.hub.stop().await;
    let kept = school.journal.load(session).await.unwrap();
    assert!(kept.snapshot.is_some_and(|snapshot| snapshot.seq >= 1_100) && kept.tail.is_empty());
}

#[tokio::test]
async fn what_is_much_work_to_read_again_is_taken_into_a_snapshot_sooner() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let ada = school.client(session, "Ada", 7).await;
    ada.say(message::update(&letters(5, 60_000, Each::Before))).await;
    // Each of these looks at all of those.
    for n in 0..50 {
        ada.say(message::update(&letters_from(6, n, 1, Each::Before))).await;
    }
    journal.snapshot.called(1).await;
    school.hub.stop().await;
    assert_eq!(school.journal.load(session).await.unwrap().tail, []);
}

#[tokio::test]
async fn a_session_begins_with_its_text_once() {
    let school = School::new();
    let session = SessionId::new();
    let at = Timestamp::from_ms(1_000);
    school.hub.begin(session, "print('😀')\n", at).await.unwrap();
    let again = school.hub.begin(session, "other", at).await;
    assert!(matches!(again, Err(BeginError::Begun)), "{again:?}");
    let mut ada = Listener::of(&school, session).await;
    assert_eq!(ada.text(), "print('😀')\n");
    let record = school.record(session).await;
    assert_eq!((record[0].author, record[0].at), (None, at));
    ada.edit(0, 0, "# mine\n").await;
    ada.settle().await;
    assert_eq!(ada.room().text().await.unwrap(), "# mine\nprint('😀')\n");
    // No text is no entry.
    let empty = SessionId::new();
    school.hub.begin(empty, "", at).await.unwrap();
    assert_eq!(school.record(empty).await, []);
    let long = "x".repeat(2 << 20);
    assert!(matches!(school.hub.begin(empty, &long, at).await, Err(BeginError::Refused(_))));
    let wide = "日".repeat(1 << 20);
    assert!(
        matches!(school.hub.begin(empty, &wide, at).await, Err(BeginError::Refused(_))),
        "more than an entry holds"
    );
}

#[tokio::test]
async fn a_text_can_be_made_another_one() {
    let school = School::new();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut ben = Listener::of(&school, session).await;
    let room = ben.room().clone();
    for text in ["let a = 1;\n", "let 😀 = 1;\n", "let 😁 = 12;\n", "", "日本"] {
        assert_eq!(room.replace(ada.user, text.to_owned()).await, Ok(true));
        let last = school.record(session).await.pop().unwrap();
        assert_eq!(last.author, Some(ada.user), "kept before it is answered");
        ada.settle().await;
        ben.settle().await;
        assert_eq!((ada.text().as_str(), ben.text().as_str()), (text, text));
    }
    let before = school.record(session).await.len();
    assert_eq!(room.replace(ada.user, "日本".to_owned()).await, Ok(true));
    for long in ["x".repeat(2 << 20), "日".repeat(1 << 20)] {
        assert_eq!(room.replace(ada.user, long).await, Ok(false));
    }
    assert_eq!((school.record(session).await.len(), room.text().await.unwrap().as_str()), (before, "日本"));
    // The smallest change: what others hold on to stays.
    room.replace(ada.user, "abcdef".to_owned()).await.unwrap();
    ben.settle().await;
    ben.edit(3, 3, "-").await;
    room.replace(ada.user, "abXdef".to_owned()).await.unwrap();
    ada.settle().await;
    assert_eq!(ada.text(), "abXdef");
}

/// A clock that is set by hand.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn times_of_a_record_never_run_backwards() {
    let hands = Arc::new(Hands(AtomicI64::new(5_000)));
    let school = School::with_clock(hands.clone());
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "1").await;
    ada.settle().await;
    hands.0.store(1_000, Ordering::Relaxed);
    ada.insert(0, "2").await;
    ada.settle().await;
    ada.member = None;
    school.hub.stop().await;
    // A snapshot takes everything in, so that the record's end is not read by itself.
    let again = school.restarted();
    ada.reconnect(&again, session).await;
    ada.insert(0, "3").await;
    ada.settle().await;
    let times: Vec<_> = again.record(session).await.iter().map(|entry| entry.at.as_ms()).collect();
    assert_eq!(times, [5_000; 3]);
}

#[tokio::test(start_paused = true)]
async fn what_a_closing_room_is_told_is_done_or_said_not_to_be() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "x").await;
    ada.settle().await;
    let room = ada.room().clone();
    ada.member = None;
    // Empty for a while: it keeps its snapshot, which takes its time.
    journal.snapshot.turns(Mood::Hangs);
    journal.snapshot.called(1).await;
    let parts = vec![(ada.user, Part::Viewer)];
    let told = async {
        tokio::join!(
            room.announce(chat(ada.user, "to be kept")),
            room.set_parts(parts, notice("role-changed")),
            room.set(FORGETFUL, notice("session-updated")),
            room.send_out(vec![ada.user]),
            room.end(notice("session-ended")),
        )
    };
    let works = async {
        tokio::task::yield_now().await;
        journal.snapshot.turns(Mood::Works);
    };
    let (told, ()) = tokio::join!(told, works);
    let closing = Err(Unavailable::Closing);
    assert_eq!(told, (closing, closing, closing, closing, closing));
    assert_eq!(school.room(session).await.announce(chat(ada.user, "to be kept")).await, Ok(()));
    school.hub.stop().await;
    assert_eq!(school.record(session).await.len(), 2);
}
