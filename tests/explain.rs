//! `explain`: sums that can be done again, and habits of those who are asked
//! for.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;

use crate::support::Sandbox;
use crate::support::events::{Event, ct, okta, vault};
use crate::support::house::{Routine, on_review_day, write_accounts_and_an_odd_day};

/// Seven weeks of some accounts; one of them works from elsewhere in the last
/// week, and one rests in it.
static LOGS: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    write_accounts_and_an_odd_day(&sandbox);
    let rests = ct("svc-rests").does("s3:GetObject").from("198.51.100.7");
    let rests = rests.at(&on_review_day(-30, "09:00:00")).daily(20);
    sandbox.write_lines("logs/rests.jsonl", &rests);
    sandbox
});

/// Six weeks of three people who work in two products; one of them does
/// something new in both on one day of the last week.
static PEOPLE: LazyLock<Sandbox> = LazyLock::new(|| {
    let sandbox = Sandbox::new();
    let in_vault = |login: &str, path: &str| {
        let event = vault(&format!("oidc-{login}")).from("198.18.120.8");
        event.does("read").on(path)
    };
    let in_okta = |login: &str, app: &str| {
        let event = okta(login).from("198.18.120.8");
        event.does("user.authentication.sso").on(app)
    };
    let mut events = Vec::new();
    for login in ["ada@example.com", "bob@example.com", "cem@example.com"] {
        let steps = vec![
            in_okta(login, "Mail"),
            in_vault(login, "secret/data/team/database"),
            in_okta(login, "Chat"),
            in_vault(login, "secret/data/team/queue"),
        ];
        events.extend(Routine::new(login, steps).runs(2, 4).on_weekdays().always());
    }
    let ada = "ada@example.com";
    for (event, time) in [
        (in_okta(ada, "Payroll").from("203.0.113.9"), "10:00:00"),
        (
            in_vault(ada, "secret/data/finance/bank").from("203.0.113.9"),
            "10:10:00",
        ),
    ] {
        events.push(event.at(&on_review_day(1, time)));
    }
    let of = |source: &str| -> Vec<Event> {
        let own = events.iter().filter(|event| event.source() == source);
        own.cloned().collect()
    };
    for source in ["okta", "vault"] {
        sandbox.write_lines(&format!("logs/{source}.jsonl"), &of(source));
    }
    sandbox
});

#[track_caller]
fn ends(words: &str, status: i32) -> Output {
    let output = LOGS.habitual(words).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{words}: {output:?}");
    output
}

#[track_caller]
fn explained(words: &str) -> Value {
    serde_json::from_slice(&ends(&format!("explain {words} -f json"), 0).stdout).unwrap()
}

#[track_caller]
fn refused(target: &str, status: i32) -> String {
    String::from_utf8(ends(&format!("explain {target} logs"), status).stderr).unwrap()
}

