//! Exercism's concepts as our topics.

/// Concepts of the tracks for Python and JavaScript. What is not here says nothing about a topic of ours.
const CONCEPTS: [(&str, &str); 40] = [
    ("strings", "strings"),
    ("string-methods", "strings"),
    ("string-formatting", "strings"),
    ("string-methods-splitting", "strings"),
    ("text-processing", "strings"),
    ("regular-expressions", "strings"),
    ("template-strings", "strings"),
    ("unicode-regular-expressions", "strings"),
    ("lists", "arrays"),
    ("list-methods", "arrays"),
    ("list-comprehensions", "arrays"),
    ("tuples", "arrays"),
    ("sequences", "arrays"),
    ("arrays", "arrays"),
    ("array-analysis", "arrays"),
    ("array-destructuring", "arrays"),
    ("array-loops", "arrays"),
    ("array-transformations", "arrays"),
    ("iteration", "arrays"),
    ("iterators", "arrays"),
    ("loops", "arrays"),
    ("for-loops", "arrays"),
    ("dicts", "hash-maps"),
    ("dict-methods", "hash-maps"),
    ("sets", "hash-maps"),
    ("maps", "hash-maps"),
    ("objects", "hash-maps"),
    ("collections", "hash-maps"),
    ("numbers", "math"),
    ("arithmetic", "math"),
    ("arithmetic-operators", "math"),
    ("bitwise-operators", "math"),
    ("complex-numbers", "math"),
    ("comparisons", "math"),
    ("comparison", "math"),
    ("bools", "math"),
    ("booleans", "math"),
    ("recursion", "recursion"),
    ("queues", "queues"),
    ("stacks", "stacks"),
];

/// The most topics of a challenge.
const MOST: usize = 3;

/// The topics of these concepts, the first ones first. `math`, which says the least, when there is none.
pub(super) fn topics<'a>(concepts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    for concept in concepts {
        let known = CONCEPTS.iter().find(|(name, _)| name == concept);
        if let Some((_, topic)) = known
            && !topics.iter().any(|known| known == topic)
            && topics.len() < MOST
        {
            topics.push((*topic).to_owned());
        }
    }
    if topics.is_empty() {
        topics.push("math".to_owned());
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::TOPICS;

    #[test]
    fn every_topic_is_one_of_ours() {
        assert!(CONCEPTS.iter().all(|(_, topic)| TOPICS.contains(topic)));
        assert!(
            CONCEPTS.iter().all(|(name, _)| CONCEPTS.iter().filter(|(other, _)| other == name).count() == 1)
        );
    }

    #[test]
    fn what_is_practised_comes_first() {
        let of = |concepts: &[&str]| {
            let concepts: Vec<String> = concepts.iter().map(|concept| (*concept).to_owned()).collect();
            topics(concepts.iter())
        };
        assert_eq!(of(&["dicts", "basics", "strings", "string-methods"]), ["hash-maps", "strings"]);
        assert_eq!(of(&["basics"]), ["math"]);
    }
}
