//! Handing tests in and waiting for their answers: many in one submission of a server of ours, else a submission a test.

use std::time::Duration;

use codementor_core::ports::JudgeError;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Shared;
use super::api::{Answer, Batch, Created, FIELDS, OWN_FIELDS, packed};
use super::http::Fault;
use super::job::{Asking, Wanted};

/// The first pause between two looks at a submission; it grows by half up to [`MAX_PAUSE`].
const PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// What is read of an answer for each test, in bytes: three outputs of a mebibyte in base64, and what is around them.
const ANSWER: usize = 5 << 20;
/// What is read of any answer, in bytes.
const LARGEST: usize = 64 << 20;

/// Takes the answer to the test of this place among those that were handed in together.
type Take<'a> = dyn FnMut(usize, &Answer) -> Wanted + Send + 'a;

impl Shared {
    /// Hands inputs in together and passes the answers on, in order, until no more are wanted.
    pub(super) async fn submit(
        &self,
        asking: &Asking<'_>,
        inputs: &[String],
        take: &mut Take<'_>,
    ) -> Result<(), JudgeError> {
        let done = if asking.is_own {
            self.submit_many(asking, inputs, take).await
        } else {
            self.submit_each(asking, inputs, take).await
        };
        done.map_err(|fault| self.told(fault))
    }

    /// One submission, many tests.
    async fn submit_many(
        &self,
        asking: &Asking<'_>,
        inputs: &[String],
        take: &mut Take<'_>,
    ) -> Result<(), Fault> {
        let mut body = asking.body();
        let tests = inputs.iter().map(|input| json!({ "stdin": packed(input) }));
        body["tests"] = tests.collect();
        let fields = format!("{FIELDS},{OWN_FIELDS}");
        let query = [("base64_encoded", "true"), ("wait", "true"), ("fields", fields.as_str())];
        let limit = limit(inputs.len());
        let created: Waited = self.http.post(&["submissions"], &query, &body, limit, asking.until).await?;
        let token = created.created.checked().ok_or_else(nonsense)?;
        let path = ["submissions", token.as_str()];
        let mut answer = created.answer;
        let mut pauses = Pauses::until(asking.until);
        while answer.is_unfinished() {
            pauses.next().await?;
            let query = [("base64_encoded", "true"), ("fields", fields.as_str())];
            answer = self.http.get(&path, &query, limit, asking.until).await.map_err(forgotten)?;
        }
        // It has been read; what fails here is forgotten there after a day.
        self.http.delete(&path).await;
        self.pass_many_on(asking, inputs, &answer, take).await
    }

    async fn pass_many_on(
        &self,
        asking: &Asking<'_>,
        inputs: &[String],
        answer: &Answer,
        take: &mut Take<'_>,
    ) -> Result<(), Fault> {
        let tests = answer.tests.as_deref().unwrap_or_default();
        if tests.is_empty() {
            // It did not come to its tests.
            take(0, answer);
            return Ok(());
        }
        // Fewer after a stop: then the last one has failed here, too.
        if tests.len() > inputs.len() {
            return Err(nonsense());
        }
        for (index, (test, input)) in tests.iter().zip(inputs).enumerate() {
            let wanted = if test.truncated && inputs.len() > 1 {
                // Beside the others there was no room for what it wrote.
                let mut wanted = Wanted::More;
                let again = std::slice::from_ref(input);
                let mut whole = |_: usize, answer: &Answer| {
                    wanted = take(index, answer);
                    wanted
                };
                Box::pin(self.submit_many(asking, again, &mut whole)).await?;
                wanted
            } else {
                take(index, test)
            };
            if wanted == Wanted::NoMore {
                break;
            }
        }
        Ok(())
    }

