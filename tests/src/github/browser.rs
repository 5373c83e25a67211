//! The least of a browser: one GET over one connection, redirects looked at and not followed.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where the answer to a GET of `url` leads.
#[expect(clippy::expect_used, reason = "a broken step of a test must stop it")]
pub(super) async fn redirect_of(address: SocketAddr, base_url: &str, url: &str) -> String {
    let path = url.strip_prefix(base_url).expect("an address of this stand-in");
    assert!(path.starts_with('/'), "an address of this stand-in");
    let mut stream = TcpStream::connect(address).await.expect("the stand-in listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("a request is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer comes");
    let answer = String::from_utf8_lossy(&answer);
    location(&answer).unwrap_or_else(|| panic!("no redirect: {answer}"))
}

fn location(answer: &str) -> Option<String> {
    let mut lines = answer.split("\r\n");
    lines.next()?.strip_prefix("HTTP/1.1 30")?;
    lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    })
}
