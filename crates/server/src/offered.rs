//! In which languages a challenge is offered on this server: those in which it can be written and that the judge has.

use std::collections::BTreeSet;

use codementor_core::Language;
use codementor_core::challenge::{Challenge, Kind};
use codementor_core::ports::Judge;

/// What the judge has at this moment. Take it once a request, so that one answer does not mix two.
pub struct Offered {
    /// For programs, and files of tests.
    installed: BTreeSet<Language>,
    /// For functions as well.
    callable: BTreeSet<Language>,
}

impl Offered {
    /// What a judge has now.
    #[must_use]
    pub fn by(judge: &dyn Judge) -> Self {
        let installed: BTreeSet<Language> = judge.languages().into_iter().map(|known| known.id).collect();
        let callable = installed.iter().filter(|language| judge.calls_functions(language)).cloned().collect();
        Self { installed, callable }
    }

    /// The languages of a challenge, those that its author wrote first. Where the judge has none of them, or there is none just now,
    /// they are the author's: there is always something to read and to begin with.
    #[must_use]
    pub fn languages<'a>(&self, challenge: &'a Challenge) -> Vec<&'a Language> {
        let here = match challenge.kind {
            Kind::Function(_) => &self.callable,
            Kind::Io | Kind::Tests(_) => &self.installed,
        };
        let found: Vec<&Language> =
            challenge.languages().filter(|language| here.contains(*language)).collect();
        if found.is_empty() { challenge.solutions.keys().collect() } else { found }
    }

    /// Whether a challenge is offered in a language.
    #[must_use]
    pub fn has(&self, challenge: &Challenge, language: &Language) -> bool {
        self.languages(challenge).contains(&language)
    }
}
