//! Somebody at a terminal.

use std::time::Duration;

use codementor_core::judging::Limits;
use codementor_core::ports::{Judge, JudgeError};
use codementor_core::terminal::{
    Terminal, TerminalCommand, TerminalEnd, TerminalEvent, TerminalRequest, TerminalSize,
};
use codementor_judge::{JudgeOptions, TerminalBounds};

use super::TestJudge;

const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody at a terminal.
pub struct Person {
    pub terminal: Terminal,
    /// All that was shown.
    pub seen: String,
    pub input_was_lost: bool,
}

pub fn request(language: &str, source: &str) -> TerminalRequest {
    TerminalRequest {
        language: language.parse().expect("a language"),
        source: source.to_owned(),
        size: TerminalSize { columns: 80, rows: 24 },
        limits: Limits { time_ms: 2_000, memory_kb: 128 * 1024 },
    }
}

impl Person {
    pub async fn sits_down(judge: &TestJudge, language: &str, source: &str) -> Self {
        let terminal = judge.judge.terminal(request(language, source)).await.expect("a terminal");
        Self { terminal, seen: String::new(), input_was_lost: false }
    }

    pub async fn tells(&self, command: TerminalCommand) {
        self.terminal.commands.send(command).await.expect("somebody listens");
    }

    pub async fn types(&self, text: &str) {
        self.tells(TerminalCommand::Input(text.as_bytes().to_owned())).await;
    }

    /// Takes one event; the end, when it is that.
    pub async fn takes(&mut self) -> Option<Result<TerminalEnd, JudgeError>> {
        let event = tokio::time::timeout(PATIENCE, self.terminal.events.recv()).await;
        match event.unwrap_or_else(|_| panic!("nothing happens after {:?}", self.seen)).expect("an event") {
            TerminalEvent::Output(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
            TerminalEvent::InputLost => self.input_was_lost = true,
            TerminalEvent::Building | TerminalEvent::Started => {}
            TerminalEvent::Ended(end) => return Some(Ok(end)),
            TerminalEvent::Failed(error) => return Some(Err(error)),
        }
        None
    }

    pub async fn sees(&mut self, text: &str) {
        while !self.seen.contains(text) {
            if let Some(end) = self.takes().await {
                panic!("ended before {text:?}: {end:?} {:?}", self.seen);
            }
        }
    }

    /// Interrupts until it ends: an interpreter that is about to read, but does not yet, notices one only when it has read.
    pub async fn ends_interrupted(mut self) -> (TerminalEnd, String) {
        loop {
            // It may have ended just now.
            let _ = self.terminal.commands.send(TerminalCommand::Input(vec![3])).await;
            while let Ok(taken) = tokio::time::timeout(Duration::from_secs(1), self.takes()).await {
                if let Some(end) = taken {
                    return (end.expect("an end"), self.seen);
                }
            }
        }
    }

    pub async fn ends(mut self) -> (TerminalEnd, String) {
        loop {
            if let Some(end) = self.takes().await {
                return (end.expect("an end"), self.seen);
            }
        }
    }
}

/// Waits for something that must come to pass.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let polling = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, polling).await.expect("it must come to pass");
}

pub async fn is_clean(judge: &TestJudge) {
    until(async || judge.programs().await == 0).await;
}

/// A judge whose terminals are left after a moment.
pub async fn impatient(idle: Duration, wall: Duration) -> Option<TestJudge> {
    let work = tempfile::tempdir().expect("a folder");
    let terminals = TerminalBounds { idle, wall, ..TerminalBounds::default() };
    let options = JudgeOptions { terminals, ..JudgeOptions::new([super::launcher()], work.path(), 2) };
    super::start_as(options, work).await
}
