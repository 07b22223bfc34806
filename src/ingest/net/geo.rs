//! Geography: networks and countries of addresses, from databases that the
//! user supplies.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use maxminddb::{PathElement, Reader};

use super::parse_address;
use crate::event::{NetKind, Origin};

/// MaxMind databases: of networks (ASN, ISP), of places (Country, City), or
/// both.
#[derive(Default)]
pub struct Geography {
    databases: Vec<Reader<Vec<u8>>>,
}

impl fmt::Debug for Geography {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let databases = self.databases.iter();
        f.debug_list()
            .entries(databases.map(|database| &database.metadata().database_type))
            .finish()
    }
}

impl Geography {
    /// Opens one more database. Where two know an address, the first counts.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no database of networks or places.
    pub fn open(&mut self, path: &Path) -> anyhow::Result<()> {
        if !std::fs::metadata(path)?.is_file() {
            bail!("it is no file");
        }
        let bytes = std::fs::read(path)?;
        let database = Reader::from_source(bytes).context("it is no MaxMind database")?;
        let kind = &database.metadata().database_type;
        let is_known = ["ASN", "ISP", "Country", "City", "Enterprise"]
            .iter()
            .any(|known| kind.contains(known));
        if !is_known {
            bail!("it is a database of {kind:?}, not of networks (ASN) or places (City, Country)");
        }
        self.databases.push(database);
        Ok(())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.databases.is_empty()
    }

    /// Fills in what the source itself did not say about a public address.
    pub fn locate(&self, origin: &mut Origin<'_>) {
        if !matches!(origin.net_kind, NetKind::Public | NetKind::Hosting) {
            return;
        }
        let Some(ip) = origin.address.as_deref().and_then(parse_address) else {
            return;
        };
        let knows_network = origin
            .network
            .as_deref()
            .is_some_and(|network| network.starts_with("AS"));
        if !knows_network && let Some(asn) = self.find::<u32>(ip, &["autonomous_system_number"]) {
            origin.network = Some(format!("AS{asn}").into());
        }
        if origin.country.is_none()
            && let Some(country) = self.find::<&str>(ip, &["country", "iso_code"])
        {
            origin.country = Some(country.to_owned().into());
        }
    }

    /// The value under `keys` in the first database that has one. A damaged
    /// database knows less.
    fn find<'d, T: serde::Deserialize<'d>>(&'d self, ip: IpAddr, keys: &[&str]) -> Option<T> {
        let keys: Vec<_> = keys.iter().map(|key| PathElement::Key(key)).collect();
        self.databases.iter().find_map(|database| {
            let found = database.lookup(ip).ok()?;
            found.decode_path::<T>(&keys).ok()?
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// A text of the database format.
    fn text(text: &str) -> Vec<u8> {
        let mut bytes = vec![0x40 | u8::try_from(text.len()).unwrap()];
        if text.len() >= 29 {
            bytes = vec![0x5d, u8::try_from(text.len() - 29).unwrap()];
        }
        bytes.extend(text.as_bytes());
        bytes
    }

    /// A map of the database format.
    fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xe0 | u8::try_from(members.len()).unwrap()];
        for (key, value) in members {
            bytes.extend(text(key));
            bytes.extend(value);
        }
        bytes
    }

    /// A number of the type that these bytes announce.
    fn number(kind: &[u8], n: u16) -> Vec<u8> {
        [kind.to_vec(), n.to_be_bytes().to_vec()].concat()
    }

    const U16: &[u8] = &[0xa2];
    const U32: &[u8] = &[0xc2];
    const U64: &[u8] = &[0x02, 0x02];

    /// A database that says the same of every address of 128.0.0.0/1 and
    /// nothing of others.
    fn database(kind: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 1, 0, 0, 17];
        bytes.extend([0; 16]);
        bytes.extend(data);
        bytes.extend(b"\xab\xcd\xefMaxMind.com");
        bytes.extend(map(&[
            ("binary_format_major_version", number(U16, 2)),
            ("binary_format_minor_version", number(U16, 0)),
            ("build_epoch", number(U64, 0)),
            ("database_type", text(kind)),
            ("description", map(&[])),
            ("ip_version", number(U16, 4)),
            ("languages", vec![0x00, 0x04]),
            ("node_count", number(U32, 1)),
            ("record_size", number(U16, 24)),
        ]));
        bytes
    }

    fn geography(databases: &[Vec<u8>]) -> anyhow::Result<Geography> {
        let folder = tempfile::tempdir()?;
        let mut geography = Geography::default();
        for bytes in databases {
            let path = folder.path().join("x.mmdb");
            std::fs::write(&path, bytes)?;
            geography.open(&path)?;
        }
        Ok(geography)
    }

    fn origin(address: &'static str) -> Origin<'static> {
        Origin {
            address: Some(address.into()),
            net_kind: NetKind::Public,
            network: Some("203.0.113.0/24".into()),
            ..Origin::default()
        }
    }

    #[test]
    fn databases_say_what_the_logs_do_not() {
        let asn = map(&[("autonomous_system_number", number(U32, 64_500))]);
        let country = map(&[("country", map(&[("iso_code", text("NO"))]))]);
        let geography = geography(&[
            database("GeoLite2-ASN", &asn),
            database("GeoLite2-Country", &country),
        ])
        .unwrap();

        let mut known = origin("203.0.113.7");
        geography.locate(&mut known);
        assert_eq!(known.network.as_deref(), Some("AS64500"));
        assert_eq!(known.country.as_deref(), Some("NO"));

        let mut unknown = origin("8.8.8.8");
        geography.locate(&mut unknown);
        assert_eq!(unknown, origin("8.8.8.8"));

        let mut told = Origin {
            network: Some("AS1".into()),
            country: Some("Norway".into()),
            ..origin("203.0.113.7")
        };
        geography.locate(&mut told);
        assert_eq!(told.network.as_deref(), Some("AS1"));
        assert_eq!(told.country.as_deref(), Some("Norway"));

        let mut private = Origin {
            net_kind: NetKind::Private,
            ..origin("203.0.113.7")
        };
        let before = private.clone();
        geography.locate(&mut private);
        assert_eq!(private, before);
    }

    #[test]
    fn what_is_no_such_database_is_refused() {
        let domain = database("GeoIP2-Domain", &map(&[]));
        let error = geography(&[domain]).unwrap_err();
        assert!(error.to_string().contains("Domain"), "{error:#}");
        assert!(geography(&[b"{}".to_vec()]).is_err());
        assert!(geography(&[Vec::new()]).is_err());
    }

    #[test]
    fn a_damaged_database_knows_less() {
        let asn = map(&[("autonomous_system_number", number(U32, 64_500))]);
        let whole = database("GeoLite2-ASN", &asn);
        for at in 0..22 + asn.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            if let Ok(geography) = geography(&[damaged]) {
                geography.locate(&mut origin("203.0.113.7"));
            }
        }
    }
}
