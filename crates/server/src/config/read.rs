//! Resolves settings from their sources and checks them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use codementor_auth::{MAX_KEY_BYTES, MIN_KEY_BYTES, SecretString, SigningKey};
use tracing_subscriber::EnvFilter;
use url::Url;

use super::settings::{SETTINGS, Setting};
use super::{Config, Faults, Github, JudgeAt, Roles};
use crate::judge0::callbacks::{Hosts, parse_host};

/// What the command line gave.
#[derive(Debug, Default)]
pub struct Given {
    /// `--config`
    pub config_file: Option<String>,
    /// Flags by setting name.
    pub flags: BTreeMap<&'static str, String>,
    /// Whether the command is `worker`.
    pub worker_only: bool,
}

/// The file read when none is named.
const DEFAULT_FILE: &str = "codementor.toml";

/// Resolves and checks all settings. `env` looks a variable up.
///
/// # Errors
/// All faults at once, each naming the setting and where its value came from; never a secret's value.
pub fn resolve(given: &Given, env: impl Fn(&str) -> Option<OsString>) -> Result<Config, Faults> {
    let mut sources = Sources { given, env: &env, file: BTreeMap::new(), faults: Vec::new() };
    sources.read_file();
    let config = sources.config();
    if sources.faults.is_empty() { Ok(config) } else { Err(Faults(sources.faults)) }
}

/// A value and where it came from.
struct Found {
    text: String,
    origin: String,
}

struct Sources<'a> {
    given: &'a Given,
    env: &'a dyn Fn(&str) -> Option<OsString>,
    file: BTreeMap<&'static str, Found>,
    faults: Vec<String>,
}

impl Sources<'_> {
    fn fault(&mut self, fault: impl Into<String>) {
        self.faults.push(fault.into());
    }

    fn read_file(&mut self) {
        let named = self.given.config_file.clone().or_else(|| self.variable("CODEMENTOR_CONFIG"));
        let path = named.clone().unwrap_or_else(|| DEFAULT_FILE.to_owned());
        if named.is_none() && !Path::new(&path).exists() {
            return;
        }
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return self.fault(format!("{path}: {error}")),
        };
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            // The message alone: the whole error quotes the line, which may hold a secret.
            Err(error) => return self.fault(format!("{path}: {}", toml::de::Error::message(&error))),
        };
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
                self.fault(format!("{path}: unknown setting {key}"));
                continue;
            };
            match plain_text(&value) {
                Some(text) => {
                    let origin = format!("{key} in {path}");
                    self.file.insert(setting.name, Found { text, origin });
                }
                None => self.fault(format!("{path}: {key} must be a text, a number or true/false")),
            }
        }
    }

    /// The text of a variable. An empty one is an unset one, as in compose files; one that is no text is a fault.
    fn variable(&mut self, name: &str) -> Option<String> {
        let value = (self.env)(name).filter(|value| !value.is_empty())?;
        // The value itself stays unsaid: it may be a secret.
        let text = value.into_string().map_err(|_| self.fault(format!("{name}: is not valid UTF-8")));
        text.ok()
    }

    /// The value of a setting from the first source that has it.
    fn find(&mut self, name: &'static str) -> Option<Found> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
        if let Some(text) = self.given.flags.get(name) {
            return Some(Found { text: text.clone(), origin: format!("--{}", setting.flag_name()) });
        }
        let origin = Setting::env(setting);
        if let Some(text) = self.variable(&origin) {
            return Some(Found { text, origin });
        }
        self.file.get(name).map(|found| Found { text: found.text.clone(), origin: found.origin.clone() })
    }

    /// The value of a setting, parsed; a fault and `None` when it does not parse.
    fn parsed<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let found = self.find(name)?;
        match parse(&found.text) {
            Ok(value) => Some(value),
            Err(why) => {
                self.fault(format!("{}: {why}", found.origin));
                None
            }
        }
    }

    fn config(&mut self) -> Config {
        let listen = self.parsed("listen", parse_listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let data = self.parsed("data", parse_folder).unwrap_or_else(|| PathBuf::from("./data"));
        let database = self.parsed("database", parse_database).unwrap_or_else(|| data.join("codementor.db"));
        self.refuse_unbuilt();
        let (roles, judge) = (self.roles(), self.judge());
        if roles == Roles::Worker && matches!(judge, JudgeAt::Server { .. }) {
            self.fault(
                "judge names a server, so there is nothing for a worker to do: the server asks it by itself",
            );
        }
        Config {
            listen,
            database,
            data,
            public_url: self.parsed("public_url", parse_origin),
            roles,
            judge,
            callback_hosts: self.parsed("judge0_callback_hosts", parse_hosts).unwrap_or_default(),
            guests: self.parsed("guests", parse_switch).unwrap_or(listen.ip().is_loopback()),
            github: self.github(),
            jwt_secret: self.parsed("jwt_secret", parse_secret),
            log: self.parsed("log", parse_filter).unwrap_or_else(|| "info".to_owned()),
        }
    }

    fn judge(&mut self) -> JudgeAt {
        let url = self.parsed("judge", parse_judge).flatten();
        let token = self.parsed("judge_token", parse_word).map(SecretString::from);
        match (url, token) {
            (Some(url), token) => JudgeAt::Server { url, token },
            (None, None) => JudgeAt::Here,
            (None, Some(_)) => {
                self.fault("judge_token is set but judge names no server");
                JudgeAt::Here
            }
        }
    }

    fn github(&mut self) -> Option<Github> {
        let base_url = self.parsed("github_base_url", parse_base_url);
        let id = self.parsed("github_client_id", parse_word);
        let secret = self.parsed("github_client_secret", parse_nonempty);
        match (id, secret) {
            (Some(client_id), Some(secret)) => Some(Github {
                client_id,
                client_secret: SecretString::from(secret),
                base_url: base_url.or_else(|| Url::parse("https://github.com").ok())?,
            }),
            (None, None) => None,
            (Some(_), None) => {
                self.fault("github_client_id is set but github_client_secret is not");
                None
            }
            (None, Some(_)) => {
                self.fault("github_client_secret is set but github_client_id is not");
                None
            }
        }
    }

    /// Says no to what the contract names but this version does not have, instead of doing without it silently.
    fn refuse_unbuilt(&mut self) {
        for (name, instead) in [
            ("redis", "this version keeps events and rate counters in process"),
            ("ai_base_url", "this version has no model client"),
            ("ai_model", "this version has no model client"),
        ] {
            if let Some(found) = self.find(name) {
                self.fault(format!("{}: not available yet: {instead}", found.origin));
            }
        }
    }

    fn roles(&mut self) -> Roles {
        // Read in any case: what is wrong with it is wrong for a worker as well.
        let roles = self.parsed("roles", parse_roles).unwrap_or(Roles::Both);
        if self.given.worker_only { Roles::Worker } else { roles }
    }
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        _ => None,
    }
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    text.parse().map_err(|_| format!("{text:?} is no address; use IP:PORT, such as 127.0.0.1:8080"))
}