#[track_caller]
fn near(what: &str, actual: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    let off = (actual - expected).abs();
    assert!(
        off <= 1e-9 * expected.abs().max(1e-9),
        "{what}: {actual} {expected}"
    );
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// π of a value among those of its pool.
fn pi(rank: &Value) -> f64 {
    let n = number(&rank["n"]) + 1.0;
    let tail = &rank["tail"];
    if tail.is_null() {
        let at_least = number(&rank["n_at_least"]);
        let halved = f64::midpoint(at_least, number(&rank["n_above"])) + 0.5;
        let has_tail = rank["has_tail"] == true;
        return (if has_tail { halved } else { at_least + 1.0 }) / n;
    }
    let y = (number(&rank["z"]) - number(&tail["threshold"])) / number(&tail["beta"]);
    let xi = number(&tail["xi"]);
    let share = if xi > 1e-3 {
        (1.0 + xi * y).powf(-1.0 / xi)
    } else {
        (-y).exp()
    };
    let counted = number(&rank["n_at_least"]) / n;
    (number(&tail["n"]) / n * share).max(1e-12).max(counted)
}

fn check_statistic(own: &Value) {
    let n = number(&own["n_own"]);
    let scale = (number(&own["sum_own"]) + 5.0 * number(&own["pool_mean"])) / (n + 5.0) + 1.0;
    near("scale", scale, &own["scale"]);
    near("z", number(&own["t"]) / scale, &own["rank"]["z"]);
    let pi = pi(&own["rank"]);
    near("pi", pi, &own["rank"]["pi"]);
    let w = (n + 1.0) / (n + 1.0 / pi);
    let p = ((number(&own["n_at_least"]) + w) / (n + 1.0)).min(1.0);
    let least = number(&own["least_p"]);
    if least > 0.0 {
        near(
            "least_p",
            (-4.0 * number(&own["t"])).exp2().min(1.0),
            &own["least_p"],
        );
    }
    let p = p.max(least);
    near("p", p, &own["p"]);
    near("bits", -p.max(1e-9).log2(), &own["bits"]);
}

fn check_day(day: &Value) {
    let n_pool = number(&day["n_pool"]);
    let statistics = list(&day["statistics"]);
    statistics.iter().for_each(check_statistic);
    let families = list(&day["families"]);
    for family in families {
        let own = statistics
            .iter()
            .filter(|own| own["family"] == family["name"]);
        let strongest = own.map(|own| number(&own["bits"])).fold(0.0, f64::max);
        near("strongest", strongest, &family["strongest_bits"]);
        let price = number(&family["n_statistics"]).log2();
        near("family", (strongest - price).max(0.0), &family["bits"]);
        let counted = number(&family["bits"]).min(12.0);
        near(
            "adds",
            number(&family["weight"]) * counted,
            &family["contribution"],
        );
    }
    let bits = |flag: &'static str| {
        let own = families.iter().filter(move |family| family[flag] == true);
        own.map(|family| number(&family["bits"]))
    };
    let takeover: f64 = families.iter().map(|f| number(&f["contribution"])).sum();
    let fragment = bits("is_fragment").sum::<f64>() - number(&day["echo"]);
    let burst = bits("is_lone").fold(0.0, f64::max);
    let mut least = 1.0_f64;
    for (channel, score) in list(&day["channels"])
        .iter()
        .zip([takeover, fragment, burst])
    {
        near("score", score, &channel["score"]);
        let p = if score > 0.0 {
            pi(&channel["rank"]).min(1.0)
        } else {
            1.0
        };
        near("p of a channel", p, &channel["p"]);
        least = least.min(p);
    }
    let floor = 1.0 / (10.0 * n_pool);
    near("p of a day", (3.0 * least).min(1.0).max(floor), &day["p"]);
}

/// From the statistics to p and q, with nothing but what is written.
fn check_arithmetic(arithmetic: &Value) {
    let days = list(&arithmetic["days"]);
    for day in days {
        check_day(day);
    }
    let least = days.iter().map(|day| number(&day["p"])).fold(1.0, f64::min);
    let n_days = i32::try_from(days.len()).unwrap();
    let p_days = 1.0 - (1.0 - least).powi(n_days);
    near("p of the days", p_days, &arithmetic["p_days"]);
    let terms = list(&arithmetic["terms"]).iter();
    let terms = terms.map(|term| number(&term["weight"]) * number(&term["bits"]).min(14.0));
    near("R", terms.sum(), &arithmetic["score"]);
    let whole = &arithmetic["whole"];
    near("R", number(&whole["rank"]["z"]), &arithmetic["score"]);
    let floor = 1.0 / (10.0 * number(&whole["rank"]["n"]));
    let p_whole = pi(&whole["rank"]).min(1.0).max(floor);
    near("p of R", p_whole, &whole["p"]);
    let p = (2.0 * p_days.min(p_whole)).min(1.0);
    near("p", p, &arithmetic["p_review"]);
    let of = &arithmetic["discovery"];
    if of.is_object() {
        let q = number(&of["at_p"]) * number(&of["n"]) / number(&of["at_place"]);
        near("q", q.min(1.0), &of["q"]);
    }
}

/// The p-value of one day of several accounts.
fn joint(ps: &[f64], tau: f64, again: f64) -> f64 {
    let least = ps.iter().copied().fold(1.0, f64::min);
    let m = i32::try_from(ps.len()).unwrap();
    let together = 1.0 - (1.0 - least).powi(m);
    let departing = ps.iter().filter(|p| **p < tau);
    let n = i32::try_from(departing.clone().count()).unwrap();
    if n == 0 {
        return together;
    }
    let w: f64 = departing.map(|p| (tau / p).ln()).sum();
    let factorial = |k: i32| (1..=k).map(f64::from).product::<f64>();
    let term = |k: i32| {
        let choose = factorial(m) / factorial(k) / factorial(m - k);
        let tail: f64 = (0..k).map(|j| w.powi(j) / factorial(j)).sum();
        let chance = tau * (tau * again).powi(k - 1) * (1.0 - tau).powi(m - k);
        choose * chance * (-w).exp() * tail
    };
    let sum: f64 = (1..=m).map(term).sum();
    sum.max(together * (tau * again).powi(n - 1)).min(1.0)
}

