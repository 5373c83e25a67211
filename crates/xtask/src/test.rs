//! `cargo xtask test`: every check there is. All parts run, whatever fails; the end says what was not run and counts tests.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::count::{self, Count};
use crate::{shell, tidy};

/// Programs that tests need, and what is not tested without them.
const OPTIONAL: [(&str, &str); 2] = [
    ("chromium", "browser tests (Debian: apt install chromium)"),
    ("python3", "judging Python (Debian: apt install python3)"),
];

/// What became of the parts.
#[derive(Default)]
struct Report {
    only: Vec<String>,
    rows: Vec<(String, bool, Count, f64)>,
    not_run: Vec<String>,
}

/// Runs all parts, or only the named ones.
pub fn run(only: &[String]) -> Result<()> {
    let mut report = Report { only: only.to_vec(), ..Report::default() };
    report.check("format", ".", &["cargo", "fmt", "--all", "--check"]);
    report.part("tidy", || tidy::run().map(|()| (true, String::new())));
    page(&mut report);
    report.check(
        "lint",
        ".",
        &["cargo", "clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"],
    );
    report.part("docs", || {
        let mut command = shell::command(".", &["cargo", "doc", "--workspace", "--no-deps"]);
        command.env("RUSTDOCFLAGS", "-D warnings");
        shell::watch(command)
    });
    rust(&mut report);
    browser(&mut report);
    for (program, what) in OPTIONAL {
        if !shell::has(program) {
            report.not_run.push(format!("{program} is missing: {what}"));
        }
    }
    report.close()
}

fn page(report: &mut Report) {
    if !report.wants("page") {
        return;
    }
    report.part("page packages", || shell::page_packages().map(|()| (true, String::new())));
    for (name, script) in [
        ("page types are current", "codegen:check"),
        ("page lint", "lint"),
        ("page check", "check"),
        ("page unit tests", "test"),
        ("page build", "build"),
        ("page size", "size"),
    ] {
        report.check(name, "web", &["npm", "run", "--silent", script]);
    }
}

fn rust(report: &mut Report) {
    if !report.wants("rust") {
        return;
    }
    // The black-box tests start this binary.
    report.check("rust binary", ".", &["cargo", "build", "--package", "codementor-server"]);
    let runner: &[&str] = if shell::has("cargo-nextest") {
        &["cargo", "nextest", "run", "--workspace", "--all-features", "--no-fail-fast", "--color", "never"]
    } else {
        &["cargo", "test", "--workspace", "--all-features", "--no-fail-fast"]
    };
    report.part("rust tests", || {
        // Nextest reports on standard error.
        merged(&shell::command(".", runner))
    });
}

/// Runs a command with both outputs in one, as a shell's `2>&1` does.
fn merged(command: &Command) -> Result<(bool, String)> {
    let mut line = vec![command.get_program().to_owned()];
    line.extend(command.get_args().map(ToOwned::to_owned));
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).args(line).current_dir(shell::root());
    shell::watch(shell)
}

fn browser(report: &mut Report) {
    if !report.wants("browser") {
        return;
    }
    if !shell::has("chromium") {
        return;
    }
    report.check("browser binary", ".", &["cargo", "build", "--package", "codementor-server"]);
    report.check("browser tests", "web", &["npm", "run", "--silent", "test:browser"]);
}

impl Report {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty()
            || self.only.iter().any(|only| part == only || part.starts_with(&format!("{only} ")))
    }

    fn check(&mut self, name: &str, folder: &str, line: &[&str]) {
        self.part(name, || shell::watch(shell::command(folder, line)));
    }

    fn part(&mut self, name: &str, act: impl FnOnce() -> Result<(bool, String)>) {
        if !self.wants(name) {
            return;
        }
        println!("\n── {name}");
        let started = Instant::now();
        let (passed, output) = act().unwrap_or_else(|error| {
            eprintln!("{error:#}");
            (false, String::new())
        });
        let took = started.elapsed().as_secs_f64();
        self.rows.push((name.to_owned(), passed, count::of(&output), took));
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
