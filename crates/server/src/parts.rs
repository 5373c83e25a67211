//! Opens the parts of the process from the settings: what `serve`, `doctor`, `migrate` and `admin` share.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use codementor_auth::SecretString;
use codementor_core::judging::LanguageInfo;
use codementor_core::ports::Judge;
use codementor_judge::{Judge0, JudgeOptions, LocalJudge};
use url::Url;

use crate::cli::LAUNCHER;
use crate::config::{Config, Given, resolve};

/// Resolves the settings from the command line, the environment and the file, and begins to log.
///
/// # Errors
/// All faults of the settings at once.
pub fn settings(given: &Given) -> Result<Config> {
    let config = resolve(given, |name| std::env::var_os(name))?;
    crate::logs::start(&config.log);
    Ok(config)
}

/// The lock on a data folder, held as long as the process lives.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Why a data folder cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another process has it.
    #[error(
        "the data folder {} is in use by another codementor process; stop it first, or choose another folder with --data",
        .0.display()
    )]
    InUse(PathBuf),
    /// It cannot be made, written or locked.
    #[error("the data folder {} cannot be {verb}: {source}", path.display())]
    Unusable {
        /// Which folder.
        path: PathBuf,
        /// What cannot be done with it.
        verb: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// Makes the data folder when it is missing, for its owner only, and takes it for this process.
///
/// # Errors
/// When it cannot be made, or another process has it.
pub fn lock_data(folder: &Path) -> Result<DataLock, DataError> {
    make_data(folder)?;
    lock(folder, OpenOptions::new().create(true).truncate(false).mode(0o600))
}

/// Makes the data folder when it is missing, for its owner only.
///
/// # Errors
/// When it cannot be made.
pub fn make_data(folder: &Path) -> Result<(), DataError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(unusable(folder, "made"))
}

/// Whether a process has a data folder, changing nothing.
///
/// # Errors
/// When the folder cannot be written.
pub fn is_locked(folder: &Path) -> Result<bool, DataError> {
    match lock(folder, &mut OpenOptions::new()) {
        Ok(_) => Ok(false),
        Err(DataError::InUse(_)) => Ok(true),
        // Nobody ever had it.
        Err(DataError::Unusable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn lock(folder: &Path, options: &mut OpenOptions) -> Result<DataLock, DataError> {
    let file =
        options.write(true).open(folder.join("codementor.lock")).map_err(unusable(folder, "written"))?;
    match file.try_lock() {
        Ok(()) => Ok(DataLock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(folder, "locked")(error)),
    }
}

fn unusable(folder: &Path, verb: &'static str) -> impl FnOnce(io::Error) -> DataError {
    move |source| DataError::Unusable { path: folder.to_owned(), verb, source }
}

/// Where the journal of live sessions is kept: beside the database, under its name.
#[must_use]
pub fn journal_path(config: &Config) -> PathBuf {
    config.database.with_extension("journal.db")
}

/// A judge behind a Judge0 server. It may turn out to be unavailable, which it then says itself.
///
/// # Errors
/// When no client can be made of the settings.
pub async fn judge0(url: &Url, token: Option<&SecretString>) -> Result<Judge0> {
    Judge0::start(url, token).await.map_err(|why| anyhow!("the Judge0 server: {why}"))
}

/// Starts the local judge. It may turn out to be unavailable, which it then says itself.
pub async fn judge(data: &Path) -> LocalJudge {
    // The running program itself, also when its file was replaced by a newer one.
    let launcher = ["/proc/self/exe", LAUNCHER];
    let options = JudgeOptions::new(launcher, data.join("judge"), parallel());
    LocalJudge::start(JudgeOptions { tools: Some(data.join("tools")), ..options }).await
}

/// How many programs this machine judges at once.
#[must_use]
pub fn parallel() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The languages of a judge with their versions, for the log.
#[must_use]
pub fn language_names(judge: &dyn Judge) -> String {
    let named = |language: LanguageInfo| format!("{} {}", language.name, language.version);
    judge.languages().into_iter().map(named).collect::<Vec<_>>().join(", ")
}
