//! The calling program: what of a user agent is stable enough to be a habit.
//!
//! The raw text has near-unbounded cardinality (command lines embed the
//! sub-command and details of the installation), so only family, product and
//! major version leave this module.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::event::{Client, Interface};

/// What a user agent says about the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAgent<'a> {
    /// The program.
    pub client: Client<'a>,
    /// How it came in: console, cloud shell or API; a sign-in is told by the
    /// action, never by the agent.
    pub interface: Interface,
    /// A product token names a known AI agent client.
    pub is_agent: bool,
}

/// One row of the table: needle, family, product. The needle must stand at the
/// start of a word, in any letter case.
struct Rule(&'static str, &'static str, Product);

/// What a rule says about the product.
#[derive(Clone, Copy)]
enum Product {
    /// The family says it all.
    None,
    /// The needle is one of several products of the family.
    Named(&'static str),
    /// The word that holds the needle, up to its version.
    Token,
}

use Product::{Named, Token};

/// First match wins. The version is the number after the `/` that follows the
/// needle. Order: what encloses a call comes before the library it uses.
const RULES: &[Rule] = &[
    Rule("exec-env/CloudShell", "cloudshell", Product::None),
    Rule("Terraform/", "terraform", Product::None),
    Rule("terraform-provider-aws", "terraform", Product::None),
    Rule("HashiCorp Terraform", "terraform", Product::None),
    Rule("OpenTofu", "terraform", Named("opentofu")),
    Rule("Pulumi", "iac", Named("pulumi")),
    Rule("aws-cdk", "iac", Named("aws-cdk")),
    Rule("CloudFormation", "iac", Named("cloudformation")),
    Rule("crossplane", "iac", Named("crossplane")),
    Rule("ansible", "iac", Named("ansible")),
    Rule("kubernetes", "kubernetes", Token),
    Rule("aws-iam-authenticator", "kubernetes", Token),
    Rule("aws-load-balancer-controller", "kubernetes", Token),
    Rule("aws-ebs-csi-driver", "kubernetes", Token),
    Rule("karpenter", "kubernetes", Token),
    Rule("cluster-autoscaler", "kubernetes", Token),
    Rule("external-dns", "kubernetes", Token),
    Rule("elbv2.k8s.aws", "kubernetes", Token),
    Rule("kube", "kubernetes", Token),
    Rule("S3 Browser", "transfer_tool", Named("s3-browser")),
    Rule("Cyberduck", "transfer_tool", Named("cyberduck")),
    Rule("rclone", "transfer_tool", Named("rclone")),
    Rule("WinSCP", "transfer_tool", Named("winscp")),
    Rule("s3fs", "transfer_tool", Named("s3fs")),
    Rule("s5cmd", "transfer_tool", Named("s5cmd")),
    Rule("aws-cli/", "aws_cli", Product::None),
    Rule("Boto3/", "python_sdk", Product::None),
    Rule("Botocore/", "python_sdk", Product::None),
    Rule("aws-sdk-go", "sdk_go", Token),
    Rule("aws-sdk-java", "sdk_java", Token),
    Rule("aws-sdk-kotlin", "sdk_kotlin", Token),
    Rule("aws-sdk-swift", "sdk_swift", Token),
    Rule("aws-sdk-nodejs", "sdk_js", Token),
    Rule("aws-sdk-js", "sdk_js", Token),
    Rule("aws-sdk-rust", "sdk_rust", Token),
    Rule("aws-sdk-net", "sdk_net", Token),
    Rule("aws-sdk-dotnet", "sdk_net", Token),
    Rule("aws-sdk-ruby", "sdk_ruby", Token),
    Rule("aws-sdk-php", "sdk_php", Token),
    Rule("aws-sdk-cpp", "sdk_cpp", Token),
    Rule("python-requests", "raw_http", Named("python-requests")),
    Rule("python-urllib", "raw_http", Named("python-urllib")),
    Rule("python-httplib2", "raw_http", Named("python-httplib2")),
    Rule("curl/", "raw_http", Named("curl")),
    Rule("wget/", "raw_http", Named("wget")),
    Rule("Go-http-client", "raw_http", Named("go-http-client")),
    Rule("okhttp", "raw_http", Named("okhttp")),
    Rule("axios", "raw_http", Named("axios")),
    Rule("PostmanRuntime", "raw_http", Named("postman")),
];

/// Product tokens of known AI agent clients.
const AGENTS: &[&str] = &[
    "claude",
    "kiro",
    "mcp",
    "aws-mcp",
    "aws-api-mcp-server",
    "langchain",
    "langgraph",
    "copilot",
];

/// Browsers by the token that tells them apart; the first match wins, because
/// every browser claims to be several others.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("Firefox/", "firefox"),
    ("FxiOS/", "firefox"),
    ("HeadlessChrome", "headless-chrome"),
    ("Chrome/", "chrome"),
    ("CriOS/", "chrome"),
    ("Safari/", "safari"),
    ("Trident/", "internet-explorer"),
];

