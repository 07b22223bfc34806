//! Every formula against numbers computed elsewhere with forty digits:
//! `fixtures/model_vectors.json`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::stats::calibration::{Pool, n_at_least, psc, scale};
use crate::stats::combine::{FamilyKind, FamilyScore};
use crate::stats::fit::Row;
use crate::stats::novelty::{Counts, NoveltyType, RateInput};
use crate::stats::sequence::BigramCounts;
use crate::stats::volume::DayType;
use crate::stats::{combine, fit, hour, novelty, peers, sequence, silence, volume};

/// A list that nothing here computes: the pools are input to other lists.
const UNCOVERED: [&str; 1] = ["calibration.pools"];

#[test]
fn every_vector_is_met() {
    let document: Value =
        serde_json::from_str(include_str!("../../../fixtures/model_vectors.json")).unwrap();
    let vectors = document["vectors"].as_object().unwrap();
    for (name, cases) in vectors {
        if UNCOVERED.contains(&name.as_str()) {
            continue;
        }
        if name == "hour.kernel" {
            kernel(cases);
            continue;
        }
        if name == "combine.fit" {
            fitted(cases);
            continue;
        }
        let cases = cases.as_array().unwrap();
        assert!(!cases.is_empty(), "{name} has no case");
        for (place, case) in cases.iter().enumerate() {
            let check = Check {
                name: format!("{name}[{place}]"),
                document: &document,
                given: &case["in"],
                expected: &case["out"],
            };
            run(name, &check);
        }
    }
}

#[test]
fn constants_are_those_of_the_model() {
    let document: Value =
        serde_json::from_str(include_str!("../../../fixtures/model_vectors.json")).unwrap();
    let ours = [
        ("rho", crate::stats::RHO),
        ("kappa", crate::stats::KAPPA),
        ("kappa_all", crate::stats::KAPPA_ALL),
        ("strength", crate::stats::STRENGTH),
        ("strength_all", crate::stats::STRENGTH_ALL),
        ("cap_bits", crate::stats::CAP_BITS),
        ("cap_family", crate::stats::CAP_FAMILY),
        ("p_clip", crate::stats::P_CLIP),
        ("tie", crate::stats::TIE),
        ("q_min", crate::stats::Q_MIN),
        ("q_max", crate::stats::Q_MAX),
        (
            "own_windows",
            crate::stats::length(crate::stats::OWN_WINDOWS),
        ),
    ];
    for (name, value) in ours {
        assert_close(name, value, number(&document["constants"][name]));
    }
}

/// One case of one list.
struct Check<'a> {
    name: String,
    document: &'a Value,
    given: &'a Value,
    expected: &'a Value,
}

impl Check<'_> {
    /// A number of the input.
    fn number(&self, key: &str) -> f64 {
        number(&self.given[key])
    }

    /// A whole number of the input.
    fn count(&self, key: &str) -> u32 {
        u32::try_from(self.given[key].as_u64().unwrap()).unwrap()
    }

    /// A list of numbers of the input.
    fn numbers(&self, key: &str) -> Vec<f64> {
        numbers(&self.given[key])
    }

    /// Compares with the whole output.
    fn is(&self, got: f64) {
        assert_close(&self.name, got, number(self.expected));
    }

    /// Compares with one field of the output.
    fn has(&self, key: &str, got: f64) {
        let name = format!("{}.{key}", self.name);
        assert_close(&name, got, number(&self.expected[key]));
    }

    /// Compares with a list, the whole output or a field of it.
    fn lists(&self, expected: &Value, got: &[f64]) {
        let expected = numbers(expected);
        assert_eq!(got.len(), expected.len(), "{}", self.name);
        for (got, expected) in got.iter().zip(expected) {
            assert_close(&self.name, *got, expected);
        }
    }

    /// A pool of the fixture.
    fn pool(&self) -> Pool {
        let name = self.given["pool"].as_str().unwrap();
        Pool::new(numbers(
            &self.document["vectors"]["calibration.pools"][name],
        ))
    }
}

