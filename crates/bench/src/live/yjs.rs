//! What a client writes and hears. Every client types one letter after another at the end of what it typed before, so that its
//! whole text is known by its length.

use std::ops::Range;

use bytes::Bytes;
use codementor_hub::wire::message::{self, Message};
use codementor_hub::wire::read::{Malformed, Reader};
use codementor_hub::wire::state_vector::StateVector;
use codementor_hub::wire::update::{self, Id};

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// It wants what it lacks.
    Question(StateVector),
    /// The answer to our own question.
    Answer,
    /// Somebody typed.
    Update,
    /// Anything that is not the document.
    Aside,
}

/// The frame that asks for everything behind what is named.
#[must_use]
pub fn question() -> Vec<u8> {
    message::step_1(&StateVector::default())
}

/// The frame of units that a client typed.
#[must_use]
pub fn typed(client: u64, units: Range<u32>) -> Vec<u8> {
    message::update(&edit(client, units))
}

/// The frame that answers a server's question: what it lacks of the client's `sent` units.
#[must_use]
pub fn answer(client: u64, sent: u32, question: &StateVector) -> Vec<u8> {
    let known = question.0.get(&client).copied().unwrap_or(0).min(sent);
    message::step_2(&edit(client, known..sent))
}

fn edit(client: u64, units: Range<u32>) -> Vec<u8> {
    let left = units.start.checked_sub(1).map(|clock| Id { client, clock });
    let letter = |clock: u32| char::from(b'a' + (clock % 26) as u8);
    let start = units.start;
    let mut text = [0; 4];
    if units.len() == 1 {
        let text = letter(start).encode_utf8(&mut text);
        return update::encode_edit(Id { client, clock: start }, (left, None), text, &[]);
    }
    let text: String = units.map(letter).collect();
    update::encode_edit(Id { client, clock: start }, (left, None), &text, &[])
}

/// Reads a frame and tells `units` of all that it holds, by client.
///
/// # Errors
/// When it is none that an editor of one plain text could send.
pub fn read(frame: &[u8], mut units: impl FnMut(u64, Range<u32>)) -> Result<Heard, Malformed> {
    if let Some((client, clock)) = letter(frame) {
        units(client, clock..clock + 1);
        return Ok(Heard::Update);
    }
    let (heard, update) = match Message::read(&Bytes::copy_from_slice(frame))? {
        Message::Step1(state_vector) => return Ok(Heard::Question(state_vector)),
        Message::Step2(update) => (Heard::Answer, update),
        Message::Update(update) => (Heard::Update, update),
        _ => return Ok(Heard::Aside),
    };
    for section in &update.sections {
        units(section.client, section.start()..section.end());
    }
    Ok(heard)
}

/// The short way: one letter of one client, which is what a server that forwards says nearly always. No allocation.
fn letter(frame: &[u8]) -> Option<(u64, u32)> {
    let &[0, 2, length, 1, 1, ref rest @ ..] = frame else { return None };
    if usize::from(length) != rest.len() + 2 || length >= 0x80 {
        return None;
    }
    let mut reader = Reader::new(rest);
    let (client, clock) = (reader.client().ok()?, reader.clock().ok()?);
    match reader.byte().ok()? {
        // A text with a left neighbour.
        0x84 => {
            reader.client().ok()?;
            reader.clock().ok()?;
        }
        // A text at the beginning of the shared text.
        0x04 => {
            let named = reader.byte().ok()? == 1 && reader.text().ok()? == update::ROOT;
            named.then_some(())?;
        }
        _ => return None,
    }
    let is_one = reader.byte().ok()? == 1 && reader.byte().ok()?.is_ascii() && reader.byte().ok()? == 0;
    (is_one && reader.remaining() == 0).then_some((client, clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(frame: &[u8]) -> (Heard, Vec<(u64, Range<u32>)>) {
        let mut got = Vec::new();
        let heard = read(frame, |client, units| got.push((client, units))).unwrap();
        (heard, got)
    }

    #[test]
    fn letters_take_the_short_way_and_mean_the_same() {
        for client in [1, 127, 128, 1 << 31, (1 << 53) - 1] {
            for clock in [0, 1, 127, 128, 70_000] {
                let frame = typed(client, clock..clock + 1);
                assert_eq!(letter(&frame), Some((client, clock)));
                assert_eq!(all(&frame), (Heard::Update, vec![(client, clock..clock + 1)]));
                assert!(matches!(Message::read(&Bytes::from(frame)), Ok(Message::Update(update))
                    if update.sections[0].start() == clock && update.sections[0].end() == clock + 1));
            }
        }
    }

    #[test]
    fn other_frames_take_the_long_way() {
        assert_eq!(letter(&typed(5, 0..3)), None);
        assert_eq!(all(&typed(5, 3..9)), (Heard::Update, vec![(5, 3..9)]));
        let lacks = StateVector([(5, 2)].into());
        assert_eq!(all(&answer(5, 9, &lacks)), (Heard::Answer, vec![(5, 2..9)]));
        assert_eq!(all(&answer(5, 0, &StateVector::default())), (Heard::Answer, vec![]));
        assert_eq!(all(&message::step_1(&lacks)), (Heard::Question(lacks), vec![]));
        assert_eq!(all(&[0, 2, 2, 0, 0]), (Heard::Update, vec![]));
        let mut cut = typed(5, 1..2);
        cut.pop();
        assert!(read(&cut, |_, _| ()).is_err());
    }

    #[test]
    fn what_is_typed_is_what_a_document_takes() {
        use codementor_hub::document::Document;
        use codementor_hub::outline::Fit;
        let (mut document, author) = (Document::new(), codementor_core::UserId::new());
        let frames =
            [typed(5, 0..1), typed(5, 1..2), answer(5, 30, &document.state_vector()), typed(9, 0..1)];
        for frame in frames {
            let message = Message::read(&Bytes::from(frame)).unwrap();
            let (Message::Update(update) | Message::Step2(update)) = message else { panic!() };
            assert_eq!(document.take(author, &update), Ok(Fit::New));
        }
        assert_eq!(document.state_vector().0, [(5, 30), (9, 1)].into());
        assert!(document.text().contains("abcdefghijklmnopqrstuvwxyzabcd"));
    }
}
