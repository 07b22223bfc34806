//! The house: a small organisation that does what it always does, day after
//! day, so that a story has a background to stand out from.
//!
//! Every member has routines; a little chance, seeded by the member, the day
//! and the routine, moves times and leaves steps out. What one member does is
//! therefore the same whoever else is there.

use chrono::{DateTime, Datelike as _, Days, Utc, Weekday};
use sha2::{Digest as _, Sha256};

use super::Sandbox;
use super::events::{Event, ct, ct_role, okta, vault};

/// The first day, a Monday.
pub(crate) const FIRST_DAY: &str = "2026-10-05T00:00:00Z";
/// Days of history.
pub(crate) const HISTORY_DAYS: i64 = 42;
/// Days of review after them.
pub(crate) const REVIEW_DAYS: i64 = 3;
/// The review as a flag.
pub(crate) const REVIEW: &str = "--review 2026-11-16..2026-11-19";

/// A small generator (splitmix64): the same numbers for the same words.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The chance that belongs to these words.
    pub(crate) fn of(words: &str) -> Self {
        let digest = Sha256::digest(words.as_bytes());
        let mut seed = [0; 8];
        seed.copy_from_slice(&digest[..8]);
        Self(u64::from_le_bytes(seed))
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    /// Puts `items` into another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let n = u64::try_from(i).unwrap() + 1;
            items.swap(i, usize::try_from(self.below(n)).unwrap());
        }
    }
}

/// Some steps that are done one after the other, at about the same hours.
#[derive(Clone, Debug)]
pub(crate) struct Routine {
    name: String,
    steps: Vec<Event>,
    hour: i64,
    n_runs: i64,
    hours_between: i64,
    is_on_weekdays: bool,
    /// Of a hundred steps after the first, how many are left out.
    left_out: u64,
    has_session_per_run: bool,
}

impl Routine {
    /// Steps that are done once a day at nine.
    pub(crate) fn new(name: &str, steps: Vec<Event>) -> Self {
        Self {
            name: name.to_owned(),
            steps,
            hour: 9,
            n_runs: 1,
            hours_between: 1,
            is_on_weekdays: false,
            left_out: 30,
            has_session_per_run: false,
        }
    }

    /// At this hour instead.
    pub(crate) fn at_hour(mut self, hour: i64) -> Self {
        self.hour = hour;
        self
    }

    /// So many times a day, so many hours apart.
    pub(crate) fn runs(mut self, n_runs: i64, hours_between: i64) -> Self {
        self.n_runs = n_runs;
        self.hours_between = hours_between;
        self
    }

    /// Not on Saturdays and Sundays.
    pub(crate) fn on_weekdays(mut self) -> Self {
        self.is_on_weekdays = true;
        self
    }

    /// Each run in a session of its own.
    pub(crate) fn in_sessions(mut self) -> Self {
        self.has_session_per_run = true;
        self
    }

    /// Everything of the day with that number, counted from [`FIRST_DAY`].
    pub(crate) fn day(&self, day: i64) -> Vec<Event> {
        let start = day_start(day);
        if self.is_on_weekdays && matches!(start.weekday(), Weekday::Sat | Weekday::Sun) {
            return Vec::new();
        }
        let mut chance = Chance::of(&format!("{} on {day}", self.name));
        let mut minute = |most| i64::try_from(chance.below(most)).unwrap();
        let mut events = Vec::new();
        for run in 0..self.n_runs {
            let mut second = (self.hour + run * self.hours_between) * 3_600 + 60 * minute(40);
            for (i, step) in self.steps.iter().enumerate() {
                second += 1 + minute(45);
                let percent = u64::try_from(minute(100)).unwrap();
                if i > 0 && percent < self.left_out {
                    continue;
                }
                let mut event = step.clone().at(&start.to_rfc3339()).later(second);
                if self.has_session_per_run {
                    event = event.in_session(&format!("run-{}", 70_000 + day * 10 + run));
                }
                events.push(event);
            }
        }
        events
    }

    /// Everything of these days.
    pub(crate) fn days(&self, days: impl IntoIterator<Item = i64>) -> Vec<Event> {
        days.into_iter().flat_map(|day| self.day(day)).collect()
    }

    /// Everything of history and review.
    pub(crate) fn always(&self) -> Vec<Event> {
        self.days(0..HISTORY_DAYS + REVIEW_DAYS)
    }
}

