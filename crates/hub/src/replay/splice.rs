//! Changes of a text, in order, for who has no CRDT: what the library tells about an update, and what it leaves out.
//!
//! Places and lengths are in UTF-16 units, as editors in browsers count. No change leaves half a character.

use yrs::types::Delta;
use yrs::{Any, Out};

use crate::wire::Clock;

/// A change of a text: at `at`, `delete` units go and `insert` comes. In UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The place, at most the text's length.
    pub at: Clock,
    /// How many units go; all of them are there.
    pub delete: Clock,
    /// What comes in their place.
    pub insert: String,
}

/// What an update did to a text.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub(crate) splices: Vec<Splice>,
    /// How many of the first only show the halves of cut characters, which nobody wrote anew.
    pub(crate) cuts: usize,
}

/// Something else than text came in, which no update brings that was read by the whitelist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("something else than text came in")]
pub(crate) struct NoText;

/// Whether characters beyond the basic plane stand in a text.
pub(crate) fn has_pairs(text: &str) -> bool {
    // The first byte of a character beyond the basic plane, and of no other.
    text.bytes().any(|byte| byte >= 0xf0)
}

/// The length of a text in UTF-16 units.
pub(crate) fn units(text: &str) -> Clock {
    // A document holds far fewer.
    text.chars().map(char::len_utf16).sum::<usize>() as Clock
}

/// The library's account of a change, with what happens in one place as one change.
pub(crate) fn splices(delta: &[Delta]) -> Result<Vec<Splice>, NoText> {
    let mut splices: Vec<Splice> = Vec::new();
    let mut at = 0;
    let mut moved = true;
    for part in delta {
        if let Delta::Retain(length, _) = part {
            at += length;
            moved = true;
            continue;
        }
        if std::mem::take(&mut moved) {
            splices.push(Splice { at, delete: 0, insert: String::new() });
        }
        let Some(splice) = splices.last_mut() else { continue };
        match part {
            Delta::Inserted(Out::Any(Any::String(text)), _) => {
                splice.insert.push_str(text);
                at += units(text);
            }
            Delta::Deleted(length) => splice.delete += length,
            _ => return Err(NoText),
        }
    }
    Ok(splices)
}

/// Shows both halves of each character as U+FFFD that stood in `before` and that the change to `after` cuts. To be done before `splices`,
/// whose places it leaves as they are.
pub(crate) fn cuts(before: &str, splices: &[Splice], after: &str) -> Vec<Splice> {
    const HALVES: &str = "\u{fffd}\u{fffd}";
    let after: Vec<u16> = after.encode_utf16().collect();
    // How far the change was followed: in `before`, and what is to be added for `after`.
    let mut changes = splices.iter().peekable();
    let (mut shift, mut found) = (0_i64, Vec::new());
    let mut at: Clock = 0;
    for c in before.chars() {
        let next = at + c.len_utf16() as Clock;
        if c.len_utf16() == 2 {
            // Changes that end before or at this character.
            while let Some(change) =
                changes.next_if(|change| place(change, shift) + i64::from(change.delete) <= i64::from(at))
            {
                shift += i64::from(units(&change.insert)) - i64::from(change.delete);
            }
            let is_whole = match changes.peek().map(|change| (place(change, shift), change.delete)) {
                // It goes as a whole.
                Some((start, delete)) if start <= i64::from(at) => {
                    start + i64::from(delete) >= i64::from(next)
                }
                Some((start, _)) if start < i64::from(next) => false,
                _ => {
                    let now = usize::try_from(i64::from(at) + shift).ok();
                    let stands = now.and_then(|now| after.get(now..now + 2));
                    stands.is_some_and(|stands| stands == &*c.encode_utf16(&mut [0; 2]))
                }
            };
            if !is_whole {
                found.push(Splice { at, delete: 2, insert: HALVES.to_owned() });
            }
        }
        at = next;
    }
    found
}

/// One change that does what `splices` do, which led to `after`: from the first place that they touch to the last.
pub(crate) fn spanning(splices: &[Splice], after: &str) -> Option<Splice> {
    let first = splices.first()?;
    // What is touched, in the text as it is after each of them, and as it was before all.
    let (mut from, mut to, mut before) = (first.at, first.at, first.at);
    for Splice { at, delete, insert } in splices {
        from = from.min(*at);
        let beyond = (at + delete).saturating_sub(to);
        before += beyond;
        to = to + beyond - delete + units(insert);
    }
    let within = after.encode_utf16().skip(from as usize).take((to - from) as usize);
    let insert = char::decode_utf16(within).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(Splice { at: from, delete: before - from, insert })
}

/// Where a change begins in the text before all changes.
fn place(change: &Splice, shift: i64) -> i64 {
    i64::from(change.at) - shift
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// A text with a change done to it.
    fn changed(text: &str, Splice { at, delete, insert }: &Splice) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        let (at, end) = (*at as usize, (at + delete) as usize);
        let whole = |units: &[u16]| String::from_utf16(units).expect("no half characters");
        format!("{}{insert}{}", whole(&units[..at]), whole(&units[end..]))
    }

    #[test]
    fn many_changes_are_one() {
        let mut rng = StdRng::seed_from_u64(7);
        for _ in 0..2_000 {
            let mut text: String = (0..rng.random_range(0..9)).map(|n| ['a', 'é', '😀'][n % 3]).collect();
            let before = text.clone();
            let mut splices = Vec::new();
            for _ in 0..rng.random_range(1..6) {
                let borders: Vec<Clock> = (0..=text.len())
                    .filter(|at| text.is_char_boundary(*at))
                    .map(|at| units(&text[..at]))
                    .collect();
                let (one, other) = (rng.random_range(0..borders.len()), rng.random_range(0..borders.len()));
                let (at, end) = (borders[one.min(other)], borders[one.max(other)]);
                let insert = ["", "x", "y😀"][rng.random_range(0..3)].to_owned();
                let splice = Splice { at, delete: end - at, insert };
                text = changed(&text, &splice);
                splices.push(splice);
            }
            let one = spanning(&splices, &text).expect("there are changes");
            assert_eq!(changed(&before, &one), text, "{before:?} {splices:?}");
        }
    }
}
