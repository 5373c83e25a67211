//! `problem.yaml`, in the legacy version and in 2025-09: <https://icpc.io/problem-package-format/>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::Skip;
use super::constants::Constants;

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) version: Version,
    /// None where it says none.
    pub(super) title: Option<String>,
    pub(super) authors: Vec<String>,
    /// An SPDX identifier.
    pub(super) license: String,
    pub(super) source: Option<String>,
    pub(super) keywords: Vec<String>,
    /// CPU time of one test in milliseconds, when it is said.
    pub(super) time_ms: Option<u32>,
    pub(super) memory_mb: u32,
    /// Options of the validator that the legacy version has here.
    pub(super) flags: Vec<String>,
    pub(super) validation: Validation,
    /// Whether a submission is given points.
    pub(super) is_scoring: bool,
    /// Languages a submission may be written in, as the judge calls them; none: all.
    pub(super) languages: Vec<String>,
    /// What stands for a name in double braces.
    pub(super) constants: Constants,
    /// What whoever imports it should know.
    pub(super) notes: Vec<String>,
}

/// Who says whether an output is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    /// The package's own program where there is one, else the usual one.
    Own,
    /// The usual one.
    Usual,
    /// The package's own program, which speaks with the submission.
    Interactive,
}

/// Of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Legacy,
    V2025,
}

/// The memory of one test when nothing is said, in MiB: the most that there is.
const MEMORY_MB: u32 = 512;

/// Both versions at once: what one does not know it does not have.
#[derive(Deserialize)]
struct Yaml {
    problem_format_version: Option<String>,
    name: Option<Value>,
    #[serde(rename = "type")]
    kind: Option<Value>,
    author: Option<Value>,
    credits: Option<Value>,
    source: Option<Value>,
    source_url: Option<String>,
    license: Option<String>,
    rights_owner: Option<Value>,
    keywords: Option<Value>,
    limits: Option<BTreeMap<String, Value>>,
    validation: Option<String>,
    validator_flags: Option<Value>,
    grading: Option<Value>,
    languages: Option<Value>,
    constants: Option<BTreeMap<String, Value>>,
}

/// Reads it.
pub(super) fn problem(text: &str) -> Result<Problem, Skip> {
    let yaml: Yaml =
        serde_saphyr::from_str(text).map_err(|error| Skip::because(format!("problem.yaml: {error}")))?;
    let version = match yaml.problem_format_version.as_deref() {
        None | Some("legacy" | "legacy-icpc") => Version::Legacy,
        Some("2025-09") => Version::V2025,
        Some(other) => {
            return Err(Skip::because(format!("problem.yaml: version {other} of the format is not known")));
        }
    };
    let is_scoring = check_kind(&yaml)?;
    let mut notes = Vec::new();
    let limit = |name: &str| yaml.limits.as_ref().and_then(|limits| limits.get(name));
    let credits = yaml.credits.as_ref().map(|credits| match credits {
        Value::Object(roles) => roles.get("authors").cloned().unwrap_or(Value::Null),
        other => other.clone(),
    });
    let authors = names(credits.as_ref().or(yaml.author.as_ref()));
    let owner = names(yaml.rights_owner.as_ref());
    Ok(Problem {
        version,
        title: title(yaml.name.as_ref()),
        authors: [authors, owner, vec!["unknown".to_owned()]]
            .into_iter()
            .find(|all| !all.is_empty())
            .unwrap_or_default(),
        license: license(yaml.license.as_deref()),
        source: source(&yaml),
        keywords: words(yaml.keywords.as_ref()),
        time_ms: limit("time_limit").and_then(Value::as_f64).map(|s| milliseconds(s, &mut notes)),
        memory_mb: memory(limit("memory"), &mut notes),
        flags: words(yaml.validator_flags.as_ref()),
        validation: validation(&yaml, version),
        is_scoring,
        languages: languages(yaml.languages.as_ref()),
        constants: Constants::new(yaml.constants.clone().unwrap_or_default())?,
        notes,
    })
}

