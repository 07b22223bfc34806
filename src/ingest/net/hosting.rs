//! Hosting: public addresses that are rented out with the machines in them.

use std::net::IpAddr;
use std::sync::LazyLock;

/// `provider: prefix prefix …`, one line or several per provider.
const RANGES: &str = include_str!("hosting.txt");

/// First and last address, and whose; ascending, and none inside another's.
type Range = (IpAddr, IpAddr, &'static str);

static SORTED: LazyLock<Vec<Range>> = LazyLock::new(|| {
    let mut ranges: Vec<Range> = RANGES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(provider, prefixes)| {
            let prefixes = prefixes.split_whitespace();
            prefixes.filter_map(move |prefix| {
                let (first, last) = ends(prefix)?;
                Some((first, last, provider))
            })
        })
        .collect();
    ranges.sort_unstable();
    ranges
});

/// The provider that rents `ip` out, as far as its larger ranges tell.
pub(super) fn provider(ip: IpAddr) -> Option<&'static str> {
    let after = SORTED.partition_point(|(first, _, _)| *first <= ip);
    let (_, last, provider) = SORTED.get(after.checked_sub(1)?)?;
    (ip <= *last && ip.is_ipv4() == last.is_ipv4()).then_some(*provider)
}

/// The first and the last address of `prefix`.
fn ends(prefix: &str) -> Option<(IpAddr, IpAddr)> {
    let (first, bits) = prefix.split_once('/')?;
    let bits = bits.parse::<u32>().ok()?;
    match first.parse().ok()? {
        IpAddr::V4(first) => {
            let host = u32::MAX.checked_shr(bits).unwrap_or_default();
            Some((first.into(), IpAddr::V4((first.to_bits() | host).into())))
        }
        IpAddr::V6(first) => {
            let host = u128::MAX.checked_shr(bits).unwrap_or_default();
            Some((first.into(), IpAddr::V6((first.to_bits() | host).into())))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[track_caller]
    fn belongs(ip: &str, expected: Option<&str>) {
        assert_eq!(provider(ip.parse().unwrap()), expected, "{ip}");
    }

    #[test]
    fn rented_addresses_are_told_from_others() {
        belongs("3.15.255.255", Some("aws"));
        belongs("54.36.1.2", Some("ovh"));
        belongs("35.190.0.1", Some("gcp"));
        belongs("20.190.1.1", Some("azure"));
        belongs("167.99.255.255", Some("digitalocean"));
        belongs("167.100.0.0", None);
        belongs("2406:da00:1::1", Some("aws"));
        belongs("2a01:4f9::1", Some("hetzner"));
        belongs("2a01:4fa::1", None);
        belongs("0.0.0.0", None);
        belongs("255.255.255.255", None);
        belongs("::ffff", None);
    }

    #[test]
    fn documentation_ranges_are_nobodys() {
        for ip in ["192.0.2.1", "198.51.100.7", "203.0.113.7", "2001:db8::1"] {
            belongs(ip, None);
        }
    }

    #[test]
    fn every_range_can_be_read_and_none_overlaps_another() {
        let lines = RANGES.lines().filter(|line| !line.starts_with('#'));
        let n_prefixes: usize = lines.map(|line| line.split_whitespace().count() - 1).sum();
        assert_eq!(SORTED.len(), n_prefixes);
        for pair in SORTED.windows(2) {
            assert!(pair[0].1 < pair[1].0, "{pair:?}");
        }
    }
}
