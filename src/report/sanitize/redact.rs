//! Secrets: text that would let its reader act as somebody else.
//!
//! Access key ids (`AKIA…`, `ASIA…`) are kept: they name an identity and open
//! nothing by themselves.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet, RegexSetBuilder};

/// What a kind of secret looks like. The part to hide is the group `secret`.
struct Pattern {
    /// Shown in its place: `[redacted token]`.
    kind: &'static str,
    regex: &'static str,
    /// Whether a match must also look random, because the pattern alone fits
    /// ordinary text too.
    must_look_random: bool,
    /// Whether it fits nothing but a long run of base64, see [`has_run`].
    is_run: bool,
}

impl Pattern {
    const fn certain(kind: &'static str, regex: &'static str) -> Self {
        Self {
            kind,
            regex,
            must_look_random: false,
            is_run: false,
        }
    }

    const fn random(kind: &'static str, regex: &'static str) -> Self {
        Self {
            kind,
            regex,
            must_look_random: true,
            is_run: false,
        }
    }

    const fn run(kind: &'static str, regex: &'static str) -> Self {
        Self {
            is_run: true,
            ..Self::random(kind, regex)
        }
    }
}

/// The forms published by those who issue them; longest first, because what
/// one has hidden the next cannot find.
const PATTERNS: [Pattern; 15] = [
    Pattern::certain(
        "key block",
        r"(?s)(?<secret>-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\z))",
    ),
    Pattern::certain(
        "JWT",
        r"\b(?<secret>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)",
    ),
    Pattern::certain(
        "credentials",
        r"[A-Za-z][A-Za-z0-9+.-]*://(?<secret>[^/\s@?#\x22']+)@",
    ),
    Pattern::certain(
        "credentials",
        r"(?i)\bauthorization\s*[:=]\s*(?:bearer|basic|token|digest|negotiate)\s+(?<secret>\S+)",
    ),
    Pattern::certain("token", r"(?i)\bx-vault-token\s*[:=]\s*(?<secret>\S+)"),
    Pattern::certain(
        "secret",
        r"(?i)(?:password|passwd|pwd|secret|token|(?:api|secret|access|private)[_-]?key|authorization|cookie|user[_-]?data|signature|\bsig)=(?<secret>[^\s&;,\x22']+)",
    ),
    Pattern::certain(
        "secret",
        r"(?i)\x22[a-z_-]*(?:password|passwd|secret|token|secret_?access_?key|authorization|cookie|userdata)\x22\s*:\s*\x22(?<secret>[^\x22]+)",
    ),
    Pattern::certain("token", r"\b(?<secret>(?:xox[a-z]|xapp)-[A-Za-z0-9-]{10,})"),
    Pattern::certain(
        "token",
        r"\b(?<secret>gh[a-z]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,})",
    ),
    Pattern::certain("token", r"\b(?<secret>hv[sbr]\.[A-Za-z0-9_-]{20,})"),
    Pattern::random("token", r"\b(?<secret>[sbr]\.[A-Za-z0-9_-]{24,})"),
    Pattern::random(
        "token",
        r"(?i)\bbearer\s+(?<secret>[A-Za-z0-9._~+/=-]{20,})",
    ),
    // STS session tokens, however short they were cut.
    Pattern::certain(
        "session token",
        r"\b(?<secret>(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/_-]*={0,2})",
    ),
    // Whatever else is that long; see `holds_long_token`.
    Pattern::run("session token", r"(?<secret>[A-Za-z0-9+/_-]{100,}={0,2})"),
    // 40 characters of base64 between slashes or other characters; see
    // `secret_key_spans`.
    Pattern::run("secret key", r"(?<secret>[A-Za-z0-9+/]{40,99})"),
];

/// Length of an AWS secret access key.
const SECRET_KEY_LENGTH: usize = 40;

/// Of a session token of no known beginning, at least.
const LONG_TOKEN_LENGTH: usize = 100;

/// What the matcher of all patterns may remember. With less it begins anew time
/// and again: all of them together have many states.
const MATCHER_BYTES: usize = 16 << 20;

/// All patterns but runs, which would multiply the states by their lengths.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = PATTERNS.iter().filter(|pattern| !pattern.is_run);
    let patterns = patterns.map(|pattern| pattern.regex);
    #[expect(clippy::expect_used, reason = "literal patterns, compiled by a test")]
    RegexSetBuilder::new(patterns)
        .dfa_size_limit(MATCHER_BYTES)
        .build()
        .expect("valid patterns")
});

static EACH: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "literal patterns, compiled by a test")]
    PATTERNS
        .iter()
        .map(|pattern| Regex::new(pattern.regex).expect("valid pattern"))
        .collect()
});

