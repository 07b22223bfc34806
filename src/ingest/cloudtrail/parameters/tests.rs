//! What is collected, in both ways.

use super::*;

fn parameters(json: &str) -> Parameters<'_> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn names_are_sorted_and_lower_case() {
    assert!(NAMES.is_sorted());
    assert!(NAMES.iter().all(|name| *name == name.to_ascii_lowercase()));
}

#[test]
fn a_name_is_known_in_any_letter_case_and_nothing_else_is() {
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '-';
    for (at, name) in NAMES.iter().enumerate() {
        assert!(name.chars().all(is_letter), "{name}");
        assert_eq!(name.contains('-'), name.starts_with("x-"), "{name}");
        assert_eq!(position(&name.to_ascii_uppercase()), Some(at));
        for place in 0..name.len() {
            for byte in 0..=0x7f_u8 {
                let mut key = name.as_bytes().to_vec();
                key[place] = byte;
                let key = String::from_utf8(key).unwrap();
                let same = NAMES
                    .iter()
                    .position(|name| name.eq_ignore_ascii_case(&key));
                assert_eq!(position(&key), same, "{key:?}");
            }
        }
        assert_eq!(
            position(&name[1..]),
            NAMES.iter().position(|n| *n == &name[1..])
        );
    }
    assert_eq!(position(""), None);
    assert_eq!(position(&"name".repeat(300)), None);
}

/// What is collected in one value, if it is.
fn collect(json: &str) -> Option<Parameters<'_>> {
    let mut parameters = Parameters::default();
    parameters.collect(&mut Cursor::new(json, 64))?;
    Some(parameters)
}

#[test]
fn what_is_collected_is_what_serde_finds() {
    let deep = |n: usize| {
        format!(
            "{}{{\"name\":\"deep\",\"a\":\"arn:aws:s3:::x\"}}{}",
            "{\"x\":".repeat(n),
            "}".repeat(n)
        )
    };
    let samples = [
        r#"{"bucketName":"b","Host":"h","acl":""}"#.to_owned(),
        r#"{"x":"arn:aws:s3:::b","name":"","y":"plain","key":"k"}"#.to_owned(),
        r#"{"requestItems":{"orders":"o","arn":"arn:aws:x"},"path":null,"names":["a","b"]}"#
            .to_owned(),
        r#"{ "name" : "a", "group":"g" ,"policy":"p"}"#.to_owned(),
        r#"{"name":"a\"b","policyDocument":"{\"x\":1}","x":"arn:aws:\u0041","key":"k"}"#.to_owned(),
        r#"{"names":["arn:aws:a",{"name":"n","x":"arn:aws:b"}],"keyId":7,"path":true}"#.to_owned(),
        r#"{"x":"a\\","name":"n"}"#.to_owned(),
        r#"{"name":{"a":"x","b":"arn:aws:c"},"Service":"s"}"#.to_owned(),
    ];
    for json in samples.into_iter().chain((0..9).map(deep)) {
        let followed = format!("{json},");
        let (plain, quick) = (parameters(&json), collect(&followed).unwrap());
        assert_eq!(quick.values, plain.values, "{json}");
        assert_eq!(quick.arns, plain.arns, "{json}");
    }
    for json in [
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a",}"#,
        r#"{"name":"a""key":"b"}"#,
        "{\"name\":\"a\n\",\"b\":\"c\"}",
    ] {
        assert!(collect(json).is_none(), "{json}");
    }
}

#[test]
fn known_names_are_found_in_any_case_and_depth() {
    let found = parameters(
        r#"{"BucketName":"b","instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]},
            "names":["/a","/b"],"withDecryption":true,"requestItems":{"orders":{"Keys":[]}}}"#,
    );
    assert_eq!(found.own("bucketname").unwrap(), "b");
    assert_eq!(found.all("instanceid").collect::<Vec<_>>(), ["i-1", "i-2"]);
    assert_eq!(found.own("instanceid"), None);
    assert_eq!(found.all("names").collect::<Vec<_>>(), ["/a", "/b"]);
    assert_eq!(found.own("withdecryption").unwrap(), "true");
    assert_eq!(found.all("requestitems").next().unwrap(), "orders");
}

#[test]
fn other_values_are_kept_only_as_arns() {
    let found = parameters(
        r#"{"password":"hunter2","userData":"c2VjcmV0","x":{"y":["arn:aws-cn:sns:r:1:t"]}}"#,
    );
    assert_eq!(found.arns, ["arn:aws-cn:sns:r:1:t"]);
    assert!(found.values.is_empty());
}

#[test]
fn same_name_in_another_case_is_no_duplicate() {
    let found = parameters(r#"{"name":"a","Name":"b"}"#);
    assert_eq!(found.all("name").count(), 2);
    let error = serde_json::from_str::<Parameters<'_>>(r#"{"name":"a","name":"b"}"#);
    assert!(crate::ingest::text::is_duplicate(&error.unwrap_err()));
}

#[test]
fn deep_and_long_structures_are_bounded() {
    let deep = format!("{}{}", r#"{"x":"#.repeat(100), "}".repeat(100)).replace(":}", ":1}");
    assert!(parameters(&deep).values.is_empty());
    let long = format!(r#"{{"names":[{}"x"]}}"#, r#""x","#.repeat(1000));
    let found = parameters(&long);
    assert_eq!(found.values.len(), MAX_VALUES);
    assert!(found.is_truncated);
}