impl<'a> UserAgent<'a> {
    /// Reduces a user agent as logged; empty text gives an empty client.
    ///
    /// # Examples
    ///
    /// ```
    /// # use habitual::ingest::user_agent::UserAgent;
    /// let agent = UserAgent::of("[aws-cli/2.18.5 md/command#s3.cp]");
    /// assert_eq!(agent.client.family, "aws_cli");
    /// assert_eq!(agent.client.major, Some(2));
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = text
            .trim()
            .trim_start_matches(['[', '"', '\''])
            .trim_end_matches([']', '"', '\'']);
        if text.is_empty() {
            return Self::default();
        }
        let is_agent = words(text).any(is_agent_token);
        let (client, interface) = console(text)
            .or_else(|| provider(text))
            .or_else(|| ruled(text))
            .unwrap_or_else(|| (other(text, is_agent), Interface::Api));
        Self {
            client,
            interface,
            is_agent,
        }
    }
}

/// A web console or a browser.
///
/// Browsers have no version here: they replace themselves every few weeks, so
/// each release would be a client nobody has ever used.
fn console<'a>(text: &str) -> Option<(Client<'a>, Interface)> {
    let is_powershell = text.contains("PowerShell/");
    let is_console = text == "signin.amazonaws.com"
        || (text.starts_with("console.") && text.ends_with(".amazonaws.com"))
        || text.contains("AWSConsole")
        || text.contains("S3Console")
        || (text.contains("aws-internal/3") && !text.contains("lang/"))
        || (text.contains("Mozilla/5.0") && !is_powershell);
    is_console.then(|| {
        let product = BROWSERS
            .iter()
            .find(|(token, _)| text.contains(token))
            .map(|(_, browser)| Cow::Borrowed(*browser));
        (client("console", product, None), Interface::Console)
    })
}

/// The provider itself, by its service name.
fn provider<'a>(text: &str) -> Option<(Client<'a>, Interface)> {
    if text == "AWS Internal" || text.starts_with("AWS Internal/") {
        return Some((client("aws_internal", None, None), Interface::Api));
    }
    let host = text.split_whitespace().next()?;
    let end = host.find(".amazonaws.com")?;
    let name = host.get(..end)?;
    let is_host = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    is_host.then(|| {
        let product = Some(Cow::Owned(clip(name).to_owned()));
        (client("aws_service", product, None), Interface::Api)
    })
}

fn ruled<'a>(text: &str) -> Option<(Client<'a>, Interface)> {
    let starts = word_starts(text);
    let (rule, found) = RULES
        .iter()
        .find_map(|rule| Some((rule, find_word(text, &starts, rule.0)?)))?;
    let Rule(needle, family, product) = *rule;
    let interface = if family == "cloudshell" {
        Interface::CloudShell
    } else {
        Interface::Api
    };
    let token = found
        .split([' ', '/', ';', '(', ','])
        .next()
        .unwrap_or_default();
    let product = match product {
        Product::None => None,
        Named(name) => Some(Cow::Borrowed(name)),
        Token if token.eq_ignore_ascii_case(needle) => None,
        Token => Some(Cow::Owned(clip(token).to_ascii_lowercase())),
    };
    let version = match needle.ends_with('/') {
        true => found.get(needle.len()..),
        false => found
            .split_whitespace()
            .find_map(|word| word.split_once('/'))
            .map(|(_, version)| version),
    };
    let major = if family == "cloudshell" {
        None
    } else {
        version.and_then(major)
    };
    Some((client(family, product, major), interface))
}

/// A program we do not know: its first product token.
fn other<'a>(text: &str, is_agent: bool) -> Client<'a> {
    let token = words(text)
        .find(|word| !is_agent || is_agent_token(word))
        .unwrap_or(text);
    let (name, version) = token.split_once('/').unwrap_or((token, ""));
    let name = clip(without_uuid(name)).to_ascii_lowercase();
    if is_agent {
        return client("agent", Some(name.into()), major(version));
    }
    Client {
        family: format!("other:{name}").into(),
        product: None,
        major: major(version),
    }
}

