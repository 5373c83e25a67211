//! What is wrong with a set of files that wants to be a challenge, each fault with the file in which to mend it.

use codementor_core::catalogue::{ContentFault, FileSet, MAX_FAULT_BYTES, MAX_FAULTS};
use codementor_core::challenge::{Kind, Selection};
use codementor_core::judging::{Judgement, StopPolicy};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::{Challenge, ChallengeId, Verdict};

use crate::files::Files;
use crate::format::{FormatError, parse};
use crate::import::Promise;
use crate::verify::{Fault, verify};

/// Where a fault is that no other file is named for.
const HEAD: &str = "challenge.toml";

/// Examples of a challenge that is written for CodeMentor.
const LEAST_SHOWN: usize = 2;
/// Its hidden tests.
const LEAST_HIDDEN: usize = 4;
/// The longest file that is read for its title alone.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Reads the challenge that the files are.
///
/// # Errors
/// The first fault.
pub fn read(id: &ChallengeId, files: &FileSet) -> Result<Challenge, ContentFault> {
    parse(id.as_str(), Files::from(files.clone())).map_err(|error| located(&error))
}

/// Judges every solution of a challenge that was [`read`] from these files.
///
/// # Errors
/// When the judge gives no verdict, for whatever reason but a language that it has not: then nothing is known.
pub async fn inspect(
    challenge: &Challenge,
    files: &FileSet,
    judge: &dyn Judge,
) -> Result<Vec<ContentFault>, JudgeError> {
    match verify(challenge, judge).await {
        Ok(faults) => Ok(faults.iter().take(MAX_FAULTS).map(|fault| told(fault, files)).collect()),
        Err(JudgeError::Language(language)) => Ok(vec![fault(
            file_of(files, language.as_str(), "reference"),
            &format!("{language} is not installed on this judge, so nothing is known of these solutions."),
        )]),
        Err(error) => Err(error),
    }
}

/// What keeps a challenge that is written for CodeMentor from being good enough, though the format takes it: learners see too little,
/// or too little is hidden from them. Whoever sees a file of tests may read all of it.
#[must_use]
pub fn thin(challenge: &Challenge) -> Option<ContentFault> {
    let examples = challenge.tests.iter().filter(|test| test.example).count();
    let told = |message: &str| Some(fault("tests.toml".to_owned(), message));
    match (&challenge.kind, examples, challenge.tests.len() - examples) {
        (Kind::Tests(_), ..) => None,
        (_, 0..LEAST_SHOWN, _) => told("At least two tests must be examples."),
        (_, _, 0..LEAST_HIDDEN) => told("At least four tests must be hidden."),
        _ => None,
    }
}

/// Whether a program does not get the verdicts that were promised of it.
///
/// # Errors
/// When the judge gives no verdict.
pub async fn broken(
    challenge: &Challenge,
    promise: &Promise,
    judge: &dyn Judge,
) -> Result<Option<ContentFault>, JudgeError> {
    // A program that reads and writes is run as any other, also in a language that nothing else of the challenge is in.
    let offered = challenge.solutions.keys().next().filter(|_| challenge.kind == Kind::Io);
    let language = offered.unwrap_or(&promise.language);
    let Ok(mut job) = challenge.job(language, &promise.source, Selection::All) else { return Ok(None) };
    job.language = promise.language.clone();
    job.stop = StopPolicy::FirstFailure;
    let mut judgement = judge.judge(&job, None).await?;
    if !is_kept(promise, &judgement) && promise.permitted.contains(&judgement.verdict) {
        // What is required may come later.
        job.stop = StopPolicy::Never;
        judgement = judge.judge(&job, None).await?;
    }
    if is_kept(promise, &judgement) {
        return Ok(None);
    }
    let words = |verdict: Verdict| verdict.as_str().replace('_', " ");
    let wanted: Vec<_> = promise.required.iter().copied().map(words).collect();
    let first = judgement.tests.iter().find(|outcome| !promise.permitted.contains(&outcome.verdict));
    let told = first.or(judgement.tests.last());
    let test = told.and_then(|outcome| challenge.tests.get(outcome.index));
    let got = words(told.map_or(judgement.verdict, |outcome| outcome.verdict));
    let at = test.map_or("no test", |test| test.name.as_str());
    let compiler = judgement.compile_output.as_deref().unwrap_or_default();
    let said = compiler.lines().find(|line| line.contains("error")).or(compiler.lines().next());
    let said = said.map(|line| format!(": {line}")).unwrap_or_default();
    let message = format!("It must get: {}. It got: {got} at {at}{said}", wanted.join(" or "));
    Ok(Some(fault(promise.file.clone(), &message)))
}

fn is_kept(promise: &Promise, judgement: &Judgement) -> bool {
    let verdicts = || judgement.tests.iter().map(|outcome| outcome.verdict).chain([judgement.verdict]);
    verdicts().all(|verdict| promise.permitted.contains(&verdict))
        && verdicts().any(|verdict| promise.required.contains(&verdict))
}

