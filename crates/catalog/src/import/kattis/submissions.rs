//! A package's submissions, each in a folder that says what must become of it.

use std::collections::BTreeMap;

use codementor_core::{Language, Verdict};

use super::super::folder::{Folder, Kind};
use super::super::{Promise, Skip};
use super::read_text;
use crate::format::LANGUAGES;

/// The most submissions that are looked at.
const MAX_SUBMISSIONS: usize = 60;
/// Every verdict but the one of a judge that failed.
const NOT_ACCEPTED: [Verdict; 6] = [
    Verdict::WrongAnswer,
    Verdict::TimeLimitExceeded,
    Verdict::MemoryLimitExceeded,
    Verdict::OutputLimitExceeded,
    Verdict::RuntimeError,
    Verdict::CompileError,
];

/// What the folders promise. Of others nothing is promised.
fn promised(folder: &str) -> Option<Vec<Verdict>> {
    Some(match folder {
        "accepted" => vec![Verdict::Accepted],
        "wrong_answer" => vec![Verdict::WrongAnswer],
        "time_limit_exceeded" => vec![Verdict::TimeLimitExceeded],
        // Elsewhere too much memory is a run-time error.
        "run_time_error" => vec![Verdict::RuntimeError, Verdict::MemoryLimitExceeded],
        "rejected" => NOT_ACCEPTED.to_vec(),
        _ => return None,
    })
}

/// Submissions in languages that challenges are offered in. One of several files is left out.
pub(super) fn submissions(package: &Folder) -> Result<Vec<Promise>, Skip> {
    let mut found = Vec::new();
    let folders = match package.list("submissions") {
        Err(error) if error.is_missing() => Vec::new(),
        folders => folders.map_err(Skip::because)?,
    };
    for folder in folders.iter().filter(|entry| entry.kind == Kind::Folder) {
        let Some(verdicts) = promised(&folder.name) else { continue };
        let path = format!("submissions/{}", folder.name);
        for entry in package.list(&path).map_err(Skip::because)? {
            let Some(language) = language(&entry.name).filter(|_| entry.kind == Kind::File) else { continue };
            let file = format!("{path}/{}", entry.name);
            let Some(source) = read_text(package, &file)? else { continue };
            if found.len() >= MAX_SUBMISSIONS {
                return Err(Skip::because(format!("it has more than {MAX_SUBMISSIONS} submissions")));
            }
            found.push(Promise { file, language, source, verdicts: verdicts.clone() });
        }
    }
    Ok(found)
}

fn language(name: &str) -> Option<Language> {
    let (_, ending) = name.rsplit_once('.')?;
    let (language, _) = LANGUAGES.iter().find(|(_, known)| *known == ending)?;
    language.parse().ok()
}

/// The first accepted submission of each language.
pub(super) fn references(submissions: &[Promise]) -> BTreeMap<&Language, &Promise> {
    let mut references = BTreeMap::new();
    for submission in submissions.iter().filter(|one| one.verdicts == [Verdict::Accepted]) {
        references.entry(&submission.language).or_insert(submission);
    }
    references
}
