//! The command line of `live`: a scenario with its usual numbers, each of which can be changed.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::target::Kind;

const LONG: &str = "\
Clients that are true to the protocol edit documents of a live server. Scenarios:
  pair      200 documents of 2, everybody types 5 letters a second
  class     20 documents of 25, everybody types one letter a second
  saturate  10 documents of 20, faster at every step until deliveries stop following
  capacity  documents of 25 are added until the 99th percentile passes 100 ms
  idle      quiet sockets; what one costs in memory
  join      late joiners of a document with a long history
  crash     the server is killed while everybody types; what had been told to others must be there again

Latency counts from the moment at which a letter was due, not from when it was sent. A delivery is one letter received by one other
client. Figures mean something only when server and load do not share a core:
  taskset -c 1 codementor-bench live pair --start 'SERVER --listen 127.0.0.1:{port} --data {folder}' --server-core 0 --floor
  taskset -c 1 codementor-bench live pair --url http://127.0.0.1:PORT --server-pid PID     (server under taskset -c 0)
What is started here inherits the core of the load unless --server-core gives it another. `generator_was_the_limit` tells when the
load, not the server, was measured, `generator_latest_us` how late the load itself was at worst, and
`seconds_without_a_core` whether something else was using the cores.

Cost depends on load: the relay and good servers write what waits in one call. Compare only figures of one run, with its floor. On a
machine that others use as well, --rounds 7 measures both in turn; `ratios` are then the medians.";

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Documents with clients that type at a steady rate.
    Steady,
    /// Faster and faster.
    Saturate,
    /// More and more.
    Capacity,
    /// Quiet.
    Idle,
    /// Late.
    Join,
    /// Killed.
    Crash,
}

/// A run, with all its numbers.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The scenario's name, as it was given.
    pub name: String,
    /// What is run.
    pub scenario: Scenario,
    /// What the server speaks.
    pub kind: Kind,
    /// Where it listens.
    pub url: Option<String>,
    /// How it is started.
    pub start: Option<String>,
    /// Its process.
    pub server_pid: Option<u32>,
    /// The core it is held to.
    pub server_core: Option<u32>,
    /// Whether the relay is measured, too.
    pub floor: bool,
    /// How many documents, or how many more at each step.
    pub documents: u32,
    /// Clients of each.
    pub clients: u32,
    /// How many of them type.
    pub writers: u32,
    /// Letters a second of each that types.
    pub rate: f64,
    /// Length of each measured window.
    pub seconds: f64,
    /// What passes before the first.
    pub warmup: f64,
    /// How long nothing may arrive before what has not arrived is lost.
    pub grace: f64,
    /// Of all that is random.
    pub seed: u64,
    /// Sockets of `idle`.
    pub connections: u32,
    /// Late joiners of `join`.
    pub joins: u32,
    /// Kills of `crash`; in other scenarios how often the server is measured, and the floor after it.
    pub rounds: u32,
    /// By how much `saturate` gets faster.
    pub growth: f64,
    /// The longest 99th percentile that `capacity` takes, in milliseconds.
    pub limit_ms: u64,
    /// Edits of a generated history.
    pub edits: u32,
    /// A recorded history.
    pub trace: Option<PathBuf>,
}

/// The usual numbers: scenario, documents, clients, rate, seconds.
const USUAL: [(&str, Scenario, u32, u32, f64, f64); 7] = [
    ("pair", Scenario::Steady, 200, 2, 5.0, 10.0),
    ("class", Scenario::Steady, 20, 25, 1.0, 10.0),
    ("saturate", Scenario::Saturate, 10, 20, 4.0, 4.0),
    ("capacity", Scenario::Capacity, 5, 25, 2.0, 4.0),
    ("idle", Scenario::Idle, 200, 25, 0.0, 2.0),
    ("join", Scenario::Join, 1, 1, 0.0, 0.0),
    ("crash", Scenario::Crash, 10, 4, 20.0, 5.0),
];