/// How many programs [`inspect`] hands to the judge.
#[must_use]
pub fn programs(challenge: &Challenge) -> usize {
    challenge.solutions.values().map(|solutions| 2 + solutions.wrong.len()).sum()
}

/// The languages of a challenge with the judge's versions of them.
#[must_use]
pub fn versions(challenge: &Challenge, judge: &dyn Judge) -> Vec<String> {
    let languages = judge.languages().into_iter();
    let used = languages.filter(|language| challenge.solutions.contains_key(&language.id));
    used.map(|language| format!("{} {}", language.name, language.version)).collect()
}

/// The title that the files say, as well as it can be told when they are not whole.
#[must_use]
pub fn title(id: &ChallengeId, files: &FileSet) -> String {
    // Read whenever somebody saves: what is longer says nothing that a list would show.
    let head = files.get(HEAD).filter(|text| text.len() <= MAX_HEAD_BYTES);
    let head = head.and_then(|text| text.parse::<toml::Table>().ok());
    let title = head.and_then(|head| Some(head.get("title")?.as_str()?.trim().to_owned()));
    title.filter(|title| !title.is_empty()).unwrap_or_else(|| id.to_string())
}

/// A fault of the format names its file first.
fn located(error: &FormatError) -> ContentFault {
    let named = error.fault.split_once(": ").filter(|(file, _)| is_file(file));
    match named {
        Some((file, message)) => fault(file.to_owned(), message),
        None => fault(HEAD.to_owned(), &error.fault),
    }
}

fn is_file(text: &str) -> bool {
    text.contains(['.', '/']) && !text.contains('\n')
}

fn told(found: &Fault, files: &FileSet) -> ContentFault {
    let language = found.language.as_str();
    let file = match found.file.as_str() {
        kind @ ("reference" | "starter") => file_of(files, language, kind),
        path => path.to_owned(),
    };
    let verdict = found.verdict.as_str().replace('_', " ");
    let detail = found.detail.trim_end().trim_end_matches(':');
    let message = match (found.file.as_str(), found.verdict) {
        (_, Verdict::InternalError) => format!("The judge failed {detail}"),
        ("reference", _) => format!("The reference must be accepted. It got: {verdict} {detail}"),
        ("starter", _) => "The starter is accepted as it is, so nothing would be left to do.".to_owned(),
        _ => "This wrong solution is accepted: no test catches what is wrong with it.".to_owned(),
    };
    fault(file, &message)
}

fn file_of(files: &FileSet, language: &str, kind: &str) -> String {
    let prefix = format!("{language}/{kind}.");
    let found = files.iter().find(|(path, _)| path.starts_with(&prefix)).map(|(path, _)| path.to_owned());
    found.unwrap_or_else(|| format!("{language}/{kind}"))
}

fn fault(file: String, message: &str) -> ContentFault {
    let end = message.floor_char_boundary(MAX_FAULT_BYTES);
    ContentFault { file, message: message[..end].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> FileSet {
        let mut set = FileSet::default();
        for (path, text) in files {
            set.insert(path, (*text).to_owned()).unwrap();
        }
        set
    }

    #[test]
    fn faults_name_their_file() {
        let id: ChallengeId = "some-thing".parse().unwrap();
        let told = read(&id, &FileSet::default()).unwrap_err();
        assert_eq!((told.file.as_str(), told.message.as_str()), ("challenge.toml", "missing or empty"));
        let told = read(&id, &files(&[("challenge.toml", "format = 1\nformt = 2")])).unwrap_err();
        assert_eq!(told.file, "challenge.toml");
        assert!(told.message.contains("formt") || told.message.contains("missing field"), "{told:?}");
    }

    #[test]
    fn a_challenge_written_here_shows_and_hides_enough() {
        let mut challenge = crate::builtin().unwrap().remove(0);
        let all = challenge.tests.clone();
        let mut with = |shown: usize, hidden: usize| {
            let of = |example| all.iter().filter(move |test| test.example == example).cloned();
            challenge.tests = of(true).take(shown).chain(of(false).take(hidden)).collect();
            thin(&challenge).map(|fault| fault.message)
        };
        assert_eq!(with(2, 4), None);
        assert!(with(1, 4).unwrap().contains("must be examples"));
        assert!(with(2, 3).unwrap().contains("must be hidden"));
    }

    #[test]
    fn a_title_is_told_as_well_as_it_can_be() {
        let id: ChallengeId = "some-thing".parse().unwrap();
        assert_eq!(title(&id, &files(&[(HEAD, "title = \" A thing \"\nformat = 7")])), "A thing");
        for broken in ["", "title = 3", "title = \"\"", "[["] {
            assert_eq!(title(&id, &files(&[(HEAD, broken)])), "some-thing");
        }
    }
}