fn day_start(day: i64) -> DateTime<Utc> {
    let first: DateTime<Utc> = FIRST_DAY.parse().unwrap();
    first
        .checked_add_days(Days::new(u64::try_from(day).unwrap()))
        .unwrap()
}

/// `time` of day on the `n`-th day of the review, from 0, in RFC 3339.
pub(crate) fn on_review_day(n: i64, time: &str) -> String {
    let date = day_start(HISTORY_DAYS + n).date_naive();
    format!("{date}T{time}Z")
}

/// Who lives here, by the name in the reports, with all their routines.
pub(crate) fn members() -> Vec<(&'static str, Vec<Routine>)> {
    let mut members = Vec::new();
    members.extend(CI.map(|(name, team)| (name, vec![ci(team)])));
    members.extend(SERVICES.map(|(name, team)| (name, vec![service(team)])));
    members.extend(BATCHES.map(|(name, job, hour)| (name, vec![batch(job, hour)])));
    members.extend(ACCOUNTS.map(|(user, hour)| (user, vec![account(user, hour)])));
    members.extend(APPROLES.map(|(name, app)| (name, vec![approle(app)])));
    members.extend(PEOPLE.map(|login| (login, vec![person(login)])));
    members
}

const CI: [(&str, &str); 4] = [
    ("role/ci-payments", "payments"),
    ("role/ci-orders", "orders"),
    ("role/ci-search", "search"),
    ("role/ci-mobile", "mobile"),
];

const SERVICES: [(&str, &str); 4] = [
    ("role/payments-api", "payments"),
    ("role/orders-api", "orders"),
    ("role/search-api", "search"),
    ("role/mobile-api", "mobile"),
];

const BATCHES: [(&str, &str, i64); 4] = [
    ("role/nightly-etl", "etl", 2),
    ("role/backup-job", "backup", 3),
    ("role/report-job", "report", 4),
    ("role/vendor-cost", "cost", 6),
];

const ACCOUNTS: [(&str, i64); 4] = [
    ("svc-invoices", 5),
    ("svc-warehouse", 7),
    ("svc-labels", 11),
    ("svc-mailer", 15),
];

const APPROLES: [(&str, &str); 4] = [
    ("approle-billing", "billing"),
    ("approle-orders", "orders"),
    ("approle-search", "search"),
    ("approle-mobile", "mobile"),
];

const PEOPLE: [&str; 8] = [
    "alice@example.com",
    "bjorn@example.com",
    "chen@example.com",
    "dana@example.com",
    "emil@example.com",
    "farah@example.com",
    "gustav@example.com",
    "hana@example.com",
];

/// A deploy role: some runs a working day, each in a session of its own.
pub(crate) fn ci(team: &str) -> Routine {
    let role = format!("ci-{team}");
    let by = || {
        ct_role(&role, "run")
            .from("198.51.100.20")
            .with("aws-sdk-go-v2/1.30.3")
    };
    let steps = vec![
        by().does("sts:GetCallerIdentity"),
        by().does("ecr:GetAuthorizationToken"),
        by().does("ecr:PutImage").on(&format!(
            "arn:aws:ecr:eu-west-1:111122223333:repository/{team}"
        )),
        by().does("s3:PutObject")
            .on(&format!("arn:aws:s3:::artefacts-{team}/build.zip")),
        by().does("ecs:UpdateService").on(&format!(
            "arn:aws:ecs:eu-west-1:111122223333:service/{team}"
        )),
    ];
    Routine::new(&role, steps)
        .at_hour(9)
        .runs(3, 3)
        .on_weekdays()
        .in_sessions()
}

/// The secret of a team, as Secrets Manager names it.
pub(crate) fn secret(team: &str, name: &str) -> String {
    format!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/{team}/{name}-AbCdEf")
}

/// A service that runs day and night.
pub(crate) fn service(team: &str) -> Routine {
    let role = format!("{team}-api");
    let by = || {
        ct_role(&role, "i-0123456789abcdef0")
            .from("192.0.2.10")
            .with("aws-sdk-java/2.25.1")
    };
    let steps = vec![
        by().does("secretsmanager:GetSecretValue")
            .on(&secret(team, "database")),
        by().does("kms:Decrypt")
            .on("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"),
        by().does("s3:PutObject")
            .on(&format!("arn:aws:s3:::{team}-data/events.json")),
        by().does("s3:GetObject")
            .on(&format!("arn:aws:s3:::{team}-data/config.json")),
    ];
    Routine::new(&role, steps).at_hour(1).runs(3, 7)
}

