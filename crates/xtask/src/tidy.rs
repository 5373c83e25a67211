//! `cargo xtask tidy`: the house rules that no other tool checks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::shell;

/// The rooms of the house: a crate may use only crates of a lower rank. `ARCHITECTURE.md` says what each is for.
const RANKS: [(&str, u8); 12] = [
    ("core", 0),
    ("protocol", 0),
    ("auth", 1),
    ("bus", 1),
    ("catalog", 1),
    ("hub", 1),
    ("judge", 1),
    ("store", 1),
    ("bench", 3),
    ("server", 3),
    ("xtask", 3),
    ("tests", 4),
];

/// Which crate alone may depend on what.
const CONFINED: [(&str, &[&str]); 9] = [
    ("axum", &["bench", "server", "tests"]),
    ("jsonwebtoken", &["auth"]),
    ("landlock", &["judge"]),
    ("oauth2", &["auth"]),
    ("prometheus", &["server"]),
    ("rusqlite", &["store"]),
    ("seccompiler", &["judge"]),
    ("yrs", &["hub"]),
    ("utoipa", &["protocol", "server"]),
];

/// What may lie in the repository's root.
const TOP: [&str; 25] = [
    ".cargo",
    ".ci",
    ".config",
    ".editorconfig",
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "crates",
    "data",
    "docs",
    "grafana",
    "migrations",
    "rustfmt.toml",
    "target",
    "tests",
    "web",
];

/// Lines a file of code may have: a file is a chapter.
const MAX_LINES: usize = 400;

/// Words that code must not hold, and where one is right all the same. Spelt apart, so that this file does not accuse itself.
const WORDS: [(&str, &str); 8] = [
    (concat!("unbounded_", "channel"), ""),
    (concat!("thread::", "sleep"), ""),
    // The lint asks each place for a reason; this keeps the places together.
    (concat!("unsafe", " {"), "crates/judge/src/"),
    (concat!("unsafe", " fn"), "crates/judge/src/"),
    (concat!("unsafe", " impl"), "crates/judge/src/"),
    (concat!("unsafe", "_code"), "crates/judge/src/"),
    (concat!("to", "do!("), ""),
    (concat!("FIX", "ME"), ""),
];

/// Checks everything and reports all faults at once.
pub fn run() -> Result<()> {
    let root = shell::root();
    let mut faults = Vec::new();
    ranks(&root, &mut faults)?;
    top(&root, &mut faults)?;
    for file in sources(&root)? {
        source(&root, &file, &mut faults)?;
    }
    architecture(&root, &mut faults)?;
    lock_files(&root, &mut faults)?;
    if faults.is_empty() {
        return Ok(());
    }
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    bail!("{} faults", faults.len())
}

fn ranks(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let ranks: BTreeMap<&str, u8> = RANKS.into_iter().collect();
    for package in &metadata.packages {
        let name = package.name.trim_start_matches("codementor-");
        let Some(rank) = ranks.get(name) else {
            faults.push(format!("crate {name} has no rank"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development) {
            if let Some(short) = dependency.name.strip_prefix("codementor-") {
                let lower = ranks.get(short).is_some_and(|other| other < rank);
                if !lower {
                    faults.push(format!("{name} may not use {short}: only crates of a lower rank"));
                }
            }
            let confined = CONFINED.iter().find(|(what, _)| *what == dependency.name);
            if let Some((what, homes)) = confined.filter(|(_, homes)| !homes.contains(&name)) {
                faults.push(format!("{name} may not use {what}: it belongs to {}", homes.join(", ")));
            }
        }
    }
    Ok(())
}

fn top(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !TOP.contains(&name.as_str()) && name != "docker-compose.yml" && name != "codementor.toml" {
            faults.push(format!("{name} does not belong into the root"));
        }
    }
    Ok(())
}

/// All our Rust, TypeScript and Svelte files.
fn sources(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("tests"), root.join("web")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                let foreign =
                    ["node_modules", "build", ".svelte-kit", "target", "challenges"].contains(&name.as_str());
                if !foreign {
                    folders.push(path);
                }
            } else if [".rs", ".ts", ".svelte"].iter().any(|ending| name.ends_with(ending))
                && !name.ends_with(".d.ts")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn source(root: &Path, file: &Path, faults: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(file)?;
    let shown = file.strip_prefix(root).unwrap_or(file).to_string_lossy();
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{shown}: {lines} lines; a file is a chapter of at most {MAX_LINES}"));
    }
    if file.extension().is_some_and(|ending| ending == "rs") {
        if !text.starts_with("//!") {
            faults.push(format!("{shown}: a module opens with `//!`: what it is for"));
        }
        for (word, right_in) in WORDS {
            let right = !right_in.is_empty() && shown.starts_with(right_in);
            if text.contains(word) && !right {
                faults.push(format!("{shown}: {word}"));
            }
        }
    }
    Ok(())
}

fn architecture(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let page = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    for (name, rank) in RANKS {
        if !page.lines().any(|line| line.starts_with(&format!("| `{name}` | {rank} |"))) {
            faults.push(format!("ARCHITECTURE.md: no row `{name}` with rank {rank}"));
        }
    }
    Ok(())
}

/// Lock files must not name where packages were fetched from on somebody's machine.
fn lock_files(root: &Path, faults: &mut Vec<String>) -> Result<()> {
    let npm = fs::read_to_string(root.join("web/package-lock.json"))?;
    if npm.lines().any(|line| line.contains("\"resolved\"") && !line.contains("https://registry.npmjs.org/"))
    {
        faults.push("web/package-lock.json names a mirror".to_owned());
    }
    let cargo = fs::read_to_string(root.join("Cargo.lock"))?;
    let foreign =
        |line: &&str| line.starts_with("source") && !line.contains("github.com/rust-lang/crates.io-index");
    if cargo.lines().any(|line| foreign(&line)) {
        faults.push("Cargo.lock names a mirror".to_owned());
    }
    Ok(())
}
