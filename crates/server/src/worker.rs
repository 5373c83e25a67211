//! `codementor worker`: judges for the server that has the same data folder. It opens neither database nor port, and takes no lock: any
//! number of workers may stand beside one server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use codementor_core::ports::Judge;
use codementor_judge::workers::Worker;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::parts;

/// How long running programs may take after the stop began, before they are handed back.
const GRACE: Duration = Duration::from_secs(6);
/// The longest a stop may take, all in all.
const STOP_LIMIT: Duration = Duration::from_secs(9);

/// Works until SIGTERM or SIGINT.
///
/// # Errors
/// When the data folder cannot be made or signals not be heard.
pub async fn run(config: Config) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    parts::make_data(&config.data)?;
    let judge: Arc<dyn Judge> = Arc::new(parts::judge(&config.data).await);
    if let Err(error) = judge.available() {
        tracing::error!(%error, "this worker cannot judge programs");
    }
    tracing::info!(languages = parts::language_names(&*judge), "the worker is ready");
    let stop = CancellationToken::new();
    let worker = Worker::new(judge, parts::parallel(), &config.data, GRACE);
    let stopped = stop.clone();
    let mut working = tokio::spawn(async move { worker.work(&stopped).await });
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
        ended = &mut working => return Ok(ended?),
    }
    stop.cancel();
    match tokio::time::timeout(STOP_LIMIT, working).await {
        Ok(ended) => ended?,
        Err(_) => tracing::error!("stopping took too long; what was under way goes to another worker"),
    }
    tracing::info!("stopped");
    Ok(())
}
