//! A checkout of an Exercism track: its practice exercises, as far as one file of the learner's and a file of tests make them up.

mod files;
mod text;
mod topics;

use codementor_core::{ChallengeId, Difficulty, Language};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Skip;
use super::folder::{Folder, FolderError};

pub use files::ListError;

/// The largest file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;
/// The most exercises of a track.
const MAX_EXERCISES: usize = 1_000;
/// The tracks that the judge has a way of testing for, by their slug, and how the name of a file of tests ends.
const TRACKS: [(&str, &str); 2] = [("python", "_test.py"), ("javascript", ".spec.js")];

/// Why a folder is no track that can be imported.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// Something could not be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The track's `config.json` is not what it should be.
    #[error("config.json: {0}")]
    Config(String),
    /// Its language has no way of testing here.
    #[error("tracks that can be imported are python and javascript, not {0}")]
    Track(String),
}

/// A file with its name, without any folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// An exercise, as its track describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// `exercism-python-leap`
    pub id: ChallengeId,
    /// Its name.
    pub title: String,
    /// From the track's 1 to 10.
    pub difficulty: Difficulty,
    /// Its place in the track.
    pub order: i64,
    /// Topics of ours, at least one.
    pub topics: Vec<String>,
    /// The language of the track.
    pub language: Language,
    /// Markdown, without a title.
    pub statement: String,
    /// Markdown, for those who solved it.
    pub editorial: String,
    /// Three, from a nudge on.
    pub hints: Vec<String>,
    /// Authors first, then contributors.
    pub authors: Vec<String>,
    /// SPDX identifier.
    pub license: String,
    /// Where it came from.
    pub source: String,
    /// What the learner begins with.
    pub starter: NamedFile,
    /// The tests.
    pub tests: NamedFile,
    /// What the tests load beside the learner's file.
    pub others: Vec<NamedFile>,
    /// The reference.
    pub reference: String,
}

/// One entry of a track: an exercise, or why it is left out.
#[derive(Debug)]
pub struct Entry {
    /// `exercism-python-leap`, also where that is no slug.
    pub name: String,
    /// The exercise.
    pub exercise: Result<Exercise, Skip>,
}

#[derive(Deserialize)]
struct TrackConfig {
    slug: String,
    exercises: Exercises,
}

#[derive(Deserialize)]
struct Exercises {
    practice: Vec<Practice>,
}

#[derive(Deserialize)]
struct Practice {
    slug: String,
    name: String,
    #[serde(default)]
    practices: Vec<String>,
    #[serde(default)]
    prerequisites: Vec<String>,
    difficulty: u8,
    status: Option<String>,
}

#[derive(Deserialize)]
struct ExerciseConfig {
    #[serde(default)]
    authors: Vec<String>,
    #[serde(default)]
    contributors: Vec<String>,
    files: FileNames,
    blurb: Option<String>,
    source_url: Option<String>,
}

#[derive(Deserialize)]
struct FileNames {
    #[serde(default)]
    solution: Vec<String>,
    #[serde(default)]
    test: Vec<String>,
    #[serde(default)]
    example: Vec<String>,
    #[serde(default)]
    editor: Vec<String>,
}

/// Reads the practice exercises of a track, in the track's order.
///
/// # Errors
/// When the folder is no track of a language that can be imported.
pub fn exercism(track: &Folder) -> Result<Vec<Entry>, TrackError> {
    let config: TrackConfig = json(&track.read("config.json", MAX_FILE)?).map_err(TrackError::Config)?;
    let Some((slug, ending)) = TRACKS.iter().find(|(slug, _)| *slug == config.slug) else {
        return Err(TrackError::Track(config.slug.chars().take(40).collect()));
    };
    let language = slug.parse().map_err(|_| TrackError::Track((*slug).to_owned()))?;
    let licence = track.read_if_there("LICENSE", MAX_FILE)?;
    let track = Track { folder: track, slug, ending, language, license: text::license(licence.as_deref()) };
    let practices = config.exercises.practice.into_iter().take(MAX_EXERCISES);
    let entry = |(order, practice): (i64, Practice)| Entry {
        name: format!("exercism-{slug}-{}", practice.slug),
        exercise: track.exercise(order, &practice),
    };
    Ok((0..).zip(practices).map(entry).collect())
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// What all exercises of a track share.
struct Track<'a> {
    folder: &'a Folder,
    slug: &'static str,
    ending: &'static str,
    language: Language,
    license: String,
}

