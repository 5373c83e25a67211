//! Fresh inputs of a challenge with the reference's answers.

use std::collections::BTreeSet;

use codementor_core::challenge::Kind;
use codementor_core::judging::{Checker, Entry, Expected, Input, Job, JobTest, Limits, StopPolicy, Verdict};
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::quality::{Generator, Rules};
use codementor_core::{Challenge, Language};
use serde_json::{Value, json};

use super::infer::infer;
use super::rules::{fits, generate, make};
use super::shrink::{measure, smaller};
use super::{CHUNK, is_short, job, text_of};
use crate::random::Random;

/// How many inputs a pool has, at most.
const WANTED: usize = 48;
/// How many are made for them: some are equal, some are tests already.
const MADE: usize = 150;
/// The largest size that is asked for; lists and texts are at most so much longer than they must be.
const MAX_SIZE: usize = 10;
/// What a reference or a generator may take for one of these small inputs, in milliseconds of CPU time.
const TIME_MS: u32 = 2_000;

/// Fresh inputs with their answers, smallest first.
#[derive(Debug, Clone)]
pub struct Pool {
    /// The language of the reference that answered.
    pub(super) language: Language,
    pub(super) items: Vec<(Input, Expected)>,
    /// What smaller ones must keep, when it is known.
    pub(super) rules: Option<Rules>,
    /// Whether the rules are a guess.
    pub(super) inferred: bool,
    /// CPU time of the reference on the slowest, in milliseconds.
    pub(super) slowest_ms: u32,
    /// The inputs of all tests as text: none of them is fresh.
    known: BTreeSet<String>,
}

impl Pool {
    /// Whether there is nothing in it: then nothing is found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn is_known(&self, args: &[Value]) -> bool {
        self.known.contains(&text_of(args))
    }
}

/// Makes the pool of a challenge with the answers of its reference in a language. The seed decides it.
///
/// # Errors
/// When the judge gives no answer.
pub async fn pool(
    challenge: &Challenge,
    language: &Language,
    judge: &dyn Judge,
    seed: u64,
) -> Result<Pool, JudgeError> {
    let known: BTreeSet<String> = challenge.tests.iter().map(|test| key(&test.input)).collect();
    let mut random = Random::new(seed);
    let (mut made, rules, inferred) = match (&challenge.quality.generator, &challenge.kind) {
        // Its tests are no inputs with answers.
        _ if matches!(challenge.checker, Checker::Interactive(_)) => (Vec::new(), None, false),
        (Generator::Rules(rules), _) => (by_rules(rules, &mut random), Some(rules.clone()), false),
        (Generator::Program { language, source }, _) => {
            (by_program(challenge, language, source, judge, &mut random).await?, None, false)
        }
        (Generator::Inferred, Kind::Function(signature)) => {
            let examples: Vec<&[Value]> = challenge
                .tests
                .iter()
                .filter(|test| test.example)
                .filter_map(|test| args(&test.input))
                .collect();
            let rules = infer(signature, &examples);
            let made = rules.as_ref().map(|rules| by_examples(rules, &examples, &mut random));
            (made.unwrap_or_default(), rules, true)
        }
        _ => (Vec::new(), None, false),
    };
    let mut seen = known.clone();
    made.retain(|input| is_short(&key(input)) && seen.insert(key(input)));
    made.sort_by_key(size);
    // Some of every size, the smallest first.
    let most = made.len().min(WANTED);
    let chosen = (0..most).map(|n| made[n * made.len() / most].clone()).collect();
    let (items, slowest_ms) = answered(challenge, language, chosen, judge).await?;
    Ok(Pool { language: language.clone(), items, rules, inferred, slowest_ms, known })
}

fn args(input: &Input) -> Option<&[Value]> {
    match input {
        Input::Args(args) => Some(args),
        Input::Stdin(_) | Input::Case(_) => None,
    }
}

/// An input as text, so that equal ones are found equal.
fn key(input: &Input) -> String {
    match input {
        Input::Args(args) => text_of(args),
        Input::Stdin(text) => text.trim_end().to_owned(),
        Input::Case(case) => case.name.clone(),
    }
}

fn size(input: &Input) -> (usize, u64) {
    match input {
        Input::Args(args) => measure(args),
        Input::Stdin(text) => (text.len(), 0),
        Input::Case(case) => (case.code.len(), 0),
    }
}

fn by_rules(rules: &Rules, random: &mut Random) -> Vec<Input> {
    (0..MADE).filter_map(|n| generate(rules, n * (MAX_SIZE + 1) / MADE, random)).map(Input::Args).collect()
}

