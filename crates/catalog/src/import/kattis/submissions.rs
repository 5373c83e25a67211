//! A package's submissions, each in a folder that says what must become of it.

use std::collections::BTreeMap;

use codementor_core::{Language, Verdict};

use super::super::folder::{Entry, Folder, Kind};
use super::super::{Promise, Skip};
use super::problem::Problem;
use super::promises::{self, Word};
use super::{is_ignored, programs, read_text};

/// The most submissions that are looked at.
const MAX_SUBMISSIONS: usize = 60;

/// The submissions of one file in a language of the judge.
#[derive(Debug, Default)]
pub(super) struct Submissions {
    pub(super) promises: Vec<Promise>,
    /// What of the others whoever imports them should know.
    pub(super) notes: Vec<String>,
}

/// Reads them.
pub(super) fn submissions(package: &Folder, problem: &Problem) -> Result<Submissions, Skip> {
    let words = promises::words(package, problem)?;
    let mut found = Submissions::default();
    if words.says_more {
        found
            .notes
            .push("what submissions.yaml says of scores, groups and messages is not checked".to_owned());
    }
    let mut left_out = Vec::new();
    for folder in list(package, "submissions")?.iter().filter(|entry| entry.kind == Kind::Folder) {
        let path = format!("submissions/{}", folder.name);
        for entry in list(package, &path)? {
            let Some(word) = words.of(&folder.name, &entry.name, problem.version) else { continue };
            match submission(package, problem, &format!("{path}/{}", entry.name), &entry)? {
                Ok((file, language, source)) => found.promises.push(promise(file, &language, source, word)?),
                Err(why) => left_out.push(format!("{}/{} {why}", folder.name, entry.name)),
            }
            if found.promises.len() > MAX_SUBMISSIONS {
                return Err(Skip::because(format!("it has more than {MAX_SUBMISSIONS} submissions")));
            }
        }
    }
    if let Some(first) = left_out.first() {
        let more = match left_out.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        found.notes.push(format!("not judged: {first}{more}"));
    }
    Ok(found)
}

fn list(package: &Folder, path: &str) -> Result<Vec<Entry>, Skip> {
    let entries = match package.list(path) {
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        entries => entries.map_err(Skip::because)?,
    };
    Ok(entries.into_iter().filter(|entry| !is_ignored(&entry.name)).collect())
}

/// A path, a language and a text, or why it is left out.
type Source = Result<(String, String, String), &'static str>;

/// A file, or the only file of a folder.
fn submission(package: &Folder, problem: &Problem, path: &str, entry: &Entry) -> Result<Source, Skip> {
    match entry.kind {
        Kind::Other => Ok(Err("is a link, and such are not followed")),
        Kind::File => source(package, problem, path, &entry.name),
        Kind::Folder => match list(package, path)?.as_slice() {
            [only] if only.kind == Kind::File => {
                source(package, problem, &format!("{path}/{}", only.name), &only.name)
            }
            _ => Ok(Err("is not one file")),
        },
    }
}

fn source(package: &Folder, problem: &Problem, path: &str, name: &str) -> Result<Source, Skip> {
    let Some(language) = programs::language(name) else {
        return Ok(Err("is in a language that is not judged here"));
    };
    // Old ones may be in other encodings.
    let Ok(Some(text)) = read_text(package, path) else {
        return Ok(Err("is no UTF-8 text of at most 1 MiB"));
    };
    let adapted = programs::adapt(name, language, problem.constants.filled(&text));
    Ok(adapted.map(|text| (path.to_owned(), language.to_owned(), text)))
}

fn promise(file: String, language: &str, source: String, word: Word) -> Result<Promise, Skip> {
    let language: Language = language.parse().map_err(|_| Skip::because(format!("{file}: no language")))?;
    Ok(Promise { file, language, source, permitted: word.permitted, required: word.required })
}

/// The first accepted submission of each language that submissions may be in.
pub(super) fn references<'a>(
    submissions: &'a [Promise],
    problem: &Problem,
) -> BTreeMap<&'a Language, &'a Promise> {
    let mut references = BTreeMap::new();
    for submission in submissions.iter().filter(|one| one.permitted == [Verdict::Accepted]) {
        let may_be = &problem.languages;
        if may_be.is_empty() || may_be.iter().any(|name| name == submission.language.as_str()) {
            references.entry(&submission.language).or_insert(submission);
        }
    }
    references
}
