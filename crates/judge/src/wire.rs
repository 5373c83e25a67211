//! What the judge and the launcher say to each other, and the launcher and its boxes: small JSON messages over Unix sockets that keep
//! message borders, with descriptors attached. Learners' bytes are never in a message, only in descriptors.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::PathBuf;

use nix::sys::socket::{
    self, AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, Shutdown, SockFlag, SockType,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::sys;

/// No message is longer.
pub(crate) const MAX_MESSAGE: usize = 128 * 1024;
/// No message carries more descriptors.
const MAX_DESCRIPTORS: usize = 16;

/// How memory and CPU time are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Accounting {
    /// By control groups where this process may make them, else by sampling.
    #[default]
    Auto,
    /// By sampling the box's processes, even where control groups could be used.
    Sampler,
}

/// The first message to a launcher.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// An existing folder to mount over.
    pub work_dir: PathBuf,
    /// One root folder for each set of toolchains.
    pub roots: Vec<Root>,
    /// How to count.
    pub accounting: Accounting,
    /// How many boxes may exist at once.
    pub slots: u32,
}

/// Where a box shows what tools have made once.
pub(crate) const KEPT: &str = "/kept";

/// What a box of one kind sees.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Root {
    /// Host files and folders shown read-only at the same place.
    pub binds: Vec<PathBuf>,
    /// A host folder shown read-only as [`KEPT`].
    pub kept: Option<PathBuf>,
    /// Generated files, by absolute path in the box.
    pub files: Vec<(PathBuf, String)>,
    /// Size of the work folder and of each file in it, in KiB.
    pub disk_kb: u32,
    /// How many boxes are kept ready.
    pub spares: u32,
}

/// The places of roots; those that are alike share one.
#[derive(Default)]
pub(crate) struct Roots(Vec<Root>);

impl Roots {
    /// The place of one, new or known.
    pub(crate) fn place(&mut self, root: &Root) -> usize {
        self.0.iter().position(|known| known == root).unwrap_or_else(|| {
            self.0.push(root.clone());
            self.0.len() - 1
        })
    }

    /// All of them, in order.
    pub(crate) fn all(self) -> Vec<Root> {
        self.0
    }
}

/// A layer of the sandbox: name, whether active, note.
pub(crate) type Layer = (String, bool, String);

/// The answer to [`Setup`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum SetupReply {
    /// Boxes can be built; the layers, with name, whether active, and a note.
    Ready(Vec<Layer>),
    /// They cannot: reason and remedy.
    Refused(String),
}

/// A run. Descriptors: the run's own socket, standard input, output, error, result, all that is given; and with `collect` the file to
/// write into.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Which of [`Setup::roots`].
    pub root: usize,
    /// The interpreter and its arguments, absolute.
    pub argv: Vec<String>,
    /// The whole environment, `NAME=value`.
    pub env: Vec<String>,
    /// What each of the descriptors of what is given is; not more than [`MAX_GIVEN`].
    pub given: Vec<Given>,
    /// What standard input, output and error are.
    pub standard: Standard,
    /// What is handed out when the program has ended by itself.
    pub collect: Option<Collect>,
    /// CPU time of all processes.
    pub cpu_ms: u32,
    /// Time on the clock.
    pub wall_ms: u32,
    /// Memory of all processes.
    pub memory_kb: u32,
}

/// No run is given more than this.
pub(crate) const MAX_GIVEN: usize = 9;

/// What a run is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Given {
    /// A file that lies in the work folder under this name.
    File(String),
    /// The program itself. Without one [`Run::argv`] begins with it.
    Program,
}

/// What a program's standard input, output and error are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standard {
    /// A file and pipes.
    Files,
    /// One terminal, which the program gets for its own.
    Terminal,
}

/// A file that a run has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Collect {
    /// Its path in the work folder. A folder that it names is there from the beginning.
    pub name: String,
    /// A longer one is not handed out, in bytes.
    pub limit: u64,
}

impl Run {
    /// How many descriptors come with it.
    pub(crate) fn descriptors(&self) -> usize {
        5 + self.given.len() + usize::from(self.collect.is_some())
    }
}

/// Why a box was killed from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kill {
    /// Too much CPU time.
    Cpu,
    /// Too much time on the clock.
    Wall,
    /// Too much memory.
    Memory,
    /// The judge asked for it.
    Asked,
}

/// How a run ended, on the run's own socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunReply {
    /// How.
    pub end: End,
    /// CPU time of all processes, in microseconds.
    pub cpu_us: u64,
    /// Peak memory of all processes together, in KiB.
    pub memory_kb: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// From outside.
    Killed(Kill),
    /// The box could not be built.
    Failed(String),
}

