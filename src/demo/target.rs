//! Targets: their templates are filled, and addresses given a last part.

use chrono::{Datelike as _, NaiveDate};

use super::act::PlaceId;
use super::cast::Member;
use super::ids;
use super::rng::Rng;

/// Names that `{word}` stands for: what an intruder finds.
const WORDS: [&str; 24] = [
    "db",
    "gateway",
    "tls",
    "smtp",
    "ledger",
    "signing",
    "backup",
    "admin",
    "root",
    "sso",
    "warehouse",
    "billing",
    "stripe",
    "tokens",
    "oauth",
    "ssh",
    "mirror",
    "vpn",
    "ldap",
    "cards",
    "refunds",
    "salaries",
    "contracts",
    "archive",
];

/// `template` with `{n}`, `{date}`, `{week}`, `{day}`, `{id}`, `{word}` and
/// `{project}` filled.
pub(super) fn fill(template: &str, date: NaiveDate, member: &Member, rng: &mut Rng) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    let mut out = template.replace("{project}", &member.project);
    if out.contains("{date}") {
        out = out.replace("{date}", &date.format("%Y/%m/%d").to_string());
    }
    if out.contains("{week}") {
        let week = format!("{}w{:02}", date.iso_week().year(), date.iso_week().week());
        out = out.replace("{week}", &week);
    }
    if out.contains("{day}") {
        out = out.replace("{day}", &date.format("%Y%m%d").to_string());
    }
    if out.contains("{n}") {
        out = out.replace("{n}", &rng.between(1, 400).to_string());
    }
    if out.contains("{word}") {
        out = out.replace("{word}", rng.pick(&WORDS).copied().unwrap_or_default());
    }
    if out.contains("{id}") {
        out = out.replace("{id}", &ids::hex(&rng.next().to_string(), 15));
    }
    out
}

/// `template` filled as habit does it: what was used often is used again.
pub(super) fn fill_by_habit(
    template: &str,
    date: NaiveDate,
    member: &Member,
    rng: &mut Rng,
) -> String {
    if template.contains("{n}") {
        let template = template.replace("{n}", &rng.zipf(400).to_string());
        return fill(&template, date, member, rng);
    }
    fill(template, date, member, rng)
}

/// The last part of the address that `fleet` (one machine of many) has at
/// `place`: always the same.
pub(super) fn host(place: PlaceId, fleet: u64) -> u32 {
    let place = u64::try_from(place).unwrap_or_default();
    let spread = ids::mix(fleet ^ place << 32) % 200;
    10 + u32::try_from(spread).unwrap_or_default()
}
