//! Columns: one line per finding, in a list of many or above its details.

use std::collections::{BTreeMap, BTreeSet};

use super::{VERY_WIDE, WIDE};
use crate::event::Source;
use crate::finding::{Finding, FindingDay};
use crate::report::layout::{pad, truncate, width};
use crate::report::pen::{Ink, Pen};
use crate::report::phrase::{class, count, minute, number, one_in};
use crate::report::{Report, leading};

/// Periods drawn as bars; more would not fit the line.
const BARS: usize = 31;

/// Room that a reason needs; what is below is not worth it …
const SHORTEST_WHY: usize = 21;
/// … nor a name cut to less than this.
const SHORTEST_NAME: usize = 24;

/// Readable names, told apart where two identities share one: the same person
/// has an identity in every product.
pub(super) struct Names {
    shared: BTreeSet<String>,
}

impl Names {
    pub(super) fn new(findings: &[Finding]) -> Self {
        let mut n_of: BTreeMap<&str, u32> = BTreeMap::new();
        for finding in findings {
            *n_of.entry(finding.identity.name.as_raw()).or_default() += 1;
        }
        let shared = n_of.into_iter().filter(|(_, n)| *n > 1);
        Self {
            shared: shared.map(|(name, _)| name.to_owned()).collect(),
        }
    }

    /// The name, encoded, with the product where the name alone is not enough.
    pub(super) fn of(&self, pen: &Pen<'_>, finding: &Finding) -> String {
        let (name, product) = self.parts(pen, finding);
        name + &product
    }

    /// The name within `width` columns; the product is not cut off.
    pub(super) fn within(&self, pen: &Pen<'_>, finding: &Finding, columns: usize) -> String {
        let (name, product) = self.parts(pen, finding);
        let room = columns.saturating_sub(width(&product));
        let name = truncate(&name, room.max(4), pen.ellipsis());
        truncate(&(name + &product), columns, pen.ellipsis())
    }

    fn parts(&self, pen: &Pen<'_>, finding: &Finding) -> (String, String) {
        let identity = &finding.identity;
        let name = pen.text(&identity.name);
        if !self.shared.contains(identity.name.as_raw()) {
            return (name, String::new());
        }
        let products: Vec<&str> = identity.sources.iter().map(|s| product(*s)).collect();
        (name, format!(" ({})", products.join(", ")))
    }
}

/// The product in one short word.
fn product(source: Source) -> &'static str {
    match source {
        Source::CloudTrail => "aws",
        Source::Okta => "okta",
        Source::Vault => "vault",
        Source::Generic => "other",
    }
}

/// What a column shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Rank,
    Severity,
    Identity,
    Class,
    Tenant,
    Odds,
    FirstSign,
    Bars,
    Why,
}

/// One column of a line.
pub(super) struct Column {
    field: Field,
    title: &'static str,
    width: usize,
}

fn column(field: Field, title: &'static str, width: usize) -> Column {
    Column {
        field,
        title,
        width,
    }
}

/// The columns of a list of many: the reason in a few words takes what is
/// left, if that is enough.
pub(super) fn of_list(
    pen: &Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    listed: &[&Finding],
) -> Vec<Column> {
    let line = pen.width();
    let mut columns = first_columns();
    columns.push(column(Field::Odds, "CHANCE", widest_odds(listed)));
    if line >= WIDE {
        // The date first: the reason needs the room more than the minute does.
        let width = if line >= VERY_WIDE { 17 } else { 10 };
        columns.push(column(Field::FirstSign, "FIRST SIGN", width));
    }
    if line >= VERY_WIDE {
        columns.extend(bars_column(report, listed));
    }
    let left = line.saturating_sub(taken(&columns));
    let longest = longest_name(pen, names, listed);
    let most = left.saturating_sub(SHORTEST_WHY + 2);
    let identity = if most >= SHORTEST_NAME {
        let identity = longest.min(most);
        columns.push(column(Field::Why, "WHY", left.saturating_sub(identity + 2)));
        identity
    } else {
        longest.min(left).max(8)
    };
    give_identity(&mut columns, identity);
    columns
}

/// The columns above the details of a finding, the identity taking what is
/// left.
pub(super) fn of_entries(
    pen: &Pen<'_>,
    report: &Report<'_>,
    names: &Names,
    detailed: &[&Finding],
) -> Vec<Column> {
    let line = pen.width();
    let mut columns = first_columns();
    if line >= VERY_WIDE {
        columns.push(column(Field::Class, "CLASS", 15));
        columns.push(column(Field::Tenant, "TENANT", 20));
    }
    columns.push(column(Field::Odds, "CHANCE", 14));
    if line >= WIDE {
        columns.extend(bars_column(report, detailed));
    }
    if line >= 56 {
        let width = if line >= 72 { 17 } else { 10 };
        columns.push(column(Field::FirstSign, "FIRST SIGN", width));
    }
    let left = line.saturating_sub(taken(&columns));
    let wanted = match longest_name(pen, names, detailed) {
        longest if line >= WIDE => longest.max(32),
        _ => usize::MAX,
    };
    give_identity(&mut columns, left.min(wanted).max(4));
    columns
}

