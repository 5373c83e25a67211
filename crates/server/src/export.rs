//! `codementor export session ID`: a recorded session as one file. Works beside a running server and changes nothing.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use codementor_core::SessionId;
use codementor_core::journal::Journal;
use codementor_core::live::Recording as Recorded;
use codementor_core::ports::Store;
use codementor_store::{Options, Owner, Schema, SqliteJournal, SqliteStore};

use crate::config::{Config, Given};
use crate::live::recordings::Recordings;
use crate::live::replay;
use crate::{admin, parts};

/// Writes a session's file: to `output`, to standard output when that is `-`, else to `session-ID.codementor` in the current folder. A
/// file that exists is left alone.
#[must_use]
pub fn session(id: &str, output: Option<&str>, given: &Given) -> ExitCode {
    let run = || -> Result<()> {
        let config = parts::settings(given)?;
        let Ok(id) = id.parse::<SessionId>() else { bail!("{id:?} is no id of a session") };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let file = runtime.block_on(pack(&config, id))?;
        write(id, output, &file)
    };
    crate::report(run())
}

async fn pack(config: &Config, id: SessionId) -> Result<Vec<u8>> {
    let store = admin::open(config)?;
    let journal = open_journal(config)?;
    let packed = read(&store, journal.clone(), id).await;
    journal.close().await;
    store.close().await;
    packed
}

async fn read(store: &SqliteStore, journal: Arc<dyn Journal>, id: SessionId) -> Result<Vec<u8>> {
    let session = codementor_core::live::LiveSessions::live(store, id).await?;
    let Some(session) = session else { bail!("there is no session {id}") };
    // The journal keeps a little of it all the same, for a crash.
    if session.recording == Recorded::Off {
        bail!("session {id} is not recorded");
    }
    let recordings = Recordings::new(journal);
    let recording = recordings.get(id).await?;
    let (people, _) = replay::people(store, id, &recording).await?;
    let entries = recordings.entries(id).await?;
    Ok(replay::pack(&replay::told(&session, &people), &entries)?)
}

/// Opens the journal as it is.
fn open_journal(config: &Config) -> Result<Arc<dyn Journal>> {
    let path = parts::journal_path(config);
    let options = Options { owner: Owner::Beside, ..Options::default() };
    match SqliteJournal::look(&path, &options)? {
        Schema::Version(version) if version == SqliteJournal::newest_schema() => {}
        Schema::Version(_) => bail!("{} has another schema; run `codementor migrate` first", path.display()),
        Schema::Absent | Schema::Empty => bail!("there is no journal at {}", path.display()),
    }
    Ok(Arc::new(SqliteJournal::open(&path, &options)?))
}

fn write(id: SessionId, output: Option<&str>, file: &[u8]) -> Result<()> {
    if output == Some("-") {
        return Ok(std::io::stdout().write_all(file)?);
    }
    let path = output.map_or_else(|| PathBuf::from(format!("session-{id}.codementor")), PathBuf::from);
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(|| format!("{} cannot be made", path.display()))?;
    to.write_all(file)?;
    to.sync_all()?;
    println!("{}: {} bytes", path.display(), file.len());
    Ok(())
}
