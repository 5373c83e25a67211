//! Makes a whole program of a learner's function, for a judge that runs programs only: one file that reads a marker and the arguments
//! from standard input and writes the marker and the answer at the very end of standard output.
//!
//! The marker is made anew for every job and is never in the program, so that what the learner prints cannot be taken for an answer,
//! whatever it looks like. What this cannot guard against: the learner's code shares the process with the caller, and code that
//! searches the process's memory or frames for the marker could write an answer itself. It would still have to be the right one,
//! which never leaves this machine.

use codementor_core::judging::{Entry, Types};

use super::languages::RemoteLanguage;
use crate::languages::callers::{self, C_HARNESS, CPP_HARNESS, GO_HARNESS, JAVA_HARNESS, RUST_HARNESS};

const PYTHON: &str = include_str!("wrap/function.py");
const JAVASCRIPT: &str = include_str!("wrap/function.cjs");

/// A program to hand in.
pub(super) struct Wrapped {
    pub source: String,
    /// What stands before the answer; none when the learner's file is a whole program.
    pub marker: Option<String>,
}

/// The program of a job, or why there is none, in words.
pub(super) fn wrap(language: &RemoteLanguage, entry: &Entry, source: &str) -> Result<Wrapped, String> {
    let (name, types) = match entry {
        Entry::Program => return Ok(Wrapped { source: source.to_owned(), marker: None }),
        Entry::Function { name, types } => (name.as_str(), types.as_ref()),
        Entry::Tests(_) => return Err("files of tests are not run on a Judge0 server".to_owned()),
    };
    let id = language.info.id.as_str();
    if !is_new_enough(language) {
        return Err(format!(
            "functions in {} need a newer version than {}",
            language.info.name, language.info.version
        ));
    }
    let wrapped = match id {
        "python" => {
            Some(PYTHON.replacen("__NAME__", &text(name), 1).replacen("__SOURCE__", &text(source), 1))
        }
        "javascript" => Some(script("undefined", &text(source), name)),
        "typescript" => Some(typescript(source, name)),
        "c" => types.and_then(|types| c(source, name, types)),
        "cpp" => types.and_then(|types| cpp(source, name, types)),
        "rust" => types.and_then(|types| rust(source, name, types)),
        "go" => types.and_then(|types| go(source, name, types)),
        "java" => types.and_then(|types| java(source, name, types)),
        _ => None,
    };
    let source = wrapped.ok_or_else(|| format!("such a function cannot be called in {id}"))?;
    Ok(Wrapped { source, marker: Some(marker()) })
}

/// What the callers are written in.
const LEAST: [(&str, &[u32]); 4] =
    [("go", &[1, 16]), ("java", &[16]), ("rust", &[1, 63]), ("python", &[3, 6])];

/// Whether functions can be called in it.
pub(super) fn is_new_enough(language: &RemoteLanguage) -> bool {
    let least = LEAST.iter().find(|(known, _)| *known == language.info.id.as_str());
    least.is_none_or(|(_, least)| language.version.as_slice() >= *least)
}

