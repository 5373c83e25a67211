//! A package's tests: `data/sample` are the examples, `data/secret` is hidden.

use serde::Deserialize;
use serde_json::Value;

use super::super::Skip;
use super::super::folder::{Folder, Kind};
use super::read_text;

/// Folders within each other.
const MAX_DEPTH: usize = 4;
/// The most tests of a challenge.
const MAX_TESTS: usize = 100;

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// Its path below `data/`, without an ending.
    pub(super) path: String,
    pub(super) input: String,
    pub(super) answer: String,
}

/// All tests, and the options of the validator that the newer version has beside them.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) samples: Vec<Case>,
    pub(super) secret: Vec<Case>,
    pub(super) arguments: Vec<String>,
}

#[derive(Default, Deserialize)]
struct GroupYaml {
    output_validator_args: Option<Value>,
    output_validator_flags: Option<Value>,
}

/// Reads them, in the order of their names.
pub(super) fn data(package: &Folder) -> Result<Data, Skip> {
    let mut data = Data { arguments: arguments(package, "data")?.unwrap_or_default(), ..Data::default() };
    for (name, cases) in [("data/sample", &mut data.samples), ("data/secret", &mut data.secret)] {
        read(package, name, 0, cases)?;
    }
    if let Some(arguments) = arguments(package, "data/secret")? {
        data.arguments = arguments;
    }
    match (data.samples.len(), data.secret.len()) {
        (0 | 1, _) => Err(Skip::because("it has fewer than two samples")),
        (_, 0..4) => Err(Skip::because("it has fewer than four secret tests")),
        (shown, hidden) if shown + hidden > MAX_TESTS => {
            Err(Skip::because(format!("it has {} tests, more than {MAX_TESTS}", shown + hidden)))
        }
        _ => Ok(data),
    }
}

fn read(package: &Folder, path: &str, depth: usize, cases: &mut Vec<Case>) -> Result<(), Skip> {
    let entries = match package.list(path) {
        Err(error) if error.is_missing() => return Ok(()),
        entries => entries.map_err(Skip::because)?,
    };
    if depth > MAX_DEPTH {
        return Err(Skip::because(format!("{path}: more than {MAX_DEPTH} folders within each other")));
    }
    for entry in entries {
        let inner = format!("{path}/{}", entry.name);
        match (entry.kind, entry.name.rsplit_once('.')) {
            (Kind::Other, _) => return Err(Skip::because(format!("{inner}: links are not followed"))),
            (_, Some((_, "files" | "args"))) => {
                return Err(Skip::because(format!(
                    "{inner}: tests with files or arguments cannot be judged here"
                )));
            }
            (Kind::Folder, _) => {
                if arguments(package, &inner)?.is_some() {
                    return Err(Skip::because(format!(
                        "{inner}: its tests are compared in a way of their own"
                    )));
                }
                read(package, &inner, depth + 1, cases)?;
            }
            (Kind::File, Some((stem, "in"))) => cases.push(case(package, &format!("{path}/{stem}"))?),
            (Kind::File, _) => {}
        }
        if cases.len() > MAX_TESTS {
            return Err(Skip::because(format!("it has more than {MAX_TESTS} tests")));
        }
    }
    Ok(())
}

fn case(package: &Folder, path: &str) -> Result<Case, Skip> {
    let text = |ending: &str| {
        let path = format!("{path}.{ending}");
        read_text(package, &path)?.ok_or_else(|| Skip::because(format!("{path}: missing")))
    };
    let yaml = read_text(package, &format!("{path}.yaml"))?;
    if yaml.is_some_and(|yaml| yaml.contains("args")) {
        return Err(Skip::because(format!("{path}.yaml: a test with arguments cannot be judged here")));
    }
    let name = path.strip_prefix("data/").unwrap_or(path).to_owned();
    Ok(Case { path: name, input: text("in")?, answer: text("ans")? })
}

/// The options that a group's own file gives the validator.
fn arguments(package: &Folder, path: &str) -> Result<Option<Vec<String>>, Skip> {
    for name in ["test_group.yaml", "testdata.yaml"] {
        let path = format!("{path}/{name}");
        let Some(text) = read_text(package, &path)? else { continue };
        let yaml: GroupYaml =
            serde_saphyr::from_str(&text).map_err(|error| Skip::because(format!("{path}: {error}")))?;
        let found = yaml.output_validator_args.or(yaml.output_validator_flags);
        return Ok(found.map(|found| match found {
            Value::Array(all) => all.iter().map(word).collect(),
            other => word(&other).split_whitespace().map(str::to_owned).collect(),
        }));
    }
    Ok(None)
}

/// Numbers may be written without quotes.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
