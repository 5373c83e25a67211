//! The table of settings. Flags, environment variables, file keys, help and checks all come from it.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its key in the file, such as `public_url`.
    pub name: &'static str,
    /// What its value looks like, for help.
    pub value: &'static str,
    /// The default in words.
    pub default: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Whether it may be given as a flag.
    pub flag: bool,
    /// Whether its value must never be shown.
    pub secret: bool,
}

impl Setting {
    /// Its flag without the dashes, such as `public-url`.
    #[must_use]
    pub fn flag_name(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Its environment variable.
    #[must_use]
    pub fn env(&self) -> String {
        format!("CODEMENTOR_{}", self.name.to_uppercase())
    }
}

const fn plain(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting { name, value, default, help, flag: true, secret: false }
}

/// All settings.
pub const SETTINGS: [Setting; 17] = [
    plain("listen", "ADDR", "127.0.0.1:8080", "Where to listen; port 0 picks a free one"),
    plain("data", "FOLDER", "./data", "Folder of the embedded database and the caches; made when missing"),
    plain("database", "URL", "sqlite://DATA/codementor.db", "The database"),
    plain("redis", "URL", "none: in process", "Redis, for several nodes"),
    plain(
        "roles",
        "LIST",
        "web,worker",
        "What this process does: web serves, worker judges; a process with worker alone judges for the one that serves from the same data folder",
    ),
    plain("judge", "local|URL", "local", "Who runs learners' programs: this machine, or a Judge0 server"),
    Setting {
        flag: false,
        secret: true,
        ..plain("judge_token", "SECRET", "none", "What the Judge0 server wants in `X-Auth-Token`")
    },
    plain(
        "judge0_callback_hosts",
        "LIST",
        "none",
        "Hosts that callbacks of the API under /judge0 may go to; private addresses must be named as addresses",
    ),
    plain("ai_base_url", "URL", "none: offline tutor", "An OpenAI-compatible endpoint"),
    plain("ai_model", "NAME", "none", "The model to ask there"),
    plain("public_url", "URL", "from --listen", "The address people use; for links and the Origin check"),
    plain("guests", "on|off", "on when listening on loopback, else off", "Sign-in by name only"),
    plain("github_client_id", "ID", "none", "GitHub OAuth application"),
    Setting {
        secret: true,
        ..plain("github_client_secret", "SECRET", "none", "Its secret; better given by environment or file")
    },
    plain("github_base_url", "URL", "https://github.com", "GitHub, or an Enterprise server"),
    plain("log", "FILTER", "info", "What to log: error, warn, info, debug, trace, or a filter"),
    Setting {
        flag: false,
        secret: true,
        ..plain(
            "jwt_secret",
            "SECRET",
            "made once and kept in the data folder",
            "Signing key, the same on every node",
        )
    },
];
