//! The key that signs access tokens: from the environment, or made once and kept in the data folder.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::secret::SessionSecret;

/// The least length of a key, in bytes.
pub const MIN_KEY_BYTES: usize = 32;

/// More than anybody needs; bounds what is read from the file.
pub const MAX_KEY_BYTES: usize = 4096;

const FILE: &str = "jwt.key";

/// A signing key. `Debug` hides it.
#[derive(Clone)]
pub struct SigningKey(SecretString);

/// Why there is no key. The messages are for whoever runs the server; none contains the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The configured value is too short or too long.
    #[error(
        "CODEMENTOR_JWT_SECRET has {0} bytes; it needs {MIN_KEY_BYTES} to {MAX_KEY_BYTES} (try `openssl rand -base64 48`)"
    )]
    Length(usize),
    /// The kept file holds no key.
    #[error(
        "{path} does not hold a key of {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes; delete it to have a new one made (access tokens given out before become invalid)"
    )]
    File {
        /// Which file.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What failed.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SigningKey {
    /// Takes the configured key, else the one kept in `data_dir/jwt.key`, else makes that file with mode 0600.
    ///
    /// Two processes that start at once end with the same key: the file appears complete and is never replaced. The file holds plain
    /// text, so that its content can be given to other nodes as `CODEMENTOR_JWT_SECRET`.
    ///
    /// # Errors
    /// See [`KeyError`]. A blank configured value is an error, not "none": somebody meant to set it.
    pub fn load_or_create(data_dir: &Path, from_env: Option<&str>) -> Result<Self, KeyError> {
        if let Some(value) = from_env {
            return Self::from_text(value).ok_or(KeyError::Length(value.trim().len()));
        }
        fs::create_dir_all(data_dir).map_err(io_error("create", data_dir))?;
        let path = data_dir.join(FILE);
        if let Some(key) = Self::read(&path)? {
            return Ok(key);
        }
        Self::create(data_dir, &path)?;
        // Also when another process was faster: its key is the one that counts.
        Self::read(&path)?.ok_or(KeyError::File { path })
    }

    /// The key's bytes, for signing only.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// Another key made of this one, for one purpose. Who has it cannot tell this one, nor that of another purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(self.bytes(), purpose.as_bytes())
    }

    /// Whether a configured value has the length of a key. Blanks around it, such as a file's last line break, are no part of it.
    #[must_use]
    pub fn is_fit(text: &str) -> bool {
        (MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&text.trim().len())
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::is_fit(text).then(|| Self(SecretString::from(text.trim())))
    }

    /// `None` when there is no such file.
    fn read(path: &Path) -> Result<Option<Self>, KeyError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", path)(error)),
        };
        warn_when_others_may_read(&file, path);
        let mut text = String::new();
        let limit = MAX_KEY_BYTES as u64 + 64;
        match file.take(limit).read_to_string(&mut text) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => text.clear(),
            Err(error) => return Err(io_error("read", path)(error)),
        }
        let key = Self::from_text(&text).ok_or_else(|| KeyError::File { path: path.to_owned() })?;
        Ok(Some(key))
    }

    /// Writes a new key under a temporary name (mode 0600 from the start) and puts it in place unless one is there.
    fn create(folder: &Path, path: &Path) -> Result<(), KeyError> {
        let failed = || io_error("write", path);
        let mut file = tempfile::Builder::new().prefix(".jwt.key.").tempfile_in(folder).map_err(failed())?;
        let text = SecretString::from(SessionSecret::generate().expose());
        writeln!(file, "{}", text.expose_secret()).map_err(failed())?;
        file.as_file().sync_all().map_err(failed())?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(error) => return Err(failed()(error.error)),
        }
        // The name must survive a power cut too, or the next start would make another key.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("sync", folder))?;
        tracing::info!(path = %path.display(), "made a new signing key");
        Ok(())
    }
}

/// HMAC-SHA256 (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length is taken.
    let keyed = Hmac::<Sha256>::new_from_slice(key).ok();
    keyed.map_or([0; 32], |keyed| keyed.chain_update(message).finalize().into_bytes().into())
}

fn warn_when_others_may_read(file: &File, path: &Path) {
    let mode = file.metadata().map(|data| data.permissions().mode() & 0o077);
    if mode.is_ok_and(|others| others != 0) {
        tracing::warn!(path = %path.display(), "the signing key can be read by others; run chmod 600 on it");
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    move |source| KeyError::Io { action, path: path.to_owned(), source }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const LONG: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn derived_keys_are_hmacs_and_differ_by_purpose() {
        let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        // RFC 4231, test cases 2 and 6.
        let short = hex(hmac_sha256(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(short, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = hex(hmac_sha256(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"));
        assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        let key = SigningKey::from_text(LONG).unwrap();
        assert_ne!(key.derive("a"), key.derive("b"));
    }

    #[test]
    fn made_once_and_kept_with_mode_0600() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("new/data");
        let first = SigningKey::load_or_create(&data, None).unwrap();
        let second = SigningKey::load_or_create(&data, None).unwrap();
        assert_eq!(first.bytes(), second.bytes());
        assert!(first.bytes().len() >= MIN_KEY_BYTES);
        let mode = fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn racing_starts_end_with_one_key() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let start = Barrier::new(8);
            let keys: Vec<Vec<u8>> = std::thread::scope(|scope| {
                let load = || {
                    start.wait();
                    SigningKey::load_or_create(dir.path(), None).unwrap().bytes().to_vec()
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
                threads.into_iter().map(|t| t.join().unwrap()).collect()
            });
            assert!(keys.iter().all(|key| *key == keys[0]));
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn the_environment_wins_and_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::load_or_create(dir.path(), Some(&format!("  {LONG}\n"))).unwrap();
        assert_eq!(key.bytes(), LONG.as_bytes());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn short_keys_are_refused_without_showing_them() {
        let dir = tempfile::tempdir().unwrap();
        for short in ["", "   ", "hunter2", &LONG[1..], &"x".repeat(5000)] {
            let error = SigningKey::load_or_create(dir.path(), Some(short)).unwrap_err();
            assert!(matches!(error, KeyError::Length(_)), "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_broken_file_is_an_error_and_not_replaced() {
        for content in [&b""[..], b"short\n", &[0xff; 64], &[b'x'; 9000]] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(FILE);
            fs::write(&path, content).unwrap();
            let error = SigningKey::load_or_create(dir.path(), None).unwrap_err();
            assert!(matches!(error, KeyError::File { .. }), "{error}");
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }

    #[test]
    fn an_unusable_folder_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = SigningKey::load_or_create(&file, None).unwrap_err();
        assert!(matches!(error, KeyError::Io { .. }), "{error}");
    }

    #[test]
    fn debug_hides_it() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::load_or_create(dir.path(), Some(LONG)).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey([redacted])");
    }
}
