//! The quick way to read a record: one pass that finds its end and its fields
//! together.
//!
//! It fills the same [`Record`] as `serde_json` does and declines whatever it
//! would have to think about, so it decides nothing. Every field of every
//! structure is named below, so that none can be forgotten here that is read
//! there.

use super::callers::{Callers, Place};
use super::event;
use super::fields::{
    AdditionalEventData, Address, InScopeOf, OnBehalfOf, Presence, Record, ResourceEntry,
    ResponseBody, ResponseElements, SessionAttributes, SessionContext, SessionIssuer, UserIdentity,
    WebIdFederationData,
};
use super::memo::{Derived, Recall};
use super::parameters::Parameters;
use crate::event::Event;
use crate::ingest::coverage::SkipReason;
use crate::ingest::cursor::{Cursor, Key, Order, Scalar};
use crate::ingest::record::Context;
use crate::ingest::split::{Declined, Taken};
use crate::ingest::text::{Bool, Count, List, Nested, Text};
use crate::ingest::time::{Time, parse};

/// Longer lists are declined.
const MAX_ITEMS: usize = 64;

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
            Some(Who::Read(identity)) => callers.meet(identity),
            Some(Who::Unsaid) => {}
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
    /// No identity.
    Unsaid,
}

/// A value that can be read with a cursor, in place of its default.
pub(super) trait Read<'t> {
    /// Reads the value at the cursor.
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()>;
}

/// Structures of which each key that is named is read into its field, one that
/// comes twice is declined, and all others are passed.
macro_rules! structures {
    ($($type:ident $(<$life:lifetime>)? { $($field:ident: $key:literal,)* })*) => {$(
        impl<'t> Read<'t> for $type $(<$life>)? {
            fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
                let Self { $($field,)* } = self;
                let mut seen = 0_u32;
                cursor.object(|cursor, key| {
                    let mut bit = 1_u32;
                    $(
                        if key == $key {
                            (seen & bit == 0).then_some(())?;
                            seen |= bit;
                            return $field.read(cursor);
                        }
                        bit <<= 1;
                    )*
                    let _ = bit;
                    cursor.skip()
                })
            }
        }
    )*};
}

/// A value that can be kept, and lent to many records.
pub(super) trait Lend<'m>: Sized {
    /// The value `kept`, without a copy of its texts.
    fn lend(kept: &'m Self) -> Self;
}

/// [`structures!`] that can be lent.
macro_rules! lent {
    ($($type:ident<$life:lifetime> { $($field:ident: $key:literal,)* })*) => {
        structures! { $($type<$life> { $($field: $key,)* })* }
        $(
            impl<'m> Lend<'m> for $type<'m> {
                fn lend(kept: &'m Self) -> Self {
                    Self { $($field: Lend::lend(&kept.$field),)* }
                }
            }
        )*
    };
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
        session_credential_from_console: "sessionCredentialFromConsole",
        shipper_time: "@timestamp",
        insight_details: "insightDetails",
        digest_start_time: "digestStartTime",
    }
    others {
        "userIdentity",
        "requestID",
        "managementEvent",
        "tlsDetails",
        "apiVersion",
        "sharedEventID",
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
    let mut who = Who::Unsaid;
    let seen = read_fields(record, cursor, order, |identity, cursor, key| match key {
        "userIdentity" if matches!(who, Who::Unsaid) => {
            who = read_identity(identity, cursor, callers)?;
            Some(())
        }
        // With these, it may be something else than a record.
        "userIdentity" | "s3" | "Records" | "Events" => None,
        _ => cursor.skip(),
    })?;
    let is_recognised = seen & 0b11 == 0b11 && (seen & 0b100 != 0 || !matches!(who, Who::Unsaid));
    is_recognised.then_some(who)
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

lent! {
    UserIdentity<'t> {
        kind: "type",
        principal_id: "principalId",
        arn: "arn",
        account_id: "accountId",
        access_key_id: "accessKeyId",
        user_name: "userName",
        session_context: "sessionContext",
        invoked_by: "invokedBy",
        identity_provider: "identityProvider",
        credential_id: "credentialId",
        on_behalf_of: "onBehalfOf",
        in_scope_of: "inScopeOf",
    }
    OnBehalfOf<'t> {
        user_id: "userId",
        identity_store_arn: "identityStoreArn",
    }
    InScopeOf<'t> {
        source_arn: "sourceArn",
        issuer_type: "issuerType",
    }
    SessionContext<'t> {
        session_issuer: "sessionIssuer",
        web_id_federation_data: "webIdFederationData",
        attributes: "attributes",
        source_identity: "sourceIdentity",
        ec2_role_delivery: "ec2RoleDelivery",
    }
    SessionAttributes<'t> {
        creation_date: "creationDate",
        mfa_authenticated: "mfaAuthenticated",
    }
    SessionIssuer<'t> {
        principal_id: "principalId",
        arn: "arn",
        user_name: "userName",
    }
    WebIdFederationData<'t> {
        federated_provider: "federatedProvider",
    }
}

