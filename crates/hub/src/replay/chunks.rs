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