fn marker() -> String {
    use std::fmt::Write as _;
    let random: [u8; 24] = rand::random();
    random.iter().fold("answer-".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A text as a literal of Python and JavaScript.
fn text(text: &str) -> String {
    // Writing a text cannot fail.
    serde_json::to_string(text)
        .unwrap_or_default()
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn script(found: &str, source: &str, name: &str) -> String {
    let script =
        JAVASCRIPT.replacen("__FOUND__", found, 1).replacen("__NAME__)", &format!("{})", text(name)), 1);
    // Last: what is in the learner's file is not looked at again.
    script.replacen("__SOURCE__", source, 1)
}

/// The caller is a text to the compiler, so that the learner's file alone is held to its types.
fn typescript(source: &str, name: &str) -> String {
    let found = format!(
        "(typeof {name} === \"undefined\" ? (typeof exports === \"object\" ? exports[{}] : undefined) : {name})",
        text(name)
    );
    format!("{source}\n;eval({});\n", text(&script(&found, "null", name)))
}

/// One file has the harness's headers, too: they stand before the learner's.
fn c(source: &str, name: &str, types: &Types) -> Option<String> {
    let caller = callers::c(name, types)?;
    let own = format!("{C_HARNESS}\n#line 1 \"solution.c\"\n{source}\n#line 1 \"main.c\"\n");
    Some(caller.replacen("int main(void) {\n", "int main(void) {\n  judge_mark();\n", 1).replacen(
        "#include \"solution.c\"\n",
        &own,
        1,
    ))
}

fn cpp(source: &str, name: &str, types: &Types) -> Option<String> {
    let caller = callers::cpp(name, types)?;
    Some(
        caller
            .replacen("int main() {\n", "int main() {\n  judge::mark();\n", 1)
            .replacen("#include \"/judge/harness.hpp\"\n", &CPP_HARNESS.replacen("#pragma once\n", "", 1), 1)
            .replacen(
                "#include \"solution.cpp\"\n",
                &format!("#line 1 \"solution.cpp\"\n{source}\n#line 1 \"main.cpp\"\n"),
                1,
            ),
    )
}

fn rust(source: &str, name: &str, types: &Types) -> Option<String> {
    let caller = callers::rust(name, types)?;
    Some(
        caller
            .replacen("fn main() {\n", "fn main() {\n    judge::mark();\n", 1)
            .replacen(
                "#[path = \"/judge/harness.rs\"]\nmod judge;\n",
                &format!("mod judge {{\n{RUST_HARNESS}\n}}\n"),
                1,
            )
            .replacen(
                "#[path = \"solution.rs\"]\nmod solution;\n",
                &format!("mod solution {{\n{source}\n}}\n"),
                1,
            ),
    )
}

/// One file has its imports first: the caller's stand before the learner's.
fn go(source: &str, name: &str, types: &Types) -> Option<String> {
    let caller = callers::go(name, types)?.replacen("func main() {\n", "func main() {\n\tjudgeMark()\n", 1);
    let caller = caller.strip_prefix("package main\n")?;
    let (imports, harness) = GO_HARNESS.split_once("package main\n")?.1.split_once(")\n")?;
    // Without it there is nothing to be called; the compiler says so.
    let Some(clause) = source.lines().find(|line| line.starts_with("package ")) else {
        return Some(source.to_owned());
    };
    let (before, rest) = source.split_once(clause)?;
    Some(format!("{before}{clause}\n{imports})\n{rest}\n{harness}\n{caller}"))
}

fn java(source: &str, name: &str, types: &Types) -> Option<String> {
    let caller = callers::java(name, types)?
        .replacen("final class JudgeMain", "public class Main", 1)
        .replacen("JudgeHarness.call(", "JudgeHarness.mark();\n        JudgeHarness.call(", 1);
    Some(format!("{}\n{JAVA_HARNESS}\n{caller}", without_public(source)))
}

/// A file has one public class, and that is the one with the main method: takes the word from the learner's classes.
fn without_public(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let (mut depth, mut rest) = (0_i32, source);
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |at| at + 4),
            '"' | '\'' => quoted(rest, c),
            _ if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            _ => c.len_utf8(),
        };
        depth += i32::from(c == '{') - i32::from(c == '}');
        let (part, after) = rest.split_at(skipped);
        if depth > 0 || part != "public" {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

/// The length of a literal that begins here.
fn quoted(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !is_escaped || c == '\n' {
            return at + c.len_utf8();
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use codementor_core::judging::LanguageInfo;
    use codementor_core::value_type::ValueType;

    use super::*;

    fn language(id: &str, version: &[u32]) -> RemoteLanguage {
        let info =
            LanguageInfo { id: id.parse().unwrap(), name: id.to_owned(), version: format!("{version:?}") };
        RemoteLanguage { number: 1, info, version: version.to_owned() }
    }

    fn function() -> Entry {
        let types = Types { parameters: vec![ValueType::Int, ValueType::String], returns: ValueType::Bool };
        Entry::Function { name: "f".to_owned(), types: Some(types) }
    }

    #[test]
    fn every_caller_is_one_file() {
        for id in ["python", "javascript", "typescript", "c", "cpp", "rust", "go", "java"] {
            let source = if id == "go" { "// package\npackage main\n\nSOURCE" } else { "SOURCE" };
            let wrapped = wrap(&language(id, &[99, 1]), &function(), source).unwrap();
            assert!(!wrapped.source.contains("/judge/"), "{id}: {}", wrapped.source);
            assert!(wrapped.source.contains("SOURCE"), "{id}");
            for left in [
                "__NAME__",
                "__SOURCE__",
                "__FOUND__",
                "mod solution;",
                "\"solution.cpp\"\nint",
                "#include \"solution",
            ] {
                assert!(!wrapped.source.contains(left), "{id}: {left}");
            }
            let is_marked = ["mark()", "judgeMark()", "marker", "before"];
            assert!(is_marked.iter().any(|word| wrapped.source.contains(word)), "{id}");
            assert!(!wrapped.source.contains(&wrapped.marker.unwrap()));
        }
    }

    #[test]
    fn what_cannot_be_called_is_said() {
        let map = Types { parameters: Vec::new(), returns: ValueType::Map(Box::new(ValueType::Int)) };
        let map = Entry::Function { name: "f".to_owned(), types: Some(map) };
        assert!(wrap(&language("c", &[9]), &map, "").is_err());
        assert!(wrap(&language("java", &[13, 0]), &function(), "").is_err_and(|why| why.contains("newer")));
        let untyped = Entry::Function { name: "f".to_owned(), types: None };
        assert!(wrap(&language("rust", &[1, 80]), &untyped, "").is_err());
        assert!(wrap(&language("python", &[3, 8]), &untyped, "").is_ok());
        assert!(wrap(&language("java", &[13]), &Entry::Program, "x").is_ok_and(|one| one.marker.is_none()));
    }

    #[test]
    fn the_learners_text_is_no_template() {
        let source = "x = '__NAME__ __SOURCE__ __FOUND__'";
        for id in ["python", "javascript"] {
            let wrapped = wrap(&language(id, &[99]), &function(), source).unwrap();
            assert!(wrapped.source.contains(source), "{id}");
        }
    }

    #[test]
    fn only_top_level_types_lose_their_publicity() {
        let source = "import java.util.*;\n// public\npublic final class Solution { /* { */ public static String f() { \
                      return \"}\\\"public\" + '\"'; } }\npublic enum E { A }\n";
        let bare = without_public(source);
        assert_eq!(bare.matches("public").count(), 3, "{bare}");
        assert!(bare.contains("\n final class Solution") && bare.contains("\n enum E"), "{bare}");
        for odd in ["\"", "'\\", "/*", "//", "}}}public", "é\u{2028}"] {
            let _ = without_public(odd);
        }
    }
}
