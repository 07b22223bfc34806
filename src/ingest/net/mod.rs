//! A source address and the network it belongs to.
//!
//! An address is what the log holds; a network is what habits are learned on:
//! a prefix wide enough to survive a new lease, narrow enough to mean a place.

mod geo;
mod hosting;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub use geo::Geography;

use crate::event::{NetKind, encode_component};

/// What one logged source address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network<'a> {
    /// The address in canonical form, without port, brackets or zone; absent
    /// when the text is no address.
    pub address: Option<Cow<'a, str>>,
    /// What kind of address it is.
    pub kind: NetKind,
    /// The value of the network dimension: `203.0.113.0/24`,
    /// `2001:db8:1::/48`, `vpce-0a1b`, `private/<tenant>/10.1.0.0/16`. Absent
    /// when the address says nothing about the caller.
    pub value: Option<Cow<'a, str>>,
}

impl<'a> Network<'a> {
    /// Classifies the address `text` as logged for `tenant`.
    ///
    /// A VPC `endpoint` is a better name for a place than any private address
    /// behind it, so it wins over them; a public address wins over it. Text
    /// that is no address gives [`NetKind::None`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use habitual::ingest::net::Network;
    /// let network = Network::of("203.0.113.7:443".into(), "111122223333", None);
    /// assert_eq!(network.value.as_deref(), Some("203.0.113.0/24"));
    /// ```
    #[must_use]
    pub fn of(text: Cow<'a, str>, tenant: &str, endpoint: Option<Cow<'a, str>>) -> Self {
        let Some(ip) = parse_address(&text) else {
            return match nearest(&text) {
                Some(own) => Self::of(own.to_owned().into(), tenant, endpoint),
                None => Self::endpoint(None, endpoint),
            };
        };
        let address = Some(canonical(text, ip));
        match reach(ip) {
            kind @ (NetKind::Public | NetKind::Hosting) => Self {
                address,
                kind,
                value: Some(prefix(ip, 24).into()),
            },
            NetKind::Private if endpoint.is_none() => Self {
                address,
                kind: NetKind::Private,
                value: Some(
                    format!("private/{}/{}", encode_component(tenant), prefix(ip, 16)).into(),
                ),
            },
            _ => Self::endpoint(address, endpoint),
        }
    }

    fn endpoint(address: Option<Cow<'a, str>>, endpoint: Option<Cow<'a, str>>) -> Self {
        let kind = if endpoint.is_some() {
            NetKind::VpcEndpoint
        } else {
            NetKind::None
        };
        Self {
            address,
            kind,
            value: endpoint,
        }
    }
}

/// Reads an address that may carry a port, brackets, a zone or an IPv4-mapped
/// form, the last given as IPv4.
#[must_use]
pub fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        return Some(IpAddr::V4(ip));
    }
    let host = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => match text.split_once(':') {
            Some((host, port)) if is_port(port) && host.contains('.') => host,
            _ => text,
        },
    };
    let host = host.split('%').next()?;
    host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Of the addresses that a call was forwarded over, the client's claim first:
/// the last that is public, since whoever noted it saw the caller. Where none
/// is, the last.
fn nearest(chain: &str) -> Option<&str> {
    let (_, last) = chain.rsplit_once(',')?;
    let is_public = |hop: &&str| {
        let kind = parse_address(hop).map(reach);
        matches!(kind, Some(NetKind::Public | NetKind::Hosting))
    };
    let own = chain.rsplit(',').take(MAX_HOPS).find(is_public);
    own.or_else(|| parse_address(last).map(|_| last))
        .map(str::trim)
}