/// What a box says to the launcher.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum FromBox {
    /// It is built and waits for its run. Descriptors: its `/proc` and its work folder.
    Ready,
    /// The program is about to start.
    Started,
    /// The program ended so, and all its descendants are gone.
    Done {
        /// Exit code, or the signal.
        status: Result<i32, i32>,
        /// CPU time of all of them, in microseconds.
        cpu_us: u64,
        /// Largest resident set, in KiB.
        max_rss_kb: u64,
    },
    /// It could not be built or the program not be started.
    Failed(String),
    /// What a box that was built for trial has got.
    Rehearsed(Got),
}

/// The layers of a box that a kernel may not give. Without any other there is no box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Got {
    /// What its `/proc` shows.
    pub proc: ProcView,
    /// Whether it has a user namespace of its own.
    pub user_namespace: bool,
    /// Whether the kernel restricts files by Landlock.
    pub landlock: Lock,
}

/// What `/proc` shows in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ProcView {
    /// The program's own processes only.
    Own,
    /// These, and what it tells of the system.
    System,
    /// All of it, the box's first process too.
    All,
}

/// Whether the kernel enforces Landlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lock {
    /// All that was asked.
    Full,
    /// What this kernel knows of it: files at least.
    Part,
    /// Not at all.
    Missing,
}

/// A pair of connected message sockets, closed on exec.
pub(crate) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socket::socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)?)
}

/// Whether a call may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Until it is done.
    Yes,
    /// Not at all: `WouldBlock` instead.
    No,
}

impl Wait {
    fn flags(self) -> MsgFlags {
        match self {
            Self::Yes => MsgFlags::empty(),
            Self::No => MsgFlags::MSG_DONTWAIT,
        }
    }
}

/// Sends one message with descriptors.
pub(crate) fn send<T: Serialize>(
    socket: BorrowedFd<'_>,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
    wait: Wait,
) -> io::Result<()> {
    let bytes = serde_json::to_vec(message)?;
    if bytes.len() > MAX_MESSAGE {
        return Err(io::Error::other("message too long"));
    }
    let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let control: &[ControlMessage<'_>] = if raw.is_empty() { &[] } else { &rights };
    let flags = wait.flags() | MsgFlags::MSG_NOSIGNAL;
    socket::sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&bytes)], control, flags, None)?;
    Ok(())
}

/// Sends the last message before the socket is closed. One that is closed with something unread in it takes its messages with it: so no
/// more is let in, and what is there is read.
pub(crate) fn send_last<T: Serialize>(socket: BorrowedFd<'_>, message: &T) -> io::Result<()> {
    send(socket, message, &[], Wait::No)?;
    let socket = socket.as_raw_fd();
    socket::shutdown(socket, Shutdown::Read)?;
    while socket::recv(socket, &mut [0], MsgFlags::MSG_DONTWAIT).is_ok_and(|length| length > 0) {}
    Ok(())
}

/// One received message. `None`: the other side has hung up.
pub(crate) type Received<T> = Option<(T, Vec<OwnedFd>)>;

/// Receives one message with its descriptors, which are closed on exec.
pub(crate) fn receive<T: DeserializeOwned>(socket: impl AsFd, wait: Wait) -> io::Result<Received<T>> {
    // Most messages are short, and memory for the longest takes longer to get than all else here.
    let peeked = socket::recv(
        socket.as_fd().as_raw_fd(),
        &mut [],
        wait.flags() | MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC,
    )?;
    let mut bytes = vec![0; peeked.min(MAX_MESSAGE)];
    let mut control = nix::cmsg_space!([RawFd; MAX_DESCRIPTORS]);
    let mut slices = [IoSliceMut::new(&mut bytes)];
    let message = socket::recvmsg::<()>(
        socket.as_fd().as_raw_fd(),
        &mut slices,
        Some(&mut control),
        wait.flags() | MsgFlags::MSG_CMSG_CLOEXEC,
    )?;
    let mut descriptors = Vec::new();
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(raw) = part {
            descriptors.extend(sys::adopt(&raw));
        }
    }
    let cut = message.flags.intersects(MsgFlags::MSG_TRUNC | MsgFlags::MSG_CTRUNC);
    let length = message.bytes;
    if cut {
        return Err(io::Error::other("message cut off"));
    }
    if length == 0 {
        return Ok(None);
    }
    Ok(Some((serde_json::from_slice(&bytes[..length])?, descriptors)))
}

/// Asks the launcher to kill a run, on the run's own socket.
pub(crate) fn ask_to_kill(run: BorrowedFd<'_>) {
    let _ = send(run, &Kill::Asked, &[], Wait::No);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_arrives_though_something_came_that_nobody_read() {
        let (judge, launcher) = pair().unwrap();
        for _ in 0..3 {
            send(judge.as_fd(), &Kill::Asked, &[], Wait::No).unwrap();
        }
        send_last(launcher.as_fd(), &Kill::Cpu).unwrap();
        assert!(send(judge.as_fd(), &Kill::Asked, &[], Wait::No).is_err(), "no more is let in");
        drop(launcher);
        assert_eq!(receive::<Kill>(&judge, Wait::No).unwrap().map(|(kill, _)| kill), Some(Kill::Cpu));
    }
}