/// A job that runs once every night.
pub(crate) fn batch(job: &str, hour: i64) -> Routine {
    let role = match job {
        "etl" => "nightly-etl".to_owned(),
        "cost" => "vendor-cost".to_owned(),
        _ => format!("{job}-job"),
    };
    let by = || {
        ct_role(&role, job)
            .from("192.0.2.40")
            .with("Boto3/1.34.0 Python/3.12")
    };
    let read = |n: u8| {
        by().does("s3:GetObject")
            .on(&format!("arn:aws:s3:::{job}-input/part-{n}.parquet"))
    };
    let mut steps = vec![
        by().does("s3:ListObjects")
            .on(&format!("arn:aws:s3:::{job}-input")),
    ];
    steps.extend((0..6).map(read));
    steps.push(
        by().does("s3:PutObject")
            .on(&format!("arn:aws:s3:::{job}-output/result.parquet")),
    );
    Routine::new(&role, steps).at_hour(hour).in_sessions()
}

/// An IAM user with a long-lived key that a program uses.
pub(crate) fn account(user: &str, hour: i64) -> Routine {
    let by = || {
        ct(user)
            .from("192.0.2.70")
            .with("aws-sdk-nodejs/2.1500.0 linux")
    };
    let area = user.trim_start_matches("svc-");
    let steps = vec![
        by().does("sqs:ReceiveMessage")
            .on(&format!("arn:aws:sqs:eu-west-1:111122223333:{area}")),
        by().does("s3:GetObject")
            .on(&format!("arn:aws:s3:::{area}-files/latest.csv")),
        by().does("ses:SendEmail")
            .on("arn:aws:ses:eu-west-1:111122223333:identity/example.com"),
    ];
    Routine::new(user, steps).at_hour(hour).runs(2, 2)
}

/// Writes seven weeks of four accounts, one of which works from elsewhere on a
/// day of the last week: `logs/trail.jsonl` and `logs/odd.json.gz`.
pub(crate) fn write_accounts_and_an_odd_day(sandbox: &Sandbox) {
    let names = ["svc-labels", "svc-mailer", "svc-invoices", "svc-stock"];
    let routines = names.map(|user| account(user, 11));
    let events: Vec<Event> = routines.iter().flat_map(Routine::always).collect();
    sandbox.write_lines("logs/trail.jsonl", &events);
    let odd: Vec<Event> = (0..8)
        .map(|i| {
            ct("svc-labels")
                .does("iam:CreateAccessKey")
                .from("203.0.113.9")
                .with("curl/8.5.0")
                .at(&on_review_day(1, "02:00:00"))
                .later(i * 5)
        })
        .collect();
    sandbox.write_records("logs/odd.json.gz", &odd);
}

/// An application that reads its own secrets in Vault.
pub(crate) fn approle(app: &str) -> Routine {
    let name = format!("approle-{app}");
    let by = || vault(&name).from("192.0.2.90").does("read");
    let steps = vec![
        by().on(&format!("secret/data/{app}/database")),
        by().on(&format!("secret/data/{app}/queue")),
        by().on("auth/token/lookup-self"),
    ];
    Routine::new(&name, steps).at_hour(2).runs(3, 7)
}

/// Where a person sits: everybody has a home network of their own.
pub(crate) fn home(login: &str) -> String {
    let n = PEOPLE.iter().position(|person| *person == login);
    format!("198.18.{}.8", 10 + n.unwrap_or(90))
}

/// A person who signs in and opens applications on working days.
pub(crate) fn person(login: &str) -> Routine {
    let address = home(login);
    let by = || {
        okta(login)
            .from(&address)
            .with("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    };
    let sso = |app: &str| by().does("user.authentication.sso").on(app);
    let steps = vec![
        by().does("user.session.start"),
        by().does("user.authentication.auth_via_mfa"),
        sso("Mail"),
        sso("Wiki"),
        sso("Tickets"),
    ];
    Routine::new(login, steps)
        .at_hour(7)
        .runs(2, 5)
        .on_weekdays()
}
