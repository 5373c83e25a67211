//! `codementor doctor`: checks what is configured and says what to do. It looks and changes nothing: neither folder nor database is
//! made, and no schema is brought up to date.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use codementor_core::ports::Judge;
use codementor_judge::workers::{Seen, look};
use codementor_store::{Options, Schema, SqliteJournal, SqliteStore};

use crate::config::{Config, Given, JudgeAt, Roles};
use crate::parts;

/// Below this much free space the disk is a fault, in bytes.
const LITTLE_SPACE: u64 = 200 * 1024 * 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    /// Works, but less well.
    Note,
    /// Configured and does not work.
    Fault,
}

struct Row {
    name: String,
    state: State,
    detail: String,
}

impl Row {
    fn new(name: &str, state: State, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state, detail: detail.into() }
    }
}

/// Prints the table; fails when something configured does not work.
#[must_use]
pub fn main(given: &Given) -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let run = || -> anyhow::Result<bool> {
        let config = parts::settings(given)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let rows = runtime.block_on(check(&config));
        print(&rows);
        Ok(rows.iter().all(|row| row.state != State::Fault))
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => crate::report(Err(error)),
    }
}

async fn check(config: &Config) -> Vec<Row> {
    let mut rows = vec![data_folder(&config.data), database(&config.database)];
    rows.push(journal(&parts::journal_path(config)));
    rows.push(disk(&config.data));
    rows.extend(judge(config).await);
    let catalog = match codementor_catalog::builtin() {
        Ok(challenges) => {
            Row::new("catalogue", State::Ok, format!("{} built-in challenges", challenges.len()))
        }
        Err(error) => Row::new("catalogue", State::Fault, error.to_string()),
    };
    rows.push(catalog);
    rows.push(Row::new("bus", State::Ok, "in process (no Redis configured)"));
    rows.push(Row::new("tutor", State::Note, "no AI endpoint configured"));
    rows.push(sign_in(config));
    rows
}

fn data_folder(folder: &Path) -> Row {
    let name = "data folder";
    let shown = folder.display();
    if !folder.exists() {
        let writable = existing(folder).is_some_and(|above| may_write(&above));
        return match writable {
            true => {
                Row::new(name, State::Note, format!("{shown} is not there yet; `codementor serve` makes it"))
            }
            false => Row::new(name, State::Fault, format!("{shown} is not there and cannot be made")),
        };
    }
    match parts::is_locked(folder) {
        Ok(true) => Row::new(name, State::Ok, format!("{shown}, in use by a running server")),
        Ok(false) if may_write(folder) => Row::new(name, State::Ok, shown.to_string()),
        Ok(false) => Row::new(name, State::Fault, format!("{shown} cannot be written")),
        Err(error) => Row::new(name, State::Fault, error.to_string()),
    }
}

fn database(path: &Path) -> Row {
    let schema = SqliteStore::look(path, &Options::default()).map_err(|error| error.to_string());
    sqlite("database", path, schema, SqliteStore::newest_schema())
}

fn journal(path: &Path) -> Row {
    let schema = SqliteJournal::check(path, &Options::default()).map_err(|error| error.to_string());
    sqlite("journal", path, schema, SqliteJournal::newest_schema())
}

fn sqlite(name: &str, path: &Path, schema: Result<Schema, String>, newest: u32) -> Row {
    let row = |state, detail: String| Row::new(name, state, detail);
    let shown = path.display();
    match schema {
        Err(error) => row(State::Fault, error),
        Ok(Schema::Absent | Schema::Empty) => {
            row(State::Note, format!("SQLite, {shown} is not there yet; `codementor serve` makes it"))
        }
        Ok(_) if OpenOptions::new().write(true).open(path).is_err() => {
            row(State::Fault, format!("SQLite, {shown} cannot be written"))
        }
        Ok(Schema::Version(version)) if version < newest => row(
            State::Note,
            format!(
                "SQLite, {shown}, schema {version}; `codementor migrate` or serving brings it to {newest}"
            ),
        ),
        Ok(Schema::Version(version)) => row(State::Ok, format!("SQLite, {shown}, schema {version}")),
    }
}

/// Whether this process may make files in a folder.
fn may_write(folder: &Path) -> bool {
    nix::unistd::access(folder, nix::unistd::AccessFlags::W_OK | nix::unistd::AccessFlags::X_OK).is_ok()
}

/// The folder itself, or the nearest one above that is there.
fn existing(folder: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(folder).ok()?;
    absolute.ancestors().find(|folder| folder.is_dir()).map(Path::to_owned)
}

