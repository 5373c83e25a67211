//! `codementor-bench`: measures a running server, each figure beside a floor measured in the same run. Prints JSON.
//!
//! It aims at loopback addresses only and stops by itself.

mod frame;
mod handshake;
mod http;
mod relay;
mod submit;

use anyhow::{Result, bail};
use clap::{Arg, Command};
use serde_json::json;
use url::{Host, Url};

fn main() -> Result<()> {
    // The HTTP client wants a TLS provider even for plain HTTP. Fails only when one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = command().get_matches();
    let url = loopback_origin(matches.get_one::<String>("url").map_or("", String::as_str))?;
    let number = |name: &str| matches.get_one::<u32>(name).copied().unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        match matches.get_one::<String>("scenario").map(String::as_str) {
            Some("http") => http::measure(&url, number("connections"), number("seconds")).await,
            _ => submit::measure(&url, number("runs")).await,
        }
    })?;
    println!("{}", serde_json::to_string_pretty(&json!({ "url": url, "report": report }))?);
    Ok(())
}

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .default_value(default)
            .value_parser(clap::value_parser!(u32).range(1..=1000))
            .help(help)
    };
    Command::new("codementor-bench")
        .about("Measures a running server beside a floor")
        .arg(Arg::new("scenario").required(true).value_parser(["http", "submit"]).help(
            "http: GET /api/challenges/{id} beside a bare axum route; submit: POST to verdict beside the same program bare",
        ))
        .arg(Arg::new("url").required(true).help("Of the server, on loopback"))
        .arg(number("connections", "32", "Connections of the http scenario"))
        .arg(number("seconds", "5", "Length of each phase of the http scenario"))
        .arg(number("runs", "50", "Submissions of the submit scenario"))
}

/// A load generator is a weapon; this one points at its own machine only. What is returned is the origin, as the parser that will
/// also send the requests reads it: no user info, path or query can make it look like another.
fn loopback_origin(text: &str) -> Result<String> {
    let Ok(url) = Url::parse(text) else { bail!("{text}: no URL") };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if url.scheme() == "http" && is_loopback && is_bare {
        return Ok(url.origin().ascii_serialization());
    }
    bail!("{text}: only http:// on a loopback address is measured, without user or path")
}

/// A client that goes nowhere else: no proxy, and no redirect away from this machine.
fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_measured() {
        for (text, origin) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:9", "http://[::1]:9"),
            ("http://localhost:1", "http://localhost:1"),
            ("http://0x7f.1:1", "http://127.0.0.1:1"),
        ] {
            assert_eq!(loopback_origin(text).ok().as_deref(), Some(origin), "{text}");
        }
        for text in [
            "http://example.org",
            "http://127.0.0.1@example.org",
            "http://localhost:80@example.org",
            "http://user:secret@127.0.0.1",
            "http://example.org/:127.0.0.1",
            "http://example.org#:127.0.0.1",
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "https://127.0.0.1",
            "file:///etc",
            "localhost:80",
            "",
        ] {
            assert!(loopback_origin(text).is_err(), "{text}");
        }
    }
}
