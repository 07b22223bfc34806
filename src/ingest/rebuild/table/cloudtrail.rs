//! CloudTrail's columns: what each is called in the exports that are known, and
//! where its value stands in the record.
//!
//! Names are canonical. One list serves every export, for what differs between
//! them is mostly punctuation: `userIdentity.arn` of a search engine,
//! `useridentity_arn` of a query and `UserIdentityArn` of a table are one name.

use serde_json::{Map, Value};

use super::super::struct_text::{Key, Shape};
use super::document::{self, Document};
use super::field::{Field, Form};
use super::product::Product;
use crate::event::Source;

use Form::{Account, Nested, Plain};
use Shape::{Arn, Principal, Struct, Text, Time, Word};

/// CloudTrail, as tables have it.
pub(super) const CLOUDTRAIL: Product = Product {
    source: Source::CloudTrail,
    fields: FIELDS,
    leaves: LEAVES,
    list: Some(("resources", &["ARN"])),
    open: OPEN,
    needed: &[&["eventTime"], &["eventSource"], &["eventName"]],
    whole: &[
        &["eventID"],
        &["awsRegion"],
        &["sourceIPAddress"],
        &["userAgent"],
        &["errorCode", "requestParameters.*"],
        &["requestParameters", "requestParameters.*"],
        &["userIdentity", "userIdentity.type"],
        &["userIdentity", "userIdentity.arn"],
        &["userIdentity", "userIdentity.principalId"],
        &["userIdentity", "userIdentity.accessKeyId"],
        &[
            "userIdentity",
            "userIdentity.sessionContext",
            "userIdentity.sessionContext.sessionIssuer.arn",
        ],
    ],
    elastic: "awscloudtrail",
    ecs: ECS,
    complete,
};

/// The columns of one event.
#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field("eventVersion", Plain, &[]),
    Field("eventTime", Form::Time, &["timegenerated", "timegeneratedutc"]),
    Field("eventSource", Plain, &[]),
    Field("eventName", Plain, &[]),
    Field("awsRegion", Plain, &[]),
    Field("sourceIPAddress", Plain, &[]),
    Field("userAgent", Plain, &[]),
    Field("errorCode", Plain, &[]),
    Field("errorMessage", Plain, &[]),
    Field("requestID", Plain, &["awsrequestid"]),
    Field("eventID", Plain, &["awseventid"]),
    Field("eventType", Plain, &["eventtypename"]),
    Field("eventCategory", Plain, &["category"]),
    Field("apiVersion", Plain, &[]),
    Field("managementEvent", Plain, &[]),
    Field("readOnly", Plain, &[]),
    Field("recipientAccountId", Account, &[]),
    Field("sharedEventID", Plain, &[]),
    Field("vpcEndpointId", Plain, &[]),
    Field("vpcEndpointAccountId", Account, &[]),
    Field("sessionCredentialFromConsole", Plain, &[]),
    Field("requestParameters", Nested(Shape::Map), &[]),
    Field("responseElements", Nested(Shape::Map), &[]),
    Field("additionalEventData", Nested(Shape::Map), &[]),
    Field("serviceEventDetails", Nested(Shape::Map), &[]),
    Field("addendum", Nested(Struct(ADDENDUM)), &[]),
    Field("resources", Nested(Shape::List(RESOURCE)), &[]),
    Field("userIdentity", Nested(Struct(USER_IDENTITY)), &[]),
    Field("userIdentity.type", Plain, &[]),
    Field("userIdentity.principalId", Plain, &[]),
    Field("userIdentity.arn", Plain, &[]),
    Field("userIdentity.accountId", Account, &[]),
    Field("userIdentity.accessKeyId", Plain, &[]),
    Field("userIdentity.userName", Plain, &[]),
    Field("userIdentity.invokedBy", Plain, &[]),
    Field("userIdentity.identityProvider", Plain, &[]),
    Field("userIdentity.credentialId", Plain, &[]),
    Field("userIdentity.onBehalfOf", Nested(Struct(ON_BEHALF_OF)), &[]),
    Field("userIdentity.onBehalfOf.userId", Plain, &[]),
    Field("userIdentity.onBehalfOf.identityStoreArn", Plain, &[]),
    Field("userIdentity.inScopeOf", Nested(Struct(IN_SCOPE_OF)), &[]),
    Field("userIdentity.inScopeOf.sourceArn", Plain, &[]),
    Field("userIdentity.inScopeOf.issuerType", Plain, &[]),
    Field("userIdentity.inScopeOf.credentialsIssuedTo", Plain, &[]),
    Field("userIdentity.sessionContext", Nested(Struct(SESSION_CONTEXT)), &[]),
    Field("userIdentity.sessionContext.sourceIdentity", Plain, &[]),
    Field("userIdentity.sessionContext.ec2RoleDelivery", Plain, &["ec2roledelivery"]),
    Field("userIdentity.sessionContext.attributes", Nested(Struct(SESSION_ATTRIBUTES)), &[]),
    Field("userIdentity.sessionContext.attributes.mfaAuthenticated", Plain, &["sessionmfaauthenticated", "useridentitysessioncontextmfaauthenticated"]),
    Field("userIdentity.sessionContext.attributes.creationDate", Form::Moment, &["sessioncreationdate", "sessioncreationdateutc", "useridentitysessioncontextcreationdate"]),
    Field("userIdentity.sessionContext.sessionIssuer", Nested(Struct(SESSION_ISSUER)), &[]),
    Field("userIdentity.sessionContext.sessionIssuer.type", Plain, &["sessionissuertype"]),
    Field("userIdentity.sessionContext.sessionIssuer.principalId", Plain, &["sessionissuerprincipalid"]),
    Field("userIdentity.sessionContext.sessionIssuer.arn", Plain, &["sessionissuerarn"]),
    Field("userIdentity.sessionContext.sessionIssuer.accountId", Account, &["sessionissueraccountid"]),
    Field("userIdentity.sessionContext.sessionIssuer.userName", Plain, &["sessionissuerusername"]),
    Field("userIdentity.sessionContext.webIdFederationData.federatedProvider", Plain, &[]),
];

