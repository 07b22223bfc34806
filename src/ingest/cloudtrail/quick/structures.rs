//! The structures inside a record, and how each is read and lent.

use super::super::fields::{
    Addendum, AdditionalEventData, Address, AssumedRoleUser, Claims, InScopeOf, IssuedCredentials,
    OnBehalfOf, Presence, ResourceEntry, ResponseBody, ResponseElements, SessionAttributes,
    SessionContext, SessionIssuer, UserIdentity, WebIdFederationData,
};
use super::super::fields::{is_failure, is_subject, names_result};
use super::super::parameters::Parameters;
use crate::ingest::cursor::{Cursor, Scalar};
use crate::ingest::text::{Bool, Count, List, Nested, Text};
use crate::ingest::time::{Time, parse};

/// Longer lists are declined.
const MAX_ITEMS: usize = 64;

/// A value that can be read with a cursor, in place of its default.
pub(in crate::ingest::cloudtrail) trait Read<'t> {
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
pub(in crate::ingest::cloudtrail) trait Lend<'m>: Sized {
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
        credentials_issued_to: "credentialsIssuedTo",
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
        attributes: "attributes",
    }
}

structures! {
    Addendum<'t> {
        reason: "reason",
        original_event_id: "originalEventID",
    }
    IssuedCredentials<'t> {
        access_key_id: "accessKeyId",
    }
    AssumedRoleUser<'t> {
        assumed_role_id: "assumedRoleId",
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
}

impl<'t> Read<'t> for ResourceEntry<'t> {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        let mut seen = [false; 3];
        let mut has_more = cursor.open_object()?;
        while has_more
            && cursor.texts(|key, text| {
                if let Some(field) = self.field(key, &mut seen)? {
                    *field = Text::borrowed(text);
                }
                Some(())
            })?
        {
            let key = cursor.key()?;
            match self.field(key, &mut seen)? {
                Some(field) => field.read(cursor)?,
                None => cursor.skip()?,
            }
            has_more = cursor.next_member()?;
        }
        Some(())
    }
}

impl<'t> ResourceEntry<'t> {
    /// The field of this name, if there is one; declines one that was seen.
    #[inline]
    fn field(&mut self, key: &str, seen: &mut [bool; 3]) -> Option<Option<&mut Text<'t>>> {
        let [arn_seen, lower_seen, prefix_seen] = seen;
        let (field, is_seen) = match key {
            "ARN" => (&mut self.arn, arn_seen),
            "arn" => (&mut self.lower_arn, lower_seen),
            "ARNPrefix" => (&mut self.arn_prefix, prefix_seen),
            _ => return Some(None),
        };
        (!std::mem::replace(is_seen, true)).then_some(Some(field))
    }
}

impl<'t> Read<'t> for ResponseElements<'t> {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        let Self {
            says_failure,
            error_code,
            status_code,
            body,
            credentials,
            assumed_role_user,
        } = self;
        let mut seen = 0_u32;
        cursor.object(|cursor, key| {
            let (bit, field): (u32, &mut dyn Read<'t>) = match key {
                "errorCode" => (1, &mut *error_code),
                "statusCode" => (1 << 1, &mut *status_code),
                "body" => (1 << 2, &mut *body),
                "credentials" => (1 << 3, &mut *credentials),
                "assumedRoleUser" => (1 << 4, &mut *assumed_role_user),
                name if names_result(name) && cursor.peek()? == b'"' => {
                    *says_failure |=
                        matches!(cursor.scalar()?, Scalar::Text(text) if is_failure(&text));
                    return Some(());
                }
                _ => return cursor.skip(),
            };
            (seen & bit == 0).then_some(())?;
            seen |= bit;
            field.read(cursor)
        })
    }
}

impl<'t> Read<'t> for Claims<'t> {
    fn read(&mut self, cursor: &mut Cursor<'t>) -> Option<()> {
        if cursor.null() {
            return Some(());
        }
        let Self { subject } = self;
        let mut is_said = false;
        cursor.object(|cursor, key| {
            if !is_subject(key) {
                return cursor.skip();
            }
            (!is_said).then_some(())?;
            is_said = true;
            subject.read(cursor)
        })
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
        if let Some(value) = cursor.bool() {
            *self = Self(Some(value));
            return Some(());
        }
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

impl<'m> Lend<'m> for Claims<'m> {
    fn lend(kept: &'m Self) -> Self {
        Self {
            subject: Lend::lend(&kept.subject),
        }
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
