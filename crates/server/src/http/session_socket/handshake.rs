//! The opening handshake of a WebSocket (RFC 6455, section 4.2), after which the connection's stream is ours.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use codementor_protocol::event::SUBPROTOCOL;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::super::problem::ApiError;
use crate::intake::{Intake, Messages, Tcp};

/// A request to open a WebSocket.
pub struct Handshake {
    accept: String,
    /// Whether the client speaks [`SUBPROTOCOL`].
    pub has_events: bool,
    on_upgrade: OnUpgrade,
}

/// What becomes of the connection.
pub struct Opened {
    /// From the client.
    pub messages: Messages,
    /// Bytes that came with the request's head.
    pub early: Bytes,
    /// To the client.
    pub tcp: Arc<Tcp>,
}

impl<S: Sync> FromRequestParts<S> for Handshake {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let refused = |why: &str| ApiError::new(StatusCode::BAD_REQUEST, "not_a_websocket", why);
        let headers = &parts.headers;
        if parts.method != Method::GET {
            return Err(refused("A WebSocket is opened with GET."));
        }
        if !names(headers, header::CONNECTION, "upgrade") || !names(headers, header::UPGRADE, "websocket") {
            return Err(refused("The request does not ask for a WebSocket."));
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(refused("The only version is 13."));
        }
        let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY) else {
            return Err(refused("The request has no key."));
        };
        let accept = derive_accept_key(key.as_bytes());
        let has_events = names(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
        let on_upgrade = parts.extensions.remove().ok_or_else(|| refused("The connection cannot change."))?;
        Ok(Self { accept, has_events, on_upgrade })
    }
}

/// Whether a header's comma-separated list has a word.
fn names(headers: &HeaderMap, name: HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|given| given.trim().eq_ignore_ascii_case(word))
}

impl Handshake {
    /// The answer that opens the socket, and what there is once it was sent: nothing when the client is gone.
    pub fn accept(self) -> (Response, impl Future<Output = Option<Opened>> + Send) {
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        // Base64 is a header's value.
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if self.has_events {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        }
        let opened = async move {
            let upgraded = self.on_upgrade.await.ok()?;
            let parts = upgraded.downcast::<TokioIo<Intake>>().ok()?;
            let (messages, tcp) = parts.io.into_inner().split()?;
            Some(Opened { messages, early: parts.read_buf, tcp })
        };
        (response, opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_lists_whatever_their_case() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        headers.append(header::UPGRADE, HeaderValue::from_static("h2c"));
        headers.append(header::UPGRADE, HeaderValue::from_static("WebSocket"));
        assert!(names(&headers, header::CONNECTION, "upgrade"));
        assert!(names(&headers, header::UPGRADE, "websocket"));
        assert!(!names(&headers, header::UPGRADE, "socket"));
    }
}
