//! The quick way to read a record: one pass that finds its end and its fields
//! together.
//!
//! It fills the same [`Record`] as `serde_json` does and declines whatever it
//! would have to think about, so it decides nothing. Each `fields!` below names
//! every field of its structure, so that none can be forgotten here that is
//! read there.

use std::borrow::Cow;

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
use crate::ingest::cursor::{Cursor, Scalar};
use crate::ingest::record::Context;
use crate::ingest::split::{Declined, Taken};
use crate::ingest::text::{Bool, Count, List, Nested, Text};
use crate::ingest::time::{Time, parse};

/// Longer lists are declined.
const MAX_ITEMS: usize = 64;

/// A record that was read.
#[derive(Debug)]
pub(in crate::ingest) struct Quick<'t> {
    record: Record<'t>,
    /// The number of its caller, if that is a known one.
    caller: Option<u64>,
    /// What is to be taken.
    pub(in crate::ingest) taken: Taken,
}

impl<'t> Quick<'t> {
    /// The event that the record tells, as [`parse`](super::parse) would.
    pub(in crate::ingest) fn event(
        &self,
        derived: &'t mut Derived,
        context: &mut Context<'_>,
    ) -> Result<Event<'t>, SkipReason> {
        event(&self.record, Recall::new(self.caller, derived), context)
    }
}

/// The record that `text` begins with.
pub(in crate::ingest) fn read<'t>(
    text: &'t str,
    max_depth: u32,
    callers: &'t mut Callers,
) -> Result<Quick<'t>, Declined> {
    let mut cursor = Cursor::new(text, max_depth);
    let Some((mut record, who)) = record(&mut cursor, callers) else {
        return Err(if cursor.is_cut() {
            Declined::Cut
        } else {
            Declined::Odd
        });
    };
    let mut caller = None;
    match who {
        Some(Who::Known(place)) => {
            if let Some((number, identity)) = callers.at(place) {
                caller = Some(number);
                record.user_identity = identity;
            }
        }
        Some(Who::Read(identity)) => callers.meet(identity),
        None => {}
    }
    Ok(Quick {
        record,
        caller,
        taken: Taken {
            n_bytes: cursor.offset(),
            line_break: cursor.line_break(),
        },
    })
}

/// Who called, as far as it was looked at.
enum Who<'t> {
    /// A known caller.
    Known(Place),
    /// The identity in this text.
    Read(&'t str),
}

/// A value that can be read with a cursor.
pub(super) trait Read<'t>: Sized {
    /// The value at the cursor.
    fn read(cursor: &mut Cursor<'t>) -> Option<Self>;
}

/// Reads each key that is named into its field, declines one that comes twice,
/// and leaves all others to `$other`. Gives the keys that came, the first named
/// in the lowest bit.
macro_rules! fields {
    ($cursor:expr, $into:expr, $type:ident {
        $($field:ident: $key:literal,)*
    } without $($elsewhere:ident)? => $other:expr) => {{
        let $type { $($field,)* $($elsewhere: _,)? } = $into;
        let mut seen = 0_u32;
        $cursor.object(|cursor, key| {
            let mut bit = 1_u32;
            $(
                if key == $key {
                    let is_first = seen & bit == 0;
                    seen |= bit;
                    *$field = is_first.then(|| Read::read(cursor))??;
                    return Some(());
                }
                bit <<= 1;
            )*
            let _ = bit;
            $other(cursor, key)
        })?;
        seen
    }};
}

/// Structures of which no key is refused.
macro_rules! structures {
    ($($type:ident $(<$life:lifetime>)? { $($field:ident: $key:literal,)* })*) => {$(
        impl<'t> Read<'t> for $type $(<$life>)? {
            fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
                let mut read = Self::default();
                let skip = |cursor: &mut Cursor<'t>, _: &str| cursor.skip();
                let _ = fields!(cursor, &mut read, $type { $($field: $key,)* } without => skip);
                Some(read)
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

/// The record at the cursor, its identity left out if that is a known one.
fn record<'t>(cursor: &mut Cursor<'t>, callers: &Callers) -> Option<(Record<'t>, Option<Who<'t>>)> {
    let mut record = Record::default();
    let mut who = None;
    let mut identity = Nested::default();
    let mut other = |cursor: &mut Cursor<'t>, key: &str| match key {
        "userIdentity" if who.is_some() => None,
        "userIdentity" => {
            who = match callers.find(cursor.rest()) {
                Some(place) => {
                    cursor.pass(place.n_bytes);
                    Some(Who::Known(place))
                }
                None => {
                    let from = cursor.rest();
                    identity = Nested::read(cursor)?;
                    let n_bytes = from.len() - cursor.rest().len();
                    Some(Who::Read(from.get(..n_bytes)?))
                }
            };
            Some(())
        }
        // With these, it may be something else than a record.
        "s3" | "Records" | "Events" => None,
        _ => cursor.skip(),
    };
    let seen = fields!(cursor, &mut record, Record {
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
        } without user_identity => other
    );
    record.user_identity = identity;
    let is_recognised = seen & 0b11 == 0b11 && (seen & 0b100 != 0 || who.is_some());
    is_recognised.then_some((record, who))
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
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        match cursor.scalar()? {
            Scalar::Text(text) => Some(Cow::Borrowed(text).into()),
            Scalar::Null => Some(Self::default()),
            Scalar::Bool(_) | Scalar::Number(_) => None,
        }
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

impl<'t> Read<'t> for Bool {
    #[inline]
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        match cursor.scalar()? {
            Scalar::Text(text) => Some(Self::parse(text)),
            Scalar::Bool(value) => Some(Self(Some(value))),
            Scalar::Null => Some(Self::default()),
            Scalar::Number(_) => None,
        }
    }
}

impl<'t> Read<'t> for Count {
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        match cursor.scalar()? {
            Scalar::Text(text) | Scalar::Number(text) => Some(Self::parse(text)),
            Scalar::Null => Some(Self::default()),
            Scalar::Bool(_) => None,
        }
    }
}

impl<'t> Read<'t> for Time {
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        match cursor.scalar()? {
            Scalar::Text(text) => Some(Self(parse(text))),
            Scalar::Null => Some(Self::default()),
            Scalar::Bool(_) | Scalar::Number(_) => None,
        }
    }
}

impl<'t> Read<'t> for Address<'t> {
    #[inline]
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        Text::read(cursor).map(Self)
    }
}

impl<'t> Read<'t> for Presence {
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        let is_null = cursor.peek()? == b'n';
        cursor.skip()?;
        Some(Self(!is_null))
    }
}

impl<'t, T: Read<'t> + Default> Read<'t> for Nested<T> {
    #[inline]
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        if cursor.peek()? == b'{' {
            return Some(Self {
                value: T::read(cursor)?,
                is_damaged: false,
            });
        }
        (cursor.scalar()? == Scalar::Null).then(Self::default)
    }
}

impl<'t, T: Read<'t> + Default> Read<'t> for List<T> {
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        if cursor.peek()? != b'[' {
            return (cursor.scalar()? == Scalar::Null).then(Self::default);
        }
        let mut items = Vec::new();
        cursor.array(|cursor| {
            let item: Nested<T> = Read::read(cursor)?;
            items.push(item.value);
            (items.len() <= MAX_ITEMS).then_some(())
        })?;
        Some(Self(items))
    }
}

impl<'t> Read<'t> for Parameters<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Option<Self> {
        Self::collect(cursor)
    }
}