/// Parts of the identity by their own names alone: `SELECT userIdentity.arn`
/// makes a column `arn`, and the console has a user name and a key. They count
/// only where no column names the identity in full.
const LEAVES: &[(&str, &str)] = &[
    ("userIdentity.type", "type"),
    ("userIdentity.principalId", "principalid"),
    ("userIdentity.arn", "arn"),
    ("userIdentity.accountId", "accountid"),
    ("userIdentity.accessKeyId", "accesskeyid"),
    ("userIdentity.accessKeyId", "awsaccesskey"),
    ("userIdentity.userName", "username"),
    ("userIdentity.invokedBy", "invokedby"),
    ("userIdentity.identityProvider", "identityprovider"),
    ("userIdentity.credentialId", "credentialid"),
    ("userIdentity.onBehalfOf", "onbehalfof"),
    ("userIdentity.inScopeOf", "inscopeof"),
    ("userIdentity.sessionContext", "sessioncontext"),
    ("userIdentity.sessionContext.attributes", "attributes"),
    ("userIdentity.sessionContext.sessionIssuer", "sessionissuer"),
    (
        "userIdentity.sessionContext.sourceIdentity",
        "sourceidentity",
    ),
    (
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "mfaauthenticated",
    ),
    (
        "userIdentity.sessionContext.attributes.creationDate",
        "creationdate",
    ),
];

/// Structures that a search engine takes apart under keys of the service's
/// own: how such a column's name begins, and what it is a part of.
const OPEN: &[(&str, &str)] = &[
    ("requestParameters.", "requestParameters"),
    ("responseElements.", "responseElements"),
    ("additionalEventData.", "additionalEventData"),
    ("serviceEventDetails.", "serviceEventDetails"),
    (
        "aws.cloudtrail.flattened.request_parameters.",
        "requestParameters",
    ),
    (
        "aws.cloudtrail.flattened.response_elements.",
        "responseElements",
    ),
    (
        "aws.cloudtrail.flattened.additional_eventdata.",
        "additionalEventData",
    ),
];

