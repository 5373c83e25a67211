//! Random operations on a journal and on plain lists, which must agree. The seed is printed; `CODEMENTOR_TEST_SEED` replays it.

use std::sync::Arc;

use bytes::Bytes;
use codementor_core::id::{SessionId, UserId};
use codementor_core::journal::{Entry, Journal, Kept, Kind, Snapshot};
use codementor_core::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::fixtures::{conflict, record, refused, rejected};
use crate::contract::random::seed;

const STEPS: usize = 1_500;
const SESSIONS: usize = 6;

/// What a journal of one session should hold.
struct Model {
    id: SessionId,
    /// Also what was trimmed.
    record: Vec<Entry>,
    trimmed: u64,
    snapshot: Option<Snapshot>,
}

impl Model {
    fn kept(&self) -> Kept {
        let after = self.snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
        let tail = self.record.iter().filter(|entry| entry.seq > after).cloned().collect();
        Kept { snapshot: self.snapshot.clone(), tail }
    }

    fn end(&self) -> u64 {
        self.record.len() as u64
    }

    /// What can be read after a place.
    fn after(&self, after: u64) -> &[Entry] {
        let begin = usize::try_from(after.max(self.trimmed)).unwrap();
        self.record.get(begin..).unwrap_or_default()
    }
}

pub(crate) async fn random_operations_agree_with_the_model(journal: Arc<dyn Journal>) {
    random_operations(journal, async |journal, _| journal).await;
}

/// The same while `restart`, which is given a random number, may now and then put another in the journal's place.
pub(crate) async fn random_operations(
    journal: Arc<dyn Journal>,
    mut restart: impl AsyncFnMut(Arc<dyn Journal>, u32) -> Arc<dyn Journal>,
) {
    let fresh = || Model { id: SessionId::new(), record: Vec::new(), trimmed: 0, snapshot: None };
    let mut run = Run {
        journal,
        random: StdRng::seed_from_u64(seed()),
        models: (0..SESSIONS).map(|_| fresh()).collect(),
        authors: [None, Some(UserId::new()), Some(UserId::new())],
    };
    for _ in 0..STEPS {
        run.step().await;
        if run.random.random_bool(0.02) {
            let number = run.random.random();
            run.journal = restart(run.journal, number).await;
        }
    }
    for model in &run.models {
        assert_eq!(record(&run.journal, model.id).await, model.after(0));
        assert_eq!(run.journal.load(model.id).await.unwrap(), model.kept());
    }
}

struct Run {
    journal: Arc<dyn Journal>,
    random: StdRng,
    models: Vec<Model>,
    authors: [Option<UserId>; 3],
}

impl Run {
    async fn step(&mut self) {
        let which = self.random.random_range(0..SESSIONS);
        match self.random.random_range(0..100) {
            0..40 => self.append(which).await,
            40..45 => self.repeat(which).await,
            45..52 => self.trim(which).await,
            52..60 => self.put_snapshot(which).await,
            60..80 => self.read(which).await,
            80..98 => {
                let model = &self.models[which];
                assert_eq!(self.journal.load(model.id).await.unwrap(), model.kept());
            }
            _ => self.remove(which).await,
        }
    }

    /// At the record's end, mostly.
    async fn append(&mut self, which: usize) {
        let end = self.models[which].end();
        let first = match self.random.random_range(0..8) {
            0 => self.random.random_range(0..end + 4),
            _ => end + 1,
        };
        let size = self.random.random_range(0..30);
        let mut batch: Vec<_> = (first..first + size).map(|seq| self.entry(seq)).collect();
        let broken = size > 2 && self.random.random_bool(0.1);
        if broken {
            batch.swap(1, 2);
        }
        let model = &mut self.models[which];
        let outcome = self.journal.append(model.id, batch.clone()).await;
        if size == 0 || (first == end + 1 && !broken) {
            outcome.unwrap();
            model.record.extend(batch);
        } else if broken || first == 0 {
            rejected(outcome);
        } else {
            conflict(outcome, end);
        }
    }

    /// Says again what was said last, cut anywhere.
    async fn repeat(&mut self, which: usize) {
        let model = &self.models[which];
        let size = self.random.random_range(1..40).min(model.record.len());
        let again = &model.record[model.record.len() - size..];
        let outcome = self.journal.append(model.id, again.to_vec()).await;
        if again.first().is_some_and(|entry| entry.seq <= model.trimmed) {
            conflict(outcome, model.end());
        } else {
            outcome.unwrap();
        }
    }

    async fn trim(&mut self, which: usize) {
        let upto = self.random.random_range(0..self.models[which].end() + 2);
        let model = &mut self.models[which];
        let outcome = self.journal.trim(model.id, upto).await;
        if upto > model.snapshot.as_ref().map_or(0, |snapshot| snapshot.seq) {
            return refused(outcome);
        }
        outcome.unwrap();
        model.trimmed = model.trimmed.max(upto);
    }

    fn entry(&mut self, seq: u64) -> Entry {
        let size = match self.random.random_range(0..400) {
            0 => self.random.random_range(0..400_000),
            _ => self.random.random_range(0..300),
        };
        // As alike as code, or not at all.
        let greatest = if self.random.random() { 3 } else { u8::MAX };
        Entry {
            seq,
            at: Timestamp::from_ms(self.random.random_range(0..2_000_000_000_000)),
            author: self.authors[self.random.random_range(0..3)],
            kind: if self.random.random() { Kind::Edit } else { Kind::Event },
            data: (0..size).map(|_| self.random.random_range(0..=greatest)).collect(),
        }
    }

    async fn put_snapshot(&mut self, which: usize) {
        let seq = self.random.random_range(0..self.models[which].end() + 2);
        let data = Bytes::from(vec![seq as u8; self.random.random_range(0..20_000)]);
        let snapshot = Snapshot { seq, data };
        let model = &mut self.models[which];
        let outcome = self.journal.put_snapshot(model.id, snapshot.clone()).await;
        if seq > model.end() {
            return refused(outcome);
        }
        outcome.unwrap();
        if model.snapshot.as_ref().is_none_or(|kept| kept.seq <= seq) {
            model.snapshot = Some(snapshot);
        }
    }

    async fn read(&mut self, which: usize) {
        let model = &self.models[which];
        let after = self.random.random_range(0..model.end() + 2);
        let limit = self.random.random_range(0..60);
        let page = self.journal.read(model.id, after, limit).await.unwrap();
        let rest = model.after(after);
        assert_eq!(page, rest[..page.len()]);
        // Shorter than asked for only at the end, or when a page is full of large ones.
        let whole = rest.len().min(limit as usize);
        let bytes: usize = page.iter().map(|entry| entry.data.len()).sum();
        assert!(
            page.len() == whole || (page.len() < whole && bytes > 2_000_000),
            "{} of {whole}",
            page.len()
        );
    }

    async fn remove(&mut self, which: usize) {
        let model = &mut self.models[which];
        self.journal.remove(model.id).await.unwrap();
        model.record.clear();
        model.trimmed = 0;
        model.snapshot = None;
    }
}