fn run(name: &str, check: &Check<'_>) {
    match name {
        "novelty.type" => novelty_type(check),
        "novelty.group_rate" => group_rate(check),
        "novelty.rate" => rate(check),
        "novelty.tail" => check.has(
            "bits",
            novelty::tail_bits(
                check.count("k"),
                check.count("n"),
                check.number("q"),
                check.number("strength"),
            ),
        ),
        "novelty.fraction" => check.is(novelty::fraction(check.count("k"), check.count("n"))),
        "sequence.bits" => sequence(check),
        "hour.bits" => hours(check),
        "volume.moments" => moments(check),
        "volume.tail" => check.has(
            "bits",
            volume::tail_bits(
                u64::from(check.count("x")),
                check.number("mu"),
                check.number("v"),
            ),
        ),
        "silence.bits" => check.is(silence::silence_bits(
            check.count("active"),
            check.count("covered"),
            check.number("rate"),
        )),
        "calibration.scale" => {
            let own = check.numbers("own");
            check.is(scale(
                own.iter().sum(),
                own.len(),
                check.number("pool_mean"),
            ));
        }
        "calibration.tail_fit" => tail_fit(check),
        "calibration.pool_tail" => check.is(check.pool().tail(check.number("z"))),
        "calibration.psc" => calibrated(check),
        "combine.family" => check.is(combine::family_bits(&check.numbers("p"))),
        "combine.channels" => channels(check),
        "combine.final_p" => check.is(combine::final_p(
            check.numbers("p").try_into().unwrap(),
            usize::try_from(check.count("n_pool")).unwrap(),
        )),
        "combine.review_p" => review_p(check),
        "combine.bh" => check.lists(
            check.expected,
            &combine::benjamini_hochberg(&check.numbers("p")),
        ),
        "combine.severity" => severity(check),
        "peers.hellinger" => hellinger(check),
        _ => panic!("no test covers the vectors {name}"),
    }
}

fn novelty_type(check: &Check<'_>) {
    let days = |key: &str| -> Vec<i64> {
        let list = check.given[key].as_array().unwrap();
        list.iter().map(|day| day.as_i64().unwrap()).collect()
    };
    let letter = match novelty::novelty_type(
        check.given["day"].as_i64().unwrap(),
        &days("peer_first"),
        &days("other_first"),
    ) {
        NoveltyType::Peer => "P",
        NoveltyType::Lateral => "L",
        NoveltyType::World => "W",
    };
    assert_eq!(Some(letter), check.expected.as_str(), "{}", check.name);
}

fn group_rate(check: &Check<'_>) {
    let counts = |scope: &str| Counts {
        k: check.number(&format!("k_{scope}")),
        n: check.number(&format!("n_{scope}")),
    };
    let rate = novelty::group_rate(
        check.number("pseudo"),
        counts("org"),
        counts("class"),
        counts("peers"),
    );
    check.has("org", rate.org);
    check.has("class", rate.class);
    check.has("peers", rate.peers);
}

fn rate(check: &Check<'_>) {
    let decayed = |key: &str| novelty::decayed(check.numbers(key));
    let input = RateInput {
        dn: decayed("n"),
        dk: decayed("k"),
        n_distinct: check.number("K"),
        n_once: check.number("H1"),
        n_atoms: check.number("T"),
        q0: check.number("q0"),
        d0: check.number("d0"),
    };
    let rate = novelty::personal_rate(&input);
    check.has("d", rate.discount);
    check.has("q_dec", rate.q_dec);
    check.has("q", rate.q);
    if check.expected["q_py"].is_null() {
        assert_eq!(rate.q_py, None, "{}", check.name);
    } else {
        check.has("q_py", rate.q_py.unwrap());
    }
    for set in ["O", "L", "W"] {
        let dk_t = decayed(&format!("k_{set}"));
        let q0_t = check.number(&format!("q0_{set}"));
        let got = novelty::typed_rate(rate.q, dk_t, q0_t, input.dk, input.q0);
        assert_close(&check.name, got, number(&check.expected["q_t"][set]));
    }
}