/// `name` without an installation's or a run's own UUID at its end.
fn without_uuid(name: &str) -> &str {
    let is_uuid = |tail: &str| {
        tail.bytes().enumerate().all(|(i, byte)| match i {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    name.len()
        .checked_sub(36)
        .and_then(|at| name.split_at_checked(at))
        .filter(|(_, tail)| is_uuid(tail))
        .map(|(head, _)| head.trim_end_matches(['_', '-', ':']))
        .map_or(name, |head| if head.is_empty() { "uuid" } else { head })
}

fn client<'a>(
    family: &'static str,
    product: Option<Cow<'a, str>>,
    major: Option<u32>,
) -> Client<'a> {
    Client {
        family: Cow::Borrowed(family),
        product,
        major,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ';', '(', ')', ','])
        .filter(|word| !word.is_empty())
}

/// Whether one of the `/`- or `#`-separated parts of a product token is the
/// name of an agent client, alone or with a suffix (`claude-code`).
fn is_agent_token(word: &str) -> bool {
    word.split(['/', '#']).any(|part| {
        AGENTS.iter().any(|agent| {
            part.get(..agent.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(agent))
                && matches!(part.as_bytes().get(agent.len()), None | Some(b'-' | b'_'))
        })
    })
}

/// Where words start: after anything but a letter, a digit or a hyphen.
fn word_starts(text: &str) -> SmallVec<[usize; 32]> {
    let mut is_inside = false;
    text.bytes()
        .enumerate()
        .filter(|(_, byte)| {
            let starts = !is_inside;
            is_inside = byte.is_ascii_alphanumeric() || *byte == b'-';
            starts && is_inside
        })
        .map(|(at, _)| at)
        .collect()
}

/// The rest of `text` from the first word that begins with `needle`.
fn find_word<'t>(text: &'t str, starts: &[usize], needle: &str) -> Option<&'t str> {
    starts.iter().filter_map(|&at| text.get(at..)).find(|rest| {
        rest.as_bytes()
            .get(..needle.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(needle.as_bytes()))
    })
}

/// The number at the start of a version, after an optional `v`.
fn major(version: &str) -> Option<u32> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let end = version
        .bytes()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

