//! A pseudo-terminal, made in the judge's process: the near end stays there, the far end goes into a box.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use codementor_core::terminal::TerminalSize;
use nix::fcntl::{OFlag, open};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use nix::sys::termios::{InputFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::sys;

/// The most that is taken at once, in bytes; the kernel gives no more.
const CHUNK: usize = 4 << 10;

/// The judge's end of a terminal.
pub(super) struct Near(AsyncFd<OwnedFd>);

/// Makes a terminal: both ends, closed on exec.
pub(super) fn pair(size: TerminalSize) -> io::Result<(Near, OwnedFd)> {
    let both = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let near = posix_openpt(both | OFlag::O_NONBLOCK)?;
    grantpt(&near)?;
    unlockpt(&near)?;
    let far = open(Path::new(&ptsname_r(&near)?), both, Mode::empty())?;
    let mut settings = tcgetattr(&far)?;
    // So that the backspace key takes back a whole character.
    settings.input_flags.insert(InputFlags::IUTF8);
    // So that Ctrl S, which saves elsewhere, does not hold the output for ever.
    settings.input_flags.remove(InputFlags::IXON);
    tcsetattr(&far, SetArg::TCSANOW, &settings)?;
    let near = Near(sys::watch(near.into())?);
    near.resize(size)?;
    Ok((near, far))
}

impl Near {
    /// Waits for what the program, or the terminal's echo, has written; `None` when no process has the far end any more. Dropping the
    /// future loses nothing.
    pub(super) async fn read(&self) -> Option<Vec<u8>> {
        let mut bytes = vec![0; CHUNK];
        let read = self.0.async_io(Interest::READABLE, |fd| Ok(unistd::read(fd, &mut bytes)?)).await;
        // A terminal that has hung up answers with an error.
        let count = read.ok().filter(|&count| count > 0)?;
        bytes.truncate(count);
        Some(bytes)
    }

    /// Types as much as the terminal takes, waiting until it takes some; an error when no process has the far end any more. Dropping the
    /// future loses nothing.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let mut near = self.0.ready(Interest::WRITABLE).await?;
            // One that has hung up is ready for ever and takes nothing.
            if near.ready().is_write_closed() {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if let Ok(written) = near.try_io(|fd| Ok(unistd::write(fd.as_fd(), bytes)?)) {
                return written;
            }
        }
    }

    /// Gives it another size.
    pub(super) fn resize(&self, size: TerminalSize) -> io::Result<()> {
        sys::resize_terminal(self.0.get_ref(), size)
    }
}