/// Examples with an argument changed, taken from another one, or made anew: what is like an example keeps rules that nobody has told.
fn by_examples(rules: &Rules, examples: &[&[Value]], random: &mut Random) -> Vec<Input> {
    let mut made = Vec::new();
    for n in 0..MADE * 10 {
        let Some(mut changed) = random.pick(examples).map(|args| args.to_vec()) else { break };
        for place in 0..changed.len() {
            match random.below(6) {
                0 => changed[place] = make(&rules.parameters[place], n % (MAX_SIZE + 1), None, random),
                1 => {
                    let other = random.pick(examples).and_then(|args| args.get(place)).cloned();
                    changed[place] = other.unwrap_or(Value::Null);
                }
                2 | 3 => changed = random.pick(&smaller(&changed)).cloned().unwrap_or(changed),
                _ => {}
            }
        }
        if fits(rules, &changed) {
            made.push(Input::Args(changed));
        }
        if made.len() == MADE {
            break;
        }
    }
    made
}

/// What the author's program writes for seeds and sizes. What it does not write well is left out.
async fn by_program(
    challenge: &Challenge,
    language: &Language,
    source: &str,
    judge: &dyn Judge,
    random: &mut Random,
) -> Result<Vec<Input>, JudgeError> {
    let is_function = matches!(challenge.kind, Kind::Function(_));
    let mut made = Vec::new();
    let asked: Vec<String> = (0..WANTED)
        .map(|n| {
            format!("{}\n", json!({ "seed": random.below(1 << 31), "size": n * (MAX_SIZE + 1) / WANTED }))
        })
        .collect();
    for chunk in asked.chunks(CHUNK) {
        let mut job: Job = challenge
            .job(language, source, codementor_core::challenge::Selection::Examples)
            .map_err(|error| JudgeError::Failed(error.to_string()))?;
        let test = |text: &String| JobTest { input: Input::Stdin(text.clone()), expected: None };
        job.entry = Entry::Program;
        job.tests = chunk.iter().map(test).collect();
        (job.stop, job.limits) = (StopPolicy::Never, Limits { time_ms: TIME_MS, ..Limits::default() });
        let judgement = judge.judge(&job, None).await?;
        if judgement.tests.is_empty() {
            return Err(JudgeError::Failed("the challenge's generator does not compile".to_owned()));
        }
        let written = judgement.tests.into_iter().filter(|outcome| outcome.verdict == Verdict::Accepted);
        let written = written.filter_map(|outcome| outcome.actual).filter(|text| is_short(text));
        made.extend(
            written.filter_map(|text| if is_function { read_args(&text) } else { Some(Input::Stdin(text)) }),
        );
    }
    Ok(made)
}

fn read_args(text: &str) -> Option<Input> {
    serde_json::from_str(text).ok().map(Input::Args)
}

/// Those inputs on which the reference ends well, with its answers, in their order; and what its slowest run took in milliseconds.
pub(super) async fn answered(
    challenge: &Challenge,
    language: &Language,
    inputs: Vec<Input>,
    judge: &dyn Judge,
) -> Result<(Vec<(Input, Expected)>, u32), JudgeError> {
    let missing = || JudgeError::Failed(format!("no reference in {language}"));
    let reference = &challenge.solutions.get(language).ok_or_else(missing)?.reference;
    let limits = Limits { time_ms: challenge.limits.time_ms.min(TIME_MS), ..challenge.limits };
    let mut found = Vec::with_capacity(inputs.len());
    let mut slowest = 0;
    for chunk in inputs.chunks(CHUNK) {
        let tests = chunk.iter().cloned().map(|input| (input, None)).collect();
        let outcomes = judge.judge(&job(challenge, language, reference, tests, limits)?, None).await?.tests;
        for outcome in outcomes.into_iter().filter(|outcome| outcome.verdict == Verdict::Accepted) {
            slowest = slowest.max(outcome.time_ms);
            let answer =
                outcome.actual.filter(|text| is_short(text)).and_then(|text| read_answer(challenge, text));
            found.extend(chunk.get(outcome.index).cloned().zip(answer));
        }
    }
    Ok((found, slowest))
}

fn read_answer(challenge: &Challenge, text: String) -> Option<Expected> {
    match challenge.kind {
        Kind::Function(_) => serde_json::from_str(&text).ok().map(Expected::Value),
        _ => Some(Expected::Stdout(text)),
    }
}
