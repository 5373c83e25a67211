//! `codementor challenge check`: whether challenges keep their word, and how many mutants of their references the tests kill.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use codementor_catalog::mutants::LANGUAGES;
use codementor_catalog::score::{Options, Score, score};
use codementor_catalog::{builtin, folder, inspect, verify};
use codementor_core::ports::Judge;
use codementor_core::{Challenge, Language};
use serde::Serialize;

use crate::parts;

/// What is checked, and how.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// Only these challenges; all when there are none.
    pub ids: Vec<String>,
    /// A folder of a challenge or of challenges, instead of the built-in ones.
    pub path: Option<PathBuf>,
    /// Only this language.
    pub language: Option<Language>,
    /// Decides which mutants are taken.
    pub seed: u64,
    /// How many mutants of each reference.
    pub limit: usize,
    /// The least score, in percent.
    pub min: f64,
    /// Whether to print JSON.
    pub json: bool,
}

/// The command with its arguments.
#[must_use]
pub fn command() -> clap::Command {
    let flag = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    clap::Command::new("check")
        .about("Judge every solution of challenges, and mutants of their references: good tests kill these")
        .arg(Arg::new("ID").num_args(0..).help("Only these challenges"))
        .arg(
            flag("path", "FOLDER", "A challenge's folder, or a folder of them, instead of the built-in ones")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            flag("language", "LANGUAGE", "Only this language")
                .value_parser(|text: &str| text.parse::<Language>()),
        )
        .arg(
            flag("seed", "N", "Which mutants are taken when there are more than the limit")
                .default_value("1")
                .value_parser(value_parser!(u64)),
        )
        .arg(
            flag("limit", "N", "Mutants of each reference")
                .default_value("60")
                .value_parser(value_parser!(u32).range(1..=2000)),
        )
        .arg(
            flag("min", "PERCENT", "Fail below this score")
                .default_value("95")
                .value_parser(value_parser!(f64)),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON instead of a table"))
}

impl CheckOptions {
    /// Reads the arguments of [`command`].
    #[must_use]
    pub fn of(matches: &ArgMatches) -> Self {
        Self {
            ids: matches.get_many("ID").into_iter().flatten().cloned().collect(),
            path: matches.get_one("path").cloned(),
            language: matches.get_one("language").cloned(),
            seed: matches.get_one("seed").copied().unwrap_or(1),
            limit: matches.get_one::<u32>("limit").map_or(60, |limit| *limit as usize),
            min: matches.get_one("min").copied().unwrap_or(95.0),
            json: matches.get_flag("json"),
        }
    }
}

/// What was found of one challenge.
#[derive(Debug, Serialize)]
struct Checked {
    id: String,
    /// Solutions with a wrong verdict; with any of them no mutant is judged.
    faults: Vec<String>,
    scores: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    score: Score,
    percent: f64,
}

impl Checked {
    fn is_good(&self, min: f64) -> bool {
        self.faults.is_empty()
            && self.scores.iter().all(|row| row.percent >= min && row.score.stale.is_empty())
    }
}

#[derive(Serialize)]
struct Report<'a> {
    seed: u64,
    limit: usize,
    min: f64,
    good: bool,
    challenges: &'a [Checked],
}

/// Prints the table; fails when a challenge does not keep its word or a score is too low.
#[must_use]
pub fn main(options: &CheckOptions) -> ExitCode {
    let run = || -> Result<bool> {
        let chosen = choose(options)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(check(options, &chosen))
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => crate::report(Err(error)),
    }
}

fn choose(options: &CheckOptions) -> Result<Vec<Challenge>> {
    let mut challenges = match &options.path {
        Some(path) => folder(path)?,
        None => builtin()?,
    };
    for id in &options.ids {
        if !challenges.iter().any(|challenge| challenge.id.as_str() == id) {
            bail!("there is no challenge {id}");
        }
    }
    if !options.ids.is_empty() {
        challenges.retain(|challenge| options.ids.iter().any(|id| challenge.id.as_str() == id));
    }
    Ok(challenges)
}

