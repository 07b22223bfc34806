//! The quick way to read a record: one pass that finds its end and its fields
//! together.
//!
//! It fills the same [`Record`] as `serde_json` does and declines whatever it
//! would have to think about, so it decides nothing. Every field of every
//! structure is named here or in [`structures`], so that none can be forgotten here that is read
//! there.

mod structures;

use super::callers::{Callers, Place};
use super::event;
use super::fields::{Record, UserIdentity};
use super::memo::{Derived, Recall};
use crate::event::Event;
use crate::ingest::coverage::SkipReason;
use crate::ingest::cursor::{Cursor, Key, Order};
use crate::ingest::record::Context;
use crate::ingest::split::{Declined, Taken};
use crate::ingest::text::Nested;

use structures::Read;
pub(super) use structures::{Keep, Lend};

/// A record, read in place.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Quick<'t> {
    record: Record<'t>,
    /// The number of its caller, if that is a known one.
    caller: Option<u64>,
}

impl<'t> Quick<'t> {
    /// Reads the record that `text` begins with.
    pub(in crate::ingest) fn read(
        &mut self,
        text: &'t str,
        max_depth: u32,
        order: &mut Order<N_KEYS>,
        callers: &'t mut Callers,
    ) -> Result<Taken, Declined> {
        let mut cursor = Cursor::new(text, max_depth);
        match read_record(&mut self.record, &mut cursor, order, callers) {
            Some(Who::Known(place)) => {
                if let Some((number, identity)) = callers.at(place) {
                    self.caller = Some(number);
                    self.record.user_identity.value = identity;
                }
            }
            Some(Who::Read(text)) => callers.meet(text, &self.record.user_identity.value),
            None if cursor.is_cut() => return Err(Declined::Cut),
            None => return Err(Declined::Odd),
        }
        Ok(Taken {
            n_bytes: cursor.offset(),
            line_break: cursor.line_break(),
        })
    }

    /// The event that the record tells, as [`parse`](super::parse) would.
    pub(in crate::ingest) fn event(
        &self,
        derived: &'t mut Derived,
        context: &mut Context<'_>,
    ) -> Result<Event<'t>, SkipReason> {
        event(&self.record, Recall::new(self.caller, derived), context)
    }
}

/// Who called, as far as it was looked at.
enum Who<'t> {
    /// A known caller.
    Known(Place),
    /// The identity in this text.
    Read(&'t str),
}

/// The keys of a record: those of its fields, all but one, and others that
/// usually come.
macro_rules! record {
    (fields { $($field:ident: $key:literal,)* } others { $($other:literal,)* }) => {
        /// How many keys are looked for.
        pub(super) const N_KEYS: usize = [$($key,)* $($other,)*].len();

        /// All of them.
        pub(super) static KEYS: [Key; N_KEYS] = [$(Key::new($key),)* $(Key::new($other),)*];

        /// Reads the record at the cursor. `other` is given the identity and the
        /// keys that are no fields. Gives the fields that came, the first named
        /// in the lowest bit; declines if one comes twice.
        fn read_fields<'t>(
            record: &mut Record<'t>,
            cursor: &mut Cursor<'t>,
            order: &mut Order<N_KEYS>,
            mut other: impl FnMut(&mut Nested<UserIdentity<'t>>, &mut Cursor<'t>, &str) -> Option<()>,
        ) -> Option<u32> {
            let Record { $($field,)* user_identity } = record;
            let mut seen = 0_u32;
            cursor.object_in(order, |cursor, at, key| {
                let mut nth = 0;
                $(
                    if at == nth {
                        let bit = 1 << nth;
                        (seen & bit == 0).then_some(())?;
                        seen |= bit;
                        return $field.read(cursor);
                    }
                    nth += 1;
                )*
                let _ = nth;
                other(user_identity, cursor, key)
            })?;
            Some(seen)
        }
    };
}

record! {
    fields {
        event_version: "eventVersion",
        event_source: "eventSource",
        event_name: "eventName",
        event_time: "eventTime",
        aws_region: "awsRegion",
        source_address: "sourceIPAddress",
        user_agent: "userAgent",
        error_code: "errorCode",
        error_message: "errorMessage",
        request_parameters: "requestParameters",
        response_elements: "responseElements",
        additional_event_data: "additionalEventData",
        event_id: "eventID",
        read_only: "readOnly",
        resources: "resources",
        event_type: "eventType",
        recipient_account_id: "recipientAccountId",
        service_event_details: "serviceEventDetails",
        vpc_endpoint_id: "vpcEndpointId",
        event_category: "eventCategory",
        shared_event_id: "sharedEventID",
        session_credential_from_console: "sessionCredentialFromConsole",
        shipper_time: "@timestamp",
        insight_details: "insightDetails",
        digest_start_time: "digestStartTime",
        addendum: "addendum",
    }
    others {
        "userIdentity",
        "requestID",
        "managementEvent",
        "tlsDetails",
        "apiVersion",
        "vpcEndpointAccountId",
    }
}

/// Reads the record at the cursor into `record`, but for its identity if that
/// is a known one.
fn read_record<'t>(
    record: &mut Record<'t>,
    cursor: &mut Cursor<'t>,
    order: &mut Order<N_KEYS>,
    callers: &Callers,
) -> Option<Who<'t>> {
    let mut who = None;
    let seen = read_fields(record, cursor, order, |identity, cursor, key| match key {
        "userIdentity" if who.is_none() => {
            who = Some(read_identity(identity, cursor, callers)?);
            Some(())
        }
        // With these, it may be something else than a record.
        "userIdentity" | "s3" | "schema" | "Records" | "Events" => None,
        _ => cursor.skip(),
    })?;
    // Without an identity, it may be under dotted names.
    who.filter(|_| seen & 0b11 == 0b11)
}

fn read_identity<'t>(
    identity: &mut Nested<UserIdentity<'t>>,
    cursor: &mut Cursor<'t>,
    callers: &Callers,
) -> Option<Who<'t>> {
    let text = cursor.rest();
    if let Some(place) = callers.find(text) {
        cursor.pass(place.n_bytes);
        return Some(Who::Known(place));
    }
    identity.read(cursor)?;
    let n_bytes = text.len() - cursor.rest().len();
    text.get(..n_bytes).map(Who::Read)
}
