//! What updates do to a text, told as changes; recordings of whole sessions against plain models of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it cannot go on")]

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use codementor_core::journal::{Entry, Kind};
use codementor_core::{Timestamp, UserId};
use codementor_hub::document::{Document, Splice};
use codementor_hub::outline::Fit;
use codementor_hub::replay::statistics::Author;
use codementor_hub::replay::{Recording, Run, StepKind};
use codementor_hub::wire::Update;
use rand::RngExt;
use rand::rngs::StdRng;
use yrs::block::ClientID;
use yrs::updates::decoder::Decode;
use yrs::{Doc, GetString, ReadTxn, Text, Transact};

mod seeds;
#[path = "replay/typists.rs"]
mod typists;

use seeds::seeded;
use typists::{Typist, read, session};

/// Does a change on plain units, as an editor without a CRDT would; the text is always a text in between.
fn change(units: &mut Vec<u16>, splice: &Splice) {
    let from = splice.at as usize;
    units.splice(from..from + splice.delete as usize, splice.insert.encode_utf16());
    assert!(String::from_utf16(units).is_ok(), "{splice:?} leaves half a character");
}

#[test]
fn the_changes_that_are_told_lead_to_the_same_text() {
    let mut rng = seeded();
    let (mut cut, mut edits) = (0, 0);
    for _ in 0..250 {
        let updates = session(&mut rng, 3, 30);
        let mut document = Document::new();
        let mut expected: Vec<u16> = Vec::new();
        for (author, update) in &updates {
            // Who looks away for a while misses nothing afterwards.
            if rng.random_bool(0.1) {
                document.take(*author, &read(update)).unwrap();
                expected = document.text().encode_utf16().collect();
                continue;
            }
            let (fit, splices) = document.take_traced(*author, &read(update)).unwrap();
            assert!(fit == Fit::New || splices.is_empty());
            splices.iter().for_each(|splice| change(&mut expected, splice));
            assert_eq!(String::from_utf16(&expected).unwrap(), document.text(), "{splices:?}");
            assert_eq!(document.take_traced(*author, &read(update)), Ok((Fit::Known, Vec::new())));
            edits += 1;
            cut += splices.iter().filter(|splice| splice.insert == "\u{fffd}\u{fffd}").count();
        }
    }
    println!("{edits} updates, {cut} characters cut");
    assert!(cut > 100, "hardly any character was cut, so it was not tried");
}

#[test]
fn a_whole_document_and_edits_by_place_are_told_as_well() {
    let mut rng = seeded();
    for _ in 0..100 {
        let updates = session(&mut rng, 3, 20);
        let mut typist = Typist::new(5);
        typist.hear(&updates);
        let whole = typist.doc.transact().encode_state_as_update_v1(&yrs::StateVector::default());
        let mut document = Document::new();
        // The first ones came one by one.
        for (_, update) in &updates[..rng.random_range(0..10)] {
            document.take(typist.user, &read(update)).unwrap();
        }
        let mut expected: Vec<u16> = document.text().encode_utf16().collect();
        let (_, splices) = document.take_traced(typist.user, &read(&whole)).unwrap();
        splices.iter().for_each(|splice| change(&mut expected, splice));
        assert_eq!(String::from_utf16(&expected).unwrap(), document.text());
        for _ in 0..20 {
            let length = expected.len() as u32;
            let place = (rng.random_range(0..=length + 2), rng.random_range(0..=length + 2));
            let piece = ["", "a", "😀", "b\n"][rng.random_range(0..4)];
            if let Some((_, splices)) = document
                .splice_traced(UserId::new(), rng.random_range(1 << 32..1 << 40), place, piece)
                .unwrap()
            {
                splices.iter().for_each(|splice| change(&mut expected, splice));
            }
            assert_eq!(String::from_utf16(&expected).unwrap(), document.text());
        }
    }
}

