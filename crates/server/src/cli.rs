//! The command line, made from the table of settings.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::{io, process};

use clap::{Arg, ArgAction, ArgMatches};
use codementor_core::Role;

use crate::check::{self, CheckOptions};
use crate::config::{Given, SETTINGS};
use crate::import::{Format, Verify};

/// The hidden command with which the judge starts this program again.
pub const LAUNCHER: &str = "sandbox-launcher";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// `serve`
    Serve(Given),
    /// `worker`: serve with the worker's role only.
    Worker(Given),
    /// `doctor`
    Doctor(Given),
    /// `migrate`
    Migrate(Given),
    /// `export session ID`
    ExportSession {
        /// Which session.
        id: String,
        /// Where to; `-` is standard output.
        output: Option<String>,
        /// The settings.
        given: Given,
    },
    /// `import FORMAT PATH`
    Import {
        /// What lies there.
        format: Format,
        /// Where.
        path: PathBuf,
        /// Whether it is judged.
        verify: Verify,
        /// The settings.
        given: Given,
    },
    /// `challenge check`
    CheckChallenges(CheckOptions),
    /// `admin grant NAME ROLE`
    Grant {
        /// Whose role.
        name: String,
        /// Which role.
        role: Role,
        /// The settings.
        given: Given,
    },
    /// `admin token NAME`
    Token {
        /// Whose token.
        name: String,
        /// The settings.
        given: Given,
    },
}

/// When a secret was given as a flag, starts this program again with it in the environment, so that the list of processes does not show
/// it for longer than an instant. Returns only when there is nothing to hide, or with the error that kept it from starting.
#[must_use]
pub fn hide_secrets() -> Option<io::Error> {
    let (args, secrets) = without_secrets(std::env::args_os().skip(1));
    if secrets.is_empty() {
        return None;
    }
    Some(process::Command::new("/proc/self/exe").arg0("codementor").args(args).envs(secrets).exec())
}

/// Splits the secrets from a command line: the rest of it, and environment variables.
fn without_secrets(mut args: impl Iterator<Item = OsString>) -> (Vec<OsString>, Vec<(String, OsString)>) {
    let mut rest = Vec::new();
    let mut secrets = Vec::new();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        let (flag, value) =
            text.split_once('=').map_or((&*text, None), |(flag, value)| (flag, Some(value.into())));
        let name = flag.strip_prefix("--").unwrap_or_default();
        match SETTINGS.iter().find(|setting| setting.secret && setting.flag && setting.flag_name() == name) {
            None => rest.push(arg),
            Some(setting) => {
                secrets.extend(value.or_else(|| args.next()).map(|value| (setting.env(), value)))
            }
        }
    }
    (rest, secrets)
}

/// Reads the command line; prints help or a usage error and exits where that is the answer.
#[must_use]
pub fn parse() -> Command {
    let matches = command().get_matches();
    match matches.subcommand() {
        Some(("serve", sub)) => Command::Serve(given(sub)),
        Some(("worker", sub)) => Command::Worker(Given { worker_only: true, ..given(sub) }),
        Some(("doctor", sub)) => Command::Doctor(given(sub)),
        Some(("migrate", sub)) => Command::Migrate(given(sub)),
        Some(("export", sub)) => match sub.subcommand() {
            Some(("session", sub)) => Command::ExportSession {
                id: sub.get_one::<String>("ID").cloned().unwrap_or_default(),
                output: sub.get_one::<String>("output").cloned(),
                given: given(sub),
            },
            _ => unreachable!("clap requires a command"),
        },
        Some(("import", sub)) => Command::Import {
            format: sub.get_one::<Format>("FORMAT").copied().unwrap_or(Format::Native),
            path: sub.get_one::<PathBuf>("PATH").cloned().unwrap_or_default(),
            verify: if sub.get_flag("verify") { Verify::Yes } else { Verify::No },
            given: given(sub),
        },
        Some(("challenge", sub)) => match sub.subcommand() {
            Some(("check", sub)) => Command::CheckChallenges(CheckOptions::of(sub)),
            _ => unreachable!("clap requires a command"),
        },
        Some(("admin", sub)) => match sub.subcommand() {
            Some(("grant", sub)) => Command::Grant {
                name: sub.get_one::<String>("NAME").cloned().unwrap_or_default(),
                role: sub.get_one::<Role>("ROLE").copied().unwrap_or(Role::Learner),
                given: given(sub),
            },
            Some(("token", sub)) => Command::Token {
                name: sub.get_one::<String>("NAME").cloned().unwrap_or_default(),
                given: given(sub),
            },
            _ => unreachable!("clap requires a command"),
        },
        _ => unreachable!("clap requires a command"),
    }
}

