//! `problem.yaml`, in the legacy version and in 2025-09: <https://icpc.io/problem-package-format/>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::Skip;

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    pub(super) version: Version,
    pub(super) title: String,
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
    #[serde(default)]
    limits: BTreeMap<String, Value>,
    validation: Option<String>,
    validator_flags: Option<Value>,
}

/// Reads it.
pub(super) fn problem(text: &str, fallback: &str) -> Result<Problem, Skip> {
    let yaml: Yaml =
        serde_saphyr::from_str(text).map_err(|error| Skip::because(format!("problem.yaml: {error}")))?;
    let version = match yaml.problem_format_version.as_deref() {
        None | Some("legacy" | "legacy-icpc") => Version::Legacy,
        Some("2025-09") => Version::V2025,
        Some(other) => {
            return Err(Skip::because(format!("problem.yaml: version {other} of the format is not known")));
        }
    };
    check_kind(&yaml)?;
    let credits = yaml.credits.as_ref().map(|credits| match credits {
        Value::Object(roles) => roles.get("authors").cloned().unwrap_or(Value::Null),
        other => other.clone(),
    });
    let authors = names(credits.as_ref().or(yaml.author.as_ref()));
    let owner = names(yaml.rights_owner.as_ref());
    Ok(Problem {
        version,
        title: title(yaml.name.as_ref()).unwrap_or_else(|| fallback.to_owned()),
        authors: [authors, owner, vec!["unknown".to_owned()]]
            .into_iter()
            .find(|all| !all.is_empty())
            .unwrap_or_default(),
        license: license(yaml.license.as_deref()),
        source: source(&yaml),
        keywords: names(yaml.keywords.as_ref()),
        time_ms: yaml.limits.get("time_limit").and_then(Value::as_f64).map(milliseconds),
        memory_mb: memory(yaml.limits.get("memory")),
        flags: words(yaml.validator_flags.as_ref()),
    })
}

/// What kinds of problems can be judged here.
fn check_kind(yaml: &Yaml) -> Result<(), Skip> {
    let kinds = names(yaml.kind.as_ref());
    if let Some(other) = kinds.iter().find(|kind| *kind != "pass-fail") {
        return Err(Skip::because(format!("problems of the type {other} cannot be judged here")));
    }
    match yaml.validation.as_deref() {
        None | Some("default") => Ok(()),
        Some(other) => Err(Skip::because(format!("its validation is {other}, which cannot be judged here"))),
    }
}

/// One name, or those by language, English first.
fn title(name: Option<&Value>) -> Option<String> {
    let text = match name? {
        Value::Object(names) => names.get("en").or_else(|| names.values().next())?.as_str()?,
        other => other.as_str()?,
    };
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

fn milliseconds(seconds: f64) -> u32 {
    let bounded = (seconds * 1_000.0).round().clamp(100.0, 10_000.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was clamped; a NaN becomes 0"
    )]
    let whole = bounded as u32;
    whole.max(100)
}

fn memory(mebibytes: Option<&Value>) -> u32 {
    let said = mebibytes.and_then(Value::as_u64).and_then(|mb| u32::try_from(mb).ok());
    said.map_or(MEMORY_MB, |mb| mb.clamp(16, MEMORY_MB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legacy_version_is_read() {
        let text = "name: Hello\nauthor: Ada, Grace <g@example.org>\nlicense: cc by-sa\nsource_url: https://example.org/x\n\
                    keywords: [graphs]\nlimits:\n  memory: 64\nvalidator_flags: float_tolerance 1e-6 case_sensitive\n";
        let read = problem(text, "hello").unwrap();
        assert_eq!((read.version, read.title.as_str()), (Version::Legacy, "Hello"));
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
        let read = problem(text, "hello").unwrap();
        assert_eq!((read.version, read.title.as_str(), read.time_ms), (Version::V2025, "Hello", Some(1_500)));
        assert_eq!(
            (read.authors, read.source.as_deref()),
            (vec!["Ada".into(), "Grace".into()], Some("https://example.org"))
        );
    }

    #[test]
    fn what_cannot_be_judged_says_so() {
        for (text, says) in [
            ("type: interactive", "interactive"),
            ("type: [scoring, interactive]", "scoring"),
            ("validation: custom", "custom"),
            ("problem_format_version: 2023-07-draft", "2023-07"),
            ("name: [", "problem.yaml"),
        ] {
            let told = problem(text, "x").unwrap_err();
            assert!(told.0.contains(says), "{told}");
        }
    }

    #[test]
    fn a_bomb_of_aliases_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(9);
            text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
        }
        text.push_str("keywords: *a11\n");
        assert!(problem(&text, "x").is_err());
    }
}