fn disk(folder: &Path) -> Row {
    let folder = existing(folder).unwrap_or_else(|| folder.to_owned());
    let free = nix::sys::statvfs::statvfs(&folder)
        .map(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()));
    match free {
        Ok(free) if free < LITTLE_SPACE => Row::new(
            "disk",
            State::Fault,
            format!("only {} MiB free for the data folder", free / 1024 / 1024),
        ),
        Ok(free) => {
            Row::new("disk", State::Ok, format!("{} MiB free for the data folder", free / 1024 / 1024))
        }
        Err(error) => Row::new("disk", State::Fault, error.to_string()),
    }
}

async fn judge(config: &Config) -> Vec<Row> {
    match &config.judge {
        JudgeAt::Here if config.roles == Roles::Web => workers(config).await.into_iter().collect(),
        JudgeAt::Here => {
            let mut rows = local_judge(config).await;
            rows.extend(workers(config).await);
            rows
        }
        JudgeAt::Server { url, token } => match parts::judge0(url, token.as_ref()).await {
            Ok(judge) => judge_rows(&judge, &format!("Judge0 server at {url}")),
            Err(error) => vec![Row::new("judge", State::Fault, error.to_string())],
        },
    }
}

/// The workers beside a running server. Without one there is nothing to tell, unless nobody else judges.
async fn workers(config: &Config) -> Option<Row> {
    let row = |state, detail: String| Some(Row::new("judge workers", state, detail));
    let is_alone = config.roles == Roles::Web;
    match look(&config.data).await {
        Ok(Seen { workers: 0, .. }) if is_alone => row(
            State::Fault,
            "none is connected; start `codementor worker` with the same data folder".to_owned(),
        ),
        Ok(Seen { workers: 0, .. }) => row(State::Ok, "none beside the running server".to_owned()),
        Ok(Seen { workers, places }) => {
            row(State::Ok, format!("{workers} connected, {places} programs at once"))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            let detail = "no server runs; it judges nothing until a `codementor worker` is connected";
            is_alone.then(|| Row::new("judge workers", State::Note, detail))
        }
        Err(error) => row(State::Fault, format!("the running server does not tell: {error}")),
    }
}

async fn local_judge(config: &Config) -> Vec<Row> {
    // The judge mounts over a folder and makes it when it is missing: elsewhere, when there is no data folder yet.
    let elsewhere = (!config.data.exists())
        .then(|| std::env::temp_dir().join(format!("codementor-doctor-{}", std::process::id())));
    let judge = parts::judge(elsewhere.as_deref().unwrap_or(&config.data)).await;
    if let Some(folder) = &elsewhere {
        // Both are empty; left behind they would do no harm.
        let _ = std::fs::remove_dir(folder.join("judge")).and_then(|()| std::fs::remove_dir(folder));
    }
    judge.try_all().await;
    judge_rows(&judge, "local sandbox; a program was run in it")
}

fn judge_rows(judge: &dyn Judge, good: &str) -> Vec<Row> {
    let mut rows = vec![match judge.available() {
        Ok(()) => Row::new("judge", State::Ok, good),
        Err(error) => Row::new("judge", State::Fault, error.to_string()),
    }];
    for protection in judge.protections() {
        let state = if protection.active { State::Ok } else { State::Note };
        rows.push(Row::new(&format!("  {}", protection.name), state, protection.note));
    }
    let languages = judge.languages();
    if languages.is_empty() {
        rows.push(Row::new("languages", State::Fault, "none found; install python3 or nodejs"));
    }
    for language in languages {
        rows.push(Row::new(
            &format!("language {}", language.id),
            State::Ok,
            format!("{} {}", language.name, language.version),
        ));
    }
    rows
}

fn sign_in(config: &Config) -> Row {
    let guests = if config.guests { "guests on" } else { "guests off" };
    match &config.github {
        Some(github) => Row::new("sign-in", State::Ok, format!("{guests}, GitHub at {}", github.base_url)),
        None if config.guests => Row::new("sign-in", State::Ok, format!("{guests}, GitHub not set up")),
        None => {
            Row::new("sign-in", State::Fault, "nobody can sign in: guests are off and GitHub is not set up")
        }
    }
}

fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    for row in rows {
        let state = match row.state {
            State::Ok => "ok   ",
            State::Note => "note ",
            State::Fault => "FAULT",
        };
        println!("{state}  {:width$}  {}", row.name, row.detail);
    }
}
