//! The kinds of files this crate keeps, and how one is told from another.

/// One step of a schema.
#[derive(Debug)]
pub(super) struct Migration {
    /// Its file in the format's folder below `migrations/`, whose number is the version it leads to.
    pub(super) file: &'static str,
    /// Its statements.
    pub(super) sql: &'static str,
}

/// A kind of file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    /// What people call it.
    pub(super) name: &'static str,
    /// What to do when a file that is named as one cannot be it.
    pub(super) advice: &'static str,
    /// Marks a file as of this kind, in SQLite's header.
    pub(super) application_id: i32,
    /// Every step of its schema, oldest first.
    pub(super) migrations: &'static [Migration],
    /// What a commit survives.
    pub(super) durability: Durability,
    /// The largest file that is read whole before it is opened, in bytes.
    pub(super) checked_whole: u64,
}

/// What a commit survives as soon as it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// The end of the machine: it is on the disk.
    Machine,
    /// The end of the process. Whoever writes sees to it that the disk has it when it must.
    Process,
}

macro_rules! migrations {
    ($folder:literal: $($file:literal),* $(,)?) => {
        &[$(Migration {
            file: $file,
            sql: include_str!(concat!("../../../../migrations/", $folder, "/", $file)),
        }),*]
    };
}

/// People, submissions and all that follows: "CoMe".
pub(super) const STORE: Format = Format {
    name: "database",
    advice: "name another file with --database",
    application_id: 0x436f_4d65,
    // A test holds these lists against the folders.
    migrations: migrations![
        "sqlite": "0001_init.sql", "0002_flow_time_zone.sql", "0003_live_sessions.sql", "0004_challenges.sql",
        "0005_counterexamples.sql", "0006_judge0.sql",
    ],
    durability: Durability::Machine,
    checked_whole: u64::MAX,
};

/// Records of live sessions: "CoMj".
pub(super) const JOURNAL: Format = Format {
    name: "journal",
    advice: "name another place for the journal",
    application_id: 0x436f_4d6a,
    migrations: migrations!["journal": "0001_init.sql", "0002_trims.sql", "0003_log.sql", "0004_packed.sql"],
    durability: Durability::Process,
    // It grows with every edit. Its rows carry sums, which are checked whenever they are read.
    checked_whole: 64 * 1024 * 1024,
};

/// Every kind.
const FORMATS: [Format; 2] = [STORE, JOURNAL];

impl Format {
    /// The version of its schema that this program knows.
    pub(super) fn newest(&self) -> u32 {
        u32::try_from(self.migrations.len()).unwrap_or(u32::MAX)
    }

    /// The kind a header names.
    pub(super) fn of(application_id: i32) -> Option<Self> {
        FORMATS.into_iter().find(|format| format.application_id == application_id)
    }
}
