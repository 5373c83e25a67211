//! Exercism's Markdown as ours.

/// Parts of a statement, one after the other: a title of their own is left out, since the page has one.
pub(super) fn statement(parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| body(part)).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// A text without its first heading and without HTML comments that stand alone; notes in boxes become quotations.
fn body(text: &str) -> String {
    let mut lines = text.trim().lines().peekable();
    if lines.peek().is_some_and(|line| line.starts_with("# ")) {
        lines.next();
    }
    let kept: Vec<&str> = lines.filter(|line| !(line.starts_with("<!--") && line.ends_with("-->"))).collect();
    let mut is_note = false;
    let kept = kept.into_iter().map(|line| {
        if is_note && line.starts_with("~~~~") {
            is_note = false;
            String::new()
        } else if is_note {
            format!("> {line}")
        } else if let Some(kind) = line.strip_prefix("~~~~exercism/") {
            is_note = true;
            format!("> **{}**\n>", if kind.trim() == "caution" { "Caution" } else { "Note" })
        } else {
            line.to_owned()
        }
    });
    kept.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// What is said to those who ask for help with an exercise that has no hints of its own.
const HINTS: [&str; 3] = [
    "Run the tests and look at the first that fails: its name says what is asked, and its code shows what goes in and what must \
     come out.",
    "Make that one test pass with the simplest code that does, then take the next one. You need not see the whole solution yet.",
    "When you are stuck, say in one sentence what your code does with the input of the failing test, step by step, and compare it \
     with what must come out. Where the two part is what to change.",
];

/// Three hints: the exercise's own as far as they go, then ours.
pub(super) fn hints(text: Option<&str>) -> Vec<String> {
    let own = text.map(points).unwrap_or_default();
    let ours = HINTS.iter().map(|hint| (*hint).to_owned());
    own.into_iter().chain(ours).take(3).collect()
}

/// The points of all lists in a text; links that it defines elsewhere are resolved.
fn points(text: &str) -> Vec<String> {
    let mut points: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            Some(point) => {
                points.push(point.trim().to_owned());
                is_open = true;
            }
            None if is_open && line.starts_with("  ") && !line.trim().is_empty() => {
                if let Some(last) = points.last_mut() {
                    last.push(' ');
                    last.push_str(line.trim());
                }
            }
            None => is_open = false,
        }
    }
    let definitions = definitions(text);
    points.into_iter().map(|point| format!("{point}{definitions}")).collect()
}

/// Lines such as `[name]: https://…`, which links elsewhere need.
fn definitions(text: &str) -> String {
    let is_definition = |line: &&str| line.starts_with('[') && line.contains("]: ");
    let lines: Vec<&str> = text.lines().filter(is_definition).take(50).collect();
    if lines.is_empty() { String::new() } else { format!("\n\n{}", lines.join("\n")) }
}

/// The approaches of an exercise, or its example.
pub(super) fn editorial(approaches: Option<&str>, language: &str, reference: &str) -> String {
    let approaches = approaches.map(body).filter(|text| !text.is_empty());
    approaches.unwrap_or_else(|| {
        // Longer than any fence within.
        let fence = "`".repeat(longest_run(reference).max(2) + 1);
        format!("One way to solve it:\n\n{fence}{language}\n{}\n{fence}", reference.trim_end())
    })
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// The SPDX identifier of a licence's text, as far as it is known.
pub(super) fn license(text: Option<&[u8]>) -> String {
    let text = text.map(String::from_utf8_lossy).unwrap_or_default();
    let known = [("MIT License", "MIT"), ("Apache License", "Apache-2.0"), ("GNU AFFERO", "AGPL-3.0-only")];
    let found = known.iter().find(|(begins, _)| text.contains(begins));
    found.map_or("LicenseRef-unknown", |(_, spdx)| *spdx).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_parts_are_left_out() {
        let parts = ["# Instructions\n\nDo it.\n".to_owned(), "<!-- begin -->\n\n## How\n\nSo.".to_owned()];
        assert_eq!(statement(&parts), "Do it.\n\n## How\n\nSo.");
        assert_eq!(statement(&[]), "");
        let noted = "Do it.\n\n~~~~exercism/note\nOr `not`.\n~~~~\nMore.\n\n~~~~\ncode\n~~~~".to_owned();
        assert_eq!(statement(&[noted]), "Do it.\n\n> **Note**\n>\n> Or `not`.\n\nMore.\n\n~~~~\ncode\n~~~~");
    }

    #[test]
    fn there_are_always_three_hints() {
        assert_eq!(hints(None).len(), 3);
        let own = hints(Some(
            "# Hints\n\n- First,\n  and more.\n\ntext\n- [Second][x]\n\n[x]: https://example.org\n",
        ));
        assert_eq!(own[0], "First, and more.\n\n[x]: https://example.org");
        assert!(own[1].starts_with("[Second][x]"));
        assert_eq!((own.len(), own[2].as_str()), (3, HINTS[0]));
    }

    #[test]
    fn an_editorial_is_there_in_any_case() {
        assert_eq!(editorial(Some("# Introduction\n\nTwo ways."), "python", "x"), "Two ways.");
        assert!(editorial(None, "python", "a\n```\nb").contains("\n````python\na"));
    }

    #[test]
    fn licences_by_their_first_words() {
        assert_eq!(license(Some(b"MIT License\n\nCopyright")), "MIT");
        assert_eq!(license(None), "LicenseRef-unknown");
    }
}
