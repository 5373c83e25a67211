//! The history that is told must be the text that is meant: read back by the room's own document.

use bytes::Bytes;
use codementor_hub::wire::Message;

use super::*;
use crate::frame::Frames;

#[test]
fn generated_histories_are_honest_and_alike() {
    let edits = generated(3000, 5);
    assert_eq!(edits, generated(3000, 5));
    assert_ne!(edits, generated(3000, 6));
    assert_eq!(edits.len(), 3000);
    replay(&edits);
}

#[test]
fn edits_of_several_units_are_told_as_one() {
    let edit = |at, deleted, inserted: &str| Edit { at, deleted, inserted: inserted.to_owned() };
    replay(&[
        edit(0, 0, "hello world"),
        edit(5, 6, ""),
        edit(0, 1, "J"),
        edit(5, 0, "!"),
        edit(0, 6, "gone"),
        edit(4, 0, &"x".repeat(5000)),
        edit(2500, 2000, "y"),
        edit(0, 0, "first"),
    ]);
}

/// Applies edits to a string and to the text by its units, and compares; every frame passes the server's whitelist.
fn replay(edits: &[Edit]) {
    let mut history = History::new(77);
    let (mut text, mut written) = (String::new(), String::new());
    for edit in edits {
        let mut bytes = Vec::new();
        history.write(edit, &mut bytes);
        text.replace_range(edit.at..edit.at + edit.deleted, &edit.inserted);
        written.push_str(&edit.inserted);
        let mut frames = Frames::new(1 << 20, true);
        frames.push(&bytes);
        let check = |frame: frame::Frame<'_>| {
            let message = Message::read(&Bytes::copy_from_slice(frame.payload))?;
            assert!(matches!(message, Message::Update(update) if !update.is_empty()));
            Ok(())
        };
        frames.drain(check).unwrap();
    }
    let letters = written.as_bytes();
    let visible: String =
        history.visible.iter().flatten().map(|unit| char::from(letters[*unit as usize])).collect();
    assert_eq!(visible, text);
    // The whole order holds every unit once.
    let mut seen = 0;
    let mut unit = history.first;
    while unit != NOTHING {
        seen += 1;
        unit = history.next[unit as usize];
    }
    assert_eq!(seen, history.units());
}
