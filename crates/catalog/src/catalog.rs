//! All challenges on offer, in order, and finding among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use codementor_core::{Challenge, ChallengeId, Difficulty, Language};

/// The challenges on offer: easy before medium before hard, then by their order, then by id. Never changes once made.
#[derive(Debug, Default)]
pub struct Catalog {
    items: Vec<Item>,
    by_id: BTreeMap<ChallengeId, usize>,
}

#[derive(Debug)]
struct Item {
    challenge: Arc<Challenge>,
    /// Title, id, topics and statement in lower case, for searching.
    haystack: String,
}

/// What to look for. Empty lists and `None` mean "any".
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Any of these difficulties.
    pub difficulties: Vec<Difficulty>,
    /// Any of these topics.
    pub topics: Vec<String>,
    /// Offered in this language.
    pub language: Option<Language>,
    /// All of these words, in lower case.
    pub words: Vec<String>,
}

impl Catalog {
    /// The catalogue of these challenges. Of two with one id the later wins.
    #[must_use]
    pub fn new<C: Into<Arc<Challenge>>>(challenges: impl IntoIterator<Item = C>) -> Self {
        let mut by_id: BTreeMap<ChallengeId, Arc<Challenge>> = BTreeMap::new();
        for challenge in challenges.into_iter().map(Into::into) {
            by_id.insert(challenge.id.clone(), challenge);
        }
        let mut items: Vec<Item> = by_id.into_values().map(Item::new).collect();
        items.sort_by(|a, b| a.challenge.place().cmp(&b.challenge.place()));
        let by_id = items.iter().enumerate().map(|(n, item)| (item.challenge.id.clone(), n)).collect();
        Self { items, by_id }
    }

    /// Finds a challenge.
    #[must_use]
    pub fn get(&self, id: &ChallengeId) -> Option<&Arc<Challenge>> {
        self.by_id.get(id).map(|&n| &self.items[n].challenge)
    }

    /// All challenges in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Challenge>> {
        self.items.iter().map(|item| &item.challenge)
    }

    /// The challenges that a query describes, in order.
    pub fn select<'a>(&'a self, query: &'a Query) -> impl Iterator<Item = &'a Arc<Challenge>> {
        self.items.iter().filter(move |item| item.fits(query)).map(|item| &item.challenge)
    }
}

trait Place {
    fn place(&self) -> (Difficulty, i64, &ChallengeId);
}

impl Place for Challenge {
    fn place(&self) -> (Difficulty, i64, &ChallengeId) {
        (self.difficulty, self.order, &self.id)
    }
}

impl Item {
    fn new(challenge: Arc<Challenge>) -> Self {
        let parts = [
            challenge.title.as_str(),
            challenge.id.as_str(),
            &challenge.topics.join(" "),
            &challenge.statement,
        ];
        let haystack = parts.join("\n").to_lowercase();
        Self { challenge, haystack }
    }

    fn fits(&self, query: &Query) -> bool {
        let challenge = &self.challenge;
        (query.difficulties.is_empty() || query.difficulties.contains(&challenge.difficulty))
            && (query.topics.is_empty() || query.topics.iter().any(|topic| challenge.topics.contains(topic)))
            && query.language.as_ref().is_none_or(|language| challenge.offers(language))
            && query.words.iter().all(|word| self.haystack.contains(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(catalog: &Catalog, query: &Query) -> Vec<String> {
        catalog.select(query).map(|challenge| challenge.id.to_string()).collect()
    }

    #[test]
    fn the_built_in_challenges_are_whole_and_ordered() {
        let catalog = Catalog::new(crate::builtin().unwrap());
        let all: Vec<_> = catalog.iter().collect();
        assert!(all.len() >= 24, "{} challenges", all.len());
        assert!(all.windows(2).all(|pair| pair[0].place() < pair[1].place()));
        let topics: std::collections::BTreeSet<_> = all.iter().flat_map(|c| &c.topics).collect();
        assert!(topics.len() >= 8, "{topics:?}");
        for difficulty in [Difficulty::Easy, Difficulty::Medium, Difficulty::Hard] {
            assert!(all.iter().any(|challenge| challenge.difficulty == difficulty));
        }
        for challenge in all {
            assert_eq!(crate::inspect::thin(challenge), None, "{}", challenge.id);
            for language in [Language::python(), Language::javascript()] {
                let solutions = challenge.solutions.get(&language);
                assert!(solutions.is_some_and(|s| s.wrong.len() >= 2), "{} in {language}", challenge.id);
            }
        }
    }

    #[test]
    fn queries_narrow() {
        let catalog = Catalog::new(crate::builtin().unwrap());
        let hard = Query { difficulties: vec![Difficulty::Hard], ..Query::default() };
        assert!(ids(&catalog, &hard).contains(&"edit-distance".to_owned()));
        assert!(!ids(&catalog, &hard).contains(&"pair-sum".to_owned()));
        let words = Query { words: vec!["pair".into(), "sum".into()], ..Query::default() };
        assert!(ids(&catalog, &words).contains(&"pair-sum".to_owned()));
        let none = Query { language: Some("cobol".parse().unwrap()), ..Query::default() };
        assert!(ids(&catalog, &none).is_empty());
        let topic = Query { topics: vec!["graphs".into()], ..Query::default() };
        assert!(ids(&catalog, &topic).contains(&"island-count".to_owned()));
    }
}