/// From the sums of every account to p of the person.
fn check_person(lead: &Value) {
    let person = &lead["person"];
    let others = list(&person["others"]).iter();
    let accounts: Vec<&Value> = std::iter::once(lead)
        .chain(others.map(|own| &own["arithmetic"]))
        .collect();
    accounts.iter().for_each(|own| check_arithmetic(own));
    let tau = number(&person["threshold"]);
    let expected = tau * tau * number(&person["n_pairs"]) + 1.0;
    let again = ((number(&person["n_both"]) + 2.0) / expected).clamp(1.0, 1.0 / tau);
    near("a", again, &person["again"]);
    let days = list(&person["days"]);
    for day in days {
        let all = accounts.iter().flat_map(|own| list(&own["days"]));
        let same = all.filter(|own| own["date"] == day["date"]);
        let ps: Vec<f64> = same.map(|own| number(&own["p"])).collect();
        let written: Vec<f64> = list(&day["ps"]).iter().map(number).collect();
        assert_eq!(ps, written);
        near("joint p", joint(&ps, tau, again), &day["p"]);
    }
    let least = |ps: Vec<f64>| {
        let n = i32::try_from(ps.len()).unwrap();
        1.0 - (1.0 - ps.into_iter().fold(1.0, f64::min)).powi(n)
    };
    let p_days = least(days.iter().map(|day| number(&day["p"])).collect());
    near("p of the days", p_days, &person["p_days"]);
    let wholes = accounts.iter().map(|own| number(&own["whole"]["p"]));
    let p_whole = least(wholes.collect());
    near("p of the reviews", p_whole, &person["p_whole"]);
    let p = (2.0 * p_days.min(p_whole)).min(1.0);
    near("p", p, &person["p_review"]);
}

#[test]
fn the_sums_can_be_done_again() {
    let explanation = explained("1 logs");
    assert_eq!(explanation["kind"], "finding");
    let finding = &explanation["finding"];
    assert_eq!(finding["identity"]["name"], "svc-labels");
    let arithmetic = &explanation["arithmetic"];
    assert!(!list(&arithmetic["days"][1]["statistics"]).is_empty());
    check_arithmetic(arithmetic);
    assert_eq!(arithmetic["p_review"], finding["p_value"]);
    near(
        "q",
        number(&arithmetic["discovery"]["q"]),
        &finding["q_value"],
    );
    assert!(!list(&explanation["timeline"]).is_empty());
}

#[test]
fn the_sums_of_a_person_can_be_done_again() {
    let run = |words: &str| PEOPLE.habitual(words).output().unwrap();
    let explained = |words: &str| -> Value {
        serde_json::from_slice(&run(&format!("explain {words} -f json")).stdout).unwrap()
    };
    let explanation = explained("1 logs");
    let finding = &explanation["finding"];
    assert_eq!(finding["identity"]["name"], "ada@example.com");
    let arithmetic = &explanation["arithmetic"];
    check_person(arithmetic);
    let person = &arithmetic["person"];
    assert_eq!(person["p_review"], finding["p_value"]);
    assert_eq!(arithmetic["discovery"]["q"], finding["q_value"]);
    let own = number(&arithmetic["p_review"]);
    assert!(number(&person["p_review"]) < own, "{person:?}");
    // By the person's id, and by that of an account alone.
    let id = finding["finding_id"].as_str().unwrap();
    assert_eq!(explained(&format!("{id} logs")), explanation);
    let alone = run("replay logs --no-links -q -f jsonl --all --top 99").stdout;
    let alone = String::from_utf8(alone).unwrap();
    let alone = alone
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let account = &person["others"][0]["account"];
    let alone: Vec<Value> = alone
        .filter(|own: &Value| own["identity"]["id"] == *account)
        .collect();
    let id = alone[0]["finding_id"].as_str().unwrap();
    assert_eq!(explained(&format!("{id} logs")), explanation);
    let text = String::from_utf8(run("explain 1 logs").stdout).unwrap();
    let last = text
        .lines()
        .find(|line| line.starts_with("sum\tp of all accounts"))
        .unwrap();
    assert!(last.contains("2 x the smaller of"), "{last}");
}

