//! Environments: lists, listings, tables, figures.

use std::fmt::Write as _;

use super::Reader;

/// Environments of which only the inside says something.
const PLAIN: [&str; 12] = [
    "center",
    "document",
    "quote",
    "figure",
    "figure*",
    "wrapfigure",
    "minipage",
    "flushleft",
    "flushright",
    "table",
    "small",
    "samepage",
];
/// Environments that are a section.
const SECTIONS: [&str; 3] = ["Input", "Output", "Interaction"];
/// Formulas by themselves.
const FORMULAS: [&str; 6] = ["equation", "equation*", "align", "align*", "displaymath", "math"];

impl Reader<'_> {
    pub(super) fn begin(&mut self) -> Result<(), String> {
        let name = self.argument()?;
        match name.as_str() {
            "itemize" => self.lists.push(None),
            "enumerate" => self.lists.push(Some(0)),
            "verbatim" | "lstlisting" => return self.listing(&name),
            "tabular" | "tabular*" | "tabularx" => return self.table(&name),
            name if FORMULAS.contains(&name) => {
                return self.math_until(&format!("\\end{{{name}}}"), true);
            }
            name if SECTIONS.contains(&name) => {
                let _ = write!(self.out, "\n\n## {name}");
            }
            name if PLAIN.contains(&name) => {}
            other => return Err(format!("\\begin{{{other}}}")),
        }
        // Where a figure may stand, and how wide it may be.
        self.option();
        if matches!(name.as_str(), "wrapfigure" | "minipage") {
            while self.rest.starts_with(['{', '[']) {
                self.option();
                if self.rest.starts_with('{') {
                    self.argument()?;
                }
            }
        }
        self.out.push_str("\n\n");
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), String> {
        if matches!(self.argument()?.as_str(), "itemize" | "enumerate") {
            self.lists.pop();
        }
        self.out.push_str("\n\n");
        Ok(())
    }

    pub(super) fn item(&mut self) {
        self.option();
        let indent = "  ".repeat(self.lists.len().saturating_sub(1));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{number}.")
            }
            _ => "-".to_owned(),
        };
        let _ = write!(self.out, "\n{indent}{mark} ");
        self.rest = self.rest.trim_start();
    }

    /// What is in an environment, as it is written.
    fn inside(&mut self, name: &str) -> Result<String, String> {
        let close = format!("\\end{{{name}}}");
        let Some((inside, rest)) = self.rest.split_once(&close) else {
            return Err(format!("\\begin{{{name}}} that does not end"));
        };
        let inside = inside.to_owned();
        self.rest = rest;
        Ok(inside)
    }

    fn listing(&mut self, name: &str) -> Result<(), String> {
        self.option();
        let inside = self.inside(name)?;
        let _ = write!(self.out, "\n\n````text\n{}\n````\n\n", inside.trim_matches('\n'));
        Ok(())
    }

    /// The first row becomes the table's head, which Markdown wants and LaTeX does not know.
    fn table(&mut self, name: &str) -> Result<(), String> {
        self.option();
        if name != "tabular" {
            self.argument()?;
        }
        self.argument()?;
        let inside = self.inside(name)?;
        let mut rows = Vec::new();
        for row in inside.split("\\\\") {
            let mut cells = Vec::new();
            for cell in cells_of(row) {
                let text = self.part(cell, false)?;
                cells.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            if cells.iter().any(|cell| !cell.is_empty()) {
                rows.push(cells);
            }
        }
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        self.out.push_str("\n\n");
        for (at, mut row) in rows.into_iter().enumerate() {
            row.resize(width, String::new());
            let _ = writeln!(self.out, "| {} |", row.join(" | "));
            if at == 0 {
                let _ = writeln!(self.out, "|{}", " --- |".repeat(width));
            }
        }
        self.out.push('\n');
        Ok(())
    }
}

/// The cells of a row: `&` parts them, `\&` does not.
fn cells_of(row: &str) -> Vec<&str> {
    let (mut cells, mut from) = (Vec::new(), 0);
    for (at, _) in row.match_indices('&') {
        if !row[..at].ends_with('\\') {
            cells.push(&row[from..at]);
            from = at + 1;
        }
    }
    cells.push(&row[from..]);
    cells
}
