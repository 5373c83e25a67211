//! The HTTP that stands before a WebSocket (RFC 6455, section 4), for both sides. It never follows, redirects or authenticates.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(30);
const MAX_HEAD: usize = 8 * 1024;
const MAX_HEADERS: usize = 48;

/// A connection that speaks WebSocket from here on.
#[derive(Debug)]
pub struct Upgraded {
    /// The connection.
    pub stream: TcpStream,
    /// Path and query that were asked for.
    pub path: String,
    /// What came behind the handshake and was read with it.
    pub rest: Vec<u8>,
}

/// Asks for a WebSocket at `path`, which may have a query.
///
/// # Errors
/// When the server does not answer, or anything else than 101 with the right key.
pub async fn connect(address: SocketAddr, path: &str) -> Result<Upgraded> {
    tokio::time::timeout(PATIENCE, ask(address, path)).await.context("no handshake in time")?
}

/// Reads a client's question and answers it.
///
/// # Errors
/// When it is none for a WebSocket, or does not come.
pub async fn accept(stream: TcpStream) -> Result<Upgraded> {
    tokio::time::timeout(PATIENCE, answer(stream)).await.context("no handshake in time")?
}

async fn ask(address: SocketAddr, path: &str) -> Result<Upgraded> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let key = tokio_tungstenite::tungstenite::handshake::client::generate_key();
    let question = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(question.as_bytes()).await?;
    let (head, rest) = read_head(&mut stream).await?;
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(&head)?;
    let code = response.code.unwrap_or_default();
    if code != 101 {
        bail!("the socket was answered {code}");
    }
    let accepted = header(response.headers, "sec-websocket-accept");
    ensure!(
        accepted == Some(derive_accept_key(key.as_bytes()).as_bytes()),
        "answered by no WebSocket server"
    );
    Ok(Upgraded { stream, path: path.to_owned(), rest })
}

async fn answer(mut stream: TcpStream) -> Result<Upgraded> {
    stream.set_nodelay(true)?;
    let (head, rest) = read_head(&mut stream).await?;
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(&head)?;
    let path = request.path.context("no path")?.to_owned();
    let Some(key) = header(request.headers, "sec-websocket-key") else {
        stream.write_all(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n").await?;
        bail!("no WebSocket was asked for");
    };
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key)
    );
    stream.write_all(answer.as_bytes()).await?;
    Ok(Upgraded { stream, path, rest })
}

fn header<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a [u8]> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

/// Bytes up to the empty line, and those behind it.
async fn read_head(stream: &mut TcpStream) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut head = Vec::with_capacity(512);
    loop {
        ensure!(stream.read_buf(&mut head).await? > 0, "closed within the handshake");
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = head.split_off(at + 4);
            return Ok((head, rest));
        }
        ensure!(head.len() < MAX_HEAD, "a head without end");
    }
}