fn sequence(check: &Check<'_>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tokens = |key: &str| -> BTreeMap<String, f64> {
        let map = check.given[key].as_object().unwrap();
        map.iter().map(|(k, v)| (k.clone(), number(v))).collect()
    };
    let (own, group) = (tokens("token_days"), tokens("group_token_days"));
    let bigrams: BTreeMap<(String, String), f64> = check.given["bigram_days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| ((text(&b[0]), text(&b[1])), number(&b[2])))
        .collect();
    let get = |map: &BTreeMap<String, f64>, x: &str| map.get(x).copied().unwrap_or(0.0);
    let each: Vec<f64> = check.given["window"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            let (c, x) = (text(&pair[0]), text(&pair[1]));
            let followers = || bigrams.iter().filter(|(key, _)| key.0 == c);
            sequence::bigram_bits(&BigramCounts {
                n_cx: bigrams.get(&(c.clone(), x.clone())).copied().unwrap_or(0.0),
                n_c: followers().map(|(_, days)| days).sum(),
                d_c: crate::stats::length(followers().count()),
                n_x: get(&own, &x),
                n: own.values().sum(),
                d: crate::stats::length(own.len()),
                g_x: get(&group, &x),
                g: group.values().sum(),
                v: crate::stats::length(group.len()),
            })
        })
        .collect();
    check.lists(&check.expected["each"], &each);
    check.has("mean", sequence::mean_bits(&each));
    check.has("top3", sequence::top3_bits(&each));
}

fn kernel(expected: &Value) {
    let kernel = hour::kernel(168);
    for (got, expected) in kernel.iter().zip(numbers(&expected["first_ten"])) {
        assert_close("hour.kernel", *got, expected);
    }
    assert_close("hour.kernel.sum", kernel.iter().sum(), 1.0);
}

fn hours(check: &Check<'_>) {
    let slots = |key: &str| {
        let mut counts = vec![0.0; 168];
        for (slot, count) in check.given[key].as_object().unwrap() {
            counts[slot.parse::<usize>().unwrap()] = number(count);
        }
        counts
    };
    let (own, group, kernel) = (slots("own"), slots("group"), hour::kernel(168));
    let hours: Vec<usize> = check.given["hours"]
        .as_array()
        .unwrap()
        .iter()
        .map(|slot| usize::try_from(slot.as_u64().unwrap()).unwrap())
        .collect();
    let smoother = hour::Smoother::new(&own, &group, &kernel);
    let plain = |&slot: &usize| hour::hour_bits(&own, &group, slot, &kernel);
    let smoothed = |&slot: &usize| smoother.bits(slot);
    let each = &check.expected["each"];
    check.lists(each, &hours.iter().map(plain).collect::<Vec<_>>());
    check.lists(each, &hours.iter().map(smoothed).collect::<Vec<_>>());
    check.has("mean", smoother.mean_bits(&hours));
}

fn moments(check: &Check<'_>) {
    let day_type = |value: &Value| match value.as_str().unwrap() {
        "weekday" => DayType::Weekday,
        "weekend" => DayType::Weekend,
        other => panic!("day type {other}"),
    };
    let types = check.given["day_type"].as_array().unwrap();
    let days: Vec<(f64, DayType)> = check
        .numbers("x")
        .into_iter()
        .zip(types.iter().map(day_type))
        .collect();
    let moments = volume::moments(
        &days,
        day_type(&check.given["target"]),
        check.number("mu_group"),
        check.number("v_group"),
    );
    check.has("mu_all", moments.mu_all);
    check.has("v_all", moments.v_all);
    check.has("mu", moments.mu);
    check.has("v", moments.v);
}

