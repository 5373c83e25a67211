//! `codementor-bench`: measures a running server, each figure beside a floor measured in the same run. Prints JSON.
//!
//! It aims at loopback addresses only and stops by itself.

mod frame;
mod handshake;
mod http;
mod live;
mod queue;
mod relay;
mod submit;

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use tokio::task::LocalSet;
use url::{Host, Url};

fn main() -> Result<()> {
    // The HTTP client wants a TLS provider even for plain HTTP. Fails only when one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = command().get_matches();
    let report = match matches.subcommand() {
        Some(("relay", matches)) => return relay(matches),
        Some(("live", matches)) => live(matches)?,
        Some((scenario, matches)) => steps(scenario, matches)?,
        None => bail!("nothing to measure"),
    };
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

/// Requests and submissions: they may use every core.
fn steps(scenario: &str, matches: &ArgMatches) -> Result<Value> {
    let url = loopback_origin(matches.get_one::<String>("url").map_or("", String::as_str))?;
    let number = |name: &str| matches.get_one::<u32>(name).copied().unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        match scenario {
            "http" => http::measure(&url, number("connections"), number("seconds")).await,
            "queue" => queue::measure(&url, number("people"), number("seconds")).await,
            _ => submit::measure(&url, number("runs")).await,
        }
    })?;
    Ok(json!({ "url": url, "report": report }))
}

fn live(matches: &ArgMatches) -> Result<Value> {
    let plan = live::options::Plan::read(matches)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, live::measure(&plan))
}

fn relay(matches: &ArgMatches) -> Result<()> {
    let listen = *matches.get_one::<SocketAddr>("listen").context("no address")?;
    ensure!(
        listen.ip().is_loopback(),
        "{listen}: the relay asks nobody who they are; it listens on loopback only"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, relay::run(listen))
}

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .default_value(default)
            .value_parser(clap::value_parser!(u32).range(1..=1000))
            .help(help)
    };
    let url = Arg::new("url").required(true).help("Of the server, on loopback");
    let listen = Arg::new("listen")
        .long("listen")
        .default_value("127.0.0.1:0")
        .value_parser(clap::value_parser!(SocketAddr));
    Command::new("codementor-bench")
        .about("Measures a running server beside a floor")
        .subcommand_required(true)
        .subcommand(
            Command::new("http")
                .about("GET /api/challenges/{id} beside a bare axum route")
                .arg(url.clone())
                .arg(number("connections", "32", "Connections"))
                .arg(number("seconds", "5", "Length of each phase")),
        )
        .subcommand(
            Command::new("submit")
                .about("POST to verdict beside the same program bare")
                .arg(url.clone())
                .arg(number("runs", "50", "Submissions")),
        )
        .subcommand(
            Command::new("queue")
                .about("One person's wait alone and beside one who floods, and submissions a second of many")
                .arg(url)
                .arg(number("people", "8", "How many hand in at once"))
                .arg(number("seconds", "10", "Length of each phase")),
        )
        .subcommand(
            Command::new("relay")
                .about("The floor of `live`: hands every frame to the others of its room, which is the path")
                .arg(listen.help("Address, on loopback")),
        )
        .subcommand(live::options::command())
}

/// A load generator is a weapon; this one points at its own machine only. What is returned is the origin, as the parser that will
/// also send the requests reads it: no user info, path or query can make it look like another.
fn loopback_origin(text: &str) -> Result<String> {
    let (origin, path) = loopback_place(text)?;
    if path == "/" {
        return Ok(origin);
    }
    bail!("{text}: only an origin, without a path")
}

/// The same for `http://` or `ws://`, with the path and the query.
fn loopback_place(text: &str) -> Result<(String, String)> {
    let Ok(url) = Url::parse(text) else { bail!("{text}: no URL") };
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_nobodys = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "ws") && is_loopback && is_nobodys {
        let origin = url.origin().ascii_serialization().replacen("ws://", "http://", 1);
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Ok((origin, format!("{}{query}", url.path())));
    }
    bail!("{text}: only http:// or ws:// on a loopback address is measured, without user")
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
            ("ws://127.0.0.1:8080", "http://127.0.0.1:8080"),
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
            "wss://127.0.0.1",
            "ws://example.org",
            "http://127.0.0.1/path",
            "http://127.0.0.1?query",
            "file:///etc",
            "localhost:80",
            "",
        ] {
            assert!(loopback_origin(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_and_a_query_are_of_the_same_place() {
        let place = loopback_place("ws://localhost:1/d/{document}?token=x%20y").unwrap();
        assert_eq!(place, ("http://localhost:1".to_owned(), "/d/%7Bdocument%7D?token=x%20y".to_owned()));
        assert!(loopback_place("ws://example.org/@127.0.0.1").is_err());
        assert!(loopback_place("ws://127.0.0.1/x#y").is_err());
    }
}
