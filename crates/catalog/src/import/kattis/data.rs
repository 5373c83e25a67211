//! A package's tests: `data/sample` are the examples, `data/secret` is hidden, in groups or not.

use serde::Deserialize;
use serde_json::Value;

use super::super::Skip;
use super::super::folder::{Folder, Kind};
use super::problem::{Problem, Version};
use super::{is_ignored, read_text};

/// Folders within each other.
const MAX_DEPTH: usize = 4;
/// The most tests of a challenge.
pub(super) const MAX_TESTS: usize = 200;

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// Its path below `data/`, without an ending.
    pub(super) path: String,
    pub(super) input: String,
    pub(super) answer: String,
    /// What the output validator is called with for it.
    pub(super) arguments: Vec<String>,
}

/// A folder of tests.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Its path below `data/`.
    pub(super) path: String,
    /// What its own file says; in the legacy version, where it has none, what the nearest above it says.
    pub(super) settings: Settings,
    /// Whether it has a file of its own.
    pub(super) is_set: bool,
    pub(super) cases: Vec<Case>,
    pub(super) parts: Vec<Part>,
}

/// All tests.
#[derive(Debug, Default)]
pub(super) struct Data {
    pub(super) samples: Vec<Case>,
    pub(super) secret: Part,
    /// What is shown of conversations in place of samples.
    pub(super) talks: Vec<String>,
}

/// `testdata.yaml`, or `test_group.yaml` of the newer version, or the file of one test there.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Settings {
    pub(super) on_reject: Option<String>,
    pub(super) grading: Option<String>,
    pub(super) grader_flags: Option<Value>,
    pub(super) accept_score: Option<Value>,
    pub(super) reject_score: Option<Value>,
    pub(super) range: Option<Value>,
    pub(super) max_score: Option<Value>,
    pub(super) score_aggregation: Option<String>,
    pub(super) static_validation_score: Option<Value>,
    pub(super) require_pass: Option<Value>,
    args: Option<Value>,
    output_validator_args: Option<Value>,
    output_validator_flags: Option<Value>,
}

impl Part {
    /// Its tests, and those of all parts of it.
    pub(super) fn all(&self) -> Vec<&Case> {
        self.cases.iter().chain(self.parts.iter().flat_map(Part::all)).collect()
    }

    /// The name of its folder.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl Data {
    /// Every test.
    pub(super) fn all(&self) -> Vec<&Case> {
        self.samples.iter().chain(self.secret.all()).collect()
    }

    /// What the output validator is called with, when that is the same for all tests.
    pub(super) fn arguments(&self) -> Result<Vec<String>, Skip> {
        let all = self.all();
        let usual = all.last().map(|case| case.arguments.clone()).unwrap_or_default();
        match all.iter().find(|case| case.arguments != usual) {
            None => Ok(usual),
            Some(other) => Err(Skip::because(format!(
                "data/{}: its output is validated with [{}], that of others with [{}]; a challenge has one way to do so",
                other.path,
                other.arguments.join(" "),
                usual.join(" ")
            ))),
        }
    }
}

/// Reads them, in the order of their names.
pub(super) fn data(package: &Folder, problem: &Problem) -> Result<Data, Skip> {
    let mut reader = Reader { package, problem, count: 0, talks: Vec::new() };
    let (root, _) = reader.settings("data", &Settings::default())?;
    let samples = reader.part("sample", &root, 0)?;
    let secret = reader.part("secret", &root, 0)?;
    if secret.all().is_empty() {
        return Err(Skip::because("it has no secret tests"));
    }
    let samples = samples.all().into_iter().cloned().collect();
    Ok(Data { samples, secret, talks: reader.talks })
}

struct Reader<'a> {
    package: &'a Folder,
    problem: &'a Problem,
    count: usize,
    talks: Vec<String>,
}