/// Fields of the Elastic Common Schema, and whose value is in them.
const ECS: &[(&str, &str)] = &[
    ("timestamp", "eventTime"),
    ("eventprovider", "eventSource"),
    ("eventaction", "eventName"),
    ("eventid", "eventID"),
    ("cloudregion", "awsRegion"),
    ("sourceaddress", "sourceIPAddress"),
    ("sourceip", "sourceIPAddress"),
    ("useragentoriginal", "userAgent"),
    ("cloudaccountid", "recipientAccountId"),
    ("userid", "userIdentity.principalId"),
    ("username", "userIdentity.userName"),
    (
        "awscloudtrailflattenedrequestparameters",
        "requestParameters",
    ),
    ("awscloudtrailflattenedresponseelements", "responseElements"),
    (
        "awscloudtrailflattenedadditionaleventdata",
        "additionalEventData",
    ),
];

/// Principals whose type follows from how their id or key begins.
const TYPES: &[(&str, &str, &str)] = &[
    ("principalId", "AROA", "AssumedRole"),
    ("principalId", "AIDA", "IAMUser"),
    ("accessKeyId", "AKIA", "IAMUser"),
];

/// Gives an identity the type that the export left out. Without one the record
/// would be taken for the act of a service.
fn complete(record: &mut Document) {
    let account = record.text("recipientAccountId").map(str::to_owned);
    let Some(Value::Object(identity)) = record.get_mut("userIdentity") else {
        return;
    };
    if identity.contains_key("type") || identity.contains_key("arn") {
        return;
    }
    let begins = |key: &str, prefix: &str| {
        document::text(identity, key).is_some_and(|value| value.starts_with(prefix))
    };
    let by_id = TYPES.iter().find(|(key, prefix, _)| begins(key, prefix));
    let kind = match document::text(identity, "userName") {
        _ if by_id.is_some() => by_id.map(|(_, _, kind)| *kind),
        Some("root") => Some("Root"),
        Some(_) => Some("Unknown"),
        None => None,
    };
    if let Some(kind) = kind {
        put(identity, "type", kind.to_owned());
        if let Some(account) = account {
            put(identity, "accountId", account);
        }
    }
}

fn put(identity: &mut Map<String, Value>, key: &str, value: String) {
    identity.entry(key).or_insert_with(|| Value::String(value));
}

const USER_IDENTITY: &[Key] = &[
    Key("type", Word),
    Key("principalId", Principal),
    Key("arn", Arn),
    Key("accountId", Shape::Account),
    Key("invokedBy", Text),
    Key("accessKeyId", Word),
    Key("userName", Text),
    Key("identityProvider", Text),
    Key("credentialId", Text),
    Key("onBehalfOf", Struct(ON_BEHALF_OF)),
    Key("inScopeOf", Struct(IN_SCOPE_OF)),
    Key("sessionContext", Struct(SESSION_CONTEXT)),
];

const ON_BEHALF_OF: &[Key] = &[Key("userId", Text), Key("identityStoreArn", Arn)];

const IN_SCOPE_OF: &[Key] = &[
    Key("sourceArn", Arn),
    Key("sourceAccount", Shape::Account),
    Key("issuerType", Word),
    Key("credentialsIssuedTo", Text),
];

const SESSION_CONTEXT: &[Key] = &[
    Key("attributes", Struct(SESSION_ATTRIBUTES)),
    Key("sessionIssuer", Struct(SESSION_ISSUER)),
    Key("webIdFederationData", Struct(WEB_ID_FEDERATION_DATA)),
    Key("sourceIdentity", Text),
    Key("ec2RoleDelivery", Word),
    Key("assumedRoot", Word),
];

const SESSION_ATTRIBUTES: &[Key] = &[Key("mfaAuthenticated", Word), Key("creationDate", Time)];

const SESSION_ISSUER: &[Key] = &[
    Key("type", Word),
    Key("principalId", Text),
    Key("arn", Arn),
    Key("accountId", Shape::Account),
    Key("userName", Text),
];

const WEB_ID_FEDERATION_DATA: &[Key] = &[
    Key("federatedProvider", Text),
    Key("attributes", Shape::Map),
];

const RESOURCE: &[Key] = &[
    Key("ARN", Arn),
    Key("accountId", Shape::Account),
    Key("type", Word),
    Key("ARNPrefix", Text),
];

const ADDENDUM: &[Key] = &[
    Key("reason", Word),
    Key("updatedFields", Text),
    Key("originalRequestID", Text),
    Key("originalEventID", Text),
];
