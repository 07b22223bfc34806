//! The cast: accounts, projects and the identities that act in them.

use crate::calls::Call;
use crate::rng::{Rng, hash, mix};
use crate::text::{self, DAY};

/// Accounts of the organisation.
pub const ACCOUNTS: usize = 20;
/// Regions it uses; the third is the one of global services.
pub const REGIONS: [&str; 6] = [
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-southeast-2",
    "eu-north-1",
];
/// Position of us-east-1.
pub const GLOBAL_REGION: usize = 2;
/// The organisation's id.
pub const ORGANISATION: &str = "o-c0rpexampl";

const PROJECTS: [&str; 32] = [
    "payments",
    "orders",
    "mobile",
    "search",
    "billing",
    "platform",
    "lake",
    "fraud",
    "catalog",
    "identity",
    "notify",
    "shipping",
    "pricing",
    "reporting",
    "support",
    "ledger",
    "media",
    "partner",
    "risk",
    "stock",
    "web",
    "edge",
    "data",
    "ml",
    "crm",
    "claims",
    "loyalty",
    "gateway",
    "returns",
    "content",
    "metrics",
    "tax",
];
const COMPONENTS: [&str; 16] = [
    "api", "worker", "sync", "export", "cache", "etl", "auth", "queue", "cron", "proxy", "index",
    "events", "batch", "admin", "stream", "core",
];
const FIRST: [&str; 24] = [
    "nadia", "marco", "ingrid", "omar", "lena", "piotr", "aisha", "jonas", "mei", "carlos",
    "freya", "tomas", "yuki", "sara", "viktor", "amara", "noah", "elif", "hugo", "priya", "astrid",
    "daniel", "leila", "oskar",
];
const LAST: [&str; 24] = [
    "haug", "rossi", "berg", "hassan", "novak", "silva", "okafor", "lind", "chen", "moreau",
    "jensen", "kovacs", "tanaka", "weber", "dahl", "costa", "ahmed", "keller", "nilsen", "patel",
    "sato", "murphy", "lopez", "aalto",
];
const PERMISSIONS: [&str; 6] = [
    "DeveloperAccess",
    "ReadOnly",
    "PowerUser",
    "DataAnalyst",
    "Support",
    "AdministratorAccess",
];
const SERVICES: [&str; 20] = [
    "ec2",
    "lambda",
    "ecs-tasks",
    "autoscaling",
    "cloudtrail",
    "config",
    "s3",
    "delivery.logs",
    "elasticloadbalancing",
    "rds",
    "backup",
    "ssm",
    "events",
    "states",
    "firehose",
    "eks",
    "glue",
    "guardduty",
    "vpc-flow-logs",
    "application-autoscaling",
];
const LINKED: [(&str, &str); 5] = [
    ("AWSServiceRoleForAutoScaling", "autoscaling"),
    ("AWSServiceRoleForAmazonEKS", "eks"),
    ("AWSServiceRoleForConfig", "config"),
    ("AWSServiceRoleForECS", "ecs"),
    (
        "AWSServiceRoleForElasticLoadBalancing",
        "elasticloadbalancing",
    ),
];
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
];
/// `{c}` is the command, which makes the raw text nearly endless.
const TOOLS: [&str; 4] = [
    "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/macos#25.0.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython md/prompt#off md/command#{c}",
    "aws-cli/2.22.7 md/awscrt#0.23.1 ua/2.0 os/linux#6.8.0-1021-aws md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython md/prompt#off md/command#{c}",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.1 (+https://www.terraform.io) terraform-provider-aws/6.7.0 aws-sdk-go-v2/1.38.0 ua/2.1 os/linux lang/go#1.24.5 md/GOOS#linux md/GOARCH#amd64 api/{s}#1.60.1 m/N,g",
    "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/macos#25.0.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython m/b,Z,D Botocore/1.40.2",
];
const SDKS: [&str; 9] = [
    "aws-sdk-go-v2/1.38.0 ua/2.1 os/linux lang/go#1.25.1 md/GOOS#linux md/GOARCH#arm64 api/{s}#1.44.0 m/E,g",
    "aws-sdk-java/2.32.4 md/io#async md/http#NettyNio ua/2.1 api/{s}#2.32.x os/Linux#6.1 lang/java#21.0.8",
    "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.12.8 md/pyimpl#CPython m/b,Z Botocore/1.40.2",
    "aws-sdk-js/3.858.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#22.17.0 api/{s}#3.858.0 m/E,g",
    "aws-sdk-go/1.55.7 (go1.22.5; linux; amd64) amazon-ssm-agent/3.3.2299.0",
    "aws-sdk-go/1.51.16 (go1.22.2; linux; arm64) amazon-vpc-cni-k8s/v1.19.2",
    "aws-sdk-java/1.12.788 Linux/5.10.238-234.956.amzn2.x86_64 java/17.0.15",
    "Boto3/1.40.2 md/Botocore#1.40.2 ua/2.1 os/linux#5.10 md/arch#aarch64 lang/python#3.13.4 md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 Botocore/1.40.2",
    "aws-sdk-php/3.351.4 ua/2.1 OS/Linux#6.1 GuzzleHttp/7",
];

/// What an identity is, which decides how records name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An employee who came through single sign-on.
    Sso,
    /// A role of instances, tasks, functions, pods, pipelines or a vendor.
    Role(Sessions),
    /// A role that a service uses by itself.
    Linked,
    /// An IAM user with an access key.
    User,
    /// A service of the cloud.
    Service,
    /// Somebody of another account, before there is a session.
    Foreign,
    /// The root of an account.
    Root,
}