/// At most 64 bytes of a product token.
fn clip(token: &str) -> &str {
    token
        .get(..token.floor_char_boundary(64))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with `family[/product][ major]`.
    #[track_caller]
    fn agent(text: &str, expected: &str) -> UserAgent<'static> {
        let agent = UserAgent::of(text);
        let mut shown = agent.client.family.to_string();
        if let Some(product) = &agent.client.product {
            shown.push_str(&format!("/{product}"));
        }
        if let Some(major) = agent.client.major {
            shown.push_str(&format!(" {major}"));
        }
        assert_eq!(shown, expected, "{text}");
        agent
    }

    #[test]
    fn command_lines_and_libraries_have_family_and_major_version() {
        agent(
            "[aws-cli/2.18.5 md/awscrt#0.22.0 ua/2.0 os/macos#24.1 md/command#s3.cp]",
            "aws_cli 2",
        );
        agent(
            "\"aws-cli/1.16.3 Python/3.7.2 Botocore/1.12.0\"",
            "aws_cli 1",
        );
        agent("Boto3/1.26.1 Python/3.9 Botocore/1.29.1", "python_sdk 1");
        agent("Botocore/1.29.1", "python_sdk 1");
        agent("aws-sdk-go-v2/1.30.3 os/linux", "sdk_go/aws-sdk-go-v2 1");
        agent("aws-sdk-go/1.44 (go1.19)", "sdk_go 1");
        agent("aws-sdk-nodejs/2.1 linux", "sdk_js 2");
        agent(
            "APN/1.0 HashiCorp/1.0 Terraform/1.9.0 (+https://www.terraform.io) aws-sdk-go-v2/1.30",
            "terraform 1",
        );
        agent("kubelet/v1.29.3 (linux/amd64)", "kubernetes/kubelet 1");
        agent(
            "karpenter.sh-v0.37 aws-sdk-go/1.44",
            "kubernetes/karpenter.sh-v0.37 1",
        );
        agent(
            "S3 Browser/10.8.1 (https://s3browser.com)",
            "transfer_tool/s3-browser 10",
        );
        agent("curl/8.4.0", "raw_http/curl 8");
    }

    #[test]
    fn console_and_cloud_shell_are_interfaces() {
        let mozilla = "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
        let browser = agent(mozilla, "console/chrome");
        assert_eq!(browser.interface, Interface::Console);
        assert_eq!(
            agent("signin.amazonaws.com", "console").interface,
            Interface::Console
        );
        agent(
            "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11.888 Linux/4.9]",
            "console",
        );
        agent(
            "aws-internal/3 aws-sdk-java/1.12 lang/java#17",
            "sdk_java 1",
        );
        let shell = agent("aws-cli/2.1 Python/3.9 exec-env/CloudShell", "cloudshell");
        assert_eq!(shell.interface, Interface::CloudShell);
        assert_eq!(agent("aws-cli/2.1", "aws_cli 2").interface, Interface::Api);
    }

    #[test]
    fn every_documented_client_has_its_family() {
        for (text, expected) in [
            ("[console.amazonaws.com]", "console"),
            ("AWSConsole aws-sdk-java/1.11", "console"),
            ("aws-internal/3 aws-sdk-java/1.12", "console"),
            ("HashiCorp Terraform/1.5", "terraform 1"),
            ("terraform-provider-aws/5.1", "terraform 5"),
            ("OpenTofu/1.6.0", "terraform/opentofu 1"),
            ("aws-sdk-go/1.4 Pulumi/3.1", "iac/pulumi 3"),
            ("aws-cdk/2.100", "iac/aws-cdk 2"),
            ("crossplane/v1.14", "iac/crossplane 1"),
            ("APN/1.0 Ansible/2.9 Boto3/1.2", "iac/ansible 2"),
            ("aws-sdk-java/2.20 kotlin/1", "sdk_java 2"),
            ("aws-sdk-js/3.400", "sdk_js 3"),
            ("aws-sdk-rust/1.0", "sdk_rust 1"),
            ("aws-sdk-net-coreclr/3.7", "sdk_net/aws-sdk-net-coreclr 3"),
            ("aws-sdk-ruby3/3.1", "sdk_ruby/aws-sdk-ruby3 3"),
            ("aws-sdk-php/3.2", "sdk_php 3"),
            ("aws-sdk-cpp/1.9", "sdk_cpp 1"),
            ("Cyberduck/8.6", "transfer_tool/cyberduck 8"),
            ("rclone/v1.64", "transfer_tool/rclone 1"),
            ("WinSCP/6.1", "transfer_tool/winscp 6"),
            ("s3fs/1.93", "transfer_tool/s3fs 1"),
            ("aws-sdk-go/1.4 s5cmd/v2.2", "transfer_tool/s5cmd 2"),
            ("aws-iam-authenticator/0.6", "kubernetes 0"),
            ("aws-load-balancer-controller/2.4", "kubernetes 2"),
            ("cluster-autoscaler/1.2 aws-sdk-go/1.4", "kubernetes 1"),
            ("external-dns/0.13", "kubernetes 0"),
            ("python-requests/2.31", "raw_http/python-requests 2"),
            ("Go-http-client/1.1", "raw_http/go-http-client 1"),
            ("okhttp/4.9", "raw_http/okhttp 4"),
            ("axios/1.6", "raw_http/axios 1"),
            ("PostmanRuntime/7.3", "raw_http/postman 7"),
            ("kiro/1.0", "agent/kiro 1"),
            ("langchain/0.1", "agent/langchain 0"),
            ("copilot/2", "agent/copilot 2"),
        ] {
            agent(text, expected);
        }
    }

    #[test]
    fn provider_is_told_by_its_service_name() {
        agent("cloudformation.amazonaws.com", "aws_service/cloudformation");
        agent("AWS Internal", "aws_internal");
        agent("AWS Internal/3", "aws_internal");
        agent("evil athena.amazonaws.com", "other:evil");
    }

    #[test]
    fn agent_clients_are_told_by_product_token_only() {
        assert!(agent("claude-code/1.0 (cli)", "agent/claude-code 1").is_agent);
        assert!(agent("Boto3/1.26 md/mcp#1", "python_sdk 1").is_agent);
        assert!(!agent("claudette/1.0", "other:claudette 1").is_agent);
        assert!(!agent("aws-cli/2 md/command#mcpx.run", "aws_cli 2").is_agent);
    }

    #[test]
    fn unknown_and_hostile_agents_stay_short() {
        agent("probe_ea782787-a65d-4fc4-9fca-1c97869a9a25", "other:probe");
        agent("68319f60-9dec-43b2-9702-de3a08c9d8a3", "other:uuid");
        agent("", "");
        agent("  [] ", "");
        agent("MyTool/3.1 extra", "other:mytool 3");
        agent("v99999999999999999999", "other:v99999999999999999999");
        let long = UserAgent::of(&"é".repeat(1000)).client.family.len();
        assert!(long <= 70, "{long}");
        agent(
            "Mozilla/5.0 (Windows NT) WindowsPowerShell/5.1",
            "other:mozilla 5",
        );
    }
}
