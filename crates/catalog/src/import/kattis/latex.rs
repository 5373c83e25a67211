//! A statement in LaTeX as Markdown, as far as statements commonly go. What is not understood is named, so that nothing is told wrong.

use std::fmt::Write as _;

/// Commands that stand for a text of their own.
const SYMBOLS: [(&str, &str); 30] = [
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("lt", "<"),
    ("gt", ">"),
    ("cdot", "·"),
    ("cdots", "⋯"),
    ("times", "×"),
    ("ldots", "…"),
    ("dots", "…"),
    ("infty", "∞"),
    ("to", "→"),
    ("rightarrow", "→"),
    ("in", "∈"),
    ("pm", "±"),
    ("pi", "π"),
    ("alpha", "α"),
    ("beta", "β"),
    ("quad", " "),
    ("min", "min"),
    ("max", "max"),
    ("log", "log"),
    ("sqrt", "√"),
    ("bmod", "mod"),
    ("textbackslash", "\\"),
    ("newline", "\n"),
    ("par", "\n\n"),
];

/// Commands that say nothing which Markdown could say.
const SILENT: [&str; 14] = [
    "noindent",
    "bigskip",
    "medskip",
    "smallskip",
    "left",
    "right",
    "displaystyle",
    "centering",
    "clearpage",
    "newpage",
    "maketitle",
    "large",
    "small",
    "item",
];

/// Commands whose argument is shown between two marks.
const MARKS: [(&str, &str, &str); 14] = [
    ("textbf", "**", "**"),
    ("emph", "*", "*"),
    ("textit", "*", "*"),
    ("texttt", "`", "`"),
    ("verb", "`", "`"),
    ("section", "\n\n## ", "\n\n"),
    ("subsection", "\n\n### ", "\n\n"),
    ("text", "", ""),
    ("mathrm", "", ""),
    ("mathit", "", ""),
    ("textrm", "", ""),
    ("url", "<", ">"),
    ("problemname", "", ""),
    ("illustration", "", ""),
];

/// Reads a statement.
///
/// # Errors
/// Names the first thing that is not understood.
pub(super) fn markdown(text: &str) -> Result<String, String> {
    let mut reader = Reader { rest: text, out: String::new(), lists: Vec::new() };
    reader.all()?;
    Ok(tidy(&reader.out))
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    /// Lists within each other; a number counts the items of one that is numbered.
    lists: Vec<Option<u32>>,
}