/// `text` with everything that looks like a secret replaced by
/// `[redacted KIND]`.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let has_other = text.len() >= 8 && ANY.is_match(text);
    if !has_other && !has_run(text) {
        return Cow::Borrowed(text);
    }
    let mut text = Cow::Borrowed(text);
    let patterns = PATTERNS.iter().zip(EACH.iter());
    for (pattern, regex) in patterns.filter(|(pattern, _)| has_other || pattern.is_run) {
        let spans = secret_spans(&text, pattern, regex);
        if !spans.is_empty() {
            text = Cow::Owned(replace_spans(&text, &spans, pattern.kind));
        }
    }
    text
}

/// Whether `text` holds a run that is long enough for a pattern of runs.
fn has_run(text: &str) -> bool {
    let is_other = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    let mut runs = text.as_bytes().split(is_other);
    let mut longer = text
        .as_bytes()
        .split(|byte| is_other(byte) && !matches!(byte, b'_' | b'-'));
    text.len() >= SECRET_KEY_LENGTH
        && (runs.any(|run| run.len() >= SECRET_KEY_LENGTH)
            || longer.any(|run| run.len() >= LONG_TOKEN_LENGTH))
}

/// A stretch of bytes, on character boundaries.
type Span = std::ops::Range<usize>;

fn secret_spans(text: &str, pattern: &Pattern, regex: &Regex) -> Vec<Span> {
    regex
        .captures_iter(text)
        .filter_map(|found| found.name("secret"))
        .filter(|secret| !is_redacted(text.get(secret.start()..).unwrap_or_default()))
        .flat_map(|secret| {
            let run = secret.as_str();
            let is_secret = match pattern.kind {
                "secret key" => return secret_key_spans(run, secret.start()),
                _ if !pattern.must_look_random => true,
                _ if run.len() >= LONG_TOKEN_LENGTH => holds_long_token(run),
                _ => looks_random(run.as_bytes()),
            };
            is_secret.then(|| secret.range()).into_iter().collect()
        })
        .collect()
}

/// Whether `text` begins with what an earlier pattern left.
fn is_redacted(text: &str) -> bool {
    text.strip_prefix("[redacted ").is_some_and(|rest| {
        PATTERNS.iter().any(|pattern| {
            rest.strip_prefix(pattern.kind)
                .is_some_and(|end| end.starts_with(']'))
        })
    })
}

/// Secret access keys in a run of base64 characters that starts at `offset`:
/// forty characters that begin and end at a slash or at an end of the run, so
/// that a key inside a path is found.
fn secret_key_spans(run: &str, offset: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0_usize;
    while let Some(candidate) = run.get(start..start + SECRET_KEY_LENGTH) {
        let end = start + SECRET_KEY_LENGTH;
        let ends_well = run
            .get(end..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if ends_well && looks_random(candidate.as_bytes()) {
            spans.push(offset + start..offset + end);
            start = end;
        } else {
            match run.get(start..).and_then(|rest| rest.find('/')) {
                Some(at) => start += at + 1,
                None => break,
            }
        }
    }
    spans
}

/// Whether some hundred characters of `run` look random and are not the words
/// of a path.
///
/// Of a hundred characters of base64, three are no letter or digit: more than
/// ten in one of some ten thousand tokens. The path of a log file that
/// CloudTrail delivered has thirteen or more in any hundred, and ends in
/// sixteen random letters.
fn holds_long_token(run: &str) -> bool {
    let n_others = |part: &[u8]| part.iter().filter(|b| kind_of(**b) == OTHER).count();
    run.as_bytes()
        .windows(LONG_TOKEN_LENGTH)
        .any(|part| n_others(part) * 10 <= part.len() && looks_random(part))
}

/// Whether `text` mixes upper case, lower case and digits as no word, path or
/// hexadecimal hash does.
///
/// Of two neighbours in random base64, 65 in 100 differ in kind: 26 ± 3 of the
/// 39 in a secret access key, where a path of words and dates has a third. And
/// 40 in 100 are upper case: 16 ± 3, where hashes in a path have hardly any.
/// Chosen by eye: four in ten, and three in twenty of each case.
fn looks_random(text: &[u8]) -> bool {
    let kinds: Vec<u8> = text.iter().copied().map(kind_of).collect();
    let n_changes = kinds.windows(2).filter(|w| w.first() != w.last()).count();
    let n_of = |kind| kinds.iter().filter(|k| **k == kind).count();
    let is_share =
        |n: usize, of_twenty: usize| n.saturating_mul(20) >= text.len().saturating_mul(of_twenty);
    is_share(n_changes, 8)
        && is_share(n_of(UPPER), 3)
        && is_share(n_of(LOWER), 3)
        && n_of(DIGIT) > 0
}

const UPPER: u8 = 0;
const LOWER: u8 = 1;
const DIGIT: u8 = 2;
const OTHER: u8 = 3;

fn kind_of(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => UPPER,
        b'a'..=b'z' => LOWER,
        b'0'..=b'9' => DIGIT,
        _ => OTHER,
    }
}

