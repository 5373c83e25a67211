//! A package's statement as Markdown: in English when there is one. Pictures are left out, and a sentence stands in their place.

use super::super::Skip;
use super::super::folder::{Folder, Kind};
use super::data::Data;
use super::problem::{self, Problem, Validation, Version};
use super::{is_ignored, latex, read_text};

/// What stands where a picture was.
pub(super) const PICTURE: &str = "*(A picture stands here in the original; it is not shown.)*";
/// No longer text is taken for a picture's, in bytes.
const MAX_PICTURE_BYTES: usize = 2_000;
/// The most conversations that are shown.
const MAX_TALKS: usize = 5;

/// A statement, and what whoever imports it should know.
pub(super) struct Statement {
    pub(super) text: String,
    /// The title that it says itself, in LaTeX.
    pub(super) title: Option<String>,
    pub(super) notes: Vec<String>,
}

/// Reads it.
pub(super) fn statement(package: &Folder, problem: &Problem, data: &Data) -> Result<Statement, Skip> {
    let folders = match problem.version {
        Version::Legacy => ["problem_statement", "statement"],
        Version::V2025 => ["statement", "problem_statement"],
    };
    let mut has_pdf = false;
    for folder in folders {
        let files = files(package, folder)?;
        has_pdf |= files.iter().any(|file| file.ending == "pdf");
        let Some(file) = files.iter().find(|file| file.ending != "pdf") else { continue };
        let path = format!("{folder}/{}", file.name);
        let text = read_text(package, &path)?.ok_or_else(|| Skip::because(format!("{path}: missing")))?;
        let title = title(&text).filter(|_| file.ending == "tex");
        let (text, pictures) = match file.ending.as_str() {
            "md" => markdown(&problem.constants.filled(&text)),
            _ => latex::markdown(&text, &|name| problem.constants.get(name).map(str::to_owned))
                .map_err(|what| Skip::because(format!("{path}: {what} is not understood")))?,
        };
        if text.is_empty() {
            return Err(Skip::because("its statement is empty"));
        }
        let mut notes = Vec::new();
        if !matches!(file.language.as_str(), "" | "en") {
            notes.push(format!("its statement is in {}", file.language));
        }
        if pictures > 0 {
            notes.push(format!("pictures of its statement that are left out: {pictures}"));
        }
        return Ok(Statement { text: with_talks(text, problem, data), title, notes });
    }
    Err(Skip::because(match has_pdf {
        true => "its statement is there as a PDF only, which cannot be shown",
        false => "it has no statement in Markdown or LaTeX",
    }))
}

/// A file that is a statement.
struct File {
    name: String,
    /// `en`, or nothing, which means the same.
    language: String,
    ending: String,
}

impl File {
    /// `problem.en.tex` and the like.
    fn new(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("problem.")?;
        let (language, ending) = rest.rsplit_once('.').unwrap_or(("", rest));
        let is_known = matches!(ending, "md" | "tex" | "pdf") && !language.contains('.');
        is_known.then(|| Self {
            name: name.to_owned(),
            language: language.to_owned(),
            ending: ending.to_owned(),
        })
    }

    /// Less is better.
    fn rank(&self) -> (usize, bool) {
        let language = match self.language.as_str() {
            "en" => 0,
            "" => 1,
            other if other.starts_with("en-") => 2,
            _ => 3,
        };
        (language, self.ending != "md")
    }
}

/// Statements, the one that fits best first.
fn files(package: &Folder, folder: &str) -> Result<Vec<File>, Skip> {
    let entries = match package.list(folder) {
        Err(error) if error.is_missing() => return Ok(Vec::new()),
        entries => entries.map_err(Skip::because)?,
    };
    let files = entries.iter().filter(|entry| entry.kind == Kind::File && !is_ignored(&entry.name));
    let mut files: Vec<File> = files.filter_map(|entry| File::new(&entry.name)).collect();
    files.sort_by_key(File::rank);
    Ok(files)
}

/// `%% plainproblemname: …`, or else what `\problemname` shows.
fn title(text: &str) -> Option<String> {
    let plain = text.lines().find_map(|line| {
        line.trim_start().strip_prefix('%')?.trim_start_matches(['%', ' ']).strip_prefix("plainproblemname:")
    });
    let shown = || {
        let (_, rest) = text.split_once("\\problemname{")?;
        let (name, _) = rest.split_once('}')?;
        Some(latex::markdown(name, &|_| None).ok()?.0.replace('`', ""))
    };
    problem::plain(&plain.map(str::to_owned).or_else(shown)?)
}

/// A conversation says more than the files of a sample that the program never sees.
fn with_talks(mut text: String, problem: &Problem, data: &Data) -> String {
    if problem.validation != Validation::Interactive || data.talks.is_empty() {
        return text;
    }
    text.push_str("\n\n## Sample conversations\n\n`>` is what your program writes, `<` is what it reads.\n");
    for talk in data.talks.iter().take(MAX_TALKS) {
        text.push_str(&format!("\n````text\n{}\n````\n", talk.trim_end()));
    }
    text.truncate(text.trim_end().len());
    text
}

/// Without the title, which the page shows, and without the places where samples would stand. How many pictures are left out comes
/// with it.
fn markdown(text: &str) -> (String, usize) {
    let is_kept = |line: &&str| !matches!(line.trim(), "{{nextsample}}" | "{{remainingsamples}}");
    let mut lines = text.trim().lines().filter(is_kept).peekable();
    if lines.peek().is_some_and(|line| line.starts_with("# ")) {
        lines.next();
    }
    let (mut shown, mut pictures) = (Vec::new(), 0);
    for line in lines {
        let (line, left_out) = without_pictures(line);
        shown.push(line);
        pictures += left_out;
    }
    (shown.join("\n").trim().to_owned(), pictures)
}

/// A line without `![…](…)`, `![…][…]` and `<img …>`.
fn without_pictures(line: &str) -> (String, usize) {
    let (mut shown, mut rest, mut pictures) = (String::new(), line, 0);
    loop {
        let next = [rest.find("!["), rest.find("<img")].into_iter().flatten().min();
        let Some(at) = next else { break };
        let after = end_of_picture(&rest[at..]);
        shown.push_str(&rest[..at]);
        match after {
            Some(end) => {
                shown.push_str(PICTURE);
                pictures += 1;
                rest = &rest[at + end..];
            }
            None => {
                shown.push_str(&rest[at..=at]);
                rest = &rest[at + 1..];
            }
        }
    }
    shown.push_str(rest);
    (shown, pictures)
}

fn end_of_picture(text: &str) -> Option<usize> {
    let text = &text[..text.floor_char_boundary(MAX_PICTURE_BYTES)];
    if text.starts_with('<') {
        return text.find('>').map(|at| at + 1);
    }
    let close = text.find(']')? + 1;
    let end = match text[close..].chars().next()? {
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    text[close..].find(end).map(|at| close + at + 1)
}
