//! What a new challenge begins with: a small one that is whole, so that its author changes things that work.

use codementor_core::catalogue::FileSet;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Folder;

/// What a new challenge asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// A function.
    Function,
    /// A program from standard input to standard output.
    Io,
}

impl Template {
    fn folder(self) -> &'static str {
        match self {
            Self::Function => "function/",
            Self::Io => "io/",
        }
    }
}

/// The files of a new challenge.
#[must_use]
pub fn template(kind: Template, title: &str, author: &str) -> FileSet {
    let mut files = FileSet::default();
    for path in Folder::iter() {
        let Some(inner) = path.strip_prefix(kind.folder()) else { continue };
        let bytes = Folder::get(&path).map(|file| file.data.into_owned()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).replace("\"{title}\"", &quoted(title));
        let text = text.replace("\"{author}\"", &quoted(author));
        // Its files are ours; a test reads them.
        let _ = files.insert(inner, text);
    }
    files
}

/// A TOML string, whatever is in it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect;

    #[test]
    fn a_new_challenge_is_whole() {
        for kind in [Template::Function, Template::Io] {
            let (title, author) = ("Say \"hi\" \\ 'there'", "ada\"\n[x]");
            let files = template(kind, title, author);
            let challenge = inspect::read(&"a-new-one".parse().unwrap(), &files).unwrap();
            assert_eq!((challenge.title.as_str(), challenge.authors[0].as_str()), (title, author));
            assert_eq!((challenge.solutions.len(), challenge.tests.len()), (2, 6));
        }
    }
}
