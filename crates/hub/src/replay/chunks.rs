//! A long sequence that is changed in many places: units of a text, or who wrote each.
//!
//! It lies in chunks, so that a change moves a few thousand items at most, however long the sequence is.

/// The most items of a chunk.
const MAX: usize = 4096;

/// A sequence in chunks.
#[derive(Debug, Clone)]
pub struct Chunks<T> {
    /// Never empty; each but the only one has items.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: vec![Vec::new()] }
    }
}

impl<T: Copy> FromIterator<T> for Chunks<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut all = Self::default();
        all.splice(0, 0, items);
        all
    }
}

impl<T: Copy> Chunks<T> {
    /// Replaces `delete` items from `at` on. What is behind the end is left out.
    pub fn splice(&mut self, at: usize, delete: usize, insert: impl IntoIterator<Item = T>) {
        let (index, offset) = self.locate(at);
        self.delete(index, offset, delete);
        let chunk = &mut self.chunks[index];
        chunk.splice(offset..offset, insert);
        if chunk.len() > MAX {
            let whole = std::mem::take(chunk);
            self.chunks.splice(index..=index, whole.chunks(MAX / 2).map(<[T]>::to_vec));
        } else if chunk.is_empty() && self.chunks.len() > 1 {
            self.chunks.remove(index);
        }
    }

    /// All items in order.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.chunks.iter().flatten().copied()
    }

    /// The chunk of a place and the offset there.
    fn locate(&self, mut at: usize) -> (usize, usize) {
        for (index, chunk) in self.chunks.iter().enumerate() {
            if at <= chunk.len() {
                return (index, at);
            }
            at -= chunk.len();
        }
        let last = self.chunks.len() - 1;
        (last, self.chunks[last].len())
    }

    /// The first chunk stays, even when it is empty then.
    fn delete(&mut self, index: usize, offset: usize, mut delete: usize) {
        let first = &mut self.chunks[index];
        let within = delete.min(first.len() - offset);
        first.drain(offset..offset + within);
        delete -= within;
        let after = index + 1;
        let whole = self.chunks[after..].iter().take_while(|chunk| {
            let goes = chunk.len() <= delete;
            delete -= if goes { chunk.len() } else { 0 };
            goes
        });
        let behind = after + whole.count();
        self.chunks.drain(after..behind);
        if let Some(next) = self.chunks.get_mut(after) {
            next.drain(..delete.min(next.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn it_is_what_a_plain_vector_would_be() {
        let seed: u64 = rand::random();
        println!("seed {seed}");
        let mut rng = StdRng::seed_from_u64(seed);
        for longest in [3, 50, 5_000, 20_000] {
            let (mut chunks, mut plain) = (Chunks::default(), Vec::new());
            for n in 0..100_u32 {
                let at = rng.random_range(0..=plain.len());
                let most = if rng.random_bool(0.05) { plain.len() } else { longest.min(plain.len()) };
                let delete = rng.random_range(0..=most).min(plain.len() - at);
                let insert: Vec<u32> =
                    (0..rng.random_range(0..=longest) as u32).map(|m| n * 31 + m).collect();
                chunks.splice(at, delete, insert.iter().copied());
                plain.splice(at..at + delete, insert);
                assert!(chunks.iter().eq(plain.iter().copied()));
                assert!(chunks.chunks.len() == 1 || chunks.chunks.iter().all(|chunk| !chunk.is_empty()));
                assert!(chunks.chunks.iter().all(|chunk| chunk.len() <= MAX));
            }
            chunks.splice(plain.len() + 10, 5, [7]);
            assert_eq!(chunks.iter().last(), Some(7));
        }
    }
}
