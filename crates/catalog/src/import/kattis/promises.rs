//! What must become of a package's submissions: by the folder they lie in, and by `submissions.yaml`.

use std::collections::BTreeMap;

use codementor_core::Verdict;
use serde::Deserialize;
use serde_json::Value;

use super::super::Skip;
use super::super::folder::Folder;
use super::problem::{Problem, Version};
use super::read_text;

const ACCEPTED: &[Verdict] = &[Verdict::Accepted];
const WRONG: &[Verdict] = &[Verdict::WrongAnswer, Verdict::OutputLimitExceeded];
const SLOW: &[Verdict] = &[Verdict::TimeLimitExceeded];
/// Elsewhere too much memory or output is a run-time error.
const FAILS: &[Verdict] =
    &[Verdict::RuntimeError, Verdict::MemoryLimitExceeded, Verdict::OutputLimitExceeded];
/// The most patterns of `submissions.yaml`.
const MAX_PATTERNS: usize = 200;

/// What is promised of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Every test gets one of these.
    pub(super) permitted: Vec<Verdict>,
    /// At least one test gets one of these.
    pub(super) required: Vec<Verdict>,
}

impl Word {
    fn of(permitted: &[&[Verdict]], required: &[&[Verdict]]) -> Self {
        // Some verdicts are of two kinds.
        let all = |kinds: &[&[Verdict]]| {
            let mut all: Vec<Verdict> = Vec::new();
            for verdict in kinds.concat() {
                if !all.contains(&verdict) {
                    all.push(verdict);
                }
            }
            all
        };
        Self { permitted: all(permitted), required: all(required) }
    }

    fn anything() -> Self {
        let any: &[&[Verdict]] = &[ACCEPTED, WRONG, SLOW, FAILS];
        Self::of(any, any)
    }

    /// What folders promise. Of others nothing is promised.
    fn of_folder(name: &str, version: Version) -> Option<Self> {
        let any: &[&[Verdict]] = &[ACCEPTED, WRONG, SLOW, FAILS];
        let failed: &[&[Verdict]] = &[WRONG, SLOW, FAILS];
        Some(match (name, version) {
            ("accepted", _) => Self::of(&[ACCEPTED], &[ACCEPTED]),
            ("wrong_answer", _) => Self::of(&[ACCEPTED, WRONG], &[WRONG]),
            ("time_limit_exceeded", Version::Legacy) => Self::of(&[ACCEPTED, WRONG, SLOW], &[SLOW]),
            ("time_limit_exceeded", Version::V2025) => Self::of(&[ACCEPTED, SLOW], &[SLOW]),
            ("run_time_error", Version::Legacy) => Self::of(any, &[FAILS]),
            ("run_time_error", Version::V2025) => Self::of(&[ACCEPTED, FAILS], &[FAILS]),
            ("brute_force", Version::V2025) => Self::of(&[ACCEPTED, SLOW, FAILS], &[SLOW, FAILS]),
            ("rejected", _) => Self::of(any, failed),
            // It gets points, but not all of them.
            ("partially_accepted", _) => Self::of(any, failed),
            _ => return None,
        })
    }
}

