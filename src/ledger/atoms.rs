//! One event to the atoms of its day.

use std::fmt::Write;

use super::tenants::Reading;
use super::{Dimension, template_scope};
use crate::event::{EdgeKind, Event, Flags, Mfa, Mount, NetKind, Origin, Timestamp, Verb};

/// Calls `emit` with each categorical value that `event` contributes.
///
/// Calls made on the identity's behalf (`Event::is_direct` is false) never
/// reach origin and hour: one stack deployment would look like 400 calls from
/// a new network. Things that merely happened to the identity reach only the
/// error dimension.
pub(super) fn for_each_atom(
    event: &Event<'_>,
    buffer: &mut String,
    mut emit: impl FnMut(Dimension, &str),
) {
    if event.action.verb == Verb::Eval {
        return;
    }
    if event.outcome.is_failure() {
        let code = event.outcome_code.as_deref().unwrap_or("-");
        let value = format_into(
            buffer,
            format_args!("{}/{}/{code}", event.outcome.name(), event.action.service),
        );
        emit(Dimension::Error, value);
    }
    if event.flags.has(Flags::ABOUT_IDENTITY) {
        return;
    }
    emit(Dimension::Action, &event.action.name);
    emit(Dimension::Service, &event.action.service);
    emit(Dimension::Account, &event.tenant);
    if let Some(region) = &event.region {
        emit(Dimension::Region, region);
    }
    for resource in &event.resources {
        if let Some((scope, area)) = template_scope(&resource.scope) {
            emit(Dimension::Area, scope.get(..area).unwrap_or_default());
            match plain_name(event) {
                Some((mount, plain)) => {
                    let reading = Reading::Name {
                        mount,
                        versioned: &scope,
                        plain: &plain,
                    };
                    reading.write(buffer);
                    emit(Dimension::Scope, buffer);
                }
                None => emit(Dimension::Scope, &scope),
            }
        }
    }
    for edge in &event.edges {
        emit(
            Dimension::Edge,
            format_into(buffer, format_args!("{}:{}", edge.kind.name(), edge.target)),
        );
    }
    if event.is_direct() {
        origin_atoms(event, buffer, &mut emit);
        emit(
            Dimension::Hour,
            format_into(buffer, format_args!("{:02}", hour_of(event.time))),
        );
    }
}

/// What was done to somebody, and by whom: the value of an edge.
pub(super) fn undergone<'b>(event: &Event<'_>, buffer: &'b mut String) -> &'b str {
    let kind = EdgeKind::Undergo.name();
    let (action, whom) = (&event.action.name, &event.actor.key);
    format_into(buffer, format_args!("{kind}:{action} by {whom}"))
}

/// The mount of a name that may have a verb in front, and the templated scope
/// if that is no verb.
fn plain_name<'e>(event: &'e Event<'_>) -> Option<(&'e str, String)> {
    match event.ties.mount.as_ref()? {
        Mount::Store {
            path,
            plain_scope: Some(plain),
        } => Some((path, template_scope(plain)?.0)),
        Mount::Store { .. } | Mount::Login { .. } => None,
    }
}

fn origin_atoms(event: &Event<'_>, buffer: &mut String, emit: &mut impl FnMut(Dimension, &str)) {
    let origin = &event.origin;
    match (&origin.network, &event.ties.forwarded) {
        (Some(direct), Some(forwarded)) => {
            Reading::Network { direct, forwarded }.write(buffer);
            emit(Dimension::Network, buffer);
        }
        (Some(network), None) => emit(Dimension::Network, network),
        (None, _) => {}
    }
    let client = &origin.client;
    if !client.family.is_empty() {
        buffer.clear();
        buffer.push_str(&client.family);
        if let Some(product) = &client.product {
            // Writing to a string cannot fail.
            let _ = write!(buffer, "/{product}");
        }
        if let Some(major) = client.major {
            let _ = write!(buffer, "/{major}");
        }
        emit(Dimension::Client, buffer);
    }
    let factor = match event.mfa {
        Mfa::Yes => "/mfa",
        Mfa::No => "/nomfa",
        Mfa::Unknown => "",
    };
    let access = format_args!(
        "{}/{}{factor}",
        origin.interface.name(),
        event.credential.kind.name()
    );
    emit(Dimension::Access, format_into(buffer, access));
    if let Some(place) = place(origin, buffer) {
        emit(Dimension::Place, place);
    }
}

/// Country and kind of network, when at least one of them says something.
fn place<'b>(origin: &Origin<'_>, buffer: &'b mut String) -> Option<&'b str> {
    let kind = match origin.net_kind {
        NetKind::Hosting | NetKind::Private | NetKind::VpcEndpoint | NetKind::Anonymiser => {
            origin.net_kind.name()
        }
        NetKind::Public if origin.country.is_some() => origin.net_kind.name(),
        NetKind::Public | NetKind::Provider | NetKind::None => return None,
    };
    let country = origin.country.as_deref().unwrap_or("-");
    Some(format_into(buffer, format_args!("{country}/{kind}")))
}

/// Hour of the day, UTC.
pub(super) fn hour_of(time: Timestamp) -> u8 {
    u8::try_from(time.seconds().rem_euclid(86_400) / 3_600).unwrap_or_default()
}

fn format_into<'b>(buffer: &'b mut String, args: std::fmt::Arguments<'_>) -> &'b str {
    buffer.clear();
    // Writing to a string cannot fail.
    let _ = buffer.write_fmt(args);
    buffer
}
