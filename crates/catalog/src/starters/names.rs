//! Names of functions and parameters, as each language writes them.

use std::collections::BTreeMap;

use codementor_core::Language;

use super::{Starter, of};

/// How a language writes the words of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `pair_sum`
    Snake,
    /// `pairSum`
    Camel,
}

/// The function's name in a language: the author's, one of a language of the same style, or the words of another in this style.
pub(super) fn name_of(
    starter: &Starter,
    language: &Language,
    names: &BTreeMap<Language, String>,
) -> Option<String> {
    if let Some(name) = names.get(language) {
        return Some(name.clone());
    }
    let alike = names.iter().find(|(other, _)| of(other).is_some_and(|other| other.style == starter.style));
    let name = match alike {
        Some((_, name)) => name.clone(),
        None => in_style(starter.style, names.values().next()?),
    };
    Some(free(name, |name| starter.reserved.contains(&name) || starter.taken.contains(&name)))
}

/// The parameters' names, none reserved and none twice.
pub(super) fn taken_names<'a>(starter: &Starter, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for name in names {
        let name = free(name.to_owned(), |name| {
            starter.reserved.contains(&name) || taken.iter().any(|other| other == name)
        });
        taken.push(name);
    }
    taken
}

/// The name, or the first one of it with underscores that can be had.
pub(super) fn free(mut name: String, is_taken: impl Fn(&str) -> bool) -> String {
    while is_taken(&name) {
        name.push('_');
    }
    name
}

fn in_style(style: Style, name: &str) -> String {
    let words = words(name);
    let capital = |word: &String| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    match (style, words.split_first()) {
        // Nothing but underscores.
        (_, None) => name.to_owned(),
        (Style::Snake, _) => words.join("_"),
        (Style::Camel, Some((first, rest))) => first.clone() + &rest.iter().map(capital).collect::<String>(),
    }
}

/// The words of an identifier, in lower case. Identifiers are ASCII.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for (at, c) in name.char_indices() {
        // The last of several capitals belongs to what follows: `parseURLNow`.
        let is_last = name[at + 1..].starts_with(|next: char| next.is_ascii_lowercase());
        let begins = before == '_' || (c.is_ascii_uppercase() && (is_last || !before.is_ascii_uppercase()));
        if c != '_' {
            match words.last_mut().filter(|_| !begins) {
                Some(word) => word.push(c.to_ascii_lowercase()),
                None => words.push(c.to_ascii_lowercase().to_string()),
            }
        }
        before = c;
    }
    // A word cannot begin with a digit where it is the first.
    if words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        words.clear();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_the_language_does() {
        for (name, snake, camel) in [
            ("pair_sum", "pair_sum", "pairSum"),
            ("topKScores", "top_k_scores", "topKScores"),
            ("flatten", "flatten", "flatten"),
            ("sum2_of3", "sum2_of3", "sum2Of3"),
            ("parseURL", "parse_url", "parseUrl"),
            ("_hidden", "hidden", "hidden"),
            ("__", "__", "__"),
            ("_2", "_2", "_2"),
        ] {
            assert_eq!(in_style(Style::Snake, name), snake);
            assert_eq!(in_style(Style::Camel, name), camel);
        }
    }
}
