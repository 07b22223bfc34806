//! CloudTrail: the records of one delivered file.

use crate::calls::{Call, Piece};
use crate::cast::{
    ACCOUNTS, Cast, GLOBAL_REGION, Identity, Kind, Project, REGIONS, Sessions, is_awake,
};
use crate::rng::{Rng, mix};
use crate::text;

/// What is decided of a file before any record is.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Position among all files.
    pub number: u64,
    /// Position of the account.
    pub account: usize,
    /// Position of the region.
    pub region: usize,
    /// When the first record happened.
    pub at: u64,
    /// How many records it has.
    pub records: u64,
}

/// Seconds that one file spans.
const SPAN: u64 = 300;

/// Files until there are `records`; of two corpora with one seed, the smaller
/// is the beginning of the larger.
pub fn plan(seed: u64, mut records: u64) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while records > 0 {
        let number = deliveries.len() as u64;
        let mut rng = Rng::new(seed, "delivery", number);
        let account = rng.skewed(ACCOUNTS).max(rng.index(ACCOUNTS));
        let region = match rng.below(10) {
            0..5 => account % REGIONS.len(),
            5..8 => GLOBAL_REGION,
            _ => rng.index(REGIONS.len()),
        };
        let of_file = rng.log_uniform(50.0, 100.0).min(records);
        deliveries.push(Delivery {
            number,
            account,
            region,
            at: moment(&mut rng),
            records: of_file,
        });
        records -= of_file;
    }
    deliveries
}

/// A moment of the 35 days; working hours have more files.
fn moment(rng: &mut Rng) -> u64 {
    loop {
        let slot = rng.below(text::DAYS * text::DAY / SPAN);
        let at = text::START + slot * SPAN;
        let (hour, weekday) = (at % text::DAY / 3600, slot * SPAN / text::DAY % 7);
        let busy = weekday < 5 && (6..18).contains(&hour);
        if busy || rng.happens(550) {
            return at;
        }
    }
}

impl Delivery {
    /// The path of the file below the bucket, without `.gz`.
    pub fn path(&self, cast: &Cast) -> String {
        let (account, region) = (&cast.accounts[self.account], REGIONS[self.region]);
        let (year, month, day) = text::date(self.at);
        let mut path = format!(
            "AWSLogs/{}/{account}/CloudTrail/{region}/{year}/{month:02}/{day:02}/{account}_CloudTrail_{region}_{year}{month:02}{day:02}T",
            crate::cast::ORGANISATION,
        );
        let delivered = self.at + SPAN;
        path.push_str(&format!(
            "{:02}{:02}Z_{}.json",
            delivered % text::DAY / 3600,
            delivered % 3600 / 60,
            text::stable_mixed(mix(self.number), 16),
        ));
        path
    }
}

/// The calls and who makes them.
pub struct Trail<'a> {
    /// Who acts.
    pub cast: &'a Cast,
    /// What can be called.
    pub calls: &'a [Call],
    /// The seed of the corpus.
    pub seed: u64,
}

/// One session of an identity, as records show it.
struct Session<'a> {
    who: &'a Identity,
    project: &'a Project,
    since: u64,
    name: String,
    key: String,
    address: &'a str,
    agent: &'static str,
    is_console: bool,
}

/// Everything one record says.
struct Sighting<'a> {
    session: &'a Session<'a>,
    call: &'a Call,
    account: &'a str,
    region: &'a str,
    at: u64,
    /// Which of the project's things it is about.
    thing: u64,
    /// Where the object's key comes from.
    key: u64,
}

