//! `codementor import FORMAT PATH`: brings challenges in from elsewhere. Works beside a running server, which notices within seconds.
//!
//! Nothing is offered that was not judged: without `--verify` all that comes is a draft.

mod one;
mod report;

use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use codementor_catalog::import::{self, Folder, Found, exercism};
use codementor_core::ports::{Judge, Store};
use codementor_store::SqliteStore;
use futures_util::{StreamExt, stream};

use self::one::Importer;
use self::report::{Report, Status};
use crate::config::{Config, Given};
use crate::parts::{self, DataError, DataLock};
use crate::{admin, serve};

/// What is brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The format of the built-in challenges.
    Native,
    /// Problem packages of Kattis and ICPC.
    Kattis,
    /// A checkout of an Exercism track.
    Exercism,
}

/// One challenge of an import.
enum Source {
    /// Its files are known.
    Files(Found),
    /// Its tests are known once they have been run.
    Exercise(Box<exercism::Entry>),
}

impl Format {
    /// Every word on the command line.
    pub const NAMES: [&'static str; 3] = ["native", "exercism", "kattis"];

    /// The word on the command line and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Kattis => "kattis",
            Self::Exercism => "exercism",
        }
    }

    /// Whether what is read has to be run to be known.
    fn is_run(self) -> bool {
        self == Self::Exercism
    }

    fn read(self, folder: &Folder) -> Result<Vec<Source>> {
        let files = |found: Vec<Found>| found.into_iter().map(Source::Files).collect();
        Ok(match self {
            Self::Native => files(import::native(folder)?),
            Self::Kattis => files(import::kattis(folder)?),
            Self::Exercism => {
                exercism::exercism(folder)?.into_iter().map(Box::new).map(Source::Exercise).collect()
            }
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "native" => Ok(Self::Native),
            "kattis" => Ok(Self::Kattis),
            "exercism" => Ok(Self::Exercism),
            _ => Err(format!("use one of {}", Self::NAMES.join(", "))),
        }
    }
}

/// Whether what comes is judged, and so may be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Every solution is judged.
    Yes,
    /// All that comes is a draft.
    No,
}

/// Imports and prints a row a challenge. Fails when one of them is not what it should be.
#[must_use]
pub fn main(format: Format, path: &Path, verify: Verify, given: &Given) -> ExitCode {
    let run = || -> Result<bool> {
        let config = parts::settings(given)?;
        let folder = Folder::open(path).context("PATH")?;
        let found = format.read(&folder).context("PATH")?;
        if found.is_empty() {
            bail!("there is no {} challenge in {}", format.as_str(), path.display());
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let result = runtime.block_on(bring(&config, format, found, verify));
        runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        result
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => crate::report(Err(error)),
    }
}

/// Whether every challenge is what it should be.
async fn bring(config: &Config, format: Format, sources: Vec<Source>, verify: Verify) -> Result<bool> {
    let (_lock, store) = open_store(config)?;
    let judge = if verify == Verify::Yes || format.is_run() {
        let judge = parts::judge(&config.data).await;
        judge.available()?;
        Some(judge)
    } else {
        None
    };
    let judge = judge.as_ref().map(|judge| judge as &dyn Judge);
    let importer = Importer::new(&store, judge, verify, format)?;
    let mut report = Report::new(sources.len());
    let parallel = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rows = stream::iter(sources).map(|source| importer.row(source)).buffered(parallel);
    let mut result = Ok(());
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => report.add(&row),
            // The judge or the store is gone: the rest would fare no better.
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    drop(rows);
    report.end();
    store.close().await;
    result?;
    Ok(report.count(Status::Failed) == 0)
}

/// Beside a running server the database is taken as it is; else it is made and brought to the newest schema.
fn open_store(config: &Config) -> Result<(Option<DataLock>, SqliteStore)> {
    match parts::lock_data(&config.data) {
        Ok(lock) => Ok((Some(lock), serve::open_store(config)?)),
        Err(DataError::InUse(_)) => Ok((None, admin::open(config)?)),
        Err(error) => Err(error.into()),
    }
}