async fn check(options: &CheckOptions, challenges: &[Challenge]) -> Result<bool> {
    // Nothing is written there: the judge mounts over it.
    let scratch = std::env::temp_dir().join(format!("codementor-check-{}", std::process::id()));
    let judge = parts::judge(&scratch).await;
    let _ = std::fs::remove_dir(scratch.join("judge")).and_then(|()| std::fs::remove_dir(&scratch));
    judge.available()?;
    let mut checked = Vec::with_capacity(challenges.len());
    for (done, challenge) in challenges.iter().enumerate() {
        let one = check_one(options, challenge, &judge, (done + 1, challenges.len()));
        let one = one.await.with_context(|| challenge.id.to_string())?;
        if !options.json {
            print(&one, options);
        }
        checked.push(one);
    }
    let good = checked.iter().all(|one| one.is_good(options.min));
    if options.json {
        let report =
            Report { seed: options.seed, limit: options.limit, min: options.min, good, challenges: &checked };
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        summary(options, &checked);
    }
    Ok(good)
}

async fn check_one(
    options: &CheckOptions,
    challenge: &Challenge,
    judge: &dyn Judge,
    place: (usize, usize),
) -> Result<Checked> {
    let id = challenge.id.to_string();
    let mut challenge = challenge.clone();
    if let Some(language) = &options.language {
        challenge.solutions.retain(|known, _| known == language);
    }
    let challenge = &challenge;
    let progress =
        Progress { head: format!("{}/{} {id}", place.0, place.1), shown: std::io::stderr().is_terminal() };
    progress.show("solutions");
    let mut faults: Vec<String> = verify(challenge, judge).await?.iter().map(ToString::to_string).collect();
    faults.extend(inspect::thin(challenge).map(|fault| format!("{}: {}", fault.file, fault.message)));
    let mut scores = Vec::new();
    let languages = challenge.solutions.keys().filter(|known| LANGUAGES.contains(&known.as_str()));
    for language in languages.filter(|_| faults.is_empty()) {
        let parallel = std::thread::available_parallelism().map_or(1, usize::from);
        let asked = Options { seed: options.seed, limit: options.limit, parallel };
        let mut count = 0;
        let score = score(challenge, language, judge, asked, || {
            count += 1;
            progress.show(&format!("{language}, mutant {count}"));
        });
        let score = score.await?;
        scores.push(Row { percent: score.percent(), score });
    }
    progress.clear();
    Ok(Checked { id, faults, scores })
}

/// A line on the terminal that is written over; none elsewhere.
struct Progress {
    head: String,
    shown: bool,
}

impl Progress {
    fn show(&self, what: &str) {
        if self.shown {
            eprint!("\r\x1b[K{}: {what}", self.head);
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

fn print(checked: &Checked, options: &CheckOptions) {
    let id = &checked.id;
    for fault in &checked.faults {
        println!("FAULT  {id:24} {fault}");
    }
    for Row { score, percent } in &checked.scores {
        let state = if *percent >= options.min && score.stale.is_empty() { "ok   " } else { "LOW  " };
        let language = score.language.as_str();
        println!(
            "{state}  {id:24} {language:10} {:4} mutants {:4} killed {percent:5.1} %  {} marked as equivalent",
            score.mutants, score.killed, score.equivalent
        );
        for mutant in &score.survivors {
            println!("         {}:{} {}", mutant.line, mutant.column, mutant.operator);
            println!("           - {}\n           + {}", mutant.before, mutant.after);
        }
        for (line, mutant) in &score.stale {
            println!("         marked as equivalent, but there is no such mutant any more:");
            println!("           - {line}\n           + {mutant}");
        }
    }
}

fn summary(options: &CheckOptions, checked: &[Checked]) {
    let rows = checked.iter().flat_map(|one| &one.scores);
    let (mutants, killed) =
        rows.fold((0, 0), |(mutants, killed), row| (mutants + row.score.mutants, killed + row.score.killed));
    let bad = checked.iter().filter(|one| !one.is_good(options.min)).count();
    let (count, seed, min) = (checked.len(), options.seed, options.min);
    println!(
        "{count} challenges, {mutants} mutants, {killed} killed; {bad} challenges below {min} % or at fault (seed {seed})"
    );
}