impl Trail<'_> {
    /// Hands each record of `delivery` to `take`, in order.
    pub fn write(&self, delivery: &Delivery, mut take: impl FnMut(&[u8])) {
        let mut rng = Rng::new(self.seed, "file", delivery.number);
        let wanted = (delivery.records / 25).clamp(4, 60);
        let sessions: Vec<Session<'_>> = (0..wanted)
            .map(|_| self.session(&mut rng, delivery))
            .collect();
        let mut record = Vec::with_capacity(8192);
        let (mut current, mut thing) = (0, 0);
        for position in 0..delivery.records {
            if position == 0 || !rng.happens(800) {
                // A burst of one session, about one thing.
                current = rng.skewed(sessions.len());
                thing = sessions[current].project.seed ^ (rng.skewed(8) as u64) << 32;
            }
            let session = &sessions[current];
            let call = self.choose(&mut rng, session, delivery);
            let region = if call.is_global {
                GLOBAL_REGION
            } else {
                delivery.region
            };
            let sighting = Sighting {
                session,
                call,
                account: &self.cast.accounts[delivery.account],
                region: REGIONS[region],
                at: delivery.at + (position * SPAN / delivery.records).saturating_sub(rng.below(3)),
                thing,
                key: rng.next(),
            };
            record.clear();
            sighting.write(&mut record, &mut rng);
            take(&record);
        }
    }

    /// A session that is active when the file begins.
    fn session(&self, rng: &mut Rng, delivery: &Delivery) -> Session<'_> {
        let who = loop {
            let chosen = &self.cast.identities[self.cast.pick(rng, delivery.account)];
            if is_awake(rng, chosen.office, delivery.at) {
                break chosen;
            }
        };
        let length = match who.kind {
            Kind::Sso => 8 * 3600,
            Kind::Role(Sessions::Pipeline | Sessions::Vendor) => 3600,
            _ => 6 * 3600,
        };
        // The same session is met again in the other files of these hours.
        let copies = matches!(
            who.kind,
            Kind::Role(Sessions::Instance | Sessions::Task | Sessions::Pod)
        );
        let copy = if copies { rng.below(4) } else { 0 };
        let since = delivery.at / length * length;
        let own = mix(who.seed ^ since << 8 ^ copy);
        let mut of_session = Rng::new(own, "session", 0);
        let place = of_session.skewed(who.addresses.len());
        let agent = who.agents[usize::from(of_session.happens(300))];
        Session {
            who,
            project: &self.cast.projects[who.project],
            since: since + of_session.below(600),
            name: session_name(who, own, copy, since),
            key: match who.kind {
                Kind::User => format!("AKIA{}", text::stable_upper(who.seed, 16)),
                _ => format!("ASIA{}", text::stable_upper(own, 16)),
            },
            address: &who.addresses[place],
            agent,
            is_console: agent.starts_with("Mozilla/"),
        }
    }

    /// One call of the menu; now and then something never tried.
    fn choose(&self, rng: &mut Rng, session: &Session<'_>, delivery: &Delivery) -> &Call {
        let menu = &session.who.menu;
        let mut chosen = &self.calls[menu[rng.skewed(menu.len())]];
        for _ in 0..3 {
            if !chosen.is_global || delivery.region == GLOBAL_REGION {
                break;
            }
            chosen = &self.calls[menu[rng.skewed(menu.len())]];
        }
        let explores = !matches!(session.who.kind, Kind::Service | Kind::Foreign);
        if explores && rng.happens(2) {
            let other = &self.calls[rng.index(self.calls.len())];
            if !other.is_service_event {
                chosen = other;
            }
        }
        chosen
    }
}

fn session_name(who: &Identity, own: u64, copy: u64, since: u64) -> String {
    match who.kind {
        Kind::Role(Sessions::Instance) => format!("i-{}", text::stable_hex(who.seed ^ copy, 17)),
        Kind::Role(Sessions::Task) => text::stable_hex(own, 32),
        Kind::Role(Sessions::Pod) => format!("botocore-session-{since}"),
        Kind::Role(Sessions::Pipeline) => "GitHubActions".to_owned(),
        Kind::Role(Sessions::Vendor) => format!("aws-go-sdk-{since}{:09}", own % 1_000_000_000),
        Kind::Linked => who
            .addresses
            .first()
            .map_or("", |name| name.split('.').next().unwrap_or(""))
            .to_owned(),
        _ => who.name.clone(),
    }
}

/// Appends the pieces as they stand.
macro_rules! put {
    ($out:expr, $($piece:expr),+ $(,)?) => {{
        $( $out.extend_from_slice(AsRef::<[u8]>::as_ref($piece)); )+
    }};
}
pub(crate) use put;