impl Reader<'_> {
    fn all(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.command()?,
                '%' => self.comment(),
                '$' => self.math()?,
                '~' => self.out.push(' '),
                '{' | '}' => {}
                '`' if self.rest.starts_with('`') => self.two('"'),
                '\'' if self.rest.starts_with('\'') => self.two('"'),
                '`' => self.out.push('\''),
                '-' if self.rest.starts_with("--") => {
                    self.rest = &self.rest[2..];
                    self.out.push('–');
                }
                '-' if self.rest.starts_with('-') => self.two('–'),
                '*' | '_' | '<' | '[' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c => self.out.push(c),
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn two(&mut self, one: char) {
        self.rest = &self.rest[1..];
        self.out.push(one);
    }

    fn comment(&mut self) {
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        self.rest = &self.rest[end..];
    }

    /// Formulas become plain text between marks of code when they are simple, which most are in statements.
    fn math(&mut self) -> Result<(), String> {
        let double = self.rest.starts_with('$');
        let close = if double { "$$" } else { "$" };
        self.rest = &self.rest[usize::from(double)..];
        let Some(end) = self.rest.find(close) else { return Err("a formula that does not end".to_owned()) };
        let formula = &self.rest[..end];
        self.rest = &self.rest[end + close.len()..];
        let mut inner = Reader { rest: formula, out: String::new(), lists: Vec::new() };
        inner.formula()?;
        let shown = inner.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = if double { "\n\n" } else { "" };
        let _ = write!(self.out, "{line}`{shown}`{line}");
        Ok(())
    }

    fn formula(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            match c {
                '\\' if self.rest.starts_with([',', ';', ' ', '!', ':']) => {
                    self.next();
                    self.out.push(' ');
                }
                '\\' => self.command()?,
                '{' => self.exponent(),
                '}' => {}
                '`' => self.out.push('\''),
                '~' => self.out.push(' '),
                c => self.out.push(c),
            }
        }
        Ok(())
    }

    /// After a brace: `10^{18}` loses it, `2^{n+1}` gets parentheses, any other is for grouping only.
    fn exponent(&mut self) {
        if !self.out.ends_with(['^', '_']) {
            return;
        }
        let Some(end) = self.rest.find('}') else { return };
        let (inner, rest) = (&self.rest[..end], &self.rest[end + 1..]);
        if inner.contains(['\\', '{']) {
            return;
        }
        match inner.chars().all(|c| c.is_ascii_digit()) || inner.chars().count() == 1 {
            true => self.out.push_str(inner),
            false => {
                let _ = write!(self.out, "({inner})");
            }
        }
        self.rest = rest;
    }

    fn command(&mut self) -> Result<(), String> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if end == 0 {
            match self.next() {
                Some('\\') => self.out.push_str("\n\n"),
                Some(c) if "%$&#_{} ,;-/".contains(c) => self.out.push(c),
                other => return Err(format!("\\{}", other.map(String::from).unwrap_or_default())),
            }
            return Ok(());
        }
        let name = &self.rest[..end];
        self.rest = self.rest[end..].trim_start_matches('*');
        match name {
            "begin" => self.begin(),
            "end" => self.end(),
            "item" => {
                self.item();
                Ok(())
            }
            "href" => {
                let (url, shown) = (self.argument()?, self.argument()?);
                let _ = write!(self.out, "[{shown}]({url})");
                Ok(())
            }
            name if SILENT.contains(&name) => Ok(()),
            name => self.known(name),
        }
    }

    fn known(&mut self, name: &str) -> Result<(), String> {
        if let Some((_, symbol)) = SYMBOLS.iter().find(|(known, _)| *known == name) {
            self.out.push_str(symbol);
            return Ok(());
        }
        let Some((_, before, after)) = MARKS.iter().find(|(known, ..)| *known == name) else {
            return Err(format!("\\{name}"));
        };
        let argument = self.argument()?;
        // A name is the page's to show.
        if name == "problemname" {
            return Ok(());
        }
        let mut inner = Reader { rest: &argument, out: String::new(), lists: Vec::new() };
        // Between marks of code nothing needs to be escaped.
        if *before == "`" {
            inner.formula()?
        } else {
            inner.all()?
        }
        let inner = inner.out;
        let _ = write!(self.out, "{before}{}{after}", inner.trim());
        Ok(())
    }

    fn argument(&mut self) -> Result<String, String> {
        let rest = self.rest.trim_start();
        let inner = rest.strip_prefix('{').ok_or("a command without its argument")?;
        let mut depth = 1;
        for (at, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &inner[at + 1..];
                return Ok(inner[..at].to_owned());
            }
        }
        Err("an argument that does not end".to_owned())
    }

    fn begin(&mut self) -> Result<(), String> {
        match self.argument()?.as_str() {
            "itemize" => self.lists.push(None),
            "enumerate" => self.lists.push(Some(0)),
            "center" | "document" | "quote" => {}
            "verbatim" | "lstlisting" => {
                let Some(end) = self.rest.find("\\end{") else {
                    return Err("a listing that does not end".to_owned());
                };
                let _ = write!(self.out, "\n\n```text\n{}\n```\n\n", self.rest[..end].trim_matches('\n'));
                self.rest = &self.rest[end + "\\end{".len()..];
                let close = self.rest.find('}').map_or(self.rest.len(), |at| at + 1);
                self.rest = &self.rest[close..];
            }
            other => return Err(format!("\\begin{{{other}}}")),
        }
        self.out.push_str("\n\n");
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        if matches!(self.argument()?.as_str(), "itemize" | "enumerate") {
            self.lists.pop();
        }
        self.out.push_str("\n\n");
        Ok(())
    }

    fn item(&mut self) {
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
}

/// Paragraphs apart by one empty line, lines without space at their ends.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            out.push_str(if line.trim().is_empty() { "" } else { line });
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_become_markdown() {
        let text = "\\problemname{Hello}\nGiven $n$ numbers with $1 \\le n \\leq 10^{5}$, ``sum'' \\textbf{all} of them.% no\n\
                    \\section*{Input}\n\\begin{itemize}\n\\item One \\texttt{li\\_ne}.\n\\item Two.\n\\end{itemize}\n100\\% of a\\_b";
        let told = markdown(text).unwrap();
        assert_eq!(
            told,
            "Given `n` numbers with `1 ≤ n ≤ 10^5`, \"sum\" **all** of them.\n\n## Input\n\n- One `li_ne`.\n\n- Two.\n\n100% of a_b"
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, says) in [
            ("\\includegraphics{x}", "\\includegraphics"),
            ("\\begin{tabular}{l}", "\\begin{tabular}"),
            ("$x", "formula"),
            ("\\textbf{x", "argument"),
        ] {
            let told = markdown(text).unwrap_err();
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn nothing_becomes_html_or_a_link_by_itself() {
        assert_eq!(markdown("<b>[x](y)*z*").unwrap(), "\\<b>\\[x](y)\\*z\\*");
    }
}