/// The subcommand.
#[must_use]
pub fn command() -> Command {
    let number = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_parser(value_parser!(u32).range(1..=1_000_000)).help(help)
    };
    let real = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_parser(value_parser!(f64)).help(help)
    };
    let text = |name: &'static str, help: &'static str| Arg::new(name).long(name).help(help);
    Command::new("live")
        .about("Clients true to the protocol on a live server, beside a bare relay")
        .long_about(LONG)
        .arg(Arg::new("scenario").required(true).value_parser(USUAL.map(|usual| usual.0)))
        .arg(text("url", "Of the server, on loopback: http://127.0.0.1:PORT. For y-websocket servers with a path and a query, where {document} stands for the document's name, which else comes at the path's end"))
        .arg(
            text("target", "What it speaks")
                .value_parser(["codementor", "y-websocket", "relay"])
                .default_value("codementor"),
        )
        .arg(text("start", "Command line that starts the server; {port} and {folder} (new and empty) are replaced, PORT and HOST are set"))
        .arg(
            Arg::new("server-pid")
                .long("server-pid")
                .value_parser(value_parser!(u32))
                .help("Whose CPU and memory are read"),
        )
        .arg(
            Arg::new("server-core")
                .long("server-core")
                .value_parser(value_parser!(u32))
                .help("Core that servers started here are held to (taskset)"),
        )
        .arg(
            Arg::new("floor")
                .long("floor")
                .action(ArgAction::SetTrue)
                .help("Run it on a bare relay before and after each round, too"),
        )
        .arg(number("documents", "Documents; in `capacity`, how many are added at each step"))
        .arg(number("clients", "Clients a document"))
        .arg(number("writers", "How many of them type [default: all]"))
        .arg(real("rate", "Letters a second of each client that types"))
        .arg(real("seconds", "Length of each measured window"))
        .arg(real("warmup", "Seconds before the first window").default_value("1"))
        .arg(
            real("grace", "Seconds without a delivery after which what has not arrived is lost")
                .default_value("5"),
        )
        .arg(text("seed", "Of everything random").value_parser(value_parser!(u64)).default_value("1"))
        .arg(number("connections", "Sockets of `idle`").default_value("5000"))
        .arg(number("joins", "Late joiners of `join`").default_value("100"))
        .arg(number(
            "rounds",
            "How often server and floor are measured in turn [default: 1]; kills of `crash` [default: 3]",
        ))
        .arg(number("limit-ms", "The 99th percentile at which `capacity` ends").default_value("100"))
        .arg(number("edits", "Edits of a generated history").default_value("50000"))
        .arg(real("growth", "Factor between steps of `saturate`").default_value("1.25"))
        .arg(
            text("trace", "Editing trace (.json or .json.gz) that `join` fills its document with")
                .value_parser(value_parser!(PathBuf)),
        )
}

