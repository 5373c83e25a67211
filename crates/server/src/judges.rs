//! Who judges for this process: itself, worker processes, or a Judge0 server.

use std::sync::Arc;

use anyhow::{Context, Result};
use codementor_core::ports::Judge;
use codementor_judge::workers::{Listening, Observer, Pool};
use tokio::sync::watch;

use crate::config::{Config, JudgeAt, Roles};
use crate::metrics::Metrics;
use crate::parts;

/// The judge of a process that serves.
pub struct Judges {
    /// Runs programs.
    pub judge: Arc<dyn Judge>,
    /// How many programs it judges at once, as workers come and go.
    pub places: watch::Receiver<usize>,
    /// The socket of the workers. As long as it is there, they are.
    pub listening: Option<Listening>,
}

impl Judges {
    /// Starts what judges in this process and lets workers in.
    ///
    /// # Errors
    /// When no client can be made for a Judge0 server; when workers cannot be let in and nobody else judges.
    pub async fn start(config: &Config, metrics: &Arc<Metrics>) -> Result<Self> {
        match &config.judge {
            JudgeAt::Here => Self::pool(config, metrics).await,
            JudgeAt::Server { url, token } => {
                let judge = Arc::new(parts::judge0(url, token.as_ref()).await?);
                metrics.changed(0, parts::parallel());
                // Nobody ever says anything else.
                let (_, places) = watch::channel(parts::parallel());
                Ok(Self { judge, places, listening: None })
            }
        }
    }

    async fn pool(config: &Config, metrics: &Arc<Metrics>) -> Result<Self> {
        let own: Option<(Arc<dyn Judge>, usize)> = match config.roles {
            Roles::Web => None,
            Roles::Both | Roles::Worker => {
                Some((Arc::new(parts::judge(&config.data).await), parts::parallel()))
            }
        };
        let pool = Pool::new(own, metrics.clone());
        let listening = match pool.listen(&config.data).context("the socket of the judge workers") {
            Ok(listening) => Some(listening),
            Err(error) if config.roles == Roles::Web => return Err(error),
            Err(error) => {
                tracing::warn!("{error:#}; this process judges alone");
                None
            }
        };
        Ok(Self { places: pool.places(), judge: pool, listening })
    }
}

impl Observer for Metrics {
    fn refused(&self, reason: &'static str) {
        self.reject("worker", reason);
    }

    fn changed(&self, workers: usize, places: usize) {
        self.judge_workers.set(i64::try_from(workers).unwrap_or(i64::MAX));
        self.judge_places.set(i64::try_from(places).unwrap_or(i64::MAX));
    }
}
