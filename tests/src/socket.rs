//! A client of `GET /ws`, and of any other socket. Every wait is bounded.

use std::time::Duration;

use codementor_protocol::event::{Envelope, SUBPROTOCOL};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::client::Learner;
use crate::server::Server;

/// The longest an event or a close may take, on a busy machine.
const LIMIT: Duration = Duration::from_secs(40);

/// How a handshake is sent.
#[derive(Debug, Clone)]
pub struct Handshake {
    headers: Vec<(&'static str, String)>,
    path: String,
    query: String,
    has_events: bool,
    receive_buffer: Option<u32>,
}

impl Default for Handshake {
    fn default() -> Self {
        Self {
            headers: Vec::new(),
            path: "/ws".to_owned(),
            query: String::new(),
            has_events: true,
            receive_buffer: None,
        }
    }
}

impl Handshake {
    /// To the socket of a live session.
    #[must_use]
    pub fn to_session(id: &str) -> Self {
        Self { path: format!("/ws/sessions/{id}"), ..Self::default() }
    }

    /// To a terminal.
    #[must_use]
    pub fn to_terminal() -> Self {
        Self { path: "/ws/terminal".to_owned(), ..Self::default() }
    }

    /// Without asking for the subprotocol of JSON events, as the common provider does.
    #[must_use]
    pub fn plain(self) -> Self {
        Self { has_events: false, ..self }
    }

    /// With a query, such as `token=…`.
    #[must_use]
    pub fn query(self, query: &str) -> Self {
        Self { query: format!("?{query}"), ..self }
    }

    /// With no more than so many bytes waiting to be read on this side, so that the other side soon feels it when nobody reads.
    #[must_use]
    pub fn receive_buffer(self, bytes: u32) -> Self {
        Self { receive_buffer: Some(bytes), ..self }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With the session's cookie.
    #[must_use]
    pub fn cookie(self, session: &str) -> Self {
        self.header("cookie", &format!("codementor_session={session}"))
    }

    /// With `?token=`.
    #[must_use]
    pub fn query_token(self, token: &str) -> Self {
        self.query(&format!("token={token}"))
    }

    /// Opens the socket, or tells with which status it was refused.
    ///
    /// # Errors
    /// The status of the refusal.
    ///
    /// # Panics
    /// When the server does not answer, or has no place just now and does not say when to ask again.
    pub async fn open(self, server: &Server) -> Result<Socket, u16> {
        let address = server.authority().parse().expect("the server's address is one of numbers");
        let tcp = TcpSocket::new_v4().expect("a socket");
        if let Some(bytes) = self.receive_buffer {
            tcp.set_recv_buffer_size(bytes).expect("a buffer of that size");
        }
        let request = self.request(server.authority());
        let stream = tcp.connect(address).await.expect("the server listens");
        match tokio::time::timeout(LIMIT, client_async(request, stream)).await.expect("an answer in time") {
            Ok((stream, _)) => Ok(Socket { stream }),
            Err(Error::Http(response)) => {
                let status = response.status().as_u16();
                let again =
                    response.headers().get("retry-after").map(|after| after.to_str().unwrap_or_default());
                let seconds = again.and_then(|after| after.parse::<u32>().ok());
                assert!(
                    ![429, 503].contains(&status) || seconds.is_some(),
                    "{status}, try again when? {again:?}"
                );
                Err(status)
            }
            Err(error) => panic!("no answer to the handshake: {error}"),
        }
    }

    fn request(self, authority: &str) -> Request<()> {
        let url = format!("ws://{authority}{}{}", self.path, self.query);
        let mut request = url.into_client_request().expect("a sound address");
        let headers = request.headers_mut();
        if self.has_events {
            headers.insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        }
        for (name, value) in self.headers {
            let value = HeaderValue::try_from(value).expect("a sound header");
            headers.insert(HeaderName::from_static(name), value);
        }
        request
    }
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens one by token and takes the `hello`.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn of(server: &Server, learner: &Learner) -> Self {
        let mut socket =
            Handshake::default().bearer(&learner.token).open(server).await.expect("the socket opens");
        let hello = socket.event().await;
        assert_eq!(
            (hello.kind.as_str(), &hello.data["username"]),
            ("hello", &learner.user.username.as_str().into())
        );
        socket
    }

    /// Sends a JSON event.
    ///
    /// # Panics
    /// When the socket is closed.
    pub async fn send(&mut self, event: &Value) {
        self.send_raw(Message::text(event.to_string())).await.expect("the socket takes a message");
    }

    /// Sends any message.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), Error> {
        self.stream.send(message).await
    }

    /// The next event.
    ///
    /// # Panics
    /// When the socket is closed instead, or nothing comes in time.
    pub async fn event(&mut self) -> Envelope {
        loop {
            match self.message().await {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("an event is awaited, not {other:?}"),
            }
        }
    }

    /// The next event of a type; others are passed over.
    ///
    /// # Panics
    /// When the socket is closed instead, or nothing comes in time.
    pub async fn event_of(&mut self, kind: &str) -> Envelope {
        loop {
            let event = self.event().await;
            if event.kind == kind {
                return event;
            }
        }
    }

    /// Waits for the close and tells its code; events before it are passed over. 1006 when the connection ends without one.
    ///
    /// # Panics
    /// When it stays open.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return 1006,
            }
        }
    }

    /// The next message of any kind; nothing when the connection has ended.
    ///
    /// # Panics
    /// When nothing comes in time.
    pub async fn message(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(LIMIT, self.stream.next())
            .await
            .expect("something comes over the socket in time")
    }
}
