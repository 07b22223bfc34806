#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use super::*;

fn columns() -> Columns {
    Columns {
        score: Weighed::Day,
        names: vec!["tells", "noise", "kept"],
        is_fitted: vec![true, true, false],
    }
}

/// Weights that look at the noise.
fn before(_: Class) -> Vec<f64> {
    vec![0.2, 0.8, 0.5]
}

/// 40 own and 20 foreign examples of each of 15 identities. What is foreign
/// shows in the first column alone.
fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for subject in 0..15_usize {
        for nth in 0..60_i32 {
            let noise = f64::from((nth * 37 + 11 * i32::try_from(subject).unwrap()) % 53) / 5.0;
            let is_foreign = nth % 3 == 2;
            examples.push(Example {
                subject,
                class: Class::Workload,
                ordinal: nth,
                kind: is_foreign.then_some(Kind::ForeignDay),
                bits: vec![if is_foreign { 5.0 } else { 0.5 }, noise, noise],
            });
        }
    }
    examples
}

#[test]
fn weights_that_find_more_are_adopted_on_the_old_scale() {
    let (lesson, weights) = columns().learn(&examples(), None, &before).unwrap();
    assert!(lesson.is_adopted, "{lesson:?}");
    assert!(lesson.recall_learned > lesson.recall_before + MARGIN);
    assert_eq!((lesson.n_own, lesson.n_foreign), (600, 300));
    assert!((weights[0] + weights[1] - 1.0).abs() < 1e-9, "{weights:?}");
    assert!(weights[0] > 0.9, "{weights:?}");
    assert!((weights[2] - 0.5).abs() < 1e-12);
}

#[test]
fn weights_that_find_no_more_are_not() {
    let perfect = |_: Class| vec![1.0, 0.0, 0.0];
    let (lesson, _) = columns().learn(&examples(), None, &perfect).unwrap();
    assert!(!lesson.is_adopted);
    assert!((lesson.recall_before - 1.0).abs() < 1e-12);
}

#[test]
fn little_is_nothing_to_learn_from() {
    let few: Vec<Example> = examples().into_iter().filter(|e| e.subject < 14).collect();
    assert_eq!(columns().learn(&few, None, &before), None);
    let short: Vec<Example> = examples().into_iter().filter(|e| e.ordinal < 40).collect();
    assert_eq!(columns().learn(&short, None, &before), None);
    assert_eq!(
        columns().learn(&examples(), Some(Class::Human), &before),
        None
    );
}

#[test]
fn a_class_is_learned_of_apart_if_there_is_another() {
    assert!(classes_of(&examples()).is_empty());
    let mut two = examples();
    two.extend(examples().into_iter().map(|example| Example {
        subject: example.subject + 15,
        class: Class::Human,
        ..example
    }));
    assert_eq!(classes_of(&two).len(), 2);
}
