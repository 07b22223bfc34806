//! Calls: what `events.txt` says a call looks like, ready to be filled in.

use anyhow::{Context, Result, bail};

/// One piece of a template.
#[derive(Clone, Debug)]
pub enum Piece {
    /// As it stands.
    Text(Box<[u8]>),
    /// The letter after a dollar sign, and the number after it.
    Blank(u8, u64),
}

/// A JSON value with blanks; nothing when it is absent.
pub type Template = Vec<Piece>;

/// One call: an API name of a service.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The service, without its domain.
    pub service: String,
    /// The API name.
    pub name: String,
    /// How common it is.
    pub weight: u64,
    /// Whether it changes nothing.
    pub reads: bool,
    /// Whether it is a data event.
    pub is_data: bool,
    /// Whether it is recorded in us-east-1 only.
    pub is_global: bool,
    /// Whether the service reports it of itself.
    pub is_service_event: bool,
    /// `requestParameters`.
    pub request: Template,
    /// `responseElements`.
    pub response: Template,
    /// `resources`.
    pub resources: Template,
    /// `additionalEventData`, or `serviceEventDetails`.
    pub additional: Template,
}

/// Reads the blocks of `text`: one call for each event name.
pub fn parse(text: &str) -> Result<Vec<Call>> {
    let mut calls = Vec::new();
    let mut block: Vec<Call> = Vec::new();
    for line in text.lines() {
        let Some((mark, rest)) = line.split_once(' ') else {
            continue;
        };
        let template = || parse_template(rest).with_context(|| line.to_owned());
        match mark {
            "#" if block.is_empty() => {}
            "@" => {
                calls.append(&mut block);
                block = parse_header(rest).with_context(|| line.to_owned())?;
            }
            "?" => set(&mut block, &template()?, |call| &mut call.request),
            "=" => set(&mut block, &template()?, |call| &mut call.response),
            "#" => set(&mut block, &template()?, |call| &mut call.resources),
            "+" => set(&mut block, &template()?, |call| &mut call.additional),
            _ => bail!("not a line of a block: {line}"),
        }
    }
    calls.append(&mut block);
    Ok(calls)
}

fn set(block: &mut [Call], template: &Template, field: impl Fn(&mut Call) -> &mut Template) {
    for call in block {
        field(call).clone_from(template);
    }
}

fn parse_header(header: &str) -> Result<Vec<Call>> {
    let mut words = header.split(' ');
    let service = words.next().context("no service")?;
    let flags = words.next().context("no flags")?;
    let weight: u64 = words.next().context("no weight")?.parse()?;
    let names: Vec<&str> = words.collect();
    let share = (weight * 100 / names.len() as u64).max(1);
    let call = |name: &&str| Call {
        service: service.to_owned(),
        name: (*name).to_owned(),
        weight: share,
        reads: flags.contains('r'),
        is_data: flags.contains('d'),
        is_global: flags.contains('g'),
        is_service_event: flags.contains('e'),
        ..Call::default()
    };
    Ok(names.iter().map(call).collect())
}

fn parse_template(text: &str) -> Result<Template> {
    let mut template = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let letter = rest.bytes().next().context("a dollar sign at the end")?;
        rest = &rest[1..];
        let mut count = 0;
        match letter {
            b'$' => {
                plain.push('$');
                continue;
            }
            b's' | b'h' | b'x' | b'A' | b'n' => {
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                count = rest[..digits].parse()?;
                rest = &rest[digits..];
            }
            b'a' | b'r' | b'i' | b'e' | b'w' | b'b' | b'k' | b'u' | b't' | b'd' | b'c' => {}
            _ => bail!("no blank is called ${}", char::from(letter)),
        }
        template.push(Piece::Text(std::mem::take(&mut plain).into_bytes().into()));
        template.push(Piece::Blank(letter, count));
    }
    plain.push_str(rest);
    template.push(Piece::Text(plain.into_bytes().into()));
    Ok(template)
}