#[test]
fn a_finding_is_meant_by_rank_and_by_id() {
    let by_rank = explained("1 logs");
    let id = by_rank["finding"]["finding_id"].as_str().unwrap();
    assert_eq!(explained(&format!("{} logs", &id[..6])), by_rank);
    let replayed = ends("replay logs -f jsonl --top 1", 0).stdout;
    let replayed: Value = serde_json::from_slice(&replayed).unwrap();
    assert_eq!(by_rank["finding"], replayed);
}

#[test]
fn a_baseline_says_the_same() {
    let windows = explained("1 logs");
    let start = windows["review"]["start"].as_str().unwrap();
    let learn = format!("learn logs -o baseline --history ..{start}");
    ends(&learn, 0);
    let against = explained("1 logs --baseline baseline");
    assert_eq!(against["arithmetic"], windows["arithmetic"]);
}

#[test]
fn an_identity_has_habits() {
    let labels = explained("svc-labels logs");
    assert_eq!(labels["kind"], "identity");
    let habits = &labels["habits"];
    let values = list(&habits["values"]);
    let actions = values
        .iter()
        .find(|own| own["dimension"] == "action")
        .unwrap();
    assert_eq!(actions["new"][0]["value"], "iam:CreateAccessKey");
    assert_eq!(actions["new"][0]["n_days"], 0);
    assert_eq!(actions["new"][0]["n_review_days"], 1);
    assert!(actions["usual"][0]["n_days"].as_u64() > Some(20));
    let tried = list(&habits["watch"]["tried"]);
    // Five identities are too few to rank anything at 1 %, and that is said.
    assert!(number(&habits["watch"]["least_p"]) > 0.01);
    let p_of =
        |name: &str| number(&tried.iter().find(|own| own["name"] == name).unwrap()["median_p"]);
    assert!(p_of("unseen-network") < p_of("awakening"), "{tried:?}");
}

#[test]
fn what_was_used_is_counted_once_however_the_windows_were_said() {
    let said = explained("svc-mailer logs");
    let values = list(&said["habits"]["values"]);
    let actions = values.iter().find(|own| own["dimension"] == "action");
    let text = std::fs::read_to_string(LOGS.path("logs/trail.jsonl")).unwrap();
    let own = text.lines().filter(|line| line.contains("svc-mailer"));
    let own: Vec<&str> = own.collect();
    for used in list(&actions.unwrap()["usual"]) {
        let (_, name) = used["value"].as_str().unwrap().split_once(':').unwrap();
        let n = own.iter().filter(|line| line.contains(name)).count();
        assert_eq!(used["n_events"], n, "{name}");
    }
    let window = |name: &str| {
        let side = |end: &str| said["finding"][name][end].as_str().unwrap().to_owned();
        format!("{}..{}", side("start"), side("end"))
    };
    let review = window("review");
    let start = review.split_once("..").unwrap().0;
    let words = format!("svc-mailer logs --history ..{start} --review {review}");
    assert_eq!(
        explained(&words)["habits"]["values"],
        said["habits"]["values"]
    );
}

#[test]
fn who_rests_in_the_review_has_habits_too() {
    let rests = explained("svc-rests logs");
    assert!(rests["finding"]["p_value"].is_null());
    assert_eq!(
        rests["finding"]["abstained"],
        "it was not active in the review"
    );
    assert_eq!(rests["habits"]["values"][0]["usual"][0]["n_days"], 20);
}

#[test]
fn who_is_meant_must_be_clear() {
    let several = refused("svc-", 2);
    assert!(several.contains("any of 5 identities"), "{several}");
    assert!(several.contains("svc-mailer"), "{several}");
    assert!(several.contains("more: habitual errors E0115"), "{several}");
    let unknown = refused("svc-lables", 2);
    let (_, nearest) = unknown.split_once('\n').unwrap();
    assert!(nearest.trim_start().starts_with("svc-labels"), "{unknown}");
    let after = ends("explain 1 logs --review 2030-01-01..", 3).stderr;
    let after = String::from_utf8(after).unwrap();
    assert!(after.contains("more: habitual errors E0205"), "{after}");
    refused("1 --baseline none --history 2026-01-01..", 2);
    refused("1 --baseline none", 12);
}
