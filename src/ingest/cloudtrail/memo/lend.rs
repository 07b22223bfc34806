//! Keeping a part of an event, and lending it to the events of other records.

use std::borrow::Cow;

use super::Call;
use crate::event::{Actor, Client, Session};
use crate::ingest::net::Network;

fn keep(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn lend(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn keep_any(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(keep)
}

fn lend_any<'m>(text: &'m Option<Cow<'_, str>>) -> Option<Cow<'m, str>> {
    text.as_deref().map(lend)
}

pub(super) fn keep_call(call: Call<'_>) -> Call<'static> {
    Call {
        service: keep(call.service),
        name: keep(call.name),
        action: keep(call.action),
        row: call.row,
        is_login: call.is_login,
        is_global: call.is_global,
        resources: Cow::Owned(call.resources.into_owned()),
        relations: Cow::Owned(call.relations.into_owned()),
    }
}

pub(super) fn lend_call<'m>(call: &'m Call<'_>) -> Call<'m> {
    Call {
        service: lend(&call.service),
        name: lend(&call.name),
        action: lend(&call.action),
        row: call.row,
        is_login: call.is_login,
        is_global: call.is_global,
        resources: Cow::Borrowed(&call.resources),
        relations: Cow::Borrowed(&call.relations),
    }
}

pub(super) fn lend_client<'m>(client: &'m Client<'_>) -> Client<'m> {
    Client {
        family: lend(&client.family),
        product: lend_any(&client.product),
        major: client.major,
    }
}

pub(super) fn keep_network(network: Network<'_>) -> Network<'static> {
    Network {
        address: keep_any(network.address),
        kind: network.kind,
        value: keep_any(network.value),
    }
}

pub(super) fn lend_network<'m>(network: &'m Network<'_>) -> Network<'m> {
    Network {
        address: lend_any(&network.address),
        kind: network.kind,
        value: lend_any(&network.value),
    }
}

pub(super) fn keep_actor(actor: Actor<'_>) -> Actor<'static> {
    Actor {
        key: keep(actor.key),
        display: keep(actor.display),
        class: actor.class,
        class_confidence: actor.class_confidence,
        basis: actor.basis,
        sub: keep_any(actor.sub),
        native: keep_any(actor.native),
        session: actor.session.map(|session| Session {
            name: keep(session.name),
            is_email: session.is_email,
        }),
    }
}

pub(super) fn lend_actor<'m>(actor: &'m Actor<'_>) -> Actor<'m> {
    Actor {
        key: lend(&actor.key),
        display: lend(&actor.display),
        class: actor.class,
        class_confidence: actor.class_confidence,
        basis: actor.basis,
        sub: lend_any(&actor.sub),
        native: lend_any(&actor.native),
        session: actor.session.as_ref().map(|session| Session {
            name: lend(&session.name),
            is_email: session.is_email,
        }),
    }
}