/// Whether it is a scoring problem; of those that cannot be judged here, why not.
fn check_kind(yaml: &Yaml) -> Result<bool, Skip> {
    let kinds = names(yaml.kind.as_ref());
    let known = ["pass-fail", "scoring", "interactive"];
    if let Some(other) = kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
        return Err(Skip::because(format!("problems of the type {other} cannot be judged here")));
    }
    let mut words = yaml.validation.as_deref().unwrap_or("default").split_whitespace();
    let first = words.next().unwrap_or("default");
    if !matches!(first, "default" | "custom") {
        return Err(Skip::because(format!("its validation is {first}, which cannot be judged here")));
    }
    for word in words {
        match word {
            "interactive" => {}
            "score" => {
                return Err(Skip::because(
                    "its output validator gives points of its own (validation: score)",
                ));
            }
            other => {
                return Err(Skip::because(format!("its validation is {other}, which cannot be judged here")));
            }
        }
    }
    let objective = yaml.grading.as_ref().and_then(|grading| grading.get("objective"));
    if objective.and_then(Value::as_str) == Some("min") {
        return Err(Skip::because("its best score is the least (objective: min)"));
    }
    Ok(kinds.iter().any(|kind| kind == "scoring"))
}

fn validation(yaml: &Yaml, version: Version) -> Validation {
    let said = yaml.validation.as_deref().unwrap_or("default");
    let is_interactive = said.split_whitespace().any(|word| word == "interactive")
        || names(yaml.kind.as_ref()).iter().any(|kind| kind == "interactive");
    match (is_interactive, version) {
        (true, _) => Validation::Interactive,
        (false, Version::Legacy) if said.starts_with("default") => Validation::Usual,
        (false, _) => Validation::Own,
    }
}

/// As the judge calls them.
fn languages(value: Option<&Value>) -> Vec<String> {
    let named = |name: String| match name.as_str() {
        "python3" => "python".to_owned(),
        _ => name,
    };
    let all: Vec<String> = names(value).into_iter().map(named).collect();
    if all.iter().any(|name| name == "all") { Vec::new() } else { all }
}

/// One name, or those by language, English first.
fn title(name: Option<&Value>) -> Option<String> {
    let text = match name? {
        Value::Object(names) => names.get("en").or_else(|| names.values().next())?.as_str()?,
        other => other.as_str()?,
    };
    plain(text)
}

/// A title as the format takes it.
pub(super) fn plain(text: &str) -> Option<String> {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(80).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// Names written as one text, a list, or with e-mail addresses, which are left out.
fn names(value: Option<&Value>) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(person) => person.get("name")?.as_str().map(str::to_owned),
        _ => None,
    };
    let found: Vec<String> = match value {
        Some(Value::Array(all)) => all.iter().filter_map(name).collect(),
        Some(Value::String(text)) => text.split(',').map(str::to_owned).collect(),
        Some(other) => name(other).into_iter().collect(),
        None => Vec::new(),
    };
    let clean = |text: String| text.split('<').next().unwrap_or_default().trim().to_owned();
    found.into_iter().map(clean).filter(|text| !text.is_empty()).take(50).collect()
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The licences that the format knows.
fn license(name: Option<&str>) -> String {
    let spdx = match name.unwrap_or("unknown") {
        "public domain" => "LicenseRef-public-domain",
        "cc0" => "CC0-1.0",
        "cc by" => "CC-BY-4.0",
        "cc by-sa" => "CC-BY-SA-4.0",
        "educational" => "LicenseRef-educational",
        "permission" => "LicenseRef-permission",
        _ => "LicenseRef-unknown",
    };
    spdx.to_owned()
}

/// An address, as the page can show it.
fn source(yaml: &Yaml) -> Option<String> {
    let first = match &yaml.source {
        Some(Value::Array(all)) => all.first(),
        other => other.as_ref(),
    };
    let here = first.and_then(|source| source.get("url")).and_then(Value::as_str);
    let url = here.or(yaml.source_url.as_deref())?;
    (url.starts_with("https://") || url.starts_with("http://")).then(|| url.to_owned())
}

/// Seconds as the limit of one test.
pub(super) fn milliseconds(seconds: f64, notes: &mut Vec<String>) -> u32 {
    if seconds > 10.0 {
        notes.push(format!("its time limit is {seconds} s, here 10 s"));
    }
    let bounded = (seconds * 1_000.0).round().clamp(100.0, 10_000.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was clamped; a NaN becomes 0"
    )]
    let whole = bounded as u32;
    whole.max(100)
}