impl Track<'_> {
    fn exercise(&self, order: i64, practice: &Practice) -> Result<Exercise, Skip> {
        let id = format!("exercism-{}-{}", self.slug, practice.slug);
        let id: ChallengeId = id.parse().map_err(|_| Skip::because("its slug is none"))?;
        match practice.status.as_deref() {
            Some("deprecated") => return Err(Skip::because("the track says that it is deprecated")),
            Some("wip") => return Err(Skip::because("the track says that it is not finished")),
            _ => {}
        }
        let path = format!("exercises/practice/{}", practice.slug);
        let folder = self.folder.folder(&path).map_err(|error| match error {
            error if error.is_missing() => Skip::because("it is not in this checkout"),
            error => Skip::because(error),
        })?;
        let config = folder.read(".meta/config.json", MAX_FILE).map_err(Skip::because)?;
        let config: ExerciseConfig =
            json(&config).map_err(|error| Skip::because(format!(".meta/config.json: {error}")))?;
        let starter = the_only(&folder, &config.files.solution, "files that the learner writes")?;
        let reference = the_only(&folder, &config.files.example, "files of its example")?.text;
        let (tests, others) = self.tests(&folder, &config.files)?;
        let hints = read_text(&folder, ".docs/hints.md")?;
        let approaches = read_text(&folder, ".approaches/introduction.md")?;
        Ok(Exercise {
            id,
            title: practice.name.chars().take(80).collect(),
            difficulty: difficulty(practice.difficulty),
            order,
            topics: topics::topics(practice.practices.iter().chain(&practice.prerequisites)),
            language: self.language.clone(),
            statement: self.statement(&folder, &config)?,
            editorial: text::editorial(approaches.as_deref(), self.slug, &reference),
            hints: text::hints(hints.as_deref()),
            authors: authors(&config, self.slug),
            license: self.license.clone(),
            source: config
                .source_url
                .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
                .unwrap_or_else(|| self.address(&practice.slug)),
            starter,
            tests,
            others,
            reference,
        })
    }

    fn address(&self, exercise: &str) -> String {
        format!("https://github.com/exercism/{}/tree/main/exercises/practice/{exercise}", self.slug)
    }

    fn statement(&self, folder: &Folder, config: &ExerciseConfig) -> Result<String, Skip> {
        let mut parts = Vec::new();
        for name in ["introduction", "introduction.append", "instructions", "instructions.append"] {
            parts.extend(read_text(folder, &format!(".docs/{name}.md"))?);
        }
        let statement = text::statement(&parts);
        match (statement.is_empty(), &config.blurb) {
            (false, _) => Ok(statement),
            (true, Some(blurb)) => Ok(blurb.clone()),
            (true, None) => Err(Skip::because("it has no instructions")),
        }
    }

    /// The file of tests, and what it loads beside the learner's.
    fn tests(&self, folder: &Folder, files: &FileNames) -> Result<(NamedFile, Vec<NamedFile>), Skip> {
        let mut found = Vec::new();
        let mut others = Vec::new();
        for path in files.test.iter().chain(&files.editor) {
            let file = read_named(folder, path)?;
            if file.name.ends_with(self.ending) && files.test.contains(path) {
                found.push(file);
            } else {
                others.push(file);
            }
        }
        match found.len() {
            1 => Ok((found.remove(0), others)),
            count => Err(Skip::because(format!("it has {count} files of tests, not one"))),
        }
    }
}

/// 1 to 3 are easy, 4 to 6 medium, 7 to 10 hard.
fn difficulty(of_track: u8) -> Difficulty {
    match of_track {
        0..=3 => Difficulty::Easy,
        4..=6 => Difficulty::Medium,
        _ => Difficulty::Hard,
    }
}

fn authors(config: &ExerciseConfig, track: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in config.authors.iter().chain(&config.contributors) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
        if !name.trim().is_empty() && !names.contains(&name) && names.len() < 100 {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(format!("the people of Exercism's {track} track"));
    }
    names
}

fn the_only(folder: &Folder, paths: &[String], what: &str) -> Result<NamedFile, Skip> {
    match paths {
        [path] => read_named(folder, path),
        paths => Err(Skip::because(format!("it has {} {what}, not one", paths.len()))),
    }
}

fn read_named(folder: &Folder, path: &str) -> Result<NamedFile, Skip> {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let text = read_text(folder, path)?.ok_or_else(|| Skip::because(format!("{path}: missing")))?;
    Ok(NamedFile { name, text })
}

fn read_text(folder: &Folder, path: &str) -> Result<Option<String>, Skip> {
    let Some(bytes) = folder.read_if_there(path, MAX_FILE).map_err(Skip::because)? else { return Ok(None) };
    String::from_utf8(bytes).map(Some).map_err(|_| Skip::because(format!("{path}: not UTF-8 text")))
}

#[cfg(test)]
mod tests;
