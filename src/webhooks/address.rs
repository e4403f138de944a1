//! Which addresses may be called: those of the public internet. What answers on the house's own network, on this machine
//! or under a cloud's metadata address was not meant for whoever can type a URL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up, and lets pass only what may be called.
///
/// The addresses that were checked are the very ones that are connected to: a name that answers otherwise a moment later
/// gains nothing.
#[derive(Debug)]
pub(super) struct Guard<R>(pub(super) R);

impl<R: Resolver> Resolver for Guard<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        // One private address among public ones is no accident.
        match found.iter().find(|address| !is_public(address.ip())) {
            Some(private) => Err(refusal(*private)),
            None => Ok(found),
        }
    }
}

fn refusal(address: SocketAddr) -> ureq::Error {
    let text = format!("{} is not a public address", address.ip());
    ureq::Error::Io(std::io::Error::new(
        std::io::ErrorKind::PermissionDenied,
        text,
    ))
}

/// Whether an address is one of the public internet; see the IANA special-purpose registries (RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // This network, protocol assignments, relays of 6to4, shared by carriers, benchmarks, multicast and reserved.
        || a == 0
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 100 && b & 0xc0 == 64)
        || (a == 198 && b & 0xfe == 18)
        || a >= 224;
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = address.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let [a, b, ..] = address.segments();
    // Only global unicast, and of that no tunnels (they carry an IPv4 address), documentation or special purposes.
    a & 0xe000 == 0x2000
        && a != 0x2002
        && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in [
            "93.184.215.14",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    /// A name whose server answers another address each time.
    #[derive(Debug, Default)]
    struct Rebinding(AtomicUsize);

    impl Resolver for Rebinding {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let address = match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => "93.184.215.14:80",
                1 => "[::ffff:127.0.0.1]:80",
                _ => "169.254.169.254:80",
            };
            let mut found = self.empty();
            found.push(address.parse().unwrap());
            Ok(found)
        }
    }

    #[test]
    fn a_name_that_turns_private_is_refused_at_the_look_up_that_is_connected_to() {
        let guard = Guard(Rebinding::default());
        let uri: Uri = "http://rebind.example/".parse().unwrap();
        let timeout = || NextTimeout {
            after: ureq::unversioned::transport::time::Duration::NotHappening,
            reason: ureq::Timeout::Global,
            ..NextTimeout::default()
        };
        let config = Config::default();
        let first = guard.resolve(&uri, &config, timeout()).unwrap();
        assert_eq!(first.first().unwrap().to_string(), "93.184.215.14:80");
        for _ in 0..2 {
            let refused = guard.resolve(&uri, &config, timeout()).unwrap_err();
            assert!(refused.to_string().contains("not a public address"));
        }
    }
}
