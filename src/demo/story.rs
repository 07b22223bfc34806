//! The story: what `README.txt` of a demo says.

use std::fmt::Write as _;

use super::DemoOptions;
use super::label::{Label, LabelKind};

const OPENING: &str = "\
corp.example: an organisation that does not exist
=================================================

Everything in this folder is made up. Addresses are from documentation and
benchmark ranges, and no account, person or secret is real.

cloudtrail/   AWS CloudTrail of two accounts, as S3 holds it
okta/         Okta System Log, a file a day
vault/        HashiCorp Vault audit log, a file a day
labels.json   the truth, for checking a result against

Some twenty people build and sell things: they sign on through Okta, use AWS
from the office, from home and over the VPN, and read secrets from Vault. Some
forty machines deploy, serve, calculate at night and back up. The last seven
days hold the changes listed below: takeovers, and ordinary ones that look
strange until one knows the habits behind them.

Try:
  habitual inspect cloudtrail okta vault
  habitual replay cloudtrail okta vault
";

/// The text for `labels`.
pub(super) fn tell(labels: &[Label], options: &DemoOptions) -> String {
    let mut text = OPENING.to_owned();
    let n_more = options
        .identities
        .saturating_sub(DemoOptions::default().identities);
    if n_more > 0 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nThere are {n_more} more of both, in further teams.");
    }
    let chapters = [
        (LabelKind::Planted, "Planted: should be found"),
        (LabelKind::Quiet, "Ordinary: should stay quiet"),
    ];
    for (kind, title) in chapters {
        let labels: Vec<&Label> = labels.iter().filter(|label| label.kind == kind).collect();
        if !labels.is_empty() {
            chapter(&mut text, title, labels.into_iter());
        }
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\nSeed {}, {} days, difficulty {}: the same options write the same bytes.",
        options.seed,
        options.days,
        options.difficulty.name(),
    );
    text
}

/// One heading, and each story with the identities it happens to.
fn chapter<'a>(text: &mut String, title: &str, labels: impl Iterator<Item = &'a Label>) {
    let _ = writeln!(text, "\n{title}\n{}", "-".repeat(title.len()));
    let mut told = "";
    for label in labels {
        if label.scenario != told {
            told = label.scenario;
            let _ = writeln!(text, "{}  {}", label.scenario, label.title);
            let _ = writeln!(text, "     {}", label.what);
        }
        let days = match label.days.as_slice() {
            [] => String::new(),
            [day] => day.clone(),
            [first, .., last] => format!("{first} to {last}"),
        };
        let _ = writeln!(
            text,
            "     {} ({}) {days}",
            label.identity_name, label.identity_key
        );
    }
}