fn memory(mebibytes: Option<&Value>, notes: &mut Vec<String>) -> u32 {
    let Some(said) = mebibytes.and_then(Value::as_u64) else { return MEMORY_MB };
    if said > u64::from(MEMORY_MB) {
        notes.push(format!("its memory limit is {said} MiB, here {MEMORY_MB} MiB"));
    }
    u32::try_from(said).map_or(MEMORY_MB, |said| said.clamp(16, MEMORY_MB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legacy_version_is_read() {
        let text = "name: Hello\nauthor: Ada, Grace <g@example.org>\nlicense: cc by-sa\nsource_url: https://example.org/x\n\
                    keywords: [graphs]\nlimits:\n  memory: 64\nvalidator_flags: float_tolerance 1e-6 case_sensitive\n";
        let read = problem(text).unwrap();
        assert_eq!((read.version, read.title.as_deref()), (Version::Legacy, Some("Hello")));
        assert_eq!(
            (read.authors, read.license.as_str()),
            (vec!["Ada".into(), "Grace".into()], "CC-BY-SA-4.0")
        );
        assert_eq!((read.memory_mb, read.time_ms), (64, None));
        assert_eq!(read.flags, ["float_tolerance", "1e-6", "case_sensitive"]);
    }

    #[test]
    fn version_2025_09_is_read() {
        let text = "problem_format_version: 2025-09\ntype: pass-fail\nname:\n  sv: Hej\n  en: Hello\nuuid: x\n\
                    credits:\n  authors:\n    - name: Ada\n      email: a@example.org\n    - Grace\nlimits:\n  time_limit: 1.5\n\
                    source:\n  - name: A contest\n    url: https://example.org\n";
        let read = problem(text).unwrap();
        assert_eq!(
            (read.version, read.title.as_deref(), read.time_ms),
            (Version::V2025, Some("Hello"), Some(1_500))
        );
        assert_eq!(
            (read.authors, read.source.as_deref()),
            (vec!["Ada".into(), "Grace".into()], Some("https://example.org"))
        );
    }

    #[test]
    fn what_cannot_be_judged_says_so() {
        for (text, says) in [
            ("type: multi-pass", "multi-pass"),
            ("type: [scoring, submit-answer]", "submit-answer"),
            ("type: scoring\nvalidation: custom score", "points of its own"),
            ("type: scoring\ngrading: {objective: min}", "objective: min"),
            ("validation: magic", "magic"),
            ("problem_format_version: 2023-07-draft", "2023-07"),
            ("name: [", "problem.yaml"),
        ] {
            let told = problem(text).unwrap_err();
            assert!(told.0.contains(says), "{told}");
        }
    }

    #[test]
    fn the_kind_of_validation_is_read() {
        let of = |text: &str| problem(text).unwrap().validation;
        assert_eq!(of("name: X"), Validation::Usual);
        assert_eq!(of("validation: custom"), Validation::Own);
        assert_eq!(of("validation: custom interactive"), Validation::Interactive);
        assert_eq!(of("problem_format_version: 2025-09"), Validation::Own);
        let text = "problem_format_version: 2025-09\ntype: [scoring, interactive]";
        let read = problem(text).unwrap();
        assert!(read.is_scoring && read.validation == Validation::Interactive);
    }

    #[test]
    fn languages_and_constants_are_read() {
        let text = "problem_format_version: 2025-09\nconstants: {max_n: 100}\nlanguages: [python3, cpp]";
        let read = problem(text).unwrap();
        assert_eq!(
            (read.constants.get("max_n"), read.languages),
            (Some("100"), vec!["python".into(), "cpp".into()])
        );
        assert_eq!(problem("languages: all").unwrap().languages, Vec::<String>::new());
    }

    #[test]
    fn limits_beyond_the_judges_are_told() {
        let read = problem("limits: {time_limit: 60, memory: 2048}").unwrap();
        assert_eq!((read.time_ms, read.memory_mb, read.notes.len()), (Some(10_000), 512, 2));
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(9);
            text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
        }
        text.push_str("keywords: *a11\n");
        assert!(problem(&text).is_err());
    }
}