/// How a role's sessions are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    Instance,
    Task,
    Function,
    Pod,
    Pipeline,
    Vendor,
}

/// Something the organisation works on.
pub struct Project {
    /// What it owns: services, tables, queues.
    pub words: Vec<String>,
    /// Its buckets.
    pub buckets: Vec<String>,
    /// Where its identifiers come from.
    pub seed: u64,
}

/// One who acts.
pub struct Identity {
    /// What it is.
    pub kind: Kind,
    /// Position of its account.
    pub account: usize,
    /// Its name: role, user, service, or an employee's e-mail address.
    pub name: String,
    /// The role, where it differs from the name, with its path before it.
    pub role: String,
    /// The unique id of the role or user.
    pub id: String,
    /// Position of its project.
    pub project: usize,
    /// User agents, chief one first.
    pub agents: Vec<&'static str>,
    /// Addresses, chief one first.
    pub addresses: Vec<String>,
    /// Calls by position, commonest first.
    pub menu: Vec<usize>,
    /// Hour of the working day's begin; none for what never sleeps.
    pub office: Option<u64>,
    /// Whether its calls go through a VPC endpoint.
    pub has_endpoint: bool,
    /// Where what belongs to it comes from.
    pub seed: u64,
}

/// Everybody.
pub struct Cast {
    /// Account ids.
    pub accounts: Vec<String>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Identities.
    pub identities: Vec<Identity>,
    /// Of each account its identities, with the running sum of their weights.
    pub by_account: Vec<Vec<(u64, usize)>>,
}

impl Cast {
    /// The cast of `seed`, choosing among `calls`.
    pub fn new(seed: u64, calls: &[Call]) -> Self {
        let mut rng = Rng::new(seed, "cast", 0);
        let accounts = (0..ACCOUNTS)
            .map(|_| rng.between(100_000_000_000, 999_999_999_999).to_string())
            .collect();
        let projects = PROJECTS.iter().map(|name| project(seed, name)).collect();
        let mut cast = Self {
            accounts,
            projects,
            identities: Vec::new(),
            by_account: vec![Vec::new(); ACCOUNTS],
        };
        for account in 0..ACCOUNTS {
            for number in 0..95 {
                let kind = kind_of(number, &mut rng);
                let identity = identity(&mut rng, calls, kind, account, number);
                let weight = weight(&mut rng, kind);
                cast.admit(identity, weight);
            }
        }
        cast
    }

    fn admit(&mut self, identity: Identity, weight: u64) {
        let of_account = &mut self.by_account[identity.account];
        let before = of_account.last().map_or(0, |&(sum, _)| sum);
        of_account.push((before + weight, self.identities.len()));
        self.identities.push(identity);
    }

