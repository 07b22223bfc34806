//! CloudTrail: the records of one delivered file.

use crate::calls::Call;
use crate::cast::{ACCOUNTS, Cast, GLOBAL_REGION, Identity, Kind, REGIONS, Sessions, is_awake};
use crate::record::{Session, Sighting};
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