/// A record of some updates, with events between them.
fn record(rng: &mut StdRng, updates: &[(UserId, Vec<u8>)]) -> Vec<Entry> {
    let mut at = 1_700_000_000_000;
    let mut entries = Vec::new();
    for (author, update) in updates {
        if rng.random_bool(0.1) {
            entries.push((None, Kind::Event, Bytes::from_static(br#"{"type":"chat","data":"hi \u0000"}"#)));
        }
        entries.push((Some(*author), Kind::Edit, Bytes::copy_from_slice(update)));
    }
    let entry = |(n, (author, kind, data)): (usize, (Option<UserId>, Kind, Bytes))| {
        at += rng.random_range(0..400);
        Entry { seq: n as u64 + 1, at: Timestamp::from_ms(at), author, kind, data }
    };
    entries.into_iter().enumerate().map(entry).collect()
}

fn recording(entries: &[Entry]) -> Recording {
    let mut builder = Recording::builder();
    entries.iter().for_each(|entry| builder.push(entry.clone()).unwrap());
    builder.finish().unwrap()
}

/// Who wrote each unit, one by one.
fn authors(runs: &[Run]) -> Vec<Option<UserId>> {
    runs.iter().flat_map(|run| std::iter::repeat_n(run.author, run.length as usize)).collect()
}

/// Who wrote each unit, by whose client wrote it: from the document's order and from what the library says is deleted.
fn owners(document: &Document, doc: &Doc) -> Vec<Option<UserId>> {
    let transaction = doc.transact();
    let snapshot = transaction.snapshot();
    let is_deleted =
        |client, clock| snapshot.delete_set.contains(&yrs::ID::new(ClientID::new(client), clock));
    let units = document.runs().flat_map(|(id, length)| (0..length).map(move |n| (id.client, id.clock + n)));
    units
        .filter(|(client, clock)| !is_deleted(*client, *clock))
        .map(|(client, _)| document.owner(client))
        .collect()
}

#[test]
fn a_recording_is_at_every_step_what_the_document_was() {
    let mut rng = seeded();
    for (people, edits) in [(1, 40), (2, 200), (3, 300), (2, 900)] {
        let updates = session(&mut rng, people, edits);
        let entries = record(&mut rng, &updates);
        let recording = recording(&entries);
        assert_eq!(recording.last_seq(), entries.len() as u64);
        assert_eq!((recording.text_at(0), recording.authors_at(0)), (String::new(), Vec::new()));
        let mut document = Document::new();
        let late = Typist::new(5);
        for entry in &entries {
            if let (Kind::Edit, Some(author)) = (entry.kind, entry.author) {
                document.take(author, &read(&entry.data)).unwrap();
                late.doc.transact_mut().apply_update(yrs::Update::decode_v1(&entry.data).unwrap()).unwrap();
            }
            assert_eq!(recording.text_at(entry.seq), document.text(), "after {}", entry.seq);
            if entry.seq % 7 == 0 || entries.len() < 400 {
                let runs = recording.authors_at(entry.seq);
                assert!(runs.windows(2).all(|pair| pair[0].author != pair[1].author));
                assert_eq!(authors(&runs), owners(&document, &late.doc), "after {}", entry.seq);
            }
            let seq = recording.seq_at(entry.at);
            let next = entries.iter().find(|other| other.at > entry.at);
            assert_eq!(seq, next.map_or(entries.len() as u64, |next| next.seq - 1));
        }
        assert_eq!(recording.text_at(u64::MAX), document.text());
        assert_eq!(recording.seq_at(Timestamp::from_ms(0)), 0);
        let last = recording.statistics().authors;
        assert_eq!(last.len(), usize::try_from(people).unwrap());
        let sum = |count: fn(&Author) -> u64| last.iter().map(count).sum::<u64>();
        assert_eq!(sum(|author| author.surviving), u64::from(document.length()));
        assert_eq!(
            sum(|author| author.inserted) - sum(|author| author.deleted),
            u64::from(document.length())
        );
        assert_eq!(sum(|author| author.edits), edits as u64);
        println!("{} steps, {} keyframes", entries.len(), recording.keyframe_count());
        assert!(edits < 900 || recording.keyframe_count() > 1, "no keyframe was tried");
    }
}

#[test]
fn bent_updates_that_a_room_took_are_replayed_as_they_were() {
    let mut rng = seeded();
    let mut taken = 0;
    for _ in 0..150 {
        let updates = session(&mut rng, 3, 15);
        let (mut document, mut builder) = (Document::new(), Recording::builder());
        let mut texts = vec![String::new()];
        for (author, honest) in &updates {
            let mut bent = honest.clone();
            for round in 0..20 {
                let update = Update::read(Bytes::copy_from_slice(&bent));
                let fit = update.ok().and_then(|update| document.take(*author, &update).ok());
                if fit == Some(Fit::New) {
                    let (seq, at) = (texts.len() as u64, Timestamp::from_ms(0));
                    let data = Bytes::copy_from_slice(&bent);
                    builder.push(Entry { seq, at, author: Some(*author), kind: Kind::Edit, data }).unwrap();
                    texts.push(document.text());
                    taken += round.min(1);
                }
                bent = honest.clone();
                let at = rng.random_range(0..bent.len());
                bent[at] = if rng.random_bool(0.5) { rng.random_range(0..8) } else { rng.random() };
            }
        }
        let recording = builder.finish().unwrap();
        for (seq, text) in texts.iter().enumerate() {
            assert_eq!(recording.text_at(seq as u64), *text);
        }
    }
    println!("{taken} bent updates were taken");
    assert!(taken > 0, "nothing that was bent came through, so nothing was tried");
}

/// A concurrent trace of real people (<https://github.com/josephg/editing-traces>) as updates of one document a person.
fn trace(path: &Path) -> Vec<(UserId, Vec<u8>)> {
    let mut json = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut json).unwrap();
    let trace: serde_json::Value = serde_json::from_str(&json).unwrap();
    let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let mut typists: Vec<Typist> =
        (0..trace["numAgents"].as_u64().unwrap()).map(|n| Typist::new(n + 1)).collect();
    let mut heard: Vec<std::collections::HashSet<usize>> = vec![Default::default(); typists.len()];
    let mut updates: Vec<(UserId, Vec<u8>)> = Vec::new();
    let transactions = trace["txns"].as_array().unwrap();
    let transactions = &transactions[..transactions.len().min(scaled(usize::MAX))];
    for (n, transaction) in transactions.iter().enumerate() {
        let agent = number(&transaction["agent"]);
        let typist = &mut typists[agent];
        // All it builds on that this person has not heard.
        let (mut missing, mut open) = (Vec::new(), vec![n]);
        while let Some(at) = open.pop() {
            for parent in transactions[at]["parents"].as_array().unwrap().iter().map(number) {
                if heard[agent].insert(parent) {
                    missing.push(parent);
                    open.push(parent);
                }
            }
        }
        missing.sort_unstable();
        for at in missing {
            typist.doc.transact_mut().apply_update(yrs::Update::decode_v1(&updates[at].1).unwrap()).unwrap();
        }
        let shared = typist.doc.get_or_insert_text("code");
        let mut edit = typist.doc.transact_mut();
        for patch in transaction["patches"].as_array().unwrap() {
            let (at, delete) = (number(&patch[0]) as u32, number(&patch[1]) as u32);
            shared.remove_range(&mut edit, at, delete);
            shared.insert(&mut edit, at, patch[2].as_str().unwrap());
        }
        let update = edit.encode_update_v1();
        drop(edit);
        heard[agent].insert(n);
        updates.push((typist.user, update));
    }
    updates
}

/// Prints what a recording costs: to build, and to seek in.
fn measure(what: &str, entries: &[Entry]) -> Recording {
    let bytes: usize = entries.iter().map(|entry| entry.data.len()).sum();
    let begun = Instant::now();
    let mut document = Document::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Edit) {
        document.take(entry.author.unwrap(), &read(&entry.data)).unwrap();
    }
    let taken = begun.elapsed();
    let begun = Instant::now();
    let recording = recording(entries);
    let built = begun.elapsed();
    let mut slowest = [Duration::ZERO; 2];
    let places = 500;
    for n in 0..=places {
        let seq = recording.last_seq() * n / places;
        // The best of three, as others use this machine, too.
        let best = |seek: &dyn Fn()| {
            let once = |_| {
                let begun = Instant::now();
                seek();
                begun.elapsed()
            };
            (0..3).map(once).min().unwrap()
        };
        slowest[0] = slowest[0].max(best(&|| drop(std::hint::black_box(recording.text_at(seq)))));
        slowest[1] = slowest[1].max(best(&|| drop(std::hint::black_box(recording.authors_at(seq)))));
    }
    let begun = Instant::now();
    let statistics = recording.statistics();
    println!(
        "{what}: {} steps of {bytes} bytes, {} units at the end; built in {built:?} (only taken: {taken:?}); {} keyframes of {} bytes; slowest text {:?}, \
         authors {:?}; statistics {:?}",
        entries.len(),
        recording.text_at(u64::MAX).encode_utf16().count(),
        recording.keyframe_count(),
        recording.keyframe_bytes(),
        slowest[0],
        slowest[1],
        begun.elapsed()
    );
    assert_eq!(statistics.authors.len(), 2);
    recording
}

/// How many of `edits` are tried: without optimization, few.
fn scaled(edits: usize) -> usize {
    if cfg!(debug_assertions) { edits.min(4_000) } else { edits }
}

/// An hour of two people who write a program, each at a place of their own and hearing the other now and then.
#[test]
fn an_hour_of_two_is_built_and_sought() {
    let mut rng = seeded();
    let mut typists = [Typist::new(1), Typist::new(2)];
    let mut carets = [0; 2];
    let mut updates: Vec<(UserId, Vec<u8>)> = Vec::new();
    for n in 0..scaled(40_000) {
        let (typist, caret) = (&mut typists[n % 2], &mut carets[n % 2]);
        if n % 5 == 0 {
            typist.hear(&updates);
        }
        let shared = typist.doc.get_or_insert_text("code");
        let mut edit = typist.doc.transact_mut();
        let length = shared.len(&edit);
        *caret = if rng.random_bool(0.02) { rng.random_range(0..=length) } else { length.min(*caret) };
        if *caret > 0 && rng.random_bool(0.15) {
            *caret -= 1;
            shared.remove_range(&mut edit, *caret, 1);
        } else {
            let piece = ["e", "t", " ", "x", "\n    ", "let mut "][rng.random_range(0..6)];
            shared.insert(&mut edit, *caret, piece);
            *caret += piece.len() as u32;
        }
        let update = edit.encode_update_v1();
        drop(edit);
        updates.push((typist.user, update));
    }
    let entries = record(&mut rng, &updates);
    let recording = measure("an hour of two", &entries);
    let bytes: u64 = entries.iter().map(|entry| (entry.data.len() + size_of::<Entry>()) as u64).sum();
    assert!(recording.keyframe_bytes() <= 4 * bytes, "the texts that are kept outweigh the record");
    let begun = Instant::now();
    let session = serde_json::json!({ "title": "an hour" });
    let file = codementor_hub::replay::file::write(Vec::new(), &session, &entries).unwrap();
    let written = begun.elapsed();
    let begun = Instant::now();
    let imported = codementor_hub::replay::file::read(&file[..]).unwrap();
    println!("as a file: {} bytes, written in {written:?}, read in {:?}", file.len(), begun.elapsed());
    assert_eq!(imported.recording.all_steps(), recording.all_steps());
}

#[test]
fn real_people_are_replayed() {
    let Some(corpus) = std::env::var_os("CODEMENTOR_CORPUS") else {
        eprintln!("not run: CODEMENTOR_CORPUS names no folder with editing-traces/friendsforever.json.gz");
        return;
    };
    let path = Path::new(&corpus).join("editing-traces/friendsforever.json.gz");
    let updates = trace(&path);
    let entries = record(&mut seeded(), &updates);
    let recording = measure("friendsforever", &entries);
    let mut document = Document::new();
    let late = Typist::new(99);
    for entry in entries {
        if let (Kind::Edit, Some(author)) = (entry.kind, entry.author) {
            document.take(author, &read(&entry.data)).unwrap();
            late.doc.transact_mut().apply_update(yrs::Update::decode_v1(&entry.data).unwrap()).unwrap();
        }
        if entry.seq % 500 == 0 || entry.seq == recording.last_seq() {
            assert_eq!(recording.text_at(entry.seq), document.text());
            assert_eq!(authors(&recording.authors_at(entry.seq)), owners(&document, &late.doc));
        }
    }
    let shared = late.doc.get_or_insert_text("code");
    assert_eq!(shared.get_string(&late.doc.transact()), recording.text_at(u64::MAX));
    let edits =
        recording.all_steps().iter().filter(|step| matches!(step.kind, StepKind::Edit { .. })).count();
    assert_eq!(edits, updates.len());
}
