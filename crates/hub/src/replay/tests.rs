//! What a recording refuses, and how it is read page by page.

use bytes::Bytes;
use codementor_core::journal::{Entry, Kind, MAX_ENTRY_BYTES};
use codementor_core::{Timestamp, UserId};

use super::*;
use crate::document::{Document, Refusal};

fn entries(count: u64) -> Vec<Entry> {
    let ada = UserId::new();
    let mut document = Document::new();
    let mut entry = |seq| {
        let data = document.splice(ada, 7, (0, 0), "let x;\n").unwrap().unwrap();
        Entry { seq, at: Timestamp::from_ms(1_000 + seq as i64), author: Some(ada), kind: Kind::Edit, data }
    };
    (1..=count).map(&mut entry).collect()
}

fn recording(entries: &[Entry]) -> Recording {
    let mut builder = Recording::builder();
    entries.iter().for_each(|entry| builder.push(entry.clone()).unwrap());
    builder.finish().unwrap()
}

#[test]
fn what_does_not_go_on_is_refused_and_what_came_before_stands() {
    let entries = entries(3);
    let refusal = |bent: Entry, before: usize| {
        let mut builder = Recording::builder();
        entries[..before].iter().for_each(|entry| builder.push(entry.clone()).unwrap());
        let error = builder.push(bent).unwrap_err();
        let rest = builder.finish().unwrap();
        assert_eq!(rest.all_steps(), recording(&entries[..before]).all_steps());
        assert_eq!(rest.text_at(u64::MAX), "let x;\n".repeat(before));
        error
    };
    let last = || entries[2].clone();
    let malformed = refusal(Entry { data: Bytes::from_static(b"\x07"), ..last() }, 2);
    assert_eq!(malformed, Unfit::Malformed { seq: 3, why: crate::wire::Malformed::CutOff });
    assert_eq!(refusal(Entry { seq: 4, ..last() }, 2), Unfit::Order { seq: 4, expected: 3 });
    assert_eq!(refusal(Entry { at: Timestamp::from_ms(1_001), ..last() }, 2), Unfit::Backwards { seq: 3 });
    let huge = Bytes::from(vec![b' '; MAX_ENTRY_BYTES + 1]);
    assert_eq!(refusal(Entry { data: huge, kind: Kind::Event, ..last() }, 2), Unfit::TooLarge { seq: 3 });
    assert_eq!(refusal(Entry { seq: 2, ..last() }, 1), Unfit::Gap { seq: 2 });
    let foreign = refusal(Entry { author: Some(UserId::new()), ..last() }, 2);
    assert_eq!(foreign, Unfit::Refused { seq: 3, why: Refusal::Foreign(7) });
}

#[test]
fn steps_come_in_pages() {
    let recording = recording(&entries(700));
    let mut seen = Vec::new();
    loop {
        let page = recording.steps(seen.len() as u64, 33);
        assert!(page.len() <= 33);
        if page.is_empty() {
            break;
        }
        seen.extend_from_slice(page);
    }
    assert_eq!(seen, recording.all_steps());
    assert!(recording.steps(u64::MAX, 7).is_empty() && recording.steps(0, 0).is_empty());
    assert_eq!((recording.keyframe(511), recording.keyframe_count()), ((0, ""), 1));
    let (seq, text) = recording.keyframe(u64::MAX);
    assert_eq!((seq, text), (512, recording.text_at(512).as_str()));
}

#[test]
fn a_page_holds_about_so_much() {
    let event = |seq| {
        let data = Bytes::from(vec![b' '; MAX_ENTRY_BYTES]);
        Entry { seq, at: Timestamp::from_ms(0), author: None, kind: Kind::Event, data }
    };
    let recording = recording(&(1..=5).map(event).collect::<Vec<_>>());
    assert_eq!(recording.steps(0, 100).len(), 2);
    assert_eq!(recording.steps(4, 100).len(), 1);
    assert_eq!((recording.text_at(5), recording.authors_at(5)), (String::new(), Vec::new()));
    assert_eq!(
        (recording.started_at(), recording.ended_at()),
        (Some(Timestamp::from_ms(0)), Some(Timestamp::from_ms(0)))
    );
}
