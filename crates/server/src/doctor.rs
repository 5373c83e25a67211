//! `codementor doctor`: checks what is configured and says what to do.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use codementor_core::ports::{Judge, Store};
use codementor_store::SqliteStore;

use crate::config::{Config, Given};
use crate::{parts, serve};

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
    let mut rows = vec![data_folder(&config.data)];
    rows.push(database(config).await);
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
    match parts::lock_data(folder) {
        Ok(_) => Row::new("data folder", State::Ok, folder.display().to_string()),
        Err(error) if format!("{error}").contains("in use") => {
            Row::new("data folder", State::Ok, format!("{}, in use by a running server", folder.display()))
        }
        Err(error) => Row::new("data folder", State::Fault, format!("{error:#}")),
    }
}

async fn database(config: &Config) -> Row {
    let store: Arc<SqliteStore> = match serve::open_store(config) {
        Ok(store) => Arc::new(store),
        Err(error) => return Row::new("database", State::Fault, format!("{error:#}")),
    };
    let answer = store.ping().await;
    store.close().await;
    match answer {
        Ok(()) => Row::new("database", State::Ok, format!("SQLite, {}", config.database.display())),
        Err(error) => Row::new("database", State::Fault, error.to_string()),
    }
}

fn disk(folder: &Path) -> Row {
    let free = nix::sys::statvfs::statvfs(folder)
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
    let judge = parts::judge(&config.data).await;
    let mut rows = vec![match judge.available() {
        Ok(()) => Row::new("judge", State::Ok, "local sandbox; a program was run in it"),
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
