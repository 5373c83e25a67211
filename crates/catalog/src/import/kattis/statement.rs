//! A package's statement as Markdown: in English when there is one.

use super::super::Skip;
use super::super::folder::Folder;
use super::problem::Version;
use super::{latex, read_text};

/// Reads it.
pub(super) fn statement(package: &Folder, version: Version) -> Result<String, Skip> {
    let folder = match version {
        Version::Legacy => "problem_statement",
        Version::V2025 => "statement",
    };
    for name in ["problem.en", "problem"] {
        if let Some(text) = read_text(package, &format!("{folder}/{name}.md"))? {
            return markdown(&text);
        }
        if let Some(text) = read_text(package, &format!("{folder}/{name}.tex"))? {
            let read = latex::markdown(&text);
            return read
                .map_err(|what| Skip::because(format!("{folder}/{name}.tex: {what} is not understood")));
        }
    }
    Err(Skip::because(format!("{folder}/ has no English statement in Markdown or LaTeX")))
}

/// Without the title, which the page shows, and without the places where samples would stand.
fn markdown(text: &str) -> Result<String, Skip> {
    if text.contains("![") || text.contains("<img") {
        return Err(Skip::because("its statement has pictures, which cannot be shown"));
    }
    let is_kept = |line: &&str| !matches!(line.trim(), "{{nextsample}}" | "{{remainingsamples}}");
    let mut lines = text.trim().lines().filter(is_kept).peekable();
    if lines.peek().is_some_and(|line| line.starts_with("# ")) {
        lines.next();
    }
    let text = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
    if text.is_empty() { Err(Skip::because("its statement is empty")) } else { Ok(text) }
}
