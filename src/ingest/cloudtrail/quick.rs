//! The quick way to read a record: one pass that finds its end and its fields
//! together.
//!
//! It fills the same [`Record`] as `serde_json` does and declines whatever it
//! would have to think about, so it decides nothing. Every field of every
//! structure is named here or in [`structures`], so that none can be forgotten here that is read
//! there.

mod structures;

use super::callers::Callers;
use super::event;
use super::fields::{Address, Record, UserIdentity};
use super::memo::{Derived, Recall};
use crate::event::Event;
use crate::ingest::coverage::SkipReason;
use crate::ingest::cursor::{Cursor, Key, Order};
use crate::ingest::record::Context;
use crate::ingest::split::{Declined, Taken};
use crate::ingest::text::{Nested, Text};
use crate::ingest::time::{Time, parse};

pub(super) use structures::Lend;
use structures::Read;

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
        callers: &mut Callers,
    ) -> Result<Taken, Declined> {
        let mut cursor = Cursor::new(text, max_depth);
        match read_record(&mut self.record, &mut cursor, order, callers) {
            Some(Who::Known(number)) => self.caller = Some(number),
            Some(Who::Read(text)) => callers.meet(text, &mut self.record.user_identity.value),
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
    /// The caller of this number.
    Known(u64),
    /// The identity in this text.
    Read(&'t str),
}

/// A field that holds a text, or what is made of one.
trait Put<'t> {
    /// The field is `text`.
    fn put(&mut self, text: &'t str);
}

impl<'t> Put<'t> for Text<'t> {
    #[inline]
    fn put(&mut self, text: &'t str) {
        *self = Self::borrowed(text);
    }
}

impl<'t> Put<'t> for Address<'t> {
    #[inline]
    fn put(&mut self, text: &'t str) {
        self.0.put(text);
    }
}

impl<'t> Put<'t> for Time {
    fn put(&mut self, text: &'t str) {
        self.0 = parse(text);
    }
}

/// The keys of a record: of its fields, all but one, first those whose value is
/// mostly a string; and others that usually come, first those again.
macro_rules! record {
    (
        texts { $($text:ident: $text_key:literal,)* }
        passed { $($passed:literal,)* }
        fields { $($field:ident: $key:literal,)* }
        others { $($other:literal,)* }
    ) => {
        /// How many of the keys come first.
        const N_TEXTS: usize = [$($text_key,)* $($passed,)*].len();

        /// How many keys are looked for.
        pub(super) const N_KEYS: usize = N_TEXTS + [$($key,)* $($other,)*].len();

        /// All of them.
        pub(super) static KEYS: [Key; N_KEYS] = [
            $(Key::new($text_key),)*
            $(Key::new($passed),)*
            $(Key::new($key),)*
            $(Key::new($other),)*
        ];

        impl<'t> Record<'t> {
            /// The fields of which `texts` holds some are these.
            fn put(&mut self, texts: &[&'t str; N_TEXTS]) {
                let mut texts = texts.iter();
                $(
                    if let Some(text) = texts.next() && !text.is_empty() {
                        self.$text.put(text);
                    }
                )*
            }

            /// Reads the value of the key at position `at`; false if it is no
            /// field.
            #[inline]
            fn read(&mut self, at: usize, cursor: &mut Cursor<'t>) -> Option<bool> {
                let mut nth = 0;
                $(
                    if at == nth {
                        return self.$text.read(cursor).map(|()| true);
                    }
                    nth += 1;
                )*
                nth += [$($passed,)*].len();
                $(
                    if at == nth {
                        return self.$field.read(cursor).map(|()| true);
                    }
                    nth += 1;
                )*
                let _ = nth;
                Some(false)
            }
        }
    };
}

record! {
    texts {
        event_version: "eventVersion",
        event_source: "eventSource",
        event_name: "eventName",
        event_time: "eventTime",
        aws_region: "awsRegion",
        source_address: "sourceIPAddress",
        user_agent: "userAgent",
        error_code: "errorCode",
        error_message: "errorMessage",
        event_id: "eventID",
        event_type: "eventType",
        recipient_account_id: "recipientAccountId",
        vpc_endpoint_id: "vpcEndpointId",
        event_category: "eventCategory",
        shared_event_id: "sharedEventID",
    }
    passed {
        "requestID",
        "apiVersion",
        "vpcEndpointAccountId",
    }
    fields {
        request_parameters: "requestParameters",
        response_elements: "responseElements",
        additional_event_data: "additionalEventData",
        read_only: "readOnly",
        resources: "resources",
        service_event_details: "serviceEventDetails",
        session_credential_from_console: "sessionCredentialFromConsole",
        shipper_time: "@timestamp",
        insight_details: "insightDetails",
        digest_start_time: "digestStartTime",
        addendum: "addendum",
    }
    others {
        "userIdentity",
        "managementEvent",
        "tlsDetails",
    }
}

/// Reads the record at the cursor into `record`.
fn read_record<'t>(
    record: &mut Record<'t>,
    cursor: &mut Cursor<'t>,
    order: &mut Order<N_KEYS>,
    callers: &Callers,
) -> Option<Who<'t>> {
    let mut who = None;
    let mut texts = [""; N_TEXTS];
    let mut seen = Seen::default();
    let mut last = None;
    let mut has_more = cursor.open_object()?;
    while has_more {
        last = cursor.expected_texts(order, last, &mut texts, |at| seen.note(at));
        let (at, key) = cursor.key_in(order, last)?;
        last = Some(at);
        seen.note(at);
        if !record.read(at, cursor)? {
            match key {
                "userIdentity" => {
                    who = Some(read_identity(&mut record.user_identity, cursor, callers)?)
                }
                // With these, it may be something else than a record.
                "s3" | "schema" | "Records" | "Events" => return None,
                _ => cursor.skip()?,
            }
        }
        has_more = cursor.next_member()?;
    }
    record.put(&texts);
    // Without an identity, it may be under dotted names.
    who.filter(|_| seen.is_told())
}

/// Which of the [`KEYS`] came, the first in the lowest bit.
#[derive(Debug, Default)]
struct Seen {
    once: u64,
    again: u64,
}

impl Seen {
    /// The key at position `at` came; keys that are not looked for are all at one.
    #[inline]
    fn note(&mut self, at: usize) {
        let bit = 1_u64 << (at % 64);
        self.again |= self.once & bit;
        self.once |= bit;
    }

    /// Whether the version and the source came, and no key twice.
    fn is_told(&self) -> bool {
        let others = 1_u64 << N_KEYS;
        self.once & 0b11 == 0b11 && self.again & !others == 0
    }
}

fn read_identity<'t>(
    identity: &mut Nested<UserIdentity<'t>>,
    cursor: &mut Cursor<'t>,
    callers: &Callers,
) -> Option<Who<'t>> {
    let text = cursor.rest();
    if let Some((number, n_bytes)) = callers.recall(text, &mut identity.value) {
        cursor.pass(n_bytes);
        return Some(Who::Known(number));
    }
    identity.read(cursor)?;
    let n_bytes = text.len() - cursor.rest().len();
    text.get(..n_bytes).map(Who::Read)
}