fn command() -> clap::Command {
    let grant =
        with_settings(clap::Command::new("grant").about("Give a person a role: learner, mentor or admin"))
            .arg(Arg::new("NAME").required(true))
            .arg(Arg::new("ROLE").required(true).value_parser(|text: &str| text.parse::<Role>()));
    let about = "Print a lasting token with which a program uses the API under /judge0 as this person";
    let token = with_settings(clap::Command::new("token").about(about)).arg(Arg::new("NAME").required(true));
    let output =
        "The file to write; `-` is standard output [default: session-ID.codementor in the current folder]";
    let export = with_settings(
        clap::Command::new("session")
            .about("Write a recorded session, with its edits, chat and runs, as one file"),
    )
    .arg(Arg::new("ID").required(true))
    .arg(Arg::new("output").long("output").short('o').value_name("FILE").help(output));
    let import = with_settings(
        clap::Command::new("import")
            .about("Bring in challenges; without --verify they are drafts that nobody is offered"),
    )
    .arg(
        Arg::new("FORMAT")
            .required(true)
            .help(format!("What lies there: {}", Format::NAMES.join(", ")))
            .value_parser(|text: &str| text.parse::<Format>()),
    )
    .arg(Arg::new("PATH").required(true).help("The folder").value_parser(clap::value_parser!(PathBuf)))
    .arg(
        Arg::new("verify")
            .long("verify")
            .action(ArgAction::SetTrue)
            .help("Judge every solution, publish what keeps its word, and fail when something does not"),
    );
    let sub = |name, about| with_settings(clap::Command::new(name).about(about));
    clap::Command::new("codementor")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A real-time coding school in one program")
        .after_help("Each setting is a flag, an environment variable and a key of the configuration file, in this order.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(sub("serve", "Run the server; without settings everything is embedded in this one process"))
        .subcommand(sub("worker", "Run background and judge workers only, for the server with the same data folder"))
        .subcommand(sub("doctor", "Check database, sandbox, languages and disk"))
        .subcommand(sub("migrate", "Bring the configured database to the newest schema"))
        .subcommand(import)
        .subcommand(
            clap::Command::new("export").about("Write something as a file").subcommand_required(true).subcommand(export),
        )
        .subcommand(
            clap::Command::new("challenge").about("Look after challenges").subcommand_required(true).subcommand(check::command()),
        )
        .subcommand(
            clap::Command::new("admin").about("Administration").subcommand_required(true).subcommand(grant).subcommand(token),
        )
}

fn with_settings(command: clap::Command) -> clap::Command {
    let config = Arg::new("config").long("config").value_name("FILE").help(
        "Configuration file [env: CODEMENTOR_CONFIG] [default: codementor.toml in the current folder, when there is one]",
    );
    SETTINGS.iter().filter(|setting| setting.flag).fold(command.arg(config), |command, setting| {
        let help = format!("{} [env: {}] [default: {}]", setting.help, setting.env(), setting.default);
        let arg = Arg::new(setting.name).long(setting.flag_name()).value_name(setting.value).help(help);
        command.arg(arg.action(ArgAction::Set))
    })
}

fn given(matches: &ArgMatches) -> Given {
    let flags = SETTINGS
        .iter()
        .filter(|setting| setting.flag)
        .filter_map(|setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone())))
        .collect();
    Given { config_file: matches.get_one::<String>("config").cloned(), flags, worker_only: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn secrets_leave_the_command_line() {
        for line in [
            vec!["serve", "--github-client-secret", "hush", "--listen", "x"],
            vec!["serve", "--github-client-secret=hush", "--listen", "x"],
        ] {
            let (rest, secrets) = without_secrets(line.into_iter().map(Into::into));
            assert_eq!(rest, ["serve", "--listen", "x"]);
            assert_eq!(secrets, [("CODEMENTOR_GITHUB_CLIENT_SECRET".to_owned(), "hush".into())]);
        }
        let (rest, secrets) = without_secrets(["doctor", "--data=x"].into_iter().map(Into::into));
        assert_eq!((rest.len(), secrets.len()), (2, 0));
    }
}
