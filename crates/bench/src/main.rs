//! `codementor-bench`: measures a running server, each figure beside a floor measured in the same run. Prints JSON.
//!
//! It aims at loopback addresses only and stops by itself.

mod http;
mod submit;

use anyhow::{Result, bail};
use clap::{Arg, Command};
use serde_json::json;

fn main() -> Result<()> {
    // The HTTP client wants a TLS provider even for plain HTTP. Fails only when one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = command().get_matches();
    let url = matches.get_one::<String>("url").cloned().unwrap_or_default();
    ensure_loopback(&url)?;
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

/// A load generator is a weapon; this one points at its own machine only.
fn ensure_loopback(url: &str) -> Result<()> {
    let host = url.strip_prefix("http://").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).trim_matches(['[', ']']);
    if host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
        return Ok(());
    }
    bail!("{url}: only http:// on a loopback address is measured")
}