fn parse_folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("an empty path".to_owned()) } else { Ok(PathBuf::from(text)) }
}

fn parse_database(text: &str) -> Result<PathBuf, String> {
    match text.split_once("://") {
        Some(("sqlite", path)) if !path.is_empty() => Ok(PathBuf::from(path)),
        Some(("mongodb" | "mongodb+srv", _)) => {
            Err("MongoDB is not available yet: this version keeps its data in SQLite".to_owned())
        }
        _ => Err("use sqlite://PATH".to_owned()),
    }
}

fn parse_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("no URL: {error}"))?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if web && bare && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("use http://… or https://…".to_owned())
    }
}

fn parse_origin(text: &str) -> Result<Url, String> {
    let url = parse_base_url(text)?;
    if url.path() == "/" {
        Ok(url)
    } else {
        Err("an address without a path, such as https://code.example.org".to_owned())
    }
}

/// None is this machine.
fn parse_judge(text: &str) -> Result<Option<Url>, String> {
    if text == "local" {
        return Ok(None);
    }
    parse_base_url(text).map(Some).map_err(|why| format!("{why}, or local"))
}

fn parse_hosts(text: &str) -> Result<Hosts, String> {
    let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty());
    hosts.map(parse_host).collect::<Result<_, _>>().map(Hosts::new)
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" | "yes" | "1" => Ok(true),
        "off" | "false" | "no" | "0" => Ok(false),
        _ => Err("use on or off".to_owned()),
    }
}

fn parse_word(text: &str) -> Result<String, String> {
    let plain = !text.is_empty() && text.len() <= 200 && text.chars().all(|c| c.is_ascii_graphic());
    if plain { Ok(text.to_owned()) } else { Err("use visible ASCII characters".to_owned()) }
}

fn parse_nonempty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn parse_secret(text: &str) -> Result<SecretString, String> {
    if SigningKey::is_fit(text) {
        Ok(SecretString::from(text.to_owned()))
    } else {
        Err(format!("needs {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes, not counting blanks around them"))
    }
}

fn parse_roles(text: &str) -> Result<Roles, String> {
    let mut roles: Vec<&str> = text.split(',').map(str::trim).collect();
    roles.sort_unstable();
    roles.dedup();
    match roles.as_slice() {
        ["web", "worker"] => Ok(Roles::Both),
        ["web"] => Ok(Roles::Web),
        ["worker"] => Ok(Roles::Worker),
        _ => Err("use a list of web and worker".to_owned()),
    }
}

fn parse_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
