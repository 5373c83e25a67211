//! The history that is told must be the text that is meant: read back by the room's own document.

use bytes::Bytes;
use codementor_core::UserId;
use codementor_hub::document::Document;
use codementor_hub::outline::Fit;
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

#[test]
fn recorded_histories_are_read_plain_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("trace.json");
    let trace = r#"{"startContent":"ab","txns":[{"patches":[[2,0,"c"],[0,1,""]]},{"patches":[[1,0,"d"]]}]}"#;
    std::fs::write(&plain, trace).unwrap();
    let edits = recorded(&plain).unwrap();
    assert_eq!(edits.len(), 4);
    assert_eq!(replay(&edits), "bdc");
    assert!(Command::new("gzip").arg(&plain).status().unwrap().success());
    assert_eq!(recorded(&folder.path().join("trace.json.gz")).unwrap(), edits);
    std::fs::write(&plain, trace.replace("txns", "edits")).unwrap();
    assert!(recorded(&plain).is_err());
}

/// Applies edits to a string, and their frames to a room's document as a server would take them; both must end alike.
fn replay(edits: &[Edit]) -> String {
    let (mut history, mut document, author) = (History::new(77), Document::new(), UserId::new());
    let mut text = String::new();
    for edit in edits {
        let mut bytes = Vec::new();
        history.write(edit, &mut bytes);
        text.replace_range(edit.at..edit.at + edit.deleted, &edit.inserted);
        let mut frames = Frames::new(1 << 20, true);
        frames.push(&bytes);
        let take = |frame: frame::Frame<'_>| {
            let Message::Update(update) = Message::read(&Bytes::copy_from_slice(frame.payload))? else {
                panic!()
            };
            assert_eq!(document.take(author, &update), Ok(Fit::New), "{edit:?}");
            Ok(())
        };
        frames.drain(take).unwrap();
    }
    assert_eq!(document.text(), text);
    assert_eq!(document.state_vector().0, [(77, history.units())].into());
    text
}
