//! A store of plain lists: obviously right, and slow. The random run compares a real store with it.

use std::collections::{BTreeMap, BTreeSet};

use codementor_core::id::{ChallengeId, Language, SubmissionId, UserId};
use codementor_core::ledger::{Reason, Scope, practice_on};
use codementor_core::time::Timestamp;
use jiff::tz::TimeZone;

/// What the model remembers of a submission.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    pub(crate) id: SubmissionId,
    pub(crate) user: UserId,
    pub(crate) challenge: ChallengeId,
    pub(crate) language: Language,
    pub(crate) accepted: Option<bool>,
    pub(crate) xp: u32,
}

/// A ledger entry.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) user: UserId,
    pub(crate) challenge: ChallengeId,
    reason: String,
    language: Language,
    pub(crate) xp: u32,
    pub(crate) at: Timestamp,
    by: SubmissionId,
}

/// The whole school.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// In the order of ids, so of time.
    pub(crate) handed: BTreeMap<SubmissionId, Handed>,
    pub(crate) ledger: Vec<Line>,
}

impl Model {
    pub(crate) fn hand_in(&mut self, handed: Handed) {
        self.handed.insert(handed.id, handed);
    }

    /// Returns the XP awarded, and whether this was the first time.
    pub(crate) fn finish(&mut self, id: SubmissionId, accepted: bool, xp: u32, at: Timestamp) -> (u32, bool) {
        let handed = self.handed[&id].clone();
        if handed.accepted.is_some() {
            return (handed.xp, false);
        }
        let awarded = if accepted && self.enter(&handed, &Reason::Solved, xp, at) {
            xp
        } else {
            if accepted {
                // Near noon every zone the run uses has the day of UTC.
                self.enter(&handed, &practice_on(at, &TimeZone::UTC), 0, at);
            }
            0
        };
        let handed = self.handed.get_mut(&id).unwrap();
        handed.accepted = Some(accepted);
        handed.xp = awarded;
        (awarded, true)
    }

    fn enter(&mut self, handed: &Handed, reason: &Reason, xp: u32, at: Timestamp) -> bool {
        let reason = reason.to_string();
        let is_new = !self.has(handed.user, &handed.challenge, &reason);
        if is_new {
            self.ledger.push(Line {
                user: handed.user,
                challenge: handed.challenge.clone(),
                reason,
                language: handed.language.clone(),
                xp,
                at,
                by: handed.id,
            });
        }
        is_new
    }

    fn has(&self, user: UserId, challenge: &ChallengeId, reason: &str) -> bool {
        self.ledger
            .iter()
            .any(|line| line.user == user && line.challenge == *challenge && line.reason == reason)
    }

    /// Moves a guest's work to a person.
    pub(crate) fn merge(&mut self, guest: UserId, person: UserId) {
        let (guests, mut kept): (Vec<_>, Vec<_>) = self.ledger.drain(..).partition(|line| line.user == guest);
        std::mem::swap(&mut self.ledger, &mut kept);
        for line in guests {
            if self.has(person, &line.challenge, &line.reason) {
                self.handed.get_mut(&line.by).unwrap().xp = 0;
            } else {
                self.ledger.push(Line { user: person, ..line });
            }
        }
        for handed in self.handed.values_mut().filter(|handed| handed.user == guest) {
            handed.user = person;
        }
    }

    /// A leaderboard: who, with how much.
    pub(crate) fn board(&self, scope: &Scope) -> Vec<(UserId, u64)> {
        let mut sums: BTreeMap<UserId, (u64, Timestamp)> = BTreeMap::new();
        for line in self.ledger.iter().filter(|line| line.xp > 0) {
            if Scope::of_entry(line.at, &line.language).contains(scope) {
                let (xp, reached) = sums.entry(line.user).or_insert((0, line.at));
                *xp += u64::from(line.xp);
                *reached = (*reached).max(line.at);
            }
        }
        let mut board: Vec<_> = sums.into_iter().collect();
        board.sort_by_key(|(user, (xp, reached))| (std::cmp::Reverse(*xp), *reached, *user));
        board.into_iter().map(|(user, (xp, _))| (user, xp)).collect()
    }

    /// Challenges a person tried, and whether they solved them.
    pub(crate) fn statuses(&self, user: UserId) -> BTreeSet<(ChallengeId, bool)> {
        let mut solved: BTreeMap<ChallengeId, bool> = BTreeMap::new();
        for handed in self.handed.values().filter(|handed| handed.user == user) {
            *solved.entry(handed.challenge.clone()).or_default() |= handed.accepted == Some(true);
        }
        solved.into_iter().collect()
    }

    /// XP, moments (newest first) and number of solved challenges of a person.
    pub(crate) fn summary(&self, user: UserId) -> (u64, Vec<Timestamp>, usize) {
        let lines: Vec<_> = self.ledger.iter().filter(|line| line.user == user).collect();
        let mut active: Vec<_> = lines.iter().map(|line| line.at).collect();
        active.sort_unstable_by(|a, b| b.cmp(a));
        let xp = lines.iter().map(|line| u64::from(line.xp)).sum();
        (xp, active, lines.iter().filter(|line| line.reason == "solved").count())
    }
}
