//! Where to go after signing in: on this site, whatever the address says.

/// The longest path kept, in bytes.
const MAX_BYTES: usize = 512;

/// The path itself when it can only mean a page of this site, else `/`.
///
/// Strict on purpose: a path of ours needs no backslash, no empty or dotted segment, no encoded slash and no character outside
/// printable ASCII, and each of these has fooled some browser or proxy.
#[must_use]
pub fn safe_next(next: &str) -> &str {
    if is_safe(next) { next } else { "/" }
}

fn is_safe(next: &str) -> bool {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    next.len() <= MAX_BYTES
        && next.starts_with('/')
        && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !has_hidden(next, &["%5c", "%7f"])
        && !has_encoded_control(next)
        && !has_hidden(path, &["//", "%2f", "%2e", "%25"])
        && path.split('/').all(|segment| segment != "." && segment != "..")
}

fn has_hidden(text: &str, needles: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    needles.iter().any(|needle| text.contains(needle))
}

/// `%00` to `%1f`.
fn has_encoded_control(text: &str) -> bool {
    text.as_bytes()
        .windows(3)
        .any(|w| w[0] == b'%' && matches!(w[1], b'0' | b'1') && w[2].is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    #[test]
    fn pages_of_this_site_stay() {
        for good in [
            "/",
            "/challenges/two-sum",
            "/sessions/0190?x=1&y=2#line-3",
            "/search?q=a%2Fb&next=https://other.example/",
            "/users/o'neil",
            "/a:b@c",
            "/caf%C3%A9",
            "/#//x",
        ] {
            assert_eq!(safe_next(good), good);
        }
        let longest = format!("/{}", "a".repeat(511));
        assert_eq!(safe_next(&longest), longest);
    }

    #[test]
    fn everything_else_becomes_the_start_page() {
        for bad in [
            "",
            "challenges",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/a\\b",
            "/a//evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/../x",
            "/./x",
            "/a/..",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%252fevil.example",
            "/%2e%2e/x",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "/%0d%0aSet-Cookie:x",
            "/x?y=%0A",
            "/%00",
            "/%09/evil.example",
            "/\0",
            "/\u{7f}",
            "/a b",
            "/é",
            "/\u{ff0f}evil.example",
            "/\u{202e}x",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "/\u{1}javascript:alert(1)",
            "data:text/html,x",
            "https://evil.example",
            "https:/evil.example",
            "https:evil.example",
            "http:\\\\evil.example",
            " //evil.example",
            " /x",
            "@evil.example",
            ".evil.example",
            "?x",
            "#x",
            &format!("/{}", "a".repeat(512)),
        ] {
            assert_eq!(safe_next(bad), "/", "{bad:?}");
        }
    }

    /// Whatever is let through, a browser stays on the site, also with the path read once more.
    #[test]
    fn no_mixture_of_bad_parts_leaves_the_site() {
        let site = Url::parse("https://school.example/auth").unwrap();
        let parts = [
            "/",
            "\\",
            ".",
            "..",
            "%2f",
            "%5c",
            "%2e",
            "%25",
            "\t",
            "evil.example",
            ":",
            "@",
            "?",
            "#",
            "https:",
            "%09",
            "a",
            "é",
            " ",
        ];
        for n in 0..parts.len().pow(4) {
            let text: String = (0..4)
                .scan(n, |rest, _| {
                    let part = parts[*rest % parts.len()];
                    *rest /= parts.len();
                    Some(part)
                })
                .collect();
            let once = site.join(safe_next(&text)).unwrap();
            assert_eq!(once.origin(), site.origin(), "{text:?}");
            let twice = site.join(once.path()).unwrap();
            assert_eq!(twice.origin(), site.origin(), "{text:?}");
        }
    }
}
