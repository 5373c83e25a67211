//! The judge's end of the two ways between a program and a person, each bounded.

use codementor_core::terminal::{Terminal, TerminalCommand, TerminalEvent, TerminalSize};
use tokio::sync::mpsc;

/// What is kept of input that the program has not read, beside the terminal's own line, in bytes.
const INPUT_LIMIT: usize = 64 << 10;
/// Events that wait to be taken. It bounds what a slow reader costs.
const EVENTS: usize = 8;
/// Commands that wait to be taken, which they are at once.
const COMMANDS: usize = 32;

/// A program's end of the line.
pub(crate) struct Line {
    pub(super) events: mpsc::Sender<TerminalEvent>,
    pub(super) commands: mpsc::Receiver<TerminalCommand>,
    /// How large the person's terminal is now.
    pub(super) size: TerminalSize,
    /// Typed and not written to the terminal yet.
    pub(super) pending: Vec<u8>,
    /// Whether something was typed that there was no room for, and that is not told yet.
    pub(super) lost: bool,
}

/// What a command asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// There is input.
    Typed,
    /// The terminal has another size.
    Resized,
    /// The program is to end.
    Stop,
}

impl Line {
    /// A line, and the person's end of it.
    pub(crate) fn new(size: TerminalSize) -> (Self, Terminal) {
        let (events, to_person) = mpsc::channel(EVENTS);
        let (from_person, commands) = mpsc::channel(COMMANDS);
        let line = Self { events, commands, size: size.within_bounds(), pending: Vec::new(), lost: false };
        (line, Terminal { events: to_person, commands: from_person })
    }

    /// Tells something, waiting for room. Who is gone hears nothing.
    pub(crate) async fn tell(&self, event: TerminalEvent) {
        let _ = self.events.send(event).await;
    }

    /// Tells the last thing. From then on nobody listens to commands.
    pub(crate) async fn end(self, last: TerminalEvent) {
        drop(self.commands);
        // Who is gone hears nothing.
        let _ = self.events.send(last).await;
    }

    /// Waits for a command and takes it in. Dropping the future loses nothing.
    pub(crate) async fn hear(&mut self) -> Heard {
        let command = self.commands.recv().await;
        self.take(command)
    }

    /// Takes a command in; there is none when the person is gone.
    pub(super) fn take(&mut self, command: Option<TerminalCommand>) -> Heard {
        match command {
            Some(TerminalCommand::Input(bytes)) => {
                let room = INPUT_LIMIT - self.pending.len();
                self.lost |= bytes.len() > room;
                self.pending.extend_from_slice(&bytes[..bytes.len().min(room)]);
                Heard::Typed
            }
            Some(TerminalCommand::Resize(size)) => {
                self.size = size.within_bounds();
                Heard::Resized
            }
            Some(TerminalCommand::Stop) | None => Heard::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_bounded_and_its_loss_is_known() {
        let (mut line, _terminal) = Line::new(TerminalSize { columns: 80, rows: 24 });
        let half = TerminalCommand::Input(vec![b'x'; INPUT_LIMIT / 2]);
        for _ in 0..2 {
            assert_eq!(line.take(Some(half.clone())), Heard::Typed);
            assert!(!line.lost);
        }
        line.take(Some(TerminalCommand::Input(vec![b'y'])));
        assert!(line.lost);
        assert_eq!(line.pending, vec![b'x'; INPUT_LIMIT]);
    }
}
