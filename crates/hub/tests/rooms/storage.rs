//! A journal that fails: nobody hears what is not kept, nothing is lost, and the room goes on by itself.

use std::sync::Arc;
use std::time::Duration;

use codementor_core::{SessionId, UserId};
use codementor_hub::room::{OpenError, Settings};

use crate::faulty::Mood;
use crate::listener::Listener;
use crate::school::School;

#[tokio::test]
async fn while_it_cannot_be_kept_nobody_hears_of_it_and_then_everybody_does() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = school.client(session, "Ben", 8).await;
    for (round, mood) in [Mood::Unavailable, Mood::DoesAndDenies].into_iter().enumerate() {
        let before = ben.updates;
        let at = ada.length();
        journal.append.turns(mood);
        ada.edit(at, at, "x").await;
        assert_eq!(ada.next_event().await["data"]["state"], "unavailable");
        journal.append.called(journal.append.calls() + 2).await;
        while let Some(next) = ben.outbox().try_next() {
            assert!(format!("{next:?}").contains("storage"), "{next:?}");
        }
        assert!(ada.outbox().try_next().is_none() && ada.waiting.is_some());
        journal.append.turns(Mood::Works);
        assert_eq!(ada.next_event().await["data"]["state"], "ok");
        assert_eq!(ada.next_event().await["type"], "ack");
        ben.settle().await;
        assert_eq!((ben.updates, ben.text().len()), (before + 1, round + 1), "once");
        assert_eq!(ben.text(), ada.text());
    }
    let record = school.record(session).await;
    assert!(record.iter().map(|entry| entry.seq).eq(1..=3), "no entry is there twice");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_does_not_answer_is_told_of_and_waited_for() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = Listener::of(&school, session).await;
    let mut ben = Listener::of(&school, session).await;
    ada.settle().await;
    ada.events.clear();
    journal.append.turns(Mood::Hangs);
    let calls = journal.append.calls();
    ada.edit(0, 0, "x").await;
    journal.append.called(calls + 1).await;
    assert_eq!(ada.next_event().await["data"]["state"], "unavailable");
    while let Some(next) = ben.outbox().try_next() {
        assert!(!format!("{next:?}").contains("code-update"), "{next:?}");
    }
    journal.append.turns(Mood::Works);
    while ada.waiting.is_some() {
        ada.next_event().await;
    }
    ben.settle().await;
    assert_eq!(ben.text(), "x");
    assert_eq!(ada.kinds(), ["storage", "storage", "ack"]);
    assert_eq!(ada.events[1]["data"]["state"], "ok");
    assert_eq!(journal.append.calls(), calls + 1, "what is under way is not begun again");
}

#[tokio::test]
async fn a_record_that_cannot_go_on_ends_the_room_and_the_next_one_reads_it() {
    for mood in [Mood::Failed, Mood::Conflict] {
        let (school, journal) = School::with_faults();
        let session = SessionId::new();
        let mut ada = school.client(session, "Ada", 7).await;
        let mut ben = Listener::of(&school, session).await;
        ada.insert(0, "kept").await;
        ben.settle().await;
        journal.append.turns(mood);
        ada.insert(4, " not yet").await;
        assert_eq!((ada.closed().await, ben.wait_for_end().await), (1012, 1012));
        assert_eq!(ben.text(), "kept", "what was not kept was not told");
        assert_eq!(journal.snapshot.calls(), 0, "nor is what the room holds kept as the truth");
        journal.append.turns(Mood::Works);
        ada.reconnect(&school, session).await;
        ben.reconnect(&school, session).await;
        assert_eq!((ada.text().as_str(), ben.text().as_str()), ("kept not yet", "kept not yet"));
    }
}

#[tokio::test]
async fn a_failed_load_is_an_error_and_never_an_empty_document() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut ada = school.client(session, "Ada", 7).await;
    ada.insert(0, "precious").await;
    ada.settle().await;
    let again = school.restarted();
    for mood in [Mood::Unavailable, Mood::Failed] {
        journal.load.turns(mood);
        let failed = again.hub.room(session, Settings::default()).await;
        assert!(matches!(failed, Err(OpenError::Store(_))), "{failed:?}");
        assert_eq!(again.hub.open_rooms(), 0);
    }
    journal.load.turns(Mood::Works);
    assert_eq!(again.room(session).await.text().await.unwrap(), "precious");
}