fn fitted(case: &Value) {
    let rows = case["rows"].as_array().unwrap().iter();
    let labels = numbers(&case["y"]).into_iter().zip(numbers(&case["omega"]));
    let rows: Vec<Row> = rows
        .zip(labels)
        .map(|(bits, (y, omega))| Row {
            bits: numbers(bits),
            is_foreign: y > 0.5,
            omega,
        })
        .collect();
    let expected = numbers(&case["weights"]);
    let fit = fit::fit(&rows, expected.len());
    let tolerance = number(&case["tolerance"]);
    let got = fit.weights.iter().chain([&fit.intercept]);
    let intercept = number(&case["intercept"]);
    for (got, expected) in got.zip(expected.iter().chain([&intercept])) {
        assert!((got - expected).abs() <= tolerance, "{got} {expected}");
    }
}

fn tail_fit(check: &Check<'_>) {
    let pool = check.pool();
    let Some(fit) = pool.fit() else {
        assert!(check.expected.is_null(), "{} has no tail", check.name);
        return;
    };
    check.has("n_tail", crate::stats::length(fit.n_tail));
    check.has("threshold", fit.threshold);
    check.has("xi", fit.xi);
    check.has("sigma", fit.sigma);
}

fn calibrated(check: &Check<'_>) {
    let mut own = check.numbers("own");
    own.sort_by(f64::total_cmp);
    let t = check.number("T");
    check.is(psc(t, own.len(), n_at_least(&own, t), check.number("pi")));
}

fn channels(check: &Check<'_>) {
    let weights = &check.document["constants"]["weights"];
    let families: Vec<FamilyScore> = check.given["family_bits"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(family, bits)| FamilyScore {
            bits: number(bits),
            weight: number(&weights[family]),
            kind: match family.as_str() {
                "FRAC" => FamilyKind::Fraction,
                "VOL" | "BREADTH" | "FAIL" => FamilyKind::Amount,
                _ => FamilyKind::Plain,
            },
        })
        .collect();
    let channels = combine::channels(&families);
    check.has("takeover", channels.takeover);
    check.has("fragment", channels.fragment);
    check.has("burst", channels.burst);
}

fn review_p(check: &Check<'_>) {
    let days_p = combine::days_p(&check.numbers("day_p"));
    let block = &check.given["block_p"];
    let other = (!block.is_null()).then(|| number(block));
    check.has("days_p", days_p);
    check.has("review_p", combine::review_p(days_p, other));
}

fn severity(check: &Check<'_>) {
    let level = combine::severity_level(
        check.number("p"),
        check.count("support"),
        check.given["sensitive_new"].as_bool().unwrap(),
        check.count("n_new"),
        check.count("n_new_peer"),
    );
    let name = ["none", "low", "medium", "high", "critical"][usize::from(level)];
    assert_eq!(Some(name), check.expected.as_str(), "{}", check.name);
}

fn hellinger(check: &Check<'_>) {
    let (a, b) = (&check.given["a"], &check.given["b"]);
    let names: BTreeSet<&String> = [a, b]
        .into_iter()
        .flat_map(|side| side.as_object().unwrap().keys())
        .collect();
    let side = |value: &Value| -> Vec<(u32, f64)> {
        (0..)
            .zip(&names)
            .filter_map(|(id, &name)| Some((id, number(value.get(name)?))))
            .collect()
    };
    check.is(peers::hellinger(&side(a), &side(b)));
}

/// A number, or a decimal in a string.
fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Relative 1e-9, absolute 1e-12 near 0.
#[track_caller]
fn assert_close(name: &str, got: f64, expected: f64) {
    let error = (got - expected).abs();
    assert!(
        error <= 1e-12_f64.max(1e-9 * expected.abs()),
        "{name}: {got} is not {expected}"
    );
}
