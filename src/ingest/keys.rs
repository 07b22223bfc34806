//! The keys that tell what a JSON object is: a native record, a wrapper around
//! records, or something that is rightly left out.

/// A set of telling keys, gathered from the top level of one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys(u64);

macro_rules! keys {
    ($($constant:ident = $bit:literal: $($name:literal)|+;)*) => {
        impl Keys {
            $(pub(super) const $constant: Self = Self(1 << $bit);)*

            /// The key spelt `name`, or the empty set.
            pub(super) fn named(name: &[u8]) -> Self {
                match name {
                    $($($name)|+ => Self::$constant,)*
                    _ => Self(0),
                }
            }
        }
    };
}

keys! {
    // Native records.
    EVENT_VERSION = 0: b"eventVersion";
    EVENT_SOURCE = 1: b"eventSource";
    USER_IDENTITY = 2: b"userIdentity";
    EVENT_NAME = 3: b"eventName";
    EVENT_TYPE = 4: b"eventType";
    PUBLISHED = 5: b"published";
    ACTOR = 6: b"actor";
    TYPE = 7: b"type";
    REQUEST = 8: b"request";
    CLASS_UID = 9: b"class_uid";
    METADATA = 10: b"metadata";
    API = 11: b"api";
    // Known things that are no events.
    NOTICE = 12: b"s3" | b"kinesis" | b"dynamodb" | b"ses";
    INSIGHT_DETAILS = 13: b"insightDetails";
    DIGEST_START = 16: b"digestStartTime";
    LOG_FILES = 17: b"logFiles";
    CONFIGURATION_ITEMS = 18: b"configurationItems";
    LEVEL = 19: b"@level";
    LOG_MESSAGE = 20: b"@message";
    // Wrappers.
    RECORDS = 21: b"Records";
    EVENTS = 22: b"Events";
    CLOUDTRAIL_EVENT = 23: b"CloudTrailEvent";
    DETAIL_TYPE = 24: b"detail-type";
    DETAIL = 25: b"detail";
    MESSAGE_TYPE = 26: b"messageType";
    LOG_EVENTS = 27: b"logEvents";
    EVENTS_LOWER = 28: b"events";
    HITS = 29: b"hits";
    SOURCE_DOCUMENT = 30: b"_source";
    EVENT_ORIGINAL = 31: b"event.original";
    RESULT = 32: b"result";
    RAW = 33: b"_raw";
    EVENT = 34: b"event";
    EVENT_CONTEXT = 35: b"sourcetype" | b"index" | b"host" | b"time";
    DATA = 36: b"data";
    LIST = 37: b"records" | b"value" | b"items";
    NOTIFICATION_BODY = 38: b"Body" | b"body";
    TEXT = 39: b"log" | b"message" | b"line" | b"Message" | b"msg" | b"payload";
    EXTRACTED_FIELDS = 40: b"extractedFields";
    // Records of our own.
    SCHEMA = 45: b"schema";
    AWSLOGS = 41: b"awslogs";
    RESULTS = 42: b"results";
    ROWS = 43: b"QueryResultRows";
    ELASTIC = 44: b"aws" | b"aws.cloudtrail.event_version" | b"okta" | b"okta.event_type"
        | b"hashicorp_vault" | b"hashicorp_vault.audit.type";
    JSON_PAYLOAD = 46: b"jsonPayload";
    // Native records that lost their capitals.
    LOWER_VERSION = 60: b"eventversion";
    LOWER_SOURCE = 61: b"eventsource";
    LOWER_IDENTITY = 62: b"useridentity";
    LOWER_NAME = 63: b"eventname";
}

impl Keys {
    /// Keys of which a wrapper has none: an object with one of them may be a
    /// native record, whatever else it holds.
    pub(super) const HALLMARKS: Self = Self::EVENT_VERSION
        .with(Self::EVENT_SOURCE)
        .with(Self::USER_IDENTITY)
        .with(Self::EVENT_NAME)
        .with(Self::PUBLISHED)
        .with(Self::ACTOR)
        .with(Self::REQUEST)
        .with(Self::CLASS_UID)
        .with(Self::LOWER_SOURCE)
        .with(Self::LOWER_NAME);

    /// Keys whose arrays are streamed from the beginning: no native record has
    /// them.
    pub(super) const STREAMED: Self = Self::RECORDS.with(Self::EVENTS);

    /// Keys whose arrays hold records in an object too large to be one.
    pub(super) const ENVELOPES: Self = Self::STREAMED
        .with(Self::LOG_EVENTS)
        .with(Self::EVENTS_LOWER)
        .with(Self::LIST)
        .with(Self::RESULTS)
        .with(Self::ROWS);

    /// Keys whose arrays hold rows, which are arrays themselves.
    pub(super) const OF_ROWS: Self = Self::RESULTS.with(Self::ROWS);

    /// Both sets together.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every key of `other` is present.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether some key of `other` is present.
    pub(super) const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
