//! Follows the heads of a connection's requests, with the parser that the HTTP library uses.
//!
//! Bodies of a stated length are counted off. A chunked body is not followed: its request is the connection's last.

/// The largest head that is followed, in bytes: more than the HTTP library takes.
const MAX_HEAD: usize = 72 * 1024;
/// As many as the HTTP library takes.
const MAX_HEADERS: usize = 100;

/// Why no further request of a connection is followed.
#[derive(Debug, PartialEq, Eq)]
pub enum Last {
    /// It states a length and is chunked: two readers could take it for two different requests.
    Ambiguous,
    /// It asks for a WebSocket, whose frames begin at byte `rest` of what was taken last.
    Upgrade {
        /// An offset into the bytes taken last.
        rest: usize,
    },
    /// Its body is chunked, or the HTTP library will refuse it.
    Unfollowed,
}

/// Where in the sequence of requests a connection is.
#[derive(Debug, Default)]
pub struct Heads {
    /// A head that has begun and is not whole.
    begun: Vec<u8>,
    /// What is left of the body under way, in bytes.
    body: u64,
    /// The heads that are whole and followed.
    whole: u64,
}

impl Heads {
    /// How many requests were followed, the one asking for a WebSocket among them.
    pub fn followed(&self) -> u64 {
        self.whole
    }

    /// Takes the next bytes of a client; tells when nothing more can be followed.
    pub fn take(&mut self, bytes: &[u8]) -> Option<Last> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.body > 0 {
                let counted = rest.len().min(usize::try_from(self.body).unwrap_or(usize::MAX));
                self.body -= counted as u64;
                at += counted;
                continue;
            }
            let known = self.begun.len();
            let head = if known == 0 {
                rest
            } else {
                self.begun.extend_from_slice(rest);
                &self.begun
            };
            match if may_end(head, known) { read(head) } else { Read::Partial } {
                Read::Partial if head.len() > MAX_HEAD => return Some(Last::Unfollowed),
                Read::Partial => {
                    if known == 0 {
                        self.begun = rest.to_vec();
                    }
                    return None;
                }
                Read::Last => return Some(Last::Unfollowed),
                Read::Ambiguous => return Some(Last::Ambiguous),
                Read::Whole { head, next } => {
                    at += head - known.min(head);
                    self.begun = Vec::new();
                    self.whole += 1;
                    match next {
                        Next::Body(length) => self.body = length,
                        Next::Frames => return Some(Last::Upgrade { rest: at }),
                    }
                }
            }
        }
        None
    }
}

/// Whether an empty line may end within the bytes after the first `known`. Spares reading a head anew for each of its bytes.
fn may_end(bytes: &[u8], known: usize) -> bool {
    let fresh = bytes.get(known.saturating_sub(2)..).unwrap_or_default();
    fresh.windows(2).any(|pair| pair == b"\n\n") || fresh.windows(3).any(|three| three == b"\n\r\n")
}

enum Read {
    Partial,
    /// No head that can be followed.
    Last,
    Ambiguous,
    /// A head of so many bytes.
    Whole {
        head: usize,
        next: Next,
    },
}

enum Next {
    Body(u64),
    Frames,
}

fn read(bytes: &[u8]) -> Read {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let head = match request.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Read::Partial,
        Err(_) => return Read::Last,
    };
    let values = |name: &'static str| {
        request
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
    };
    let is_chunked = values("transfer-encoding").next().is_some();
    let mut lengths = values("content-length");
    let length = lengths.next();
    if is_chunked {
        return if length.is_some() { Read::Ambiguous } else { Read::Last };
    }
    if values("upgrade").any(|value| value.trim_ascii().eq_ignore_ascii_case(b"websocket")) {
        return Read::Whole { head, next: Next::Frames };
    }
    let length = match length.map(|value| std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()))
    {
        None => 0,
        // The HTTP library may take a length that is stated twice; it is not worth following.
        Some(Some(length)) if lengths.next().is_none() => length,
        Some(_) => return Read::Last,
    };
    Read::Whole { head, next: Next::Body(length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    const BOTH: &str = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n";

    /// What a connection ends with, whichever way its bytes are cut.
    fn last(text: &str) -> Option<Last> {
        let mut whole = Heads::default();
        let expected = whole.take(text.as_bytes());
        for size in [1, 2, 3, 7, 50] {
            let (mut heads, mut found, mut taken) = (Heads::default(), None, 0);
            for piece in text.as_bytes().chunks(size) {
                found = heads.take(piece);
                if let Some(Last::Upgrade { rest }) = found {
                    found = Some(Last::Upgrade { rest: taken + rest });
                }
                if found.is_some() {
                    break;
                }
                taken += piece.len();
            }
            assert_eq!(found, expected, "in pieces of {size}: {text}");
        }
        expected
    }

    #[test]
    fn requests_are_followed_to_the_ambiguous_one() {
        assert_eq!(last(&[GET, POST, GET, POST].concat()), None);
        assert_eq!(last(BOTH), Some(Last::Ambiguous));
        assert_eq!(last(&[GET, POST, "\r\n", POST, BOTH].concat()), Some(Last::Ambiguous));
        assert_eq!(last(&BOTH.replace("\r\n", "\n")), Some(Last::Ambiguous));
        let swapped = "PUT / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: gzip, chunked\r\n\r\n";
        assert_eq!(last(swapped), Some(Last::Ambiguous));
    }

    #[test]
    fn a_head_within_a_body_is_no_head() {
        let hidden = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
        assert_eq!(last(&[hidden.as_str(), GET].concat()), None);
    }

    #[test]
    fn an_upgrade_tells_where_its_frames_begin() {
        let upgrade = "GET /ws HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n";
        let text = [POST, upgrade, "frames"].concat();
        assert_eq!(last(&text), Some(Last::Upgrade { rest: POST.len() + upgrade.len() }));
    }

    #[test]
    fn what_is_not_understood_is_the_last() {
        for text in [
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "\u{0}\r\n\r\n",
        ] {
            assert_eq!(last(text), Some(Last::Unfollowed), "{text}");
        }
        assert_eq!(last(&format!("GET /{}", "a".repeat(MAX_HEAD))), Some(Last::Unfollowed));
    }
}
