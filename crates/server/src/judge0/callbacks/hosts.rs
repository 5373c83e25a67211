//! Which hosts callbacks may go to, and which of their addresses.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The longest address somebody may name, in bytes.
const MAX_URL: usize = 2_048;

/// The hosts that the operator allows.
#[derive(Debug, Clone, Default)]
pub struct Hosts(Arc<Vec<Host>>);

/// Reads a host of the setting: a name or an address, nothing else.
///
/// # Errors
/// Why it is none, in words.
pub fn parse_host(text: &str) -> Result<Host, String> {
    let bare = text.trim_matches(['[', ']']);
    let host = match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Ok(Host::Ipv4(address)),
        Ok(IpAddr::V6(address)) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(text).map_err(|error| error.to_string()),
    };
    host.map_err(|why| {
        format!("{text:?} is no host: {why}; use names or addresses, such as hooks.example.org")
    })
}

impl Hosts {
    /// These hosts.
    #[must_use]
    pub fn new(hosts: Vec<Host>) -> Self {
        Self(Arc::new(hosts))
    }

    /// Whether callbacks may go nowhere.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads an address that somebody named.
    ///
    /// # Errors
    /// Why nothing is told there, in words.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        if self.is_none() {
            return Err("setting callback is not allowed".to_owned());
        }
        let url = Some(url).filter(|url| url.len() <= MAX_URL).and_then(|url| Url::parse(url).ok());
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https");
        let is_bare = |url: &Url| url.username().is_empty() && url.password().is_none();
        let url = url.filter(|url| is_web(url) && is_bare(url)).ok_or("is not a valid URL")?;
        let is_listed = url.host().is_some_and(|host| self.0.iter().any(|known| *known == host.to_owned()));
        if is_listed { Ok(url) } else { Err("is not a host that callbacks may go to".to_owned()) }
    }

    /// Whether a connection to this address may be made: one of the open net, or one that is listed as itself. `localhost` stands for this machine.
    fn may_reach(&self, address: IpAddr) -> bool {
        let is_listed = |host: &Host| match (host, address) {
            (Host::Ipv4(known), IpAddr::V4(address)) => *known == address,
            (Host::Ipv6(known), IpAddr::V6(address)) => *known == address,
            (Host::Domain(name), _) => name == "localhost" && address.is_loopback(),
            _ => false,
        };
        is_public(address) || self.0.iter().any(is_listed)
    }
}

/// Addresses in an URL are not resolved; there is nothing to be checked that [`Hosts::check`] has not.
impl Resolve for Hosts {
    fn resolve(&self, name: Name) -> Resolving {
        let hosts = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit: Vec<SocketAddr> = found.filter(|address| hosts.may_reach(address.ip())).collect();
            if fit.is_empty() {
                return Err("the name has no address that callbacks may go to".into());
            }
            Ok(Box::new(fit.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the open net. What is unclear is not.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            let is_special = address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_broadcast()
                || address.is_documentation()
                || address.is_multicast();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_benchmark = a == 198 && (18..20).contains(&b);
            let is_protocol = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
            !(is_special || is_shared || is_benchmark || is_protocol || a == 0 || a >= 240)
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            // Only what is given out as global unicast, without what carries another address or is for documents.
            let is_global = first & 0xe000 == 0x2000;
            let is_tunnel = first == 0x2002 || (first, second) == (0x2001, 0);
            let is_documentation = (first, second) == (0x2001, 0xdb8) || first == 0x3fff;
            is_global && !is_tunnel && !is_documentation
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(list: &[&str]) -> Hosts {
        Hosts::new(list.iter().map(|host| parse_host(host).unwrap()).collect())
    }

    #[test]
    fn only_listed_hosts_are_told() {
        let hosts = hosts(&["hooks.example.org", "10.1.2.3", "::1"]);
        for good in [
            "https://hooks.example.org/x?y",
            "http://HOOKS.example.org:8080/",
            "http://10.1.2.3/",
            "http://[::1]:9/",
            "http://0xa010203/",
        ] {
            assert!(hosts.check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "hooks.example.org",
            "ftp://hooks.example.org/",
            "http://evil.hooks.example.org/",
            "http://hooks.example.org.evil/",
            "http://hooks.example.org@evil.example/",
            "http://user@hooks.example.org/",
            "http://127.0.0.1/",
            "http://10.1.2.4/",
            "http://[::ffff:10.1.2.3]/",
            "file:///etc/passwd",
            "http://169.254.169.254/latest",
        ] {
            assert!(hosts.check(bad).is_err(), "{bad}");
        }
        assert!(Hosts::default().check("https://hooks.example.org/").is_err());
        for bad in ["", "a b", "http://x", "x/y", "x:80"] {
            assert!(parse_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_may_not_stand_for_private_addresses() {
        let named = hosts(&["hooks.example.org"]);
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "::ffff:8.8.8.8",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2002:7f00:1::",
            "2001:db8::1",
            "64:ff9b::1",
        ] {
            assert!(!named.may_reach(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "1.1.1.1", "2606:4700::1111"] {
            assert!(named.may_reach(public.parse().unwrap()), "{public}");
        }
        assert!(hosts(&["10.0.0.1"]).may_reach("10.0.0.1".parse().unwrap()));
        assert!(hosts(&["localhost"]).may_reach("127.0.0.1".parse().unwrap()));
        assert!(!hosts(&["localhost"]).may_reach("10.0.0.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_resolved_unless_it_is_listed() {
        let resolve = async |hosts: Hosts| hosts.resolve("localhost".parse().unwrap()).await.is_ok();
        assert!(!resolve(hosts(&["hooks.example.org"])).await);
        assert!(resolve(hosts(&["localhost"])).await);
    }
}