impl Plan {
    /// Reads what [`command`] took.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub fn read(matches: &ArgMatches) -> Result<Self> {
        let name = matches.get_one::<String>("scenario").context("no scenario")?;
        let usual = USUAL.iter().find(|usual| usual.0 == name).context("no such scenario")?;
        let &(_, scenario, documents, clients, rate, seconds) = usual;
        let number = |name: &str, usual: u32| matches.get_one(name).copied().unwrap_or(usual);
        let real = |name: &str, usual: f64| matches.get_one(name).copied().unwrap_or(usual);
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let clients = number("clients", clients);
        let plan = Self {
            name: name.clone(),
            scenario,
            kind: Kind::parse(&text("target").unwrap_or_default())?,
            url: text("url"),
            start: text("start"),
            server_pid: matches.get_one("server-pid").copied(),
            server_core: matches.get_one("server-core").copied(),
            floor: matches.get_flag("floor"),
            documents: number("documents", documents),
            clients,
            writers: number("writers", clients).min(clients),
            rate: real("rate", rate),
            seconds: real("seconds", seconds),
            warmup: real("warmup", 1.0),
            grace: real("grace", 5.0),
            seed: matches.get_one("seed").copied().unwrap_or(1),
            connections: number("connections", 5000),
            joins: number("joins", 100),
            rounds: number("rounds", if scenario == Scenario::Crash { 3 } else { 1 }),
            growth: real("growth", 1.25),
            limit_ms: u64::from(number("limit-ms", 100)),
            edits: number("edits", 50_000),
            trace: matches.get_one("trace").cloned(),
        };
        plan.check()?;
        Ok(plan)
    }

    fn check(&self) -> Result<()> {
        ensure!(self.url.is_some() || self.start.is_some(), "--url or --start says where the server is");
        if let Some(url) = &self.url {
            match self.kind {
                Kind::YWebsocket => drop(crate::loopback_place(url)?),
                Kind::CodeMentor | Kind::Relay => drop(crate::loopback_origin(url)?),
            }
        }
        let types = matches!(
            self.scenario,
            Scenario::Steady | Scenario::Saturate | Scenario::Capacity | Scenario::Crash
        );
        ensure!(!types || (self.rate > 0.0 && self.rate <= 10_000.0), "--rate is above 0 and at most 10000");
        ensure!(!types || self.clients > 1, "nobody hears a client that is alone");
        ensure!(self.seconds >= 0.0 && self.seconds <= 3600.0, "--seconds is at most 3600");
        ensure!(self.warmup >= 0.0 && self.warmup <= 600.0, "--warmup is at most 600");
        ensure!(self.grace >= 0.1 && self.grace <= 600.0, "--grace is between 0.1 and 600");
        ensure!(self.rounds <= 100, "--rounds is at most 100");
        ensure!(self.growth > 1.0 && self.growth <= 10.0, "--growth is above 1 and at most 10");
        if matches!(self.scenario, Scenario::Join | Scenario::Crash) {
            if self.kind == Kind::Relay || self.floor {
                bail!("a relay knows no documents: {} has no floor", self.name);
            }
            ensure!(
                self.scenario != Scenario::Crash || self.start.is_some(),
                "crash starts the server itself: --start"
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(line: &str) -> Result<Plan> {
        Plan::read(&command().try_get_matches_from(line.split(' '))?)
    }

    #[test]
    fn scenarios_have_their_usual_numbers() {
        let class = plan("live class --url http://127.0.0.1:1").unwrap();
        assert_eq!((class.documents, class.clients, class.writers, class.seed), (20, 25, 25, 1));
        assert_eq!((class.kind, class.scenario, class.floor), (Kind::CodeMentor, Scenario::Steady, false));
        let pair = plan(
            "live pair --url http://127.0.0.1:1 --target relay --documents 3 --rate 0.5 --writers 1 --floor",
        );
        let pair = pair.unwrap();
        assert_eq!((pair.documents, pair.clients, pair.writers, pair.floor), (3, 2, 1, true));
        assert!((pair.rate - 0.5).abs() < 1e-9 && pair.kind == Kind::Relay);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "live pair",
            "live pair --url http://example.org",
            "live nothing --url http://127.0.0.1:1",
            "live pair --url http://127.0.0.1:1 --clients 1",
            "live pair --url http://127.0.0.1:1 --clients 0",
            "live pair --url http://127.0.0.1:1 --rate 0",
            "live pair --url http://127.0.0.1:1 --rate NaN",
            "live pair --url http://127.0.0.1:1 --target carrier-pigeon",
            "live crash --url http://127.0.0.1:1",
            "live crash --start x --target relay",
            "live join --url http://127.0.0.1:1 --floor",
            "live class --url http://127.0.0.1:1 --rounds 101",
        ] {
            assert!(plan(line).is_err(), "{line}");
        }
        assert!(plan("live crash --start x").is_ok());
    }
}
