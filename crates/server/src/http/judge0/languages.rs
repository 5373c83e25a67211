//! Our languages under Judge0's numbers.

use codementor_core::judging::LanguageInfo;
use codementor_protocol::judge0::Language;

use crate::app::App;

/// Judge0's number of each of our languages, and how it names the tool.
const NUMBERS: [(&str, u32, &str); 8] = [
    ("c", 50, "GCC "),
    ("cpp", 54, "GCC "),
    ("go", 60, ""),
    ("java", 62, "JDK "),
    ("javascript", 63, "Node.js "),
    ("python", 71, ""),
    ("rust", 73, ""),
    ("typescript", 74, ""),
];

/// The languages installed here, by number.
pub fn installed(app: &App) -> Vec<Language> {
    let mut all: Vec<_> = app.judge.languages().iter().filter_map(numbered).collect();
    all.sort_by_key(|language| language.id);
    all
}

fn numbered(info: &LanguageInfo) -> Option<Language> {
    let (_, id, tool) = NUMBERS.iter().find(|(known, ..)| *known == info.id.as_str())?;
    let name = format!("{} ({tool}{})", info.name, info.version);
    Some(Language { id: *id, name, is_archived: false, language: info.id.to_string() })
}
