//! The names of parameters that are known, and how they are found.

/// Names that resources, edges and verbs are made from: lower case, sorted.
pub(super) const NAMES: &[&str] = &[
    "accesskeyid",
    "accountid",
    "agentarn",
    "agentid",
    "agentruntimearn",
    "aws",
    "bucketname",
    "cluster",
    "clusteridentifier",
    "clustername",
    "dbclusteridentifier",
    "dbclustersnapshotidentifier",
    "dbinstanceidentifier",
    "dbsnapshotidentifier",
    "deliverystreamname",
    "documentname",
    "functionname",
    "granteeprincipal",
    "group",
    "groupid",
    "groupname",
    "imageid",
    "instanceid",
    "instanceids",
    "instanceprofilename",
    "key",
    "keyid",
    "knowledgebaseid",
    "loggroupidentifier",
    "loggroupname",
    "modelid",
    "name",
    "names",
    "networkinterfaceid",
    "path",
    "policy",
    "policyarn",
    "policydocument",
    "policyname",
    "prefix",
    "principal",
    "principalarn",
    "principalid",
    "principals",
    "projectname",
    "queueurl",
    "repositoryname",
    "requestitems",
    "rolearn",
    "rolename",
    "secretid",
    "secretidlist",
    "service",
    "snapshotid",
    "stackname",
    "statemachinearn",
    "streamname",
    "subnetid",
    "tablename",
    "target",
    "targetid",
    "targetprincipal",
    "taskdefinition",
    "topicarn",
    "userid",
    "username",
    "valuestoadd",
    "volumeid",
    "vpcid",
    "withdecryption",
    "x-amz-acl",
    "x-amz-copy-source",
];

/// How many places there are for known names.
const N_SLOTS: usize = 512;

/// The positions of [`NAMES`] by [`slot`], up to two in each; where there are
/// less, one beyond all.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are less names than that"
)]
static SLOTS: [[u8; 2]; N_SLOTS] = {
    assert!(NAMES.len() < 256, "too many names");
    let none = NAMES.len() as u8;
    let mut slots = [[none; 2]; N_SLOTS];
    let mut at = 0;
    while at < NAMES.len() {
        let slot = slot(NAMES[at].as_bytes());
        let way = (slots[slot][0] != none) as usize;
        assert!(slots[slot][way] == none, "too many names in one place");
        slots[slot][way] = at as u8;
        at += 1;
    }
    slots
};

/// The place of a name, whatever its letter case.
const fn slot(name: &[u8]) -> usize {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return 0;
    };
    let letters = [*first, *last, name[name.len() / 2]];
    let letters = [letters[0] | 0x20, letters[1] | 0x20, letters[2] | 0x20];
    let sum = letters[0] as usize * 7 + letters[1] as usize * 17 + letters[2] as usize * 37;
    (sum + name.len() % N_SLOTS * 8) % N_SLOTS
}

/// The position among [`NAMES`] of the one that `key` is, in any letter case.
#[inline]
pub(super) fn position(key: &str) -> Option<usize> {
    let ways = SLOTS.get(slot(key.as_bytes()))?;
    let mut ways = ways.iter().map(|at| usize::from(*at));
    ways.find(|at| {
        let name = NAMES.get(*at);
        name.is_some_and(|name| is_same(name, key))
    })
}

/// Whether `key` is `name`, which is lower case, in any letter case.
#[inline]
fn is_same(name: &str, key: &str) -> bool {
    if name.len() != key.len() {
        return false;
    }
    let ends = |text: &str| {
        let bytes = text.as_bytes();
        let fold = |word: &[u8; 8]| u64::from_le_bytes(*word) | 0x2020_2020_2020_2020;
        Some((fold(bytes.first_chunk()?), fold(bytes.last_chunk()?)))
    };
    // Of letters, and no others, this is the whole truth.
    let is_enough = (8..=16).contains(&name.len()) && !name.starts_with("x-");
    ends(name) == ends(key) && (is_enough || name.eq_ignore_ascii_case(key))
}

/// The known name that `key` is, in any letter case.
pub(super) fn known(key: &str) -> Option<&'static str> {
    NAMES.get(position(key)?).copied()
}
