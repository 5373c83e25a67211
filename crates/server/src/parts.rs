//! Opens the parts of the process from the settings: what `serve`, `doctor`, `migrate` and `admin` share.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, Result, bail};
use codementor_judge::{JudgeOptions, LocalJudge};

use crate::cli::LAUNCHER;
use crate::config::{Config, Given, resolve};

/// Resolves the settings from the command line, the environment and the file, and begins to log.
///
/// # Errors
/// All faults of the settings at once.
pub fn settings(given: &Given) -> Result<Config> {
    let config = resolve(given, |name| std::env::var(name).ok())?;
    crate::logs::start(&config.log);
    Ok(config)
}

/// The lock on a data folder, held as long as the process lives.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Makes the data folder when it is missing, for its owner only, and takes it for this process.
///
/// # Errors
/// When it cannot be made, or another process has it.
pub fn lock_data(folder: &Path) -> Result<DataLock> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
    let path = folder.join("codementor.lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("the data folder {} cannot be written", folder.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(DataLock { _file: file }),
        Err(TryLockError::WouldBlock) => bail!(
            "the data folder {} is in use by another codementor process; stop it first, or choose another folder with --data",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

/// Starts the local judge. It may turn out to be unavailable, which it then says itself.
pub async fn judge(data: &Path) -> LocalJudge {
    let parallel = std::thread::available_parallelism().map_or(1, usize::from);
    // The running program itself, also when its file was replaced by a newer one.
    let launcher = ["/proc/self/exe", LAUNCHER];
    LocalJudge::start(JudgeOptions::new(launcher, data.join("judge"), parallel)).await
}
