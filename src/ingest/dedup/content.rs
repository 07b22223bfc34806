//! What an event says, as a hash.

use std::hash::Hasher;

use crate::event::{Event, Mount, Ties};

/// Hashes the text of a record as if it were printed on one line, so that
/// indentation does not make two events of one.
pub(super) fn hash_without_blanks(record: &str, hasher: &mut impl Hasher) {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let compact: Vec<u8> = record
        .bytes()
        .filter(|byte| {
            if is_quoted {
                is_quoted = is_escaped || *byte != b'"';
                is_escaped = !is_escaped && *byte == b'\\';
                return true;
            }
            is_quoted = *byte == b'"';
            !byte.is_ascii_whitespace()
        })
        .collect();
    hasher.write(&compact);
}

/// Feeds everything the event says, except where it was read.
pub(super) fn hash_content(event: &Event<'_>, state: &mut impl Hasher) {
    let Event {
        source,
        native_id: _,
        time,
        tenant,
        region,
        actor,
        via,
        action,
        resources,
        resources_total,
        outcome,
        outcome_code,
        origin,
        mfa,
        credential,
        session,
        edges,
        ties,
        // One call issues credentials once, whatever a copy says of them.
        minted: _,
        bytes_out,
        flags,
        provenance: _,
        n_records: _,
    } = event;
    let role_session = actor.session.as_ref();
    for text in [
        tenant,
        &actor.key,
        &actor.display,
        &action.service,
        &action.name,
    ] {
        state.write(text.as_bytes());
    }
    let optional = [
        region,
        via,
        &actor.sub,
        &actor.native,
        outcome_code,
        &origin.address,
        &origin.network,
        &origin.country,
        &origin.client.product,
        &credential.id,
        session,
        &ties.transaction,
        &ties.forwarded,
    ];
    let role_session_name = role_session.map(|session| session.name.as_ref());
    let texts = optional
        .into_iter()
        .map(Option::as_deref)
        .chain([role_session_name]);
    let mut present = 0_u64;
    for text in texts {
        present = present << 1 | u64::from(text.is_some());
        if let Some(text) = text {
            state.write(text.as_bytes());
        }
    }
    state.write_u64(present << 32 | u64::from(*resources_total));
    state.write(origin.client.family.as_bytes());
    for resource in resources {
        for text in [&resource.kind, &resource.id, &resource.scope] {
            state.write(text.as_bytes());
        }
    }
    for edge in edges {
        state.write_u8(edge.kind as u8);
        state.write(edge.target.as_bytes());
    }
    hash_ties(ties, state);
    let kinds = [
        *source as u8,
        actor.class as u8,
        actor.class_confidence,
        actor.basis as u8,
        action.verb as u8,
        action.sensitive.map_or(u8::MAX, |kind| kind as u8),
        *outcome as u8,
        origin.net_kind as u8,
        origin.interface as u8,
        *mfa as u8,
        credential.kind as u8,
        u8::from(credential.is_long_lived),
        role_session.map_or(2, |session| u8::from(session.is_email)),
    ];
    state.write(&kinds);
    state.write_u16(flags.bits());
    state.write_i64(time.micros());
    state.write_u64(origin.client.major.map_or(u64::MAX, u64::from));
    state.write_u8(u8::from(bytes_out.is_some()));
    state.write_u64(bytes_out.unwrap_or_default());
}

/// Feeds what an event is tied to, but for the transaction and the network that
/// a proxy names.
fn hash_ties(ties: &Ties<'_>, state: &mut impl Hasher) {
    let Ties {
        transaction: _,
        subjects,
        mount,
        forwarded: _,
        aliases,
    } = ties;
    for subject in subjects {
        state.write(subject.key.as_bytes());
        state.write(subject.display.as_bytes());
        state.write(&[
            subject.basis as u8,
            subject.class as u8,
            subject.class_confidence,
        ]);
    }
    for alias in aliases {
        state.write_u8(alias.kind as u8);
        state.write(alias.name.as_bytes());
    }
    match mount {
        None => {}
        Some(Mount::Login {
            path,
            class,
            class_confidence,
        }) => {
            state.write(path.as_bytes());
            state.write(&[*class as u8, *class_confidence]);
        }
        Some(Mount::Store { path, plain_scope }) => {
            state.write(path.as_bytes());
            state.write_u8(u8::from(plain_scope.is_some()));
            state.write(plain_scope.as_deref().unwrap_or_default().as_bytes());
        }
    }
}
