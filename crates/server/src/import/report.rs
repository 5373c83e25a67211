//! What an import tells: a row a challenge on standard output, a bar on a terminal's standard error, the sums at the end.

use std::collections::BTreeMap;
use std::fmt;

use indicatif::{ProgressBar, ProgressStyle};

/// What became of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Imported,
    Updated,
    Unchanged,
    Skipped,
    /// It is not what it should be.
    Failed,
}

impl Status {
    const ALL: [Self; 5] = [Self::Imported, Self::Updated, Self::Unchanged, Self::Skipped, Self::Failed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// What is told of one challenge.
pub(super) struct Row {
    status: Status,
    name: String,
    detail: String,
}

impl Row {
    pub(super) fn new(status: Status, name: &str, detail: impl fmt::Display) -> Self {
        Self { status, name: name.to_owned(), detail: detail.to_string() }
    }

    /// With what else is to be known of it.
    pub(super) fn with(mut self, notes: &[String]) -> Self {
        for note in notes {
            self.detail.push_str("; ");
            self.detail.push_str(note);
        }
        self
    }
}

/// The rows so far.
pub(super) struct Report {
    counts: BTreeMap<Status, usize>,
    /// Draws nothing where standard error is no terminal.
    bar: ProgressBar,
}

impl Report {
    pub(super) fn new(all: usize) -> Self {
        let bar = ProgressBar::new(all as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}, {eta} left") {
            bar.set_style(style);
        }
        bar.tick();
        Self { counts: BTreeMap::new(), bar }
    }

    pub(super) fn add(&mut self, row: &Row) {
        *self.counts.entry(row.status).or_default() += 1;
        let line = format!("{:<9}  {:<32}  {}", row.status.as_str(), shown(&row.name), shown(&row.detail));
        self.bar.suspend(|| println!("{line}"));
        self.bar.inc(1);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
        let sums: Vec<String> =
            Status::ALL.iter().map(|status| format!("{} {}", self.count(*status), status.as_str())).collect();
        println!("{}", sums.join(", "));
    }

    pub(super) fn count(&self, status: Status) -> usize {
        self.counts.get(&status).copied().unwrap_or(0)
    }
}

/// On one line, and nothing that moves a terminal's cursor: names and messages are a stranger's.
fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(clean).take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_one_clean_line() {
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(shown(&"x".repeat(1_000)).len(), 400);
    }
}
