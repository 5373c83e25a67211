//! One challenge of an import: kept when it is new or another, judged when that was asked for, published when it keeps its word.

use std::borrow::Cow;
use std::collections::BTreeSet;

use anyhow::Result;
use codementor_catalog::import::exercism::{self, ListError};
use codementor_catalog::import::{Found, Promise, Skip};
use codementor_catalog::inspect;
use codementor_core::catalogue::{
    Challenges, ContentFault, FileSet, MAX_FAULTS, Origin, Published, Save, Saved, Stage, StoredChallenge,
    Verification, is_reserved,
};
use codementor_core::ports::{Clock, Judge, JudgeError};
use codementor_core::time::SystemClock;
use codementor_core::{Challenge, ChallengeId, Language, Verdict};
use codementor_store::SqliteStore;

use super::report::{Row, Status};
use super::{Format, Source, Verify};

/// What every challenge of an import needs.
pub(super) struct Importer<'a> {
    store: &'a SqliteStore,
    judge: Option<&'a dyn Judge>,
    verify: Verify,
    format: Format,
    builtin: BTreeSet<ChallengeId>,
}

impl<'a> Importer<'a> {
    pub(super) fn new(
        store: &'a SqliteStore,
        judge: Option<&'a dyn Judge>,
        verify: Verify,
        format: Format,
    ) -> Result<Self> {
        let builtin = codementor_catalog::builtin()?.into_iter().map(|challenge| challenge.id).collect();
        Ok(Self { store, judge, verify, format, builtin })
    }

    /// Sees one challenge through. An error ends the import.
    pub(super) async fn row(&self, source: Source) -> Result<Row> {
        let found = match source {
            Source::Files(found) => found,
            Source::Exercise(entry) => match self.listed(*entry).await? {
                Ok(found) => found,
                Err(row) => return Ok(row),
            },
        };
        let (id, files) = match found.files {
            Ok(found) => found,
            Err(skip) => return Ok(Row::new(Status::Skipped, &found.name, skip)),
        };
        if is_reserved(&id) {
            return Ok(Row::new(Status::Skipped, &found.name, "this id has a meaning of its own"));
        }
        if self.builtin.contains(&id) {
            return Ok(Row::new(
                Status::Skipped,
                &found.name,
                "a challenge of this id comes with the program",
            ));
        }
        let challenge = match inspect::read(&id, &files) {
            Ok(challenge) => challenge,
            Err(fault) => return Ok(Row::new(Status::Failed, &found.name, told(&fault))),
        };
        let (status, stored) = match self.keep(&id, &files).await? {
            Kept::As(status, stored) => (status, *stored),
            Kept::Not(why) => return Ok(Row::new(Status::Skipped, &found.name, why)),
        };
        let row = match self.judge.filter(|_| self.verify == Verify::Yes) {
            None => Row::new(status, &found.name, unjudged(&stored)),
            Some(judge) => {
                let (challenge, files, promises) = (&challenge, &files, found.promises.as_slice());
                let work = Work { format: self.format, challenge, files, promises };
                self.verify(judge, work, status, stored).await?
            }
        };
        Ok(row.with(&found.notes))
    }

    /// Runs the tests of an exercise to know them. The inner error is what is told when they cannot be.
    async fn listed(&self, entry: exercism::Entry) -> Result<Result<Found, Row>> {
        let name = entry.name;
        let files = match (entry.exercise, self.judge) {
            (Err(skip), _) => Err(skip),
            (Ok(_), None) => {
                Err(Skip("its tests are known once they have been run, and nothing runs here".into()))
            }
            (Ok(exercise), Some(judge)) => match exercise.list(judge).await {
                Ok(files) => Ok((exercise.id, files)),
                Err(ListError::Judge(JudgeError::Language(language))) => Err(Skip(format!(
                    "{language} is not installed here, and its tests are known once they have been run"
                ))),
                Err(ListError::Judge(JudgeError::Failed(why))) => {
                    return Ok(Err(Row::new(
                        Status::Failed,
                        &name,
                        format!("its tests could not be run: {why}"),
                    )));
                }
                Err(ListError::Judge(error)) => return Err(error.into()),
                Err(ListError::Exercise(why)) => return Ok(Err(Row::new(Status::Failed, &name, why))),
            },
        };
        Ok(Ok(Found { name, files, promises: Vec::new(), notes: Vec::new() }))
    }

    async fn keep(&self, id: &ChallengeId, files: &FileSet) -> Result<Kept> {
        let known = self.store.stored_challenge(id).await?;
        let origin = Origin::Imported { format: self.format.as_str().to_owned() };
        if let Some(known) = &known
            && known.origin != origin
        {
            return Ok(Kept::Not(match &known.origin {
                Origin::Authored(_) => "somebody wrote a challenge of this id here".to_owned(),
                Origin::Imported { format } => format!("a challenge of this id was imported as {format}"),
            }));
        }
        let save = Save {
            id: id.clone(),
            revision: known.as_ref().map_or(0, |known| known.revision),
            title: inspect::title(id, files),
            files: files.clone(),
            origin,
            by: None,
            at: SystemClock.now(),
        };
        Ok(match self.store.save_challenge(&save).await? {
            Saved::Done(stored) => {
                let status = match known {
                    None => Status::Imported,
                    Some(known) if known.content == stored.content => Status::Unchanged,
                    Some(_) => Status::Updated,
                };
                Kept::As(status, Box::new(stored))
            }
            Saved::Conflict(_) | Saved::Missing => {
                Kept::Not("it was changed by somebody else just now".into())
            }
            Saved::Full => Kept::Not("there is no room for more challenges".to_owned()),
        })
    }

