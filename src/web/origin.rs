//! Where a request comes from: the other end of the connection, or what a proxy we trust says of it.
//!
//! Whoever is not trusted may write into `X-Forwarded-For` what they like, and is not believed: sign-in is slowed down by
//! address, and the record names it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::web::Data;
use ipnet::IpNet;

use super::App;

/// The header in which each proxy adds who called it.
const FORWARDED: &str = "x-forwarded-for";

/// Proxies whose word is taken.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Reads addresses and networks separated by commas: `127.0.0.1, 10.0.0.0/8, fd00::/8`.
    pub fn parse(list: &str) -> Result<Self, String> {
        let parts = list.split(',').map(str::trim).filter(|one| !one.is_empty());
        let parsed = parts.map(|one| {
            let address = one.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| one.parse()).map_err(|_| {
                format!("'{one}' is no address and no network; write 10.0.0.7 or 10.0.0.0/8")
            })
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    fn include(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// Who called, through however many of these. Each adds on the right who called it, so the first from there that is
    /// not one of them is the caller; what stands left of it is hearsay.
    pub fn caller(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut caller = peer.to_canonical();
        for said in forwarded.rsplit(',') {
            if !self.include(caller) {
                break;
            }
            let Ok(next) = said.trim().parse::<IpAddr>() else {
                break;
            };
            caller = next.to_canonical();
        }
        caller
    }
}

/// The caller's address as text; nothing where the connection has none.
pub fn address(request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip()) else {
        return String::new();
    };
    let Some(app) = request.app_data::<Data<App>>() else {
        return peer.to_string();
    };
    // Several headers are one list, in their order.
    let lines = request.headers().get_all(FORWARDED);
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    app.proxies.caller(peer, &lines.join(",")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(trusted: &str, peer: &str, forwarded: &str) -> String {
        let proxies = Proxies::parse(trusted).unwrap();
        proxies.caller(peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn who_is_not_trusted_is_not_believed() {
        assert_eq!(caller("", "203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(
            caller("10.0.0.0/8", "203.0.113.9", "198.51.100.1"),
            "203.0.113.9"
        );
    }

    #[test]
    fn the_first_from_the_right_that_is_no_proxy_is_the_caller() {
        let trusted = "127.0.0.1, 10.0.0.0/8, fd00::/8";
        assert_eq!(caller(trusted, "127.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            caller(
                trusted,
                "::ffff:10.0.0.2",
                "1.2.3.4, 198.51.100.1, 10.0.0.3"
            ),
            "198.51.100.1"
        );
        assert_eq!(caller(trusted, "fd00::1", "2001:db8::7"), "2001:db8::7");
    }

    #[test]
    fn nonsense_leaves_the_proxy_as_the_caller() {
        assert_eq!(caller("10.0.0.1", "10.0.0.1", ""), "10.0.0.1");
        assert_eq!(caller("10.0.0.1", "10.0.0.1", "unknown"), "10.0.0.1");
    }

    #[test]
    fn a_list_that_can_not_be_read_names_what_is_wrong() {
        assert!(
            Proxies::parse("10.0.0.0/33")
                .unwrap_err()
                .contains("'10.0.0.0/33'")
        );
    }
}