    /// A submission a test, in batches where the server takes them.
    async fn submit_each(
        &self,
        asking: &Asking<'_>,
        inputs: &[String],
        take: &mut Take<'_>,
    ) -> Result<(), Fault> {
        let body = |input: &String| {
            let mut body = asking.body();
            body["stdin"] = json!(packed(input));
            body
        };
        let tokens = self.create(asking, inputs.iter().map(body).collect()).await?;
        let mut pauses = Pauses::until(asking.until);
        let mut passed = 0;
        while passed < tokens.len() {
            pauses.next().await?;
            for answer in self.look_at(asking, &tokens[passed..]).await? {
                if answer.is_unfinished() {
                    break;
                }
                let wanted = take(passed, &answer);
                passed += 1;
                if wanted == Wanted::NoMore {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn create(&self, asking: &Asking<'_>, bodies: Vec<Value>) -> Result<Vec<String>, Fault> {
        let query = [("base64_encoded", "true")];
        let until = asking.until;
        let created: Vec<Created> = if asking.bounds.enable_batched_submissions {
            let number = bodies.len();
            let body = json!({ "submissions": bodies });
            let path = ["submissions", "batch"];
            let created: Vec<Value> = self.http.post(&path, &query, &body, ANSWER, until).await?;
            if created.len() != number {
                return Err(nonsense());
            }
            let read = created.into_iter().map(|one| {
                // What it does not take stands in its place.
                let said: String = one.to_string().chars().take(200).collect();
                serde_json::from_value(one)
                    .map_err(|_| Fault::Said(reqwest::StatusCode::UNPROCESSABLE_ENTITY, said))
            });
            read.collect::<Result<_, _>>()?
        } else {
            let mut created = Vec::new();
            for body in &bodies {
                created.push(self.http.post(&["submissions"], &query, body, ANSWER, until).await?);
            }
            created
        };
        created.into_iter().map(|one| one.checked().ok_or_else(nonsense)).collect()
    }

    /// The answers so far, as many as are asked for or fewer.
    async fn look_at(&self, asking: &Asking<'_>, tokens: &[String]) -> Result<Vec<Answer>, Fault> {
        let until = asking.until;
        if !asking.bounds.enable_batched_submissions {
            let query = [("base64_encoded", "true"), ("fields", FIELDS)];
            let path = ["submissions", tokens[0].as_str()];
            return Ok(vec![self.http.get(&path, &query, ANSWER, until).await.map_err(forgotten)?]);
        }
        let joined = tokens.join(",");
        let query = [("tokens", joined.as_str()), ("base64_encoded", "true"), ("fields", FIELDS)];
        let path = ["submissions", "batch"];
        let batch: Batch = self.http.get(&path, &query, limit(tokens.len()), until).await?;
        if batch.submissions.len() != tokens.len() {
            return Err(nonsense());
        }
        let known: Option<Vec<Answer>> = batch.submissions.into_iter().collect();
        known.ok_or_else(|| Fault::Down("it has forgotten a submission".to_owned()))
    }
}

/// The answer to who waits: a token, and what there is of the submission.
#[derive(Deserialize)]
struct Waited {
    #[serde(flatten)]
    created: Created,
    #[serde(flatten)]
    answer: Answer,
}

fn limit(tests: usize) -> usize {
    tests.saturating_mul(ANSWER).min(LARGEST)
}

fn nonsense() -> Fault {
    Fault::Down("it talks nonsense".to_owned())
}

/// A submission that was there is gone: the server is not the one it was.
fn forgotten(fault: Fault) -> Fault {
    match fault {
        Fault::Said(reqwest::StatusCode::NOT_FOUND, _) => {
            Fault::Down("it has forgotten a submission".to_owned())
        }
        other => other,
    }
}

/// Growing pauses with an end.
struct Pauses {
    pause: Duration,
    until: Instant,
}

impl Pauses {
    fn until(until: Instant) -> Self {
        Self { pause: PAUSE, until }
    }

    async fn next(&mut self) -> Result<(), Fault> {
        if Instant::now() + self.pause > self.until {
            return Err(Fault::Down("a program was not run in time".to_owned()));
        }
        sleep(self.pause).await;
        self.pause = (self.pause + self.pause / 2).min(MAX_PAUSE);
        Ok(())
    }
}
