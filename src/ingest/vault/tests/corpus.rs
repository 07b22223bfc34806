//! Logs that nobody of us wrote.

use super::*;

/// What a whole log comes to.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    n_pairs: usize,
    n_halves: usize,
    skipped: BTreeMap<&'static str, usize>,
    events: BTreeMap<String, usize>,
}

impl Tally {
    fn of(lines: &[String]) -> Self {
        let mut tally = Self::default();
        let mut pairing = Pairing::new();
        for line in lines {
            match try_entry(line, Provenance::default()) {
                Ok(entry) => {
                    if let Some(exchange) = pairing.offer(entry) {
                        tally.n_pairs += 1;
                        tally.observe(&exchange.event());
                    }
                }
                Err(reason) => *tally.skipped.entry(reason.name()).or_default() += 1,
            }
        }
        for entry in pairing.into_unpaired() {
            tally.n_halves += 1;
            tally.observe(&Exchange::from_half(entry).event());
        }
        tally
    }

    fn observe(&mut self, event: &Event<'_>) {
        assert!(!format!("{event:?}").contains("hmac-"), "{event:?}");
        let line = format!("{} {}", event.action.name, event.outcome.name());
        *self.events.entry(line).or_default() += 1;
        *self.events.entry(event.actor.key.to_string()).or_default() += 1;
    }

    fn n(&self, line: &str) -> usize {
        self.events.get(line).copied().unwrap_or_default()
    }
}

#[test]
fn real_log_of_a_lab_comes_out_whole() {
    let name = "vault/hashicorp-education_learn-vault-monitoring/vault-audit.log";
    let Some(lines) = sample_logs::lines(name) else {
        return;
    };
    assert_eq!(lines.len(), 1397);
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (698, 1));
    assert!(tally.skipped.is_empty());
    assert_eq!(tally.n("auth/userpass/login success"), 221);
    assert_eq!(tally.n("auth/approle/login success"), 8);
    assert_eq!(tally.n("auth/approle/login auth_failure"), 2);
    assert_eq!(tally.n("sys/mounts/read denied"), 2);
    assert_eq!(tally.n("other/roles/list error"), 1);
    assert_eq!(tally.n("totp/code/read success"), 25);
    assert_eq!(tally.n("transit/encrypt success"), 100);
    let entities = tally.events.keys().filter(|line| line.contains(":entity:"));
    assert_eq!(entities.count(), 6);
}

#[test]
fn real_log_of_a_scraper_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/samgabrail_vault-monitoring/vault-audit.log")
    else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (92, 1));
    assert_eq!(tally.skipped, [("internal", 1)].into());
    assert_eq!(tally.n("sys/metrics/read success"), 92);
    assert_eq!(tally.n("sys/audit/update success"), 1);
}

#[test]
fn real_log_of_a_root_token_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/ParleSec_DIDentity/audit.log") else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!((tally.n_pairs, tally.n_halves), (17, 2));
    assert_eq!(tally.skipped, [("internal", 2)].into());
    assert_eq!(tally.n("kv/read success"), 17);
    assert_eq!(tally.n("vault:prod:root"), 19);
}

#[test]
fn real_log_behind_a_block_of_nuls_comes_out_whole() {
    let Some(lines) = sample_logs::lines("vault/testdrivenio_vault-consul-docker/audit.log") else {
        return;
    };
    let tally = Tally::of(&lines);
    assert_eq!(
        (tally.n_pairs, tally.n_halves),
        (54, 0),
        "{:?}",
        tally.skipped
    );
    assert!(tally.skipped.is_empty());
    assert_eq!(tally.n("aws/creds/read error"), 3);
    assert_eq!(tally.n("kv/read denied"), 3);
    assert_eq!(tally.n("sys/leases/revoke success"), 1);
    assert_eq!(tally.n("sys/leases/revoke-prefix success"), 1);
    assert_eq!(tally.n("vault:prod:root"), 44);
}
