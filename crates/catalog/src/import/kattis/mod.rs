//! Problem packages of Kattis and ICPC, legacy and 2025-09, as far as they can be judged here:
//! <https://icpc.io/problem-package-format/>.

mod challenge;
mod constants;
mod data;
mod groups;
mod latex;
mod problem;
mod programs;
mod promises;
mod starters;
mod statement;
mod submissions;
mod validator;

use codementor_core::ChallengeId;
use codementor_core::catalogue::FileSet;

use self::challenge::Parts;
use self::problem::{Problem, Validation, milliseconds};
use self::validator::Validator;
use super::folder::{Folder, FolderError, Kind};
use super::{Found, Promise, Skip};

/// The largest file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;
/// The most packages of a folder.
const MAX_PACKAGES: usize = 1_000;
/// The time of one test when the package does not say it.
const TIME_MS: u32 = 5_000;

/// Reads the package that a folder is, or those that are in it, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn kattis(folder: &Folder) -> Result<Vec<Found>, FolderError> {
    let entries = folder.list("")?;
    if entries.iter().any(|entry| entry.name == "problem.yaml") {
        return Ok(vec![found(&folder.name().unwrap_or_default(), folder)]);
    }
    let mut all = Vec::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Folder).take(MAX_PACKAGES) {
        let inner = folder.folder(&entry.name)?;
        if inner.list("")?.iter().any(|entry| entry.name == "problem.yaml") {
            all.push(found(&entry.name, &inner));
        }
    }
    Ok(all)
}

fn found(name: &str, package: &Folder) -> Found {
    let name = format!("kattis-{name}");
    match read(&name, package) {
        Ok(Read { id, files, promises, notes }) => Found { name, files: Ok((id, files)), promises, notes },
        Err(skip) => Found { name, files: Err(skip), promises: Vec::new(), notes: Vec::new() },
    }
}

/// A package that became a challenge.
struct Read {
    id: ChallengeId,
    files: FileSet,
    promises: Vec<Promise>,
    notes: Vec<String>,
}

fn read(name: &str, package: &Folder) -> Result<Read, Skip> {
    let id: ChallengeId = name
        .parse()
        .map_err(|_| Skip::because("the folder's name is no slug (a-z, 0-9 and single hyphens)"))?;
    let yaml = read_text(package, "problem.yaml")?.ok_or_else(|| Skip::because("problem.yaml: missing"))?;
    let mut problem = problem::problem(&yaml)?;
    let mut notes = std::mem::take(&mut problem.notes);
    for folder in ["include", "static_validator"] {
        if has(package, folder) {
            return Err(Skip::because(format!("{folder}/ is there, which cannot be used here")));
        }
    }
    if has(package, "attachments") {
        notes.push("its attachments are left out".to_owned());
    }
    let data = data::data(package, &problem)?;
    if data.samples.is_empty() {
        notes.push("it has no samples, so its first secret test is shown as the example".to_owned());
    }
    let validator = own_validator(package, &problem, &mut notes)?;
    let may_score = validator.as_ref().is_some_and(|validator| validator.may_score);
    let statement = statement::statement(package, &problem, &data)?;
    let submissions = submissions::submissions(package, &problem)?;
    notes.extend(statement.notes);
    notes.extend(submissions.notes);
    let bare = name.strip_prefix("kattis-").unwrap_or(name);
    let parts = Parts {
        package,
        title: problem.title.as_deref().or(statement.title.as_deref()).unwrap_or(bare),
        time_ms: time(package, &problem, &mut notes)?,
        scores: groups::scores(&problem, &data, may_score)?,
        references: submissions::references(&submissions.promises, &problem),
        validator: validator.as_ref(),
        statement: &statement.text,
        problem: &problem,
        data: &data,
    };
    Ok(Read { id, files: parts.files()?, promises: submissions.promises, notes })
}

fn has(package: &Folder, folder: &str) -> bool {
    package.list(folder).is_ok_and(|entries| entries.iter().any(|entry| !is_ignored(&entry.name)))
}

/// The package's own validator, where it is the one to be asked.
fn own_validator(
    package: &Folder,
    problem: &Problem,
    notes: &mut Vec<String>,
) -> Result<Option<Validator>, Skip> {
    if problem.validation == Validation::Usual {
        if has(package, "output_validators") {
            notes.push("its output_validators/ is not used: its validation is default".to_owned());
        }
        return Ok(None);
    }
    let validator = validator::validator(package, problem)?;
    let is_needed = problem.validation == Validation::Interactive
        || (problem.version, problem.validation) == (problem::Version::Legacy, Validation::Own);
    if is_needed && validator.is_none() {
        return Err(Skip::because("it has no output validator of its own, and needs one"));
    }
    Ok(validator)
}

/// The time of one test, in milliseconds. The legacy version leaves it to the judge; some packages have it in a file for theirs.
fn time(package: &Folder, problem: &Problem, notes: &mut Vec<String>) -> Result<u32, Skip> {
    if let Some(ms) = problem.time_ms {
        return Ok(ms);
    }
    for path in [".timelimit", "domjudge-problem.ini"] {
        let Some(text) = read_text(package, path)? else { continue };
        let line = text.lines().find_map(|line| match line.split_once('=') {
            Some((key, value)) => (key.trim() == "timelimit").then_some(value),
            None => Some(line).filter(|_| path == ".timelimit"),
        });
        let said = line.map(|value| value.trim().trim_matches(['\'', '"']));
        if let Some(seconds) = said.and_then(|said| said.parse::<f64>().ok()) {
            return Ok(milliseconds(seconds, notes));
        }
    }
    notes.push(format!("it does not say how long a test may take; here {} s", TIME_MS / 1_000));
    Ok(TIME_MS)
}

/// Names that the format tells a judge to overlook.
fn is_ignored(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
    name.starts_with(['.', '-']) || !name.chars().all(is_plain)
}

fn read_text(folder: &Folder, path: &str) -> Result<Option<String>, Skip> {
    let Some(bytes) = folder.read_if_there(path, MAX_FILE).map_err(Skip::because)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| Skip::because(format!("{path}: not UTF-8 text")))
}

#[cfg(test)]
mod tests;