impl Reader<'_> {
    fn part(&mut self, path: &str, above: &Settings, depth: usize) -> Result<Part, Skip> {
        let folder = format!("data/{path}");
        let entries = match self.package.list(&folder) {
            Err(error) if error.is_missing() => return Ok(Part::default()),
            entries => entries.map_err(Skip::because)?,
        };
        if depth > MAX_DEPTH {
            return Err(Skip::because(format!("{folder}: more than {MAX_DEPTH} folders within each other")));
        }
        let (settings, is_set) = self.settings(&folder, above)?;
        let mut part = Part { path: path.to_owned(), settings, is_set, ..Part::default() };
        for entry in entries.iter().filter(|entry| !is_ignored(&entry.name)) {
            let inner = format!("{path}/{}", entry.name);
            match (entry.kind, entry.name.rsplit_once('.')) {
                (Kind::Other, _) => {
                    return Err(Skip::because(format!("data/{inner}: links are not followed")));
                }
                (_, Some((_, "files" | "args"))) => {
                    return Err(Skip::because(format!(
                        "data/{inner}: tests with files or arguments cannot be judged here"
                    )));
                }
                (Kind::Folder, _) => part.parts.push(self.part(&inner, &part.settings, depth + 1)?),
                (Kind::File, Some((stem, "in"))) => {
                    part.cases.push(self.case(&format!("{path}/{stem}"), &part.settings)?);
                }
                (Kind::File, Some((_, "interaction"))) => {
                    self.talks.extend(read_text(self.package, &format!("data/{inner}"))?);
                }
                (Kind::File, _) => {}
            }
        }
        part.parts.retain(|part| !part.all().is_empty());
        Ok(part)
    }

    fn case(&mut self, path: &str, settings: &Settings) -> Result<Case, Skip> {
        self.count += 1;
        if self.count > MAX_TESTS {
            return Err(Skip::because(format!("it has more than {MAX_TESTS} tests")));
        }
        let text = |ending: &str| {
            let path = format!("data/{path}.{ending}");
            read_text(self.package, &path)?.ok_or_else(|| Skip::because(format!("{path}: missing")))
        };
        let own = match self.problem.version {
            Version::Legacy => None,
            Version::V2025 => self.file(&format!("data/{path}.yaml"))?,
        };
        let own = own.unwrap_or_default();
        if !words(own.args.as_ref().or(settings.args.as_ref())).is_empty() {
            return Err(Skip::because(format!("data/{path}: a test with arguments cannot be judged here")));
        }
        let mut arguments = self.problem.flags.clone();
        let given = [&own, settings]
            .map(|from| from.output_validator_args.as_ref().or(from.output_validator_flags.as_ref()));
        arguments.extend(words(given.into_iter().flatten().next()));
        Ok(Case { path: path.to_owned(), input: text("in")?, answer: text("ans")?, arguments })
    }

    /// What holds in a folder, and whether it says so itself.
    fn settings(&self, folder: &str, above: &Settings) -> Result<(Settings, bool), Skip> {
        let found = match self.problem.version {
            Version::Legacy => self.file(&format!("{folder}/testdata.yaml"))?,
            Version::V2025 => self.file(&format!("{folder}/test_group.yaml"))?,
        };
        let is_set = found.is_some();
        Ok((
            match (found, self.problem.version) {
                // The nearest file holds as a whole.
                (found, Version::Legacy) => found.unwrap_or_else(|| above.clone()),
                // Only what tests are called with goes on to the folders within.
                (found, Version::V2025) => {
                    let mut found = found.unwrap_or_default();
                    found.args = found.args.or_else(|| above.args.clone());
                    found.output_validator_args =
                        found.output_validator_args.or_else(|| above.output_validator_args.clone());
                    found
                }
            },
            is_set,
        ))
    }

    fn file(&self, path: &str) -> Result<Option<Settings>, Skip> {
        let Some(text) = read_text(self.package, path)? else { return Ok(None) };
        let text = self.problem.constants.filled(&text);
        // An empty file says nothing.
        let read: Result<Option<Settings>, _> = serde_saphyr::from_str(&text);
        let read = read.map_err(|error| Skip::because(format!("{path}: {error}")))?;
        Ok(Some(read.unwrap_or_default()))
    }
}

/// Words as a list, or as one text; the legacy version may name a validator beside its flags.
pub(super) fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(all)) => all.iter().map(word).collect(),
        Some(Value::Object(named)) => words(named.get("flags")),
        Some(Value::Null) | None => Vec::new(),
        Some(other) => word(other).split_whitespace().map(str::to_owned).collect(),
    }
}

/// Numbers may be written without quotes.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