/// Addresses of one chain that are looked at.
const MAX_HOPS: usize = 16;

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// `text` itself where it already is the canonical form, so that the common
/// case allocates nothing.
fn canonical(text: Cow<'_, str>, ip: IpAddr) -> Cow<'_, str> {
    let canonical = match ip {
        // An IPv4 address has one spelling only.
        IpAddr::V4(_) if text.parse::<Ipv4Addr>().is_ok() => return text,
        _ => ip.to_string(),
    };
    if canonical == *text {
        text
    } else {
        canonical.into()
    }
}

/// Public, rented out, private, or (unspecified, multicast, broadcast) none.
fn reach(ip: IpAddr) -> NetKind {
    let (is_private, is_nowhere) = match ip {
        IpAddr::V4(ip) => (
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared(ip),
            ip.octets().first() == Some(&0) || ip.is_multicast() || ip.is_broadcast(),
        ),
        IpAddr::V6(ip) => (
            ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local(),
            ip.is_unspecified() || ip.is_multicast(),
        ),
    };
    match (is_private, is_nowhere) {
        (true, _) => NetKind::Private,
        (false, true) => NetKind::None,
        (false, false) if hosting::provider(ip).is_some() => NetKind::Hosting,
        (false, false) => NetKind::Public,
    }
}

/// Whether `ip` is carrier-grade shared space, 100.64.0.0/10 (RFC 6598).
fn is_shared(ip: Ipv4Addr) -> bool {
    ip.to_bits() >> 22 == Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22
}

/// The prefix of `v4_bits` bits, or 48 for IPv6, as text.
fn prefix(ip: IpAddr, v4_bits: u32) -> String {
    match ip {
        IpAddr::V4(ip) => {
            let host_bits = 32_u32.saturating_sub(v4_bits);
            let base = ip.to_bits() >> host_bits << host_bits;
            format!("{}/{v4_bits}", Ipv4Addr::from_bits(base))
        }
        IpAddr::V6(ip) => {
            let base = ip.to_bits() >> 80 << 80;
            format!("{}/48", Ipv6Addr::from_bits(base))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn network(text: &str, kind: NetKind, address: &str, value: &str) {
        let network = Network::of(text.into(), "111122223333", None);
        assert_eq!(network.kind, kind, "{text}");
        assert_eq!(network.address.as_deref().unwrap_or(""), address, "{text}");
        assert_eq!(network.value.as_deref().unwrap_or(""), value, "{text}");
    }

    #[test]
    fn public_address_becomes_its_prefix() {
        let kind = NetKind::Public;
        network("203.0.113.7", kind, "203.0.113.7", "203.0.113.0/24");
        network(
            "2001:DB8:1:2::1",
            kind,
            "2001:db8:1:2::1",
            "2001:db8:1::/48",
        );
        network("172.32.0.1", kind, "172.32.0.1", "172.32.0.0/24");
        network("100.128.0.0", kind, "100.128.0.0", "100.128.0.0/24");
    }

    #[test]
    fn of_a_chain_the_last_public_address_counts_since_the_first_is_the_client_s_claim() {
        let kind = NetKind::Public;
        let value = "203.0.113.0/24";
        network("203.0.113.7, 192.168.10.10", kind, "203.0.113.7", value);
        network("8.8.8.8,203.0.113.7,10.0.0.1", kind, "203.0.113.7", value);
        network(
            "10.0.0.2, 10.0.0.1",
            NetKind::Private,
            "10.0.0.1",
            "private/111122223333/10.0.0.0/16",
        );
        network("a, b", NetKind::None, "", "");
        network(&"1,".repeat(1_000_000), NetKind::None, "", "");
    }

    #[test]
    fn rented_addresses_are_a_kind_of_their_own() {
        let kind = NetKind::Hosting;
        network("100.63.255.255", kind, "100.63.255.255", "100.63.255.0/24");
        network("2600:1f00::1", kind, "2600:1f00::1", "2600:1f00::/48");
    }

    #[test]
    fn ports_brackets_zones_and_mapped_forms_are_stripped() {
        let kind = NetKind::Public;
        let value = "203.0.113.0/24";
        network("203.0.113.7:443", kind, "203.0.113.7", value);
        network("::ffff:203.0.113.7", kind, "203.0.113.7", value);
        network("[::ffff:203.0.113.7]:443", kind, "203.0.113.7", value);
        network(" 203.0.113.7 ", kind, "203.0.113.7", value);
        network("[2001:db8::1]:443", kind, "2001:db8::1", "2001:db8::/48");
        network(
            "fe80::1%eth0",
            NetKind::Private,
            "fe80::1",
            "private/111122223333/fe80::/48",
        );
    }

    #[test]
    fn private_address_is_kept_apart_per_tenant() {
        let kind = NetKind::Private;
        network(
            "10.1.2.3",
            kind,
            "10.1.2.3",
            "private/111122223333/10.1.0.0/16",
        );
        network(
            "100.64.0.0",
            kind,
            "100.64.0.0",
            "private/111122223333/100.64.0.0/16",
        );
        network(
            "172.31.255.255",
            kind,
            "172.31.255.255",
            "private/111122223333/172.31.0.0/16",
        );
        network(
            "127.0.0.1",
            kind,
            "127.0.0.1",
            "private/111122223333/127.0.0.0/16",
        );
        network("::1", kind, "::1", "private/111122223333/::/48");
    }

    #[test]
    fn what_is_no_place_has_no_network() {
        network("", NetKind::None, "", "");
        network("AWS Internal", NetKind::None, "", "");
        network("1.2.3", NetKind::None, "", "");
        network("1.2.3.4.5", NetKind::None, "", "");
        network("1.2.3.4:99999", NetKind::None, "", "");
        network("0.0.0.0", NetKind::None, "0.0.0.0", "");
        network("::", NetKind::None, "::", "");
        network("[", NetKind::None, "", "");
    }

    #[test]
    fn endpoint_names_the_private_place_but_not_the_public_one() {
        let endpoint = || Some(Cow::Borrowed("vpce-0a1b"));
        let private = Network::of("10.1.2.3".into(), "1", endpoint());
        assert_eq!(private.kind, NetKind::VpcEndpoint);
        assert_eq!(private.value, endpoint());
        let public = Network::of("203.0.113.7".into(), "1", endpoint());
        assert_eq!(public.kind, NetKind::Public);
        assert_eq!(public.value.as_deref(), Some("203.0.113.0/24"));
        let unnamed = Network::of("".into(), "1", endpoint());
        assert_eq!(unnamed.kind, NetKind::VpcEndpoint);
    }

    #[test]
    fn canonical_address_is_borrowed() {
        for text in ["203.0.113.7", "2001:db8::1"] {
            let network = Network::of(Cow::Borrowed(text), "1", None);
            assert!(matches!(network.address, Some(Cow::Borrowed(_))), "{text}");
        }
    }
}