    /// One of `account`, the busy ones more often.
    pub fn pick(&self, rng: &mut Rng, account: usize) -> usize {
        let of_account = &self.by_account[account];
        let total = of_account.last().map_or(0, |&(sum, _)| sum);
        let drawn = rng.below(total);
        of_account[of_account.partition_point(|&(sum, _)| sum <= drawn)].1
    }
}

/// The first of each account's 95 are of fixed kinds.
fn kind_of(number: u64, rng: &mut Rng) -> Kind {
    match number {
        0 => Kind::Root,
        1 => Kind::Foreign,
        2..=6 => Kind::Linked,
        7..=9 => Kind::Service,
        10..=18 => Kind::User,
        19..=38 => Kind::Sso,
        _ => Kind::Role(match rng.below(100) {
            0..15 => Sessions::Instance,
            15..45 => Sessions::Task,
            45..70 => Sessions::Function,
            70..88 => Sessions::Pod,
            88..95 => Sessions::Pipeline,
            _ => Sessions::Vendor,
        }),
    }
}

/// How busy an identity is; some are much busier than others.
fn weight(rng: &mut Rng, kind: Kind) -> u64 {
    match kind {
        Kind::Root => 3,
        Kind::Foreign => 20,
        Kind::Service => rng.log_uniform(200.0, 10.0),
        Kind::Linked => rng.log_uniform(40.0, 40.0),
        Kind::User => rng.log_uniform(20.0, 25.0),
        Kind::Sso => rng.log_uniform(40.0, 10.0),
        Kind::Role(_) => rng.log_uniform(20.0, 30.0),
    }
}

fn project(seed: u64, name: &str) -> Project {
    let own = mix(seed ^ hash(name));
    let mut rng = Rng::new(own, "project", 0);
    let words = (0..8)
        .map(|_| format!("{name}-{}", COMPONENTS[rng.index(COMPONENTS.len())]))
        .collect();
    let buckets = ["artifacts", "exports", "uploads", "lake-raw"]
        .iter()
        .map(|use_| format!("corp-{name}-{use_}-{}", text::stable_hex(mix(own), 6)))
        .collect();
    Project {
        words,
        buckets,
        seed: own,
    }
}

fn identity(rng: &mut Rng, calls: &[Call], kind: Kind, account: usize, number: u64) -> Identity {
    let seed = rng.next();
    let project = rng.index(PROJECTS.len());
    let (name, role) = names(rng, kind, PROJECTS[project], number, seed);
    let prefix = if kind == Kind::User { "AIDA" } else { "AROA" };
    let id_seed = match kind {
        // The employees of a permission set share its role.
        Kind::Sso => hash(&role) ^ account as u64,
        _ => seed,
    };
    Identity {
        kind,
        account,
        id: format!("{prefix}{}", text::stable_upper(id_seed, 17)),
        project,
        agents: agents(rng, kind),
        addresses: addresses(rng, kind, &name),
        menu: menu(rng, calls, kind),
        office: matches!(kind, Kind::Sso | Kind::Root).then(|| rng.between(6, 10)),
        has_endpoint: matches!(kind, Kind::Role(_)) && rng.happens(250),
        seed,
        name,
        role,
    }
}

fn names(rng: &mut Rng, kind: Kind, project: &str, number: u64, seed: u64) -> (String, String) {
    let component = COMPONENTS[rng.index(COMPONENTS.len())];
    match kind {
        Kind::Sso => {
            let (first, last) = (FIRST[rng.index(FIRST.len())], LAST[rng.index(LAST.len())]);
            let permission = PERMISSIONS[rng.skewed(PERMISSIONS.len())];
            let suffix = text::stable_hex(hash(permission), 16);
            (
                format!("{first}.{last}@corp.example"),
                format!(
                    "aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_{permission}_{suffix}"
                ),
            )
        }
        Kind::Linked => {
            let (role, service) = LINKED[number as usize % LINKED.len()];
            (
                role.to_owned(),
                format!("aws-service-role/{service}.amazonaws.com/{role}"),
            )
        }
        Kind::Service => {
            let service = SERVICES[rng.index(SERVICES.len())];
            (format!("{service}.amazonaws.com"), String::new())
        }
        Kind::User => (format!("svc-{project}-{component}-{number}"), String::new()),
        Kind::Root => ("root".to_owned(), String::new()),
        Kind::Foreign => (text::stable_upper(seed, 17), String::new()),
        Kind::Role(_) => {
            let role = format!("{project}-{component}-{}", text::stable_hex(seed, 6));
            (role.clone(), role)
        }
    }
}

