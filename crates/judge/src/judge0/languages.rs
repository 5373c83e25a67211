//! Which of our languages a Judge0 server has, by the names it gives them. The newest version of each wins.

use std::collections::BTreeMap;

use codementor_core::Language;
use codementor_core::judging::LanguageInfo;

use super::api::Listed;
use crate::languages;

/// More languages than this are not looked at.
const MOST: usize = 1_000;

/// A language as the server has it.
#[derive(Debug, Clone)]
pub(super) struct RemoteLanguage {
    /// Its number there.
    pub number: u32,
    pub info: LanguageInfo,
    /// The numbers of its version.
    pub version: Vec<u32>,
}

/// The languages that are ours, too.
pub(super) fn ours(listed: &[Listed]) -> BTreeMap<Language, RemoteLanguage> {
    let mut found: BTreeMap<Language, RemoteLanguage> = BTreeMap::new();
    for listed in listed.iter().take(MOST) {
        let Some(language) = known(listed) else { continue };
        let is_better = |known: &RemoteLanguage| known.version < language.version;
        if found.get(&language.info.id).is_none_or(is_better) {
            found.insert(language.info.id.clone(), language);
        }
    }
    found
}

/// `Python (3.11.2)`, `C++ (GCC 9.2.0)`, `JavaScript (Node.js 12.14.0)`: the name is one of ours, and the tool is the one we know.
fn known(listed: &Listed) -> Option<RemoteLanguage> {
    let (name, tool) = listed.name.split_once(" (").unwrap_or((&listed.name, ""));
    let tool: String = tool.trim_end_matches(')').chars().take(60).collect();
    let declared = languages::all().into_iter().find(|declared| match &listed.language {
        Some(id) => declared.id == id,
        None => declared.name == name,
    })?;
    let version = numbers(&tool);
    let is_fit = match declared.id {
        "python" => version.first().is_none_or(|major| *major >= 3),
        "c" | "cpp" => !tool.contains("Clang"),
        _ => true,
    };
    let info = LanguageInfo {
        id: declared.id.parse().ok()?,
        name: declared.name.to_owned(),
        version: tool.rsplit(' ').next().unwrap_or_default().to_owned(),
    };
    is_fit.then_some(RemoteLanguage { number: listed.id, info, version })
}

/// The numbers of the last word that begins with one.
fn numbers(tool: &str) -> Vec<u32> {
    let word = tool.split(' ').rfind(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let parts = word.unwrap_or_default().split(['.', '-', '_', '+']);
    parts.map_while(|part| part.parse().ok()).collect()
}

/// What the language's runtime needs to start, in KiB.
pub(super) fn least_memory_kb(language: &Language) -> u32 {
    let declared = languages::all().into_iter().find(|declared| declared.id == language.as_str());
    declared.map_or(0, |declared| declared.least_memory_kb)
}

/// What makes a compiler take the programs that ours takes.
pub(super) fn compiler_options(language: &RemoteLanguage) -> Option<&'static str> {
    match language.info.id.as_str() {
        "c" => Some("-std=gnu17 -O2 -lm"),
        "cpp" if language.version.as_slice() >= &[10] => Some("-std=gnu++20 -O2"),
        "cpp" => Some("-std=gnu++17 -O2"),
        "rust" if language.version.as_slice() >= &[1, 56] => Some("--edition 2021 -O"),
        "rust" => Some("--edition 2018 -O"),
        "typescript" => Some("--target es2020 --lib es2020,dom --module commonjs"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(id: u32, name: &str) -> Listed {
        Listed { id, name: name.to_owned(), language: None }
    }

    #[test]
    fn the_newest_of_each_language_wins() {
        // As the public server lists them.
        let found = ours(&[
            listed(50, "C (GCC 9.2.0)"),
            listed(75, "C (Clang 7.0.1)"),
            listed(103, "C (GCC 14.1.0)"),
            listed(54, "C++ (GCC 9.2.0)"),
            listed(76, "C++ (Clang 7.0.1)"),
            listed(105, "C++ (GCC 14.1.0)"),
            listed(60, "Go (1.13.5)"),
            listed(107, "Go (1.23.5)"),
            listed(62, "Java (OpenJDK 13.0.1)"),
            listed(91, "Java (JDK 17.0.6)"),
            listed(63, "JavaScript (Node.js 12.14.0)"),
            listed(102, "JavaScript (Node.js 22.08.0)"),
            listed(70, "Python (2.7.17)"),
            listed(71, "Python (3.8.1)"),
            listed(92, "Python (3.11.2)"),
            listed(25, "Python for ML (3.7.7)"),
            listed(73, "Rust (1.40.0)"),
            listed(74, "TypeScript (3.7.4)"),
            listed(43, "Plain Text"),
            listed(44, "Executable"),
        ]);
        let numbers: Vec<_> = found.iter().map(|(id, found)| (id.as_str(), found.number)).collect();
        let wanted = [
            ("c", 103),
            ("cpp", 105),
            ("go", 107),
            ("java", 91),
            ("javascript", 102),
            ("python", 92),
            ("rust", 73),
            ("typescript", 74),
        ];
        assert_eq!(numbers, wanted);
        let python = found.values().find(|found| found.number == 92).unwrap();
        assert_eq!((python.info.version.as_str(), python.version.as_slice()), ("3.11.2", &[3, 11, 2][..]));
    }

    #[test]
    fn old_versions_and_odd_names_are_no_languages_of_ours() {
        let odd = ["Python (2.7.17)", "", "(", "C++", "Java Test (OpenJDK 14.0.1)", "python (3.8)"];
        let found = ours(&odd.iter().map(|name| listed(1, name)).collect::<Vec<_>>());
        assert_eq!(found.keys().map(Language::as_str).collect::<Vec<_>>(), ["cpp"]);
    }
}
