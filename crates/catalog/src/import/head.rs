//! Writes `challenge.toml` for what was read elsewhere.

use codementor_core::Difficulty;
use toml::{Table, Value};

/// What every challenge says of itself.
pub(super) struct Head<'a> {
    pub(super) title: &'a str,
    pub(super) difficulty: Difficulty,
    pub(super) topics: Vec<&'a str>,
    pub(super) kind: &'a str,
    /// What is to be done, where that is not to write it.
    pub(super) task: Option<&'a str>,
    pub(super) order: i64,
    pub(super) hints: Vec<&'a str>,
    pub(super) authors: &'a [String],
    pub(super) license: &'a str,
    pub(super) source: Option<&'a str>,
    /// The tables after that, by name.
    pub(super) tables: Vec<(&'a str, Table)>,
}

impl Head<'_> {
    /// The file, when nothing else is to be in it.
    pub(super) fn to_toml(&self) -> String {
        self.table().to_string()
    }

    /// What is in the file.
    pub(super) fn table(&self) -> Table {
        let mut head = Table::new();
        let mut put = |key: &str, value: Value| head.insert(key.to_owned(), value);
        put("format", Value::Integer(1));
        put("title", text(self.title));
        put("difficulty", text(self.difficulty.as_str()));
        put("topics", texts(self.topics.iter().copied()));
        put("kind", text(self.kind));
        if let Some(task) = self.task {
            put("task", text(task));
        }
        put("order", Value::Integer(self.order));
        put("hints", texts(self.hints.iter().copied()));
        put("authors", texts(self.authors.iter().map(String::as_str)));
        put("license", text(self.license));
        if let Some(source) = self.source {
            put("source", text(source));
        }
        for (name, table) in &self.tables {
            put(name, Value::Table(table.clone()));
        }
        head
    }
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts<'a>(all: impl Iterator<Item = &'a str>) -> Value {
    Value::Array(all.map(text).collect())
}
