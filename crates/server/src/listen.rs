//! Accepts connections and speaks HTTP/1.1 on them, each bounded in time and number; stops when told, after the answers under way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use http::{HeaderValue, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::app::SharedApp;
use crate::intake::{Intake, Place, Shared};

/// Open connections; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 30_000;
/// The longest a request's head may take, and an idle connection may stay.
const HEAD_LIMIT: Duration = Duration::from_secs(15);
/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;
/// How long answers under way may take after the stop began.
const GRACE: Duration = Duration::from_secs(4);

/// Serves until the app is closing, then lets answers under way end. While it is stopping, connections are taken for one answer each.
pub async fn serve(listener: TcpListener, app: SharedApp) {
    let router = crate::http::router(app.clone());
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let (stream, peer, permit) = tokio::select! {
            () = app.closing.cancelled() => break,
            accepted = accept(&listener, &permits) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        let shared = Arc::new(Shared::default());
        let io = TokioIo::new(Intake::new(stream, HEAD_LIMIT, shared.clone(), Open::new(&app, permit)));
        let (router, begun) = (router.clone(), shared.clone());
        let (stopping, closing) = (app.stopping.clone(), app.closing.clone());
        let is_stopping = stopping.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let place = shared.begin();
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(place);
            let answer = router.clone().call(request);
            let is_stopping = is_stopping.clone();
            async move {
                let mut response = answer.await?;
                let is_last = place != Place::Amid || is_stopping.is_cancelled();
                if is_last && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
        // Who has just connected gets an answer before the end.
        let drain = async move {
            stopping.cancelled().await;
            if !begun.has_begun() {
                closing.cancelled().await;
            }
        };
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT + Duration::from_secs(1))
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service)
            .with_upgrades();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = drain => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                // Clients that hang up, stall or talk nonsense are everyday life.
                tracing::debug!(%error, %peer, "a connection ended early");
            }
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are written whole; waiting for more would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            // Out of file descriptors, most likely: waiting lets some connections end.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

/// An open connection, counted as long as its stream lives, also as a WebSocket.
pub struct Open {
    app: SharedApp,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    fn new(app: &SharedApp, permit: OwnedSemaphorePermit) -> Self {
        app.metrics.connections.inc();
        Self { app: app.clone(), _permit: permit }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.metrics.connections.dec();
    }
}
