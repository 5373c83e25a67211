//! A package's own output validator, as the program of a checker.

use super::super::Skip;
use super::super::folder::{Entry, Folder, Kind};
use super::problem::{Problem, Version};
use super::{is_ignored, programs, read_text};
use crate::format::LANGUAGES;

/// Endings of files that are part of a program in C or C++ and are not compiled by themselves.
const HEADERS: [&str; 5] = ["h", "hh", "hpp", "hxx", "inc"];
/// The most files beside the main one.
const MAX_BESIDE: usize = 6;

/// A validator, in the native format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Validator {
    /// Its files, the main one first: paths and texts.
    pub(super) files: Vec<(String, String)>,
    /// Whether it says something of scores, beyond what headers from elsewhere do.
    pub(super) may_score: bool,
}

/// A file of its program.
struct File {
    name: String,
    text: String,
    /// None of a header.
    language: Option<&'static str>,
}

/// Reads it. A package without one has none.
pub(super) fn validator(package: &Folder, problem: &Problem) -> Result<Option<Validator>, Skip> {
    let named = match problem.version {
        Version::Legacy => ["output_validators", "output_validator"],
        Version::V2025 => ["output_validator", "output_validators"],
    };
    for path in named {
        let Some(folder) = program_folder(package, path, problem.version)? else { continue };
        return read(package, &folder, problem).map(Some);
    }
    Ok(None)
}

/// What is in a folder. Nothing, when there is no such folder.
fn list(package: &Folder, path: &str) -> Result<Vec<Entry>, Skip> {
    let entries = match package.list(path) {
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        entries => entries.map_err(Skip::because)?,
    };
    Ok(entries.into_iter().filter(|entry| !is_ignored(&entry.name)).collect())
}

/// The folder whose files are the one program. The legacy version knows several programs in a folder, the newer one is the program.
fn program_folder(package: &Folder, path: &str, version: Version) -> Result<Option<String>, Skip> {
    let entries = list(package, path)?;
    let is_script = |entry: &&Entry| matches!(entry.name.as_str(), "build" | "run");
    let is_program = |entry: &&Entry| entry.kind == Kind::File && programs::language(&entry.name).is_some();
    let sources = entries.iter().filter(|entry| is_program(entry) || is_script(entry)).count();
    let mut folders = Vec::new();
    for entry in entries.iter().filter(|entry| entry.kind == Kind::Folder) {
        let inner = format!("{path}/{}", entry.name);
        if list(package, &inner)?.iter().any(|entry| entry.kind == Kind::File) {
            folders.push(inner);
        }
    }
    let is_other = |entry: &Entry| entry.kind != Kind::Folder && !entry.name.starts_with("README");
    match (sources, folders.len(), version) {
        (0, 0, _) if entries.iter().any(is_other) => {
            Err(Skip::because(format!("{path}/: holds no program in a language that is judged here")))
        }
        (0, 0, _) => Ok(None),
        (0, 1, _) => Ok(folders.pop()),
        (1, 0, _) | (1.., _, Version::V2025) => Ok(Some(path.to_owned())),
        (sources, folders, _) => Err(Skip::because(format!(
            "{path}/: it has {} output validators, and only one can be used here",
            sources + folders
        ))),
    }
}

fn read(package: &Folder, folder: &str, problem: &Problem) -> Result<Validator, Skip> {
    let because = |why: &str| Skip::because(format!("{folder}/: {why}"));
    let mut files = Vec::new();
    for entry in list(package, folder)? {
        let path = format!("{folder}/{}", entry.name);
        if matches!(entry.name.as_str(), "build" | "run") {
            return Err(because("it is made by a script, and such are not run here"));
        }
        let ending = entry.name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let language = programs::language(&entry.name);
        if language.is_none() && !HEADERS.contains(&ending) {
            continue;
        }
        match entry.kind {
            Kind::File => {
                let text = read_text(package, &path)?.unwrap_or_default();
                files.push(File { name: entry.name, text: problem.constants.filled(&text), language });
            }
            Kind::Folder => {}
            Kind::Other => return Err(Skip::because(format!("{path}: links are not followed"))),
        }
    }
    let mut languages: Vec<_> = files.iter().filter_map(|file| file.language).collect();
    languages.dedup();
    let language = match languages.as_slice() {
        &[language] => language,
        [] => return Err(because("holds no program in a language that is judged here")),
        _ => return Err(because("its files are of several languages")),
    };
    if files.len() > MAX_BESIDE + 1 {
        return Err(because(&format!("it has more than {} files", MAX_BESIDE + 1)));
    }
    let may_score =
        files.iter().any(|file| file.language.is_some() && file.text.to_lowercase().contains("score"));
    let main =
        main_of(&files, language).ok_or_else(|| because("nobody can tell which file is the program"))?;
    let main = files.remove(main);
    let text = programs::adapt(&main.name, language, main.text)
        .map_err(|why| Skip::because(format!("{folder}/{}: {why}", main.name)))?;
    let (_, ending) = LANGUAGES.iter().find(|(known, _)| *known == language).copied().unwrap_or_default();
    let mut named = vec![(format!("checker/checker.{ending}"), text)];
    named.extend(files.into_iter().map(|file| (format!("checker/{}", file.name), file.text)));
    let is_taken = |name: &str| {
        let (stem, _) = name.rsplit_once('.').unwrap_or((name, ""));
        matches!(stem, "checker/checker" | "checker/solution") && programs::language(name).is_some()
    };
    match named.iter().skip(1).find(|(name, _)| is_taken(name)) {
        Some((name, _)) => Err(because(&format!("the name of {name} is needed for its main file"))),
        None => Ok(Validator { files: named, may_score }),
    }
}

/// The place of the file that is started. All files of a program in C or C++ are compiled together.
fn main_of(files: &[File], language: &str) -> Option<usize> {
    let sources: Vec<usize> = (0..files.len()).filter(|&at| files[at].language.is_some()).collect();
    let named = |name: &str| sources.iter().copied().find(|&at| files[at].name == name);
    match (language, sources.as_slice()) {
        (_, &[only]) => Some(only),
        ("c" | "cpp", _) => sources.iter().copied().find(|&at| programs::has_main(&files[at].text)),
        ("python", _) => named("__main__.py").or_else(|| named("main.py")),
        _ => None,
    }
}
