//! `cargo xtask test`: every check there is. All parts run, whatever fails; the end says what was not run and counts tests.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::corpus::Data;
use crate::count::{self, Count};
use crate::{shell, tidy};

/// How a part is checked. The answer: whether it passed, and what was said.
enum Act {
    /// By a command in a folder.
    Line(&'static str, &'static [&'static str]),
    /// By a function.
    Call(fn() -> Result<(bool, String)>),
    /// The same with what is fetched for it.
    WithData(fn(&Data) -> Result<(bool, String)>),
}

/// A part of the checks.
struct Part {
    /// One word, or the group's name and one more.
    name: &'static str,
    act: Act,
    /// Whether the others of its group need it.
    prepares: bool,
    /// Programs without which it is not run, or not in full.
    programs: &'static [Program],
}

/// A program that a part needs.
struct Program {
    name: &'static str,
    /// What is not tested without it.
    what: &'static str,
    /// Whether the part is run all the same.
    run_anyway: bool,
}

const CHROMIUM: Program =
    Program { name: "chromium", what: "browser tests (Debian: apt install chromium)", run_anyway: false };
/// The languages that are judged beside Rust and JavaScript, which are here anyway.
const LANGUAGES: [Program; 6] = [
    language("python3", "judging Python (Debian: apt install python3)"),
    language("gcc", "judging C (Debian: apt install gcc libc6-dev)"),
    language("g++", "judging C++ (Debian: apt install g++)"),
    language("go", "judging Go (Debian: apt install golang-go)"),
    language("javac", "judging Java (Debian: apt install default-jdk-headless)"),
    language(
        "tsc",
        "judging TypeScript (Debian: apt install node-typescript, or npm install --global typescript)",
    ),
];

const fn language(name: &'static str, what: &'static str) -> Program {
    Program { name, what, run_anyway: true }
}

const fn part(name: &'static str, act: Act) -> Part {
    Part { name, act, prepares: false, programs: &[] }
}

const fn npm(name: &'static str, line: &'static [&'static str]) -> Part {
    part(name, Act::Line("web", line))
}

/// All parts in their order.
const PARTS: [Part; 15] = [
    part("format", Act::Line(".", &["cargo", "fmt", "--all", "--check"])),
    part("tidy", Act::Call(|| tidy::run().map(|()| (true, String::new())))),
    Part {
        prepares: true,
        ..part("page packages", Act::Call(|| shell::page_packages().map(|()| (true, String::new()))))
    },
    npm("page types are current", &["npm", "run", "--silent", "codegen:check"]),
    npm("page lint", &["npm", "run", "--silent", "lint"]),
    npm("page check", &["npm", "run", "--silent", "check"]),
    npm("page unit tests", &["npm", "run", "--silent", "test"]),
    npm("page build", &["npm", "run", "--silent", "build"]),
    npm("page size", &["npm", "run", "--silent", "size"]),
    part(
        "lint",
        Act::Line(
            ".",
            &["cargo", "clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
        ),
    ),
    part("docs", Act::Call(docs)),
    // The black-box tests start this binary.
    Part { prepares: true, ..part("rust binary", Act::Line(".", SERVER)) },
    Part { programs: &LANGUAGES, ..part("rust tests", Act::WithData(rust_tests)) },
    Part { prepares: true, programs: &[CHROMIUM], ..part("browser binary", Act::Line(".", SERVER)) },
    Part { programs: &[CHROMIUM], ..npm("browser tests", &["npm", "run", "--silent", "test:browser"]) },
];

const SERVER: &[&str] = &["cargo", "build", "--package", "codementor-server"];

/// Runs all parts, or only the named ones: a part's whole name, or its group's.
pub fn run(only: &[String]) -> Result<()> {
    let wanted = wanted(only)?;
    let mut report = Report::default();
    for part in wanted {
        let missing: Vec<_> = part.programs.iter().filter(|program| !shell::has(program.name)).collect();
        for program in &missing {
            report.not_run.insert(format!("{} is missing: {}", program.name, program.what));
        }
        if missing.iter().all(|program| program.run_anyway) {
            report.run(part);
        }
    }
    report.close()
}

/// The parts that `only` names, with what they need. A name that names none is a mistake, not a success.
fn wanted(only: &[String]) -> Result<Vec<&'static Part>> {
    let all: &'static [Part] = &PARTS;
    let is_named = |part: &Part, name: &str| part.name == name || group(part) == name;
    for name in only {
        if !all.iter().any(|part| is_named(part, name)) {
            let names: Vec<_> = all.iter().map(|part| part.name).collect();
            bail!("no part is called {name}; there are: {}", names.join(", "));
        }
    }
    let named = |part: &Part| only.is_empty() || only.iter().any(|name| is_named(part, name));
    let needed =
        |part: &Part| part.prepares && all.iter().any(|other| group(other) == group(part) && named(other));
    Ok(all.iter().filter(|part| named(part) || needed(part)).collect())
}

fn group(part: &Part) -> &str {
    part.name.split_once(' ').map_or(part.name, |(group, _)| group)
}

fn docs() -> Result<(bool, String)> {
    let mut command = shell::command(".", &["cargo", "doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    shell::watch(command)
}

fn rust_tests(data: &Data) -> Result<(bool, String)> {
    let runner: &[&str] = if shell::has("cargo-nextest") {
        &["cargo", "nextest", "run", "--workspace", "--all-features", "--no-fail-fast", "--color", "never"]
    } else {
        &["cargo", "test", "--workspace", "--all-features", "--no-fail-fast"]
    };
    let mut command = shell::command(".", runner);
    command.envs(data.variables.iter().map(|(name, path)| (name, path)));
    // Nextest reports on standard error.
    merged(&command)
}

/// Runs a command with both outputs in one, as a shell's `2>&1` does.
fn merged(command: &Command) -> Result<(bool, String)> {
    let mut line = vec![command.get_program().to_owned()];
    line.extend(command.get_args().map(ToOwned::to_owned));
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).args(line).current_dir(shell::root());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell::watch(shell)
}

/// What became of the parts.
#[derive(Default)]
struct Report {
    rows: Vec<(&'static str, bool, Count, f64)>,
    not_run: BTreeSet<String>,
}

impl Report {
    fn run(&mut self, part: &'static Part) {
        println!("\n── {}", part.name);
        let started = Instant::now();
        let result = match part.act {
            Act::Line(folder, line) => shell::watch(shell::command(folder, line)),
            Act::Call(act) => act(),
            Act::WithData(act) => {
                let data = Data::fetch();
                self.not_run.extend(data.missing.iter().cloned());
                act(&data)
            }
        };
        let (passed, output) = result.unwrap_or_else(|error| {
            eprintln!("{error:#}");
            (false, String::new())
        });
        self.rows.push((part.name, passed, count::of(&output), started.elapsed().as_secs_f64()));
    }

    fn close(self) -> Result<()> {
        println!("\n── summary");
        let mut total = Count::default();
        let mut failed_parts = 0;
        for (name, passed, count, took) in &self.rows {
            let state = if *passed { "ok    " } else { "FAILED" };
            let tests = match count {
                Count { passed: 0, failed: 0, skipped: 0 } => String::new(),
                count => {
                    format!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped)
                }
            };
            println!("{state}  {name:<24} {took:>7.1} s  {tests}");
            failed_parts += u32::from(!passed);
            total.add(*count);
            // A check without tests of its own counts as one.
            if tests.is_empty() {
                total.add(Count { passed: u32::from(*passed), failed: u32::from(!passed), skipped: 0 });
            } else if !passed && count.failed == 0 {
                total.failed += 1;
            }
        }
        for what in &self.not_run {
            println!("not run: {what}");
        }
        // Data that a machine need not have, so no error even in CI.
        if std::env::var_os("CODEMENTOR_CORPUS").is_none() {
            println!(
                "not run: tests over real data (CODEMENTOR_CORPUS names no folder, see CONTRIBUTING.md)"
            );
        }
        println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
        if failed_parts > 0 {
            bail!("{failed_parts} parts failed");
        }
        if !self.not_run.is_empty() && std::env::var("CI").is_ok_and(|ci| ci == "true") {
            bail!("in CI everything must run");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
        wanted(&only).unwrap().into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn a_misspelt_part_is_no_success() {
        for name in ["brwoser", "", "page  lint", "pag", "rust test"] {
            assert!(wanted(&[name.to_owned()]).is_err(), "{name}");
        }
    }

    #[test]
    fn parts_bring_what_they_need_and_nothing_else() {
        assert_eq!(names(&[]).len(), PARTS.len());
        assert_eq!(names(&["lint"]), ["lint"]);
        assert_eq!(names(&["page lint"]), ["page packages", "page lint"]);
        assert_eq!(names(&["browser", "format"]), ["format", "browser binary", "browser tests"]);
        assert_eq!(names(&["rust tests"]), ["rust binary", "rust tests"]);
        assert_eq!(names(&["page"]).len(), 7);
    }
}
