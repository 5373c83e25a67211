//! A statement in LaTeX as Markdown, as far as statements commonly go. What is not understood is named, so that nothing is told wrong;
//! only in formulas it stays as it is, between marks of code.

mod blocks;
mod symbols;

use std::fmt::Write as _;

use self::symbols::{DROPPED, MARKS, SILENT, SYMBOLS, WORDS};
use super::statement::PICTURE;

/// How far the end of an option or an exponent is looked for, in bytes.
const NEAR: usize = 500;
/// Commands and environments within each other.
const MAX_DEPTH: usize = 30;

/// What stands for the name of a constant.
type Constant<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a statement. How many pictures are left out comes with it.
///
/// # Errors
/// Names the first thing that is not understood.
pub(super) fn markdown(text: &str, constant: Constant<'_>) -> Result<(String, usize), String> {
    let mut reader = Reader::new(text, constant, 0);
    reader.all()?;
    Ok((tidy(&reader.out), reader.pictures))
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    /// Lists within each other; a number counts the items of one that is numbered.
    lists: Vec<Option<u32>>,
    constant: Constant<'a>,
    depth: usize,
    pictures: usize,
    /// Formulas are shown as they are where they are not understood.
    is_formula: bool,
}

impl<'a> Reader<'a> {
    fn new(rest: &'a str, constant: Constant<'a>, depth: usize) -> Self {
        let (out, lists) = (String::new(), Vec::new());
        Self { rest, out, lists, constant, depth, pictures: 0, is_formula: false }
    }