#[tokio::test]
async fn who_asked_together_and_failed_once_still_gets_one_room() {
    let (school, journal) = School::with_faults();
    let school = Arc::new(school);
    let session = SessionId::new();
    journal.load.turns(Mood::Hangs);
    let ask = || {
        let school = school.clone();
        tokio::spawn(async move { school.hub.room(session, Settings::default()).await })
    };
    let mut asked: Vec<_> = (0..4).map(|_| ask()).collect();
    journal.load.called(1).await;
    // The first one fails, another opens it, and somebody new asks meanwhile.
    asked[0].abort();
    assert!(asked.remove(0).await.unwrap_err().is_cancelled());
    journal.load.called(2).await;
    asked.push(ask());
    journal.load.turns(Mood::Works);
    for asked in asked {
        asked.await.unwrap().unwrap().text().await.unwrap();
    }
    assert_eq!((school.hub.open_rooms(), journal.load.calls()), (1, 2));
}

#[tokio::test]
async fn who_waits_behind_a_failure_is_not_given_a_room_of_their_own() {
    let (school, journal) = School::with_faults();
    let school = Arc::new(school);
    let session = SessionId::new();
    let ask = || {
        let school = school.clone();
        tokio::spawn(async move { school.hub.room(session, Settings::default()).await })
    };
    journal.load.turns(Mood::Hangs);
    let first = ask();
    journal.load.called(1).await;
    let second = ask();
    tokio::task::yield_now().await;
    journal.load.turns(Mood::FailsOnce);
    assert!(matches!(first.await.unwrap(), Err(OpenError::Store(_))));
    journal.load.called(2).await;
    // While the second one opens it, somebody new asks.
    let third = ask();
    tokio::task::yield_now().await;
    journal.load.turns(Mood::Works);
    let (second, third) = (second.await.unwrap().unwrap(), third.await.unwrap().unwrap());
    for (text, room) in [("2", &second), ("3", &third)] {
        // Two rooms would write the record at odds with each other.
        room.replace(UserId::new(), text.to_owned()).await.unwrap();
        assert_eq!(
            (second.text().await.unwrap().as_str(), third.text().await.unwrap().as_str()),
            (text, text)
        );
    }
    assert_eq!((school.hub.open_rooms(), journal.load.calls()), (1, 2));
}

#[tokio::test]
async fn nobody_who_gave_up_asking_takes_a_place() {
    let (school, journal) = School::with_faults();
    journal.load.turns(Mood::Hangs);
    for n in 0..10 {
        let opening = school.hub.room(SessionId::new(), Settings::default());
        tokio::select! {
            biased;
            _ = opening => panic!("it hangs"),
            () = journal.load.called(n + 1) => {}
        }
        assert_eq!(school.hub.open_rooms(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn unloading_saving_and_coming_back_may_race() {
    let (school, journal) = School::with_faults();
    let session = SessionId::new();
    let mut rng = crate::seeds::seeded();
    let mut ada = school.client(session, "Ada", 7).await;
    let mut text = String::new();
    for n in 0..400_u32 {
        use rand::RngExt;
        let moods = [Mood::Works, Mood::Works, Mood::Unavailable, Mood::Failed, Mood::DoesAndDenies];
        journal.snapshot.turns(moods[rng.random_range(0..moods.len())]);
        let length = ada.text().len() as u32;
        ada.insert(length, &(n % 10).to_string()).await;
        text.push_str(&(n % 10).to_string());
        ada.settle().await;
        ada.member = None;
        // Around the moment in which an empty room closes.
        let wait = [29_990, 29_999, 30_000, 30_001, 30_010][rng.random_range(0..5)];
        tokio::time::advance(Duration::from_millis(wait)).await;
        for _ in 0..rng.random_range(0..6) {
            tokio::task::yield_now().await;
        }
        loop {
            // As the server does: a room that closes meanwhile is asked for again.
            let newcomer = codementor_hub::room::Newcomer {
                user: ada.user,
                name: String::new(),
                part: ada.part,
                hears: ada.hears,
            };
            match school.room(session).await.join(newcomer).await {
                Ok(member) => break ada.member = Some(member),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        ada.sync().await;
        assert_eq!(ada.room().text().await.unwrap(), text);
        assert!(school.hub.open_rooms() <= 1);
    }
    let edits = school.record(session).await.len();
    assert_eq!(edits, 400);
    assert_eq!(school.restarted().room(session).await.text().await.unwrap(), text);
}