fn replace_spans(text: &str, spans: &[Span], kind: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        replaced.push_str(text.get(from..span.start).unwrap_or_default());
        replaced.push_str("[redacted ");
        replaced.push_str(kind);
        replaced.push(']');
        from = span.end;
    }
    replaced.push_str(text.get(from..).unwrap_or_default());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    // Canaries are put together here so that no scanner takes this file for a leak.
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[track_caller]
    fn hides(text: &str, secret: &str) {
        let shown = redact(text);
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
        assert!(shown.contains("[redacted "), "nothing redacted: {shown}");
        assert_eq!(redact(&shown), shown, "redacting twice changes nothing");
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        hides(KEY, KEY);
        hides("in IQoJb3JpZ2luX2Vj, cut", "IQoJb3JpZ2luX2Vj");
        hides(&format!("agent/1.0 ({KEY}) x"), KEY);
        hides(&format!("bucket/{KEY}/object"), KEY);
        hides(&format!("aws_secret_access_key={KEY}"), KEY);
        let session = format!("IQoJb3JpZ2luX2Vj{}", KEY.repeat(4));
        hides(&format!("x {session}=="), &session);
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEF123-_x";
        hides(&format!("path/{jwt}"), jwt);
        hides(
            &format!("xox{}-1234567890-abcdef", 'b'),
            "1234567890-abcdef",
        );
        let github = format!("gh{}_{}", 'p', "a1B2".repeat(9));
        hides(&format!("git clone {github}"), &github);
        hides("hvs.CAESIJ2Fz0kV7rQ1mN8pL4xW3", "CAESIJ2Fz0kV7rQ1mN8pL4xW3");
        hides(
            "token s.iyNUhq8Ov4hIAx6snw5mB2nL used",
            "iyNUhq8Ov4hIAx6snw5mB2nL",
        );
        hides("https://alice:hunter2@example.com/x", "hunter2");
        hides("/login?user=a&password=hunter2&x=1", "hunter2");
        hides("https://s3/x?X-Amz-Signature=0a1b2c3d", "0a1b2c3d");
        hides(r#"{"userPassword": "hunter2"}"#, "hunter2");
        hides("Authorization: Basic aHVudGVyMg==", "aHVudGVyMg");
        hides(
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- z",
            "MIIE",
        );
        hides("-----BEGIN RSA PRIVATE KEY-----\nMIIE cut off", "MIIE");
    }

    #[track_caller]
    fn keeps(text: &str) {
        assert_eq!(redact(text), text);
    }

    /// `n` characters of base64, other ones for each `seed`.
    fn random(seed: u32, n: usize) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut state = seed.wrapping_mul(2_654_435_761) | 1;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            char::from(ALPHABET[(state >> 26) as usize])
        };
        (0..n).map(next).collect()
    }

    #[test]
    fn paths_of_delivered_logs_are_kept_and_long_tokens_are_not() {
        for seed in 1..3_000 {
            let tail = random(seed, 40).replace(['+', '/'], "");
            let tail = &tail[..16];
            for region in ["us-east-1", "eu-west-1", "ap-southeast-2"] {
                keeps(&format!(
                    "AWSLogs/111122223333/CloudTrail/{region}/2026/10/02/111122223333_CloudTrail_{region}_20261002T0005Z_{tail}.json.gz"
                ));
            }
            let token = random(seed, 160);
            hides(&format!("a/path/to/some/short/words/{token}/x"), &token);
        }
    }

    #[test]
    fn ordinary_log_text_is_kept() {
        keeps("");
        keeps("AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE");
        keeps("arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/payments/stripe-AbCdEf");
        keeps("secret: first time for role/ci-deploy (0 of 44 active days)");
        keeps("0123456789abcdef0123456789abcdef01234567"); // SHA-1
        keeps("5d1a2c58-0000-4000-8000-00000000000f");
        keeps("auth/token/create by alice@example.com over https://vault.example.com/v1");
        keeps("AWSLogs/111122223333/CloudTrail/eu/west1/2026/11/03/AuditRecords20261103");
        keeps(
            "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOARCH#amd64 api/secretsmanager#1.32.4",
        );
        let hash = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
        keeps(&format!("Artefacts/{hash}/Layers/{hash}"));
        keeps("hmac-sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9");
        keeps("app.oauth2.token.grant.access_token by 0oa1gjh63g214q0Hq0g4");
    }
}