    /// What a part of it is as Markdown.
    fn part(&mut self, text: &str, is_formula: bool) -> Result<String, String> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} commands within each other"));
        }
        let mut inner = Reader::new(text, self.constant, self.depth + 1);
        inner.is_formula = is_formula;
        if is_formula {
            inner.formula()?
        } else {
            inner.all()?
        }
        self.pictures += inner.pictures;
        Ok(inner.out)
    }

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
                '*' | '_' | '<' | '[' | '|' => {
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
        let is_double = self.rest.starts_with('$');
        self.rest = &self.rest[usize::from(is_double)..];
        self.math_until(if is_double { "$$" } else { "$" }, is_double)
    }

    fn math_until(&mut self, close: &str, is_double: bool) -> Result<(), String> {
        let Some(end) = self.rest.find(close) else { return Err("a formula that does not end".to_owned()) };
        let formula = &self.rest[..end];
        self.rest = &self.rest[end + close.len()..];
        let inner = self.part(formula, true)?;
        let shown = inner.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = if is_double { "\n\n" } else { "" };
        if !shown.is_empty() {
            let _ = write!(self.out, "{line}`{shown}`{line}");
        }
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
        let near = &self.rest[..self.rest.floor_char_boundary(NEAR)];
        let Some(end) = near.find('}') else { return };
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
            return self.sign();
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
                let shown = self.part(&shown, false)?;
                let _ = write!(self.out, "[{shown}]({url})");
                Ok(())
            }
            "includegraphics" => {
                self.option();
                self.argument()?;
                self.picture("")
            }
            "illustration" => {
                let [_, _, caption] = [self.argument()?, self.argument()?, self.argument()?];
                self.picture(&caption)
            }
            "frac" | "dfrac" | "tfrac" => self.fraction(),
            "constant" => {
                let name = self.argument()?;
                let text = (self.constant)(&name).ok_or(format!("\\constant{{{name}}}"))?;
                self.out.push_str(&text);
                Ok(())
            }
            name => self.known(name),
        }
    }

    /// A command of one sign.
    fn sign(&mut self) -> Result<(), String> {
        match self.next() {
            Some('\\') => {
                self.option();
                self.out.push_str("\n\n");
            }
            Some('(') => return self.math_until("\\)", false),
            Some('[') => return self.math_until("\\]", true),
            Some('\n') => self.out.push(' '),
            Some('/' | '-') => {}
            Some(c) if "%$&#_{} ,;".contains(c) => self.out.push(c),
            Some(c) if ACCENTS.iter().any(|(accent, _)| *accent == c) => self.accent(c),
            other => return Err(format!("\\{}", other.map(String::from).unwrap_or_default())),
        }
        Ok(())
    }

    /// `\"o` is the letter with a mark that stands over it.
    fn accent(&mut self, accent: char) {
        self.rest = self.rest.trim_start_matches('{');
        let letter = self.next();
        self.out.extend(letter);
        self.out.extend(ACCENTS.iter().find(|(known, _)| *known == accent).map(|(_, mark)| *mark));
    }

    fn picture(&mut self, caption: &str) -> Result<(), String> {
        let caption = self.part(caption, false)?;
        let _ = write!(self.out, "\n\n{PICTURE}\n\n{}\n\n", caption.trim());
        self.pictures += 1;
        Ok(())
    }

    fn fraction(&mut self) -> Result<(), String> {
        let (above, below) = (self.argument()?, self.argument()?);
        let (above, below) = (self.part(&above, true)?, self.part(&below, true)?);
        let bound = |text: String| match text.chars().all(char::is_alphanumeric) {
            true => text,
            false => format!("({text})"),
        };
        let _ = write!(self.out, "{}/{}", bound(above), bound(below));
        Ok(())
    }

    fn known(&mut self, name: &str) -> Result<(), String> {
        if let Some((_, symbol)) = SYMBOLS.iter().find(|(known, _)| *known == name) {
            self.out.push_str(symbol);
            return Ok(());
        }
        if WORDS.contains(&name) {
            self.out.push_str(name);
            return Ok(());
        }
        if SILENT.contains(&name) {
            // One space after a command is its end.
            self.out.push(' ');
            return Ok(());
        }
        if let Some((_, count)) = DROPPED.iter().find(|(known, _)| *known == name) {
            // A name is the page's to show.
            (0..*count).try_for_each(|_| self.argument().map(drop))?;
            return Ok(());
        }
        let Some((_, before, after)) = MARKS.iter().find(|(known, ..)| *known == name) else {
            if !self.is_formula {
                return Err(format!("\\{name}"));
            }
            let _ = write!(self.out, "\\{name}");
            while self.rest.starts_with('{') {
                let argument = self.argument()?;
                let _ = write!(self.out, "{{{argument}}}");
            }
            return Ok(());
        };
        let argument = self.argument()?;
        // Between marks of code nothing needs to be escaped.
        let inner = self.part(&argument, self.is_formula || *before == "`")?;
        let inner = inner.trim();
        if self.is_formula || inner.is_empty() {
            self.out.push_str(inner);
        } else {
            let _ = write!(self.out, "{before}{inner}{after}");
        }
        Ok(())
    }

    /// What stands in square brackets, if anything does.
    fn option(&mut self) {
        let near = &self.rest[..self.rest.floor_char_boundary(NEAR)];
        if let Some(end) = near.strip_prefix('[').and_then(|inner| inner.find(']')) {
            self.rest = &self.rest[end + 2..];
        }
    }

    fn argument(&mut self) -> Result<String, String> {
        let rest = self.rest.trim_start();
        let Some(inner) = rest.strip_prefix('{') else {
            return Err("a command without its argument".to_owned());
        };
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
}

/// Accents, and the mark that stands over the letter before it.
const ACCENTS: [(char, char); 5] =
    [('\'', '\u{301}'), ('`', '\u{300}'), ('"', '\u{308}'), ('^', '\u{302}'), ('~', '\u{303}')];

/// Paragraphs apart by one empty line, lines without space at their ends.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut empty = 0;
    let mut is_code = false;
    for line in text.lines().map(str::trim_end) {
        is_code ^= line.starts_with("```");
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if is_code || empty < 2 {
            // Four spaces at its beginning would make a line code.
            let indent = line.len() - line.trim_start().len();
            let is_item = line.trim_start().starts_with(|c: char| c == '-' || c.is_ascii_digit());
            out.push_str(if is_code || is_item || indent == 0 { line } else { line.trim_start() });
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests;