fn first_columns() -> Vec<Column> {
    vec![
        column(Field::Rank, "  #", 3),
        column(Field::Severity, "SEVERITY", 8),
        column(Field::Identity, "IDENTITY", 0),
    ]
}

fn bars_column(report: &Report<'_>, findings: &[&Finding]) -> Option<Column> {
    let n_bars = findings.iter().map(|f| f.days.len()).max().unwrap_or(0);
    let title = if report.assessment.period == "day" {
        "DAYS"
    } else {
        "TIMES"
    };
    (2..=BARS)
        .contains(&n_bars)
        .then(|| column(Field::Bars, title, n_bars.max(5)))
}

/// What the columns take of a line, with the spaces between them.
fn taken(columns: &[Column]) -> usize {
    let taken: usize = columns.iter().map(|c| c.width + 2).sum();
    taken.saturating_sub(2)
}

fn give_identity(columns: &mut [Column], width: usize) {
    for column in columns {
        if column.field == Field::Identity {
            column.width = width;
        }
    }
}

fn longest_name(pen: &Pen<'_>, names: &Names, findings: &[&Finding]) -> usize {
    let widths = findings.iter().map(|f| width(&names.of(pen, f)));
    widths.max().unwrap_or(0)
}

fn widest_odds(findings: &[&Finding]) -> usize {
    let odds = findings.iter().filter_map(|f| f.p_value);
    odds.map(|p| width(&one_in(p))).max().unwrap_or(0).max(6)
}

/// Writes the column titles, and a rule under them.
pub(super) fn titles(pen: &mut Pen<'_>, columns: &[Column]) -> anyhow::Result<()> {
    pen.line("")?;
    let titles: Vec<String> = columns.iter().map(|c| pad(c.title, c.width)).collect();
    let titles = pen.paint(titles.join("  ").trim_end(), Ink::Bold);
    pen.line(&titles)?;
    let rule = pen.rule();
    let rule = pen.paint(&rule, Ink::Dim);
    pen.line(&rule)
}

/// Writes the line of one finding.
pub(super) fn line(
    pen: &mut Pen<'_>,
    columns: &[Column],
    names: &Names,
    finding: &Finding,
) -> anyhow::Result<()> {
    let cells: Vec<String> = columns
        .iter()
        .map(|column| {
            let text = cell(pen, column, names, finding);
            let shown = truncate(&text, column.width, pen.ellipsis());
            let padded = pad(&shown, column.width);
            match column.field {
                Field::Severity => pen.paint(&padded, Ink::of(finding.severity)),
                Field::Identity => pen.paint(&padded, Ink::Bold),
                _ => padded,
            }
        })
        .collect();
    pen.line(&cells.join("  "))
}

fn cell(pen: &Pen<'_>, column: &Column, names: &Names, finding: &Finding) -> String {
    match column.field {
        Field::Rank => finding
            .rank
            .map_or_else(String::new, |rank| format!("{rank:>3}")),
        Field::Severity => finding.severity.name().to_owned(),
        Field::Identity => names.within(pen, finding, column.width),
        Field::Class => class(finding),
        Field::Tenant => pen.text(&finding.identity.tenant),
        Field::Odds => finding.p_value.map_or_else(String::new, one_in),
        Field::Bars => bars(pen, &finding.days),
        Field::FirstSign => first_sign(finding, column.width),
        Field::Why => in_short(pen, finding),
    }
}

/// Dimensions whose values read well as they are.
const PLAIN: [&str; 7] = [
    "action", "service", "scope", "area", "network", "client", "region",
];

/// The leading reason in a few words: the first new value, else what was
/// observed.
fn in_short(pen: &Pen<'_>, finding: &Finding) -> String {
    let Some(lead) = leading(finding) else {
        return String::new();
    };
    let is_plain = lead.novelty.is_some() && PLAIN.contains(&lead.dimension);
    match lead.values.as_slice() {
        [only] if is_plain => format!("new {}", pen.text(only)),
        [first, rest @ ..] if is_plain => {
            let n_more = number(rest.len()).saturating_add(lead.n_more_values);
            format!("new {} and {} more", pen.text(first), count(n_more))
        }
        _ => pen.text(&lead.observed),
    }
}

/// When it began, or at least on which day.
fn first_sign(finding: &Finding, columns: usize) -> String {
    match finding.first_sign() {
        Some(time) if columns >= 17 => minute(time),
        Some(time) => time.date(),
        None => leading(finding).map_or_else(String::new, |lead| lead.day.clone()),
    }
}

/// One mark per period, higher for the more unusual: every two bits of
/// surprise beyond 1 in 4 are a step.
fn bars(pen: &Pen<'_>, days: &[FindingDay]) -> String {
    const UNICODE: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    const ASCII: [&str; 8] = ["_", ".", ":", "-", "=", "+", "*", "#"];
    const STEPS: [f64; 7] = [4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0];
    days.iter()
        .map(|day| {
            let Some(p) = day.p_value else {
                return pen.either("·", " ");
            };
            let level = STEPS.iter().filter(|bits| -p.log2() >= **bits).count();
            let (unicode, ascii) = (UNICODE.get(level), ASCII.get(level));
            pen.either(unicode.unwrap_or(&"█"), ascii.unwrap_or(&"#"))
        })
        .collect()
}