/// All that is promised.
#[derive(Debug, Default)]
pub(super) struct Words {
    patterns: BTreeMap<String, Pattern>,
    /// Whether something is promised that is not looked at.
    pub(super) says_more: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Pattern {
    permitted: Option<Vec<String>>,
    required: Option<Vec<String>>,
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

/// What else `submissions.yaml` may say of a submission, without promising anything.
const ABOUT: [&str; 5] = ["language", "entrypoint", "authors", "model_solution", "use_for_time_limit"];

/// Reads them.
pub(super) fn words(package: &Folder, problem: &Problem) -> Result<Words, Skip> {
    let path = "submissions/submissions.yaml";
    let text = match problem.version {
        Version::Legacy => None,
        Version::V2025 => read_text(package, path)?,
    };
    let Some(text) = text else { return Ok(Words::default()) };
    let read: Result<Option<BTreeMap<String, Option<Pattern>>>, _> = serde_saphyr::from_str(&text);
    let read = read.map_err(|error| Skip::because(format!("{path}: {error}")))?.unwrap_or_default();
    if read.len() > MAX_PATTERNS {
        return Err(Skip::because(format!("{path}: more than {MAX_PATTERNS} patterns")));
    }
    let patterns: BTreeMap<_, _> =
        read.into_iter().map(|(glob, pattern)| (glob, pattern.unwrap_or_default())).collect();
    let says_more =
        patterns.values().any(|pattern| pattern.other.keys().any(|key| !ABOUT.contains(&key.as_str())));
    Ok(Words { patterns, says_more })
}

impl Words {
    /// What is promised of the submission of this name in this folder.
    pub(super) fn of(&self, folder: &str, name: &str, version: Version) -> Option<Word> {
        let mut word = Word::of_folder(folder, version);
        if let Some(pattern) = self.patterns.get(folder) {
            // What a folder is called is only what it means as long as nothing else is said of it.
            let all = word.take().unwrap_or_else(Word::anything);
            word = Some(Word {
                permitted: pattern.permitted.as_deref().map_or(all.permitted, verdicts),
                required: pattern.required.as_deref().map_or(all.required, verdicts),
            });
        }
        let path = format!("{folder}/{name}");
        for (glob, pattern) in &self.patterns {
            if glob == folder || !(fits(glob, &path) || fits(glob, folder)) {
                continue;
            }
            let both = |known: Vec<Verdict>, said: &Option<Vec<String>>| match said {
                None => known,
                Some(said) => {
                    let said = verdicts(said);
                    known.into_iter().filter(|verdict| said.contains(verdict)).collect()
                }
            };
            let known = word.unwrap_or_else(Word::anything);
            word = Some(Word {
                permitted: both(known.permitted, &pattern.permitted),
                required: both(known.required, &pattern.required),
            });
        }
        word
    }
}

fn verdicts(words: &[String]) -> Vec<Verdict> {
    let named = |word: &String| match word.as_str() {
        "AC" => ACCEPTED,
        "WA" => WRONG,
        "TLE" => SLOW,
        "RTE" => FAILS,
        _ => &[],
    };
    words.iter().flat_map(|word| named(word).iter().copied()).collect()
}

/// Whether a path is meant by a pattern with `*` (within one name) and `{this,that}`.
fn fits(glob: &str, path: &str) -> bool {
    match alternatives(glob) {
        Some(all) => all.iter().any(|glob| fits(glob, path)),
        None => matches(glob.as_bytes(), path.as_bytes()),
    }
}

/// The patterns that the first braces stand for, when there are not too many and none within each other.
fn alternatives(glob: &str) -> Option<Vec<String>> {
    let (before, rest) = glob.split_once('{')?;
    let (inner, after) = rest.split_once('}')?;
    let few = inner.split(',').count() <= 20 && glob.matches('{').count() <= 2;
    few.then(|| inner.split(',').map(|one| format!("{before}{one}{after}")).collect())
}

/// Without going back further than to the last star.
fn matches(glob: &[u8], path: &[u8]) -> bool {
    let (mut g, mut p, mut star) = (0, 0, None);
    while p < path.len() {
        match glob.get(g) {
            Some(b'*') => {
                star = Some((g, p));
                g += 1;
            }
            Some(one) if *one == path[p] => (g, p) = (g + 1, p + 1),
            _ => match star {
                Some((at, from)) if path[from] != b'/' => {
                    star = Some((at, from + 1));
                    (g, p) = (at + 1, from + 1);
                }
                _ => return false,
            },
        }
    }
    glob[g..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_paths() {
        for (glob, path, is_meant) in [
            ("accepted", "accepted", true),
            ("accepted/*", "accepted/a.py", true),
            ("*.py", "accepted/a.py", false),
            ("*/a.*", "accepted/a.py", true),
            ("accepted/{a,b}.{py,cpp}", "accepted/b.cpp", true),
            ("accepted/{a,b}.py", "accepted/c.py", false),
            ("*a*b", "aab", true),
            ("*a*b", "aabc", false),
            ("{", "{", true),
        ] {
            assert_eq!(fits(glob, path), is_meant, "{glob} {path}");
        }
    }

    #[test]
    fn a_file_says_more_than_folders() {
        let text = "accepted/slow.py: {permitted: [AC, TLE], required: [TLE]}\nrejected:\n  permitted: [AC, WA]\n  required: [WA]\n\
                    rejected/x*: {authors: Ada}\nodd/*: {required: [RTE], secret/a: {permitted: [AC]}}\n";
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("submissions")).unwrap();
        std::fs::write(dir.path().join("submissions/submissions.yaml"), text).unwrap();
        let problem = super::super::problem::problem("problem_format_version: 2025-09").unwrap();
        let words = words(&Folder::open(dir.path()).unwrap(), &problem).unwrap();
        assert!(words.says_more);
        let of = |folder, name| words.of(folder, name, Version::V2025);
        assert_eq!(of("accepted", "a.py"), Some(Word::of(&[ACCEPTED], &[ACCEPTED])));
        // Nothing fits both what the folder and what the pattern says: such a promise can only be broken.
        assert_eq!(of("accepted", "slow.py").unwrap().required, []);
        assert_eq!(of("rejected", "xy.py"), Some(Word::of(&[ACCEPTED, WRONG], &[WRONG])));
        let required = of("odd", "x.py").unwrap().required;
        assert!(FAILS.iter().all(|verdict| required.contains(verdict)) && required.len() == FAILS.len());
        assert_eq!(of("other", "x.py"), None);
    }
}