impl Sighting<'_> {
    /// Appends the record, its fields in the order CloudTrail writes them.
    fn write(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        let (who, call) = (self.session.who, self.call);
        let via = self.via();
        let version = ["1.11", "1.11", "1.09", "1.08"]
            [(mix(call.weight ^ call.name.len() as u64) % 4) as usize];
        put!(out, "{\"eventVersion\":\"", version, "\",\"userIdentity\":");
        self.write_identity(out, via);
        put!(out, ",\"eventTime\":\"");
        text::seconds(out, self.at);
        put!(
            out,
            "\",\"eventSource\":\"",
            &call.service,
            ".amazonaws.com\",\"eventName\":\"",
            &call.name
        );
        put!(
            out,
            "\",\"awsRegion\":\"",
            self.region,
            "\",\"sourceIPAddress\":\""
        );
        put!(
            out,
            via.unwrap_or(self.session.address),
            "\",\"userAgent\":\""
        );
        self.write_agent(out, via);
        put!(out, "\"");
        let is_refused = self.write_error(out, rng);
        put!(out, ",\"requestParameters\":");
        self.fill_or_null(out, rng, &call.request);
        put!(out, ",\"responseElements\":");
        self.fill_or_null(out, rng, if is_refused { &[] } else { &call.response });
        if !call.additional.is_empty() && !is_refused && !call.is_service_event {
            put!(out, ",\"additionalEventData\":");
            self.fill(out, rng, &call.additional);
        }
        put!(out, ",\"requestID\":\"");
        if call.service == "s3" {
            text::upper(out, rng, 16);
        } else {
            text::uuid(out, rng);
        }
        put!(out, "\",\"eventID\":\"");
        text::uuid(out, rng);
        put!(
            out,
            "\",\"readOnly\":",
            if call.reads { "true" } else { "false" }
        );
        if !call.resources.is_empty() {
            put!(out, ",\"resources\":");
            self.fill(out, rng, &call.resources);
        }
        self.write_tail(
            out,
            rng,
            via.is_some() || matches!(who.kind, Kind::Service | Kind::Linked),
        );
    }

    fn write_tail(&self, out: &mut Vec<u8>, rng: &mut Rng, is_internal: bool) {
        let call = self.call;
        let kind = match &*call.service {
            _ if call.is_service_event => "AwsServiceEvent",
            "signin" => "AwsConsoleSignIn",
            _ => "AwsApiCall",
        };
        put!(out, ",\"eventType\":\"", kind, "\",\"managementEvent\":");
        put!(
            out,
            if call.is_data { "false" } else { "true" },
            ",\"recipientAccountId\":\"",
            self.account,
            "\""
        );
        if call.is_service_event {
            put!(out, ",\"serviceEventDetails\":");
            self.fill(out, rng, &call.additional);
        }
        if self.session.who.kind == Kind::Foreign || is_internal && &*call.service == "sts" {
            put!(out, ",\"sharedEventID\":\"");
            text::uuid(out, rng);
            put!(out, "\"");
        }
        if self.session.who.has_endpoint && !is_internal {
            put!(
                out,
                ",\"vpcEndpointId\":\"vpce-",
                &text::stable_hex(self.session.project.seed, 17)
            );
            put!(out, "\",\"vpcEndpointAccountId\":\"", self.account, "\"");
        }
        put!(
            out,
            ",\"eventCategory\":\"",
            if call.is_data {
                "Data\""
            } else {
                "Management\""
            }
        );
        if !is_internal && !call.service.len().is_multiple_of(3) {
            put!(
                out,
                ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\""
            );
            put!(out, &call.service, ".", self.region, ".amazonaws.com\"}");
        }
        if self.session.is_console && !is_internal {
            put!(out, ",\"sessionCredentialFromConsole\":\"true\"");
        }
        put!(out, "}");
    }

    /// The service that calls on the identity's behalf: always the same for
    /// one identity and call.
    fn via(&self) -> Option<&'static str> {
        let chance = mix(self.session.who.seed ^ crate::rng::hash(&self.call.name)) % 160;
        match (self.session.who.kind, chance) {
            (Kind::Service | Kind::Foreign | Kind::Linked, _) => None,
            (_, 0..3) => Some("cloudformation.amazonaws.com"),
            (_, 3) => Some("athena.amazonaws.com"),
            (_, 4) => Some("secretsmanager.amazonaws.com"),
            _ => None,
        }
    }

    fn write_agent(&self, out: &mut Vec<u8>, via: Option<&str>) {
        if let Some(via) = via {
            put!(out, via);
            return;
        }
        if matches!(self.session.who.kind, Kind::Service | Kind::Linked) {
            put!(out, self.session.address);
            return;
        }
        let mut rest = self.session.agent;
        while let Some((before, after)) = rest.split_once('{') {
            put!(out, before, &self.call.service);
            if after.starts_with('c') {
                put!(out, ".");
                for (place, letter) in self.call.name.bytes().enumerate() {
                    if place > 0 && letter.is_ascii_uppercase() {
                        out.push(b'-');
                    }
                    out.push(letter.to_ascii_lowercase());
                }
            }
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        put!(out, rest);
    }

    /// Whether the call failed, and if so, how. Some calls of some identities
    /// fail most of the time.
    fn write_error(&self, out: &mut Vec<u8>, rng: &mut Rng) -> bool {
        let who = self.session.who;
        let is_hopeless = mix(who.seed ^ crate::rng::hash(&self.call.name) << 1).is_multiple_of(60);
        let is_refused = rng.happens(if is_hopeless { 600 } else { 15 });
        if !is_refused || self.call.is_service_event {
            return false;
        }
        let (code, is_denial) = match rng.below(10) {
            0..6 if self.call.service == "ec2" => ("Client.UnauthorizedOperation", true),
            0..6 => ("AccessDenied", true),
            6 => ("ThrottlingException", false),
            7 if self.call.service == "s3" => ("NoSuchKey", false),
            7 | 8 => ("ResourceNotFoundException", false),
            _ => ("ValidationException", false),
        };
        put!(out, ",\"errorCode\":\"", code, "\",\"errorMessage\":\"");
        if is_denial {
            put!(out, "User: ");
            self.write_arn(out);
            put!(
                out,
                " is not authorized to perform: ",
                &self.call.service,
                ":",
                &self.call.name
            );
            put!(
                out,
                " because no identity-based policy allows the ",
                &self.call.service,
                ":",
                &self.call.name,
                " action"
            );
        } else {
            put!(
                out,
                "The request of \\\"",
                &self.call.name,
                "\\\" could not be served"
            );
        }
        put!(out, "\"");
        true
    }

    /// The ARN under which the caller is recorded.
    fn write_arn(&self, out: &mut Vec<u8>) {
        let (who, session) = (self.session.who, self.session);
        match who.kind {
            Kind::Root => put!(out, "arn:aws:iam::", self.account, ":root"),
            Kind::User => put!(out, "arn:aws:iam::", self.account, ":user/", &who.name),
            Kind::Service | Kind::Foreign => put!(out, &who.name),
            _ => put!(
                out,
                "arn:aws:sts::",
                self.account,
                ":assumed-role/",
                self.role(),
                "/",
                &session.name,
            ),
        }
    }

    /// The role without its path.
    fn role(&self) -> &str {
        let role = &self.session.who.role;
        role.rsplit_once('/').map_or(role, |(_, name)| name)
    }

    fn write_identity(&self, out: &mut Vec<u8>, via: Option<&str>) {
        let who = self.session.who;
        match who.kind {
            Kind::Service => {
                put!(
                    out,
                    "{\"type\":\"AWSService\",\"invokedBy\":\"",
                    &who.name,
                    "\"}"
                );
                return;
            }
            Kind::Foreign => {
                put!(
                    out,
                    "{\"type\":\"AWSAccount\",\"principalId\":\"AROA",
                    &who.name,
                    ":collector\",\"accountId\":\"777788889999\"}"
                );
                return;
            }
            Kind::Root => {
                put!(
                    out,
                    "{\"type\":\"Root\",\"principalId\":\"",
                    self.account,
                    "\",\"arn\":\""
                );
                self.write_arn(out);
                put!(
                    out,
                    "\",\"accountId\":\"",
                    self.account,
                    "\",\"accessKeyId\":\"",
                    &self.session.key,
                    "\",\"sessionContext\":{\"attributes\":{\"creationDate\":\""
                );
                text::seconds(out, self.session.since);
                put!(out, "\",\"mfaAuthenticated\":\"true\"}}");
            }
            Kind::User => {
                put!(
                    out,
                    "{\"type\":\"IAMUser\",\"principalId\":\"",
                    &who.id,
                    "\",\"arn\":\""
                );
                self.write_arn(out);
                put!(
                    out,
                    "\",\"accountId\":\"",
                    self.account,
                    "\",\"accessKeyId\":\"",
                    &self.session.key,
                    "\",\"userName\":\"",
                    &who.name,
                    "\""
                );
            }
            _ => self.write_assumed(out),
        }
        if let Some(invoked_by) = via {
            put!(out, ",\"invokedBy\":\"", invoked_by, "\"");
        } else if who.kind == Kind::Linked {
            put!(out, ",\"invokedBy\":\"", self.session.address, "\"");
        }
        put!(out, "}");
    }

    /// A session of a role, without the closing brace.
    fn write_assumed(&self, out: &mut Vec<u8>) {
        let (who, session) = (self.session.who, self.session);
        put!(
            out,
            "{\"type\":\"AssumedRole\",\"principalId\":\"",
            &who.id,
            ":",
            &session.name,
            "\",\"arn\":\""
        );
        self.write_arn(out);
        put!(
            out,
            "\",\"accountId\":\"",
            self.account,
            "\",\"accessKeyId\":\"",
            &session.key
        );
        put!(
            out,
            "\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\",\"principalId\":\"",
            &who.id
        );
        put!(
            out,
            "\",\"arn\":\"arn:aws:iam::",
            self.account,
            ":role/",
            &who.role,
            "\",\"accountId\":\"",
            self.account
        );
        put!(out, "\",\"userName\":\"", self.role(), "\"},");
        if who.kind == Kind::Role(Sessions::Pipeline) {
            put!(
                out,
                "\"webIdFederationData\":{\"federatedProvider\":\"arn:aws:iam::",
                self.account,
                ":oidc-provider/token.actions.githubusercontent.com\",\"attributes\":{}},"
            );
        } else if who.kind == Kind::Role(Sessions::Pod) {
            put!(
                out,
                "\"webIdFederationData\":{\"federatedProvider\":\"arn:aws:iam::",
                self.account,
                ":oidc-provider/oidc.eks.",
                self.region,
                ".amazonaws.com/id/",
                &text::stable_upper(session.project.seed, 32),
                "\",\"attributes\":{}},"
            );
        } else if who.seed.is_multiple_of(3) {
            put!(out, "\"webIdFederationData\":{},");
        }
        put!(out, "\"attributes\":{\"creationDate\":\"");
        text::seconds(out, session.since);
        put!(out, "\",\"mfaAuthenticated\":\"false\"}");
        if who.kind == Kind::Role(Sessions::Instance) {
            put!(out, ",\"ec2RoleDelivery\":\"2.0\"");
        }
        put!(out, "}");
        if who.kind == Kind::Role(Sessions::Function) {
            put!(
                out,
                ",\"inScopeOf\":{\"issuerType\":\"AWS::Lambda::Function\",\"credentialsIssuedTo\":\"arn:aws:lambda:",
                self.region,
                ":",
                self.account,
                ":function:",
                &who.name,
                "\"}"
            );
        }
    }

    fn fill_or_null(&self, out: &mut Vec<u8>, rng: &mut Rng, template: &[Piece]) {
        if template.is_empty() {
            put!(out, "null");
        } else {
            self.fill(out, rng, template);
        }
    }

    /// Appends `template` with its blanks filled.
    fn fill(&self, out: &mut Vec<u8>, rng: &mut Rng, template: &[Piece]) {
        for piece in template {
            match piece {
                Piece::Text(text) => put!(out, text),
                Piece::Blank(letter, count) => self.fill_blank(out, rng, *letter, *count),
            }
        }
    }

    fn fill_blank(&self, out: &mut Vec<u8>, rng: &mut Rng, letter: u8, count: u64) {
        let (project, thing, length) = (self.session.project, self.thing, count as usize);
        match letter {
            b'a' => put!(out, self.account),
            b'r' => put!(out, self.region),
            b'i' => put!(
                out,
                self.session.who.name.split('@').next().unwrap_or_default()
            ),
            b'e' => put!(out, &self.session.who.name),
            b'w' => put!(
                out,
                &project.words[(thing >> 32) as usize % project.words.len()]
            ),
            b'b' => put!(
                out,
                &project.buckets[(thing >> 34) as usize % project.buckets.len()]
            ),
            b'k' => object_key(out, &mut Rng::new(self.key, "key", 0), project, self.at),
            b's' => text::hex(out, &mut Rng::new(thing, "thing", count), length),
            b'h' => text::hex(out, rng, length),
            b'u' => text::uuid(out, rng),
            b'x' => text::base64(out, rng, length),
            b'A' => text::upper(out, rng, length),
            b'n' => text::number(out, 1 + rng.below(count)),
            b't' => text::number(out, self.at * 1000),
            b'd' => text::seconds(out, self.at),
            _ => text::console_time(out, self.at),
        }
    }
}

/// An object key: a table's partition, a build, or one of a few settings.
fn object_key(out: &mut Vec<u8>, rng: &mut Rng, project: &Project, at: u64) {
    let (year, month, day) = text::date(at);
    let word = &project.words[rng.skewed(project.words.len())];
    match rng.below(4) {
        0 => {
            put!(out, "config/", word, "/settings-");
            text::number(out, rng.below(12));
            put!(out, ".json");
        }
        1 => {
            put!(out, "builds/", word, "/");
            text::number(out, rng.below(400));
            put!(out, "/app.tar.gz");
        }
        _ => {
            put!(out, word, "/year=");
            text::number(out, year);
            put!(out, "/month=");
            text::padded(out, month, 2);
            put!(out, "/day=");
            text::padded(out, day, 2);
            put!(out, "/part-");
            text::padded(out, rng.below(200), 5);
            put!(out, "-");
            text::hex(out, rng, 8);
            put!(out, ".snappy.parquet");
        }
    }
}