structures! {
    ResponseElements<'t> {
        console_login: "ConsoleLogin",
        check_mfa: "CheckMfa",
        credential_challenge: "CredentialChallenge",
        credential_verification: "CredentialVerification",
        user_authentication: "UserAuthentication",
        switch_role: "SwitchRole",
        password_recovery_completed: "PasswordRecoveryCompleted",
        password_updated: "PasswordUpdated",
        error_code: "errorCode",
        status_code: "statusCode",
        body: "body",
    }
    ResponseBody {
        error: "error",
    }
    AdditionalEventData<'t> {
        login_to: "LoginTo",
        mfa_used: "MFAUsed",
        bytes_out: "bytesTransferredOut",
        called_via_mcp: "CalledViaAWSMCP",
        via_mcp_service: "ViaAWSMCPService",
    }
    ResourceEntry<'t> {
        arn: "ARN",
        lower_arn: "arn",
        arn_prefix: "ARNPrefix",
    }
}

impl<'t> Read<'t> for Text<'t> {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        if let Some(text) = cursor.plain_string() {
            *self = Text::borrowed(text);
            return Some(());
        }
        match cursor.scalar()? {
            Scalar::Text(text) => *self = text.into(),
            Scalar::Null => {}
            Scalar::Bool(_) | Scalar::Number(_) => return None,
        }
        Some(())
    }
}

impl<'t> Read<'t> for Bool {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        match cursor.scalar()? {
            Scalar::Text(text) => *self = Self::parse(&text),
            Scalar::Bool(value) => *self = Self(Some(value)),
            Scalar::Null => {}
            Scalar::Number(_) => return None,
        }
        Some(())
    }
}

impl<'t> Read<'t> for Count {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        match cursor.scalar()? {
            Scalar::Text(text) => *self = Self::parse(&text),
            Scalar::Number(text) => *self = Self::parse(text),
            Scalar::Null => {}
            Scalar::Bool(_) => return None,
        }
        Some(())
    }
}

impl<'t> Read<'t> for Time {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        if let Some(text) = cursor.plain_string() {
            self.0 = parse(text);
            return Some(());
        }
        match cursor.scalar()? {
            Scalar::Text(text) => self.0 = parse(&text),
            Scalar::Null => {}
            Scalar::Bool(_) | Scalar::Number(_) => return None,
        }
        Some(())
    }
}

impl<'t> Read<'t> for Address<'t> {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        self.0.read(cursor)
    }
}

impl<'t> Read<'t> for Presence {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        self.0 = cursor.peek()? != b'n';
        cursor.skip()
    }
}

impl<'t, T: Read<'t>> Read<'t> for Nested<T> {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        if cursor.peek()? == b'{' {
            return self.value.read(cursor);
        }
        if cursor.null() {
            return Some(());
        }
        // Text that holds an object, or nothing of the kind.
        cursor.scalar().and(None)
    }
}

impl<'t, T: Read<'t> + Default> Read<'t> for List<T> {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        if cursor.null() {
            return Some(());
        }
        cursor.array(|cursor| {
            let mut item: Nested<T> = Nested::default();
            item.read(cursor)?;
            self.0.push(item.value);
            (self.0.len() <= MAX_ITEMS).then_some(())
        })
    }
}

impl<'t> Read<'t> for Parameters<'t> {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        self.collect(cursor)
    }
}

impl<'m> Lend<'m> for Text<'m> {
    #[inline]
    fn lend(kept: &'m Self) -> Self {
        kept.lend()
    }
}

impl Lend<'_> for Bool {
    fn lend(kept: &Self) -> Self {
        *kept
    }
}

impl<'m, T: Lend<'m>> Lend<'m> for Nested<T> {
    #[inline]
    fn lend(kept: &'m Self) -> Self {
        Self {
            value: T::lend(&kept.value),
            is_damaged: kept.is_damaged,
        }
    }
}