fn agents(rng: &mut Rng, kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Sso | Kind::Root => vec![
            BROWSERS[rng.skewed(BROWSERS.len())],
            TOOLS[rng.skewed(TOOLS.len())],
        ],
        Kind::Role(Sessions::Pipeline) => vec![TOOLS[rng.between(1, 2) as usize], TOOLS[1]],
        _ => vec![SDKS[rng.index(SDKS.len())], SDKS[rng.index(SDKS.len())]],
    }
}

/// Addresses of the documentation and benchmark ranges, and private ones.
fn addresses(rng: &mut Rng, kind: Kind, name: &str) -> Vec<String> {
    let public = |host: u64| match rng.below(20) {
        0 => format!(
            "2001:db8:{:x}:{:x}::{host:x}",
            rng.below(4096),
            rng.below(4096)
        ),
        1..4 => format!("203.0.113.{host}"),
        4..6 => format!("198.51.100.{host}"),
        _ => format!("198.{}.{}.{host}", rng.between(18, 19), rng.below(250)),
    };
    match kind {
        Kind::Service => vec![name.to_owned()],
        Kind::Linked => {
            vec![name.replace("AWSServiceRoleFor", "").to_lowercase() + ".amazonaws.com"]
        }
        Kind::Role(Sessions::Instance | Sessions::Task | Sessions::Pod) => (0..rng.between(2, 8))
            .map(|_| {
                format!(
                    "10.{}.{}.{}",
                    rng.below(64),
                    rng.below(250),
                    rng.between(4, 250)
                )
            })
            .collect(),
        Kind::Role(Sessions::Pipeline | Sessions::Function) => (10..18).map(public).collect(),
        _ => (20..23).map(public).collect(),
    }
}

/// What an identity habitually calls: a few services, and some calls of each.
fn menu(rng: &mut Rng, calls: &[Call], kind: Kind) -> Vec<usize> {
    let wanted = match kind {
        Kind::Sso => rng.log_uniform(20.0, 4.0),
        Kind::Foreign => 1,
        Kind::Service | Kind::Root => rng.between(4, 10),
        Kind::User | Kind::Linked => rng.log_uniform(3.0, 10.0),
        Kind::Role(_) => rng.log_uniform(4.0, 14.0),
    } as usize;
    let fits = |call: &Call| match kind {
        Kind::Service => call.is_service_event || matches!(&*call.service, "sts" | "kms" | "s3"),
        Kind::Foreign => call.name == "AssumeRole",
        _ => !call.is_service_event,
    };
    let total: u64 = calls.iter().map(|call| call.weight).sum();
    let mut menu: Vec<usize> = Vec::new();
    for _ in 0..100_000 {
        if menu.len() >= wanted {
            break;
        }
        let mut drawn = rng.below(total);
        let chosen = calls.iter().position(|call| {
            let is_here = drawn < call.weight;
            drawn = drawn.saturating_sub(call.weight);
            is_here
        });
        let Some(chosen) = chosen.filter(|&chosen| fits(&calls[chosen])) else {
            continue;
        };
        let is_known = menu
            .iter()
            .any(|&known| calls[known].service == calls[chosen].service);
        if !menu.contains(&chosen) && (menu.len() < 2 || is_known || rng.happens(120)) {
            menu.push(chosen);
        }
    }
    menu
}

/// Whether somebody with these office hours is likely to act at `at`.
pub fn is_awake(rng: &mut Rng, office: Option<u64>, at: u64) -> bool {
    let Some(start) = office else {
        return true;
    };
    let (hour, weekday) = (at % DAY / 3600, (at - text::START) / DAY % 7);
    let works = weekday < 5 && (start..start + 9).contains(&hour);
    works || rng.happens(15)
}
