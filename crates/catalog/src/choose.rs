//! What to do next: a first, simple rule that says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use codementor_core::ports::ChallengeStatus;
use codementor_core::{Challenge, ChallengeId, Difficulty};

use crate::catalog::Catalog;

/// How many of a difficulty are solved before the next difficulty is offered.
const READY_AFTER: usize = 4;

/// A challenge and the reason for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The challenge; `None` when everything is solved.
    pub challenge: Option<Arc<Challenge>>,
    /// A sentence for the learner.
    pub reason: String,
}

/// Chooses the next challenge: one that was begun, else one of the difficulty the learner is ready for, new topics first.
#[must_use]
pub fn choose(catalog: &Catalog, statuses: &BTreeMap<ChallengeId, ChallengeStatus>) -> Choice {
    let is = |challenge: &Challenge, status| statuses.get(&challenge.id) == Some(&status);
    let solved: Vec<_> = catalog.iter().filter(|c| is(c, ChallengeStatus::Solved)).collect();
    if let Some(begun) = catalog.iter().find(|c| is(c, ChallengeStatus::Attempted)) {
        return chosen(
            begun,
            "You have begun this one. A fresh look often finds what was missing.".to_owned(),
        );
    }
    let ready = readiness(&solved);
    let seen: BTreeSet<&String> = solved.iter().flat_map(|challenge| &challenge.topics).collect();
    let open: Vec<_> = catalog.iter().filter(|c| !statuses.contains_key(&c.id)).collect();
    // Nearest difficulty first, then those with something new, then catalogue order, which rises gently (min_by_key keeps the first).
    let best = open.into_iter().min_by_key(|challenge| {
        let is_known = challenge.topics.iter().all(|topic| seen.contains(topic));
        (distance(challenge.difficulty, ready), is_known)
    });
    let Some(best) = best else {
        return Choice { challenge: None, reason: "You have solved every challenge there is.".to_owned() };
    };
    let reason = match best.topics.iter().find(|topic| !seen.contains(topic)) {
        _ if solved.is_empty() => "A good first challenge.".to_owned(),
        Some(topic) => format!("It brings something new to you: {}.", words(topic)),
        None => format!("The next {} one on topics you know.", best.difficulty.as_str()),
    };
    chosen(best, reason)
}

fn chosen(challenge: &Arc<Challenge>, reason: String) -> Choice {
    Choice { challenge: Some(challenge.clone()), reason }
}

/// A topic in the middle of a sentence.
fn words(topic: &str) -> String {
    match topic {
        "input-output" => "input and output".to_owned(),
        _ => topic.replace('-', " "),
    }
}

fn readiness(solved: &[&Arc<Challenge>]) -> Difficulty {
    let count = |difficulty| solved.iter().filter(|challenge| challenge.difficulty == difficulty).count();
    if count(Difficulty::Medium) >= READY_AFTER {
        Difficulty::Hard
    } else if count(Difficulty::Easy) >= READY_AFTER {
        Difficulty::Medium
    } else {
        Difficulty::Easy
    }
}

fn distance(a: Difficulty, b: Difficulty) -> u8 {
    (a as u8).abs_diff(b as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_offered_once_and_difficulty_rises() {
        let catalog = Catalog::new(crate::builtin().unwrap());
        let mut statuses = BTreeMap::new();
        let mut order = Vec::new();
        while let Some(challenge) = choose(&catalog, &statuses).challenge {
            order.push(challenge.difficulty);
            assert!(statuses.insert(challenge.id.clone(), ChallengeStatus::Solved).is_none());
        }
        assert_eq!(order.len(), catalog.iter().count());
        assert!(order[..READY_AFTER].iter().all(|difficulty| *difficulty == Difficulty::Easy));
        assert_eq!(order[READY_AFTER], Difficulty::Medium);
        assert!(choose(&catalog, &statuses).reason.contains("every challenge"));
    }

    #[test]
    fn a_newcomer_begins_at_the_beginning() {
        let catalog = Catalog::new(crate::builtin().unwrap());
        let first = choose(&catalog, &BTreeMap::new());
        assert_eq!(first.challenge.as_ref(), catalog.iter().next());
        let statuses = BTreeMap::from([(first.challenge.unwrap().id.clone(), ChallengeStatus::Solved)]);
        let second = choose(&catalog, &statuses);
        assert!(second.reason.starts_with("It brings something new to you"), "{}", second.reason);
    }

    #[test]
    fn what_was_begun_comes_first() {
        let catalog = Catalog::new(crate::builtin().unwrap());
        let hard: ChallengeId = "edit-distance".parse().unwrap();
        let statuses = BTreeMap::from([(hard.clone(), ChallengeStatus::Attempted)]);
        assert_eq!(choose(&catalog, &statuses).challenge.unwrap().id, hard);
    }
}