    async fn verify(
        &self,
        judge: &dyn Judge,
        work: Work<'_>,
        status: Status,
        stored: StoredChallenge,
    ) -> Result<Row> {
        let id = &stored.id;
        let versions = inspect::versions(work.challenge, judge);
        let is_known =
            stored.is_verified() && stored.verification.as_ref().is_some_and(|found| found.judge == versions);
        let here: BTreeSet<Language> = judge.languages().into_iter().map(|language| language.id).collect();
        // Submissions are no part of what is kept: they may be others now.
        if !is_known || !work.promises.is_empty() {
            let faults = match work.faults(judge, &here, is_known).await {
                Ok(faults) => faults,
                Err(JudgeError::Failed(why)) => {
                    return Ok(Row::new(Status::Failed, id.as_str(), format!("the judge failed: {why}")));
                }
                // Its toolchain was there, but does not work.
                Err(error @ JudgeError::Language(_)) => {
                    return Ok(Row::new(Status::Failed, id.as_str(), error));
                }
                Err(error) => return Err(error.into()),
            };
            let found = Verification {
                content: stored.content,
                at: SystemClock.now(),
                judge: versions.clone(),
                faults,
            };
            self.store.note_verification(id, &found).await?;
            if let Some(first) = found.faults.first() {
                return Ok(Row::new(Status::Failed, id.as_str(), failed(first, found.faults.len(), &stored)));
            }
        }
        let mut verified = format!("verified with {}", versions.join(", "));
        let used = work.languages();
        let missing: Vec<&str> = used.difference(&here).map(Language::as_str).collect();
        if !missing.is_empty() {
            verified = format!("{verified} (not installed here, so not judged: {})", missing.join(", "));
        }
        if stored.stage == Stage::Withdrawn {
            return Ok(Row::new(status, id.as_str(), format!("{verified}; it was withdrawn and stays so")));
        }
        Ok(match self.store.publish_challenge(id, &stored.content).await? {
            Published::Done(_) => Row::new(status, id.as_str(), format!("{verified}, published")),
            Published::Unverified | Published::Missing => {
                Row::new(Status::Failed, id.as_str(), "it was changed by somebody else just now")
            }
        })
    }
}

/// What is verified.
struct Work<'a> {
    format: Format,
    challenge: &'a Challenge,
    files: &'a FileSet,
    promises: &'a [Promise],
}

impl Work<'_> {
    /// Every language there is something in.
    fn languages(&self) -> BTreeSet<Language> {
        let promised = self.promises.iter().map(|promise| &promise.language);
        self.challenge.solutions.keys().chain(promised).cloned().collect()
    }

    /// What the format asks of every challenge, unless that is known, and what this one promises beyond that.
    async fn faults(
        &self,
        judge: &dyn Judge,
        here: &BTreeSet<Language>,
        is_known: bool,
    ) -> Result<Vec<ContentFault>, JudgeError> {
        let mut faults = Vec::new();
        if !is_known {
            let challenge = self.judged(here);
            // First: it is why wrong solutions pass.
            faults.extend(inspect::thin(&challenge).filter(|_| self.format == Format::Native));
            faults.extend(inspect::inspect(&challenge, self.files, judge).await?);
        }
        for promise in self.promises.iter().filter(|promise| here.contains(&promise.language)) {
            // A reference has been judged as such; one that lies in another folder, too, must not be right there.
            let reference = self.challenge.solutions.get(&promise.language).map(|files| &files.reference);
            let is_judged = reference == Some(&promise.source) && promise.permitted == [Verdict::Accepted];
            if !is_judged {
                faults.extend(inspect::broken(self.challenge, promise, judge).await?);
            }
        }
        faults.truncate(MAX_FAULTS);
        Ok(faults)
    }

    /// A package has solutions in whatever languages its authors knew. One that can be judged is enough to say that its tests are right.
    fn judged(&self, here: &BTreeSet<Language>) -> Cow<'_, Challenge> {
        let is_here = self.challenge.solutions.keys().any(|language| here.contains(language));
        if self.format != Format::Kattis || !is_here {
            return Cow::Borrowed(self.challenge);
        }
        let mut challenge = self.challenge.clone();
        challenge.solutions.retain(|language, _| here.contains(language));
        Cow::Owned(challenge)
    }
}

enum Kept {
    As(Status, Box<StoredChallenge>),
    Not(String),
}

fn told(fault: &ContentFault) -> String {
    format!("{}: {}", fault.file, fault.message)
}

fn unjudged(stored: &StoredChallenge) -> &'static str {
    match stored.stage {
        Stage::Published if stored.offered == Some(stored.content) => "published",
        Stage::Published => "not verified; what was published before stays on offer",
        Stage::Draft => "a draft: not verified, so not on offer; import it with --verify",
        Stage::Withdrawn => "withdrawn",
    }
}

fn failed(first: &ContentFault, faults: usize, stored: &StoredChallenge) -> String {
    let more = match faults {
        1 => String::new(),
        faults => format!(" (and {} more)", faults - 1),
    };
    let stays = match stored.stage {
        Stage::Published => "what was published before stays on offer",
        Stage::Draft | Stage::Withdrawn => "kept as a draft",
    };
    format!("{}{more}; {stays}", told(first))
}
