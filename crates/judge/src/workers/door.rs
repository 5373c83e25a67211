//! The socket in the data folder. It is reached through a descriptor of the folder: a socket's address has room for 108 bytes, a
//! folder's path may have more.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// The socket's name in the data folder.
const NAME: &str = "workers.sock";
/// Its name until it has its mode.
const NEW: &str = "workers.sock.new";

/// A folder that is held open.
#[derive(Debug)]
struct Folder(File);

impl Folder {
    fn open(path: &Path) -> io::Result<Self> {
        let flags = libc::O_PATH | libc::O_DIRECTORY;
        Ok(Self(OpenOptions::new().read(true).custom_flags(flags).open(path)?))
    }

    fn within(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.0.as_raw_fd()).into()
    }
}

/// Takes the socket away when it is dropped.
#[derive(Debug)]
pub(super) struct Bound(Folder);

impl Drop for Bound {
    fn drop(&mut self) {
        // One that is left behind is replaced by the next.
        let _ = fs::remove_file(self.0.within(NAME));
    }
}

/// Listens in a folder that no other process listens in; what one that has died left there is replaced.
pub(super) fn listen(folder: &Path) -> io::Result<(UnixListener, Bound)> {
    let folder = Folder::open(folder)?;
    let (new, path) = (folder.within(NEW), folder.within(NAME));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(&new, &path)?;
    Ok((listener, Bound(folder)))
}

/// Connects to whoever listens in a folder.
pub(super) async fn connect(folder: &Path) -> io::Result<UnixStream> {
    let folder = Folder::open(folder)?;
    UnixStream::connect(folder.within(NAME)).await
}

/// Whether the other side is a process of the same user, or of root.
pub(super) fn is_one_of_us(stream: &UnixStream) -> bool {
    let own = nix::unistd::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|other| other.uid() == own || other.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_is_replaced_in_a_folder_with_a_long_name_and_gone_at_the_end() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("x".repeat(200));
        fs::create_dir(&folder).unwrap();
        assert_eq!(connect(&folder).await.unwrap_err().kind(), io::ErrorKind::NotFound);
        let (first, kept) = listen(&folder).unwrap();
        drop(first);
        std::mem::forget(kept);
        assert_eq!(connect(&folder).await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let (second, bound) = listen(&folder).unwrap();
        let (connected, accepted) = tokio::join!(connect(&folder), second.accept());
        assert!(connected.is_ok() && is_one_of_us(&accepted.unwrap().0));
        let mode = fs::metadata(folder.join(NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(bound);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_no_socket_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(NAME)).unwrap();
        assert!(listen(folder.path()).is_err());
        assert!(folder.path().join(NAME).is_dir());
    }
}
