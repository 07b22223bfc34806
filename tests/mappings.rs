//! Logs of other products, as users read them.

use crate::support::Sandbox;

const MAPPING: &str = r#"
version = 1
name = "billing"
format = "csv"
[time]
path = ["When"]
format = "strptime:%d/%m/%Y %H:%M"
zone = "Europe/Oslo"
[identity]
key = ["User"]
[action]
path = ["What"]
[outcome]
path = ["Status"]
denied = ["403"]
"#;

const LOG: &str = "When;User;What;Status\n\
                   07/11/2026 10:01;alice;refund;200\n\
                   07/11/2026 10:02;bob;\"refund\nand note\";403\n\
                   when?;bob;refund;200\n";

#[track_caller]
fn prints(sandbox: &Sandbox, words: &str, status: i32) -> String {
    let output = sandbox
        .habitual(words)
        .assert()
        .code(status)
        .get_output()
        .clone();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_table_of_ones_own_is_read_with_a_mapping_of_ones_own() {
    let sandbox = Sandbox::new();
    sandbox.write("mine.toml", MAPPING).write("log.csv", LOG);

    let checked = prints(&sandbox, "check-mapping mine.toml log.csv", 3);
    assert!(
        checked.contains(r#""key":"generic:billing:default/alice""#),
        "{checked}"
    );
    assert!(checked.contains("\"2026-11-07T09:01:00Z\""), "{checked}");
    assert!(
        checked.contains("outcome           100 %  2 of 2 events"),
        "{checked}"
    );
    assert!(checked.contains("Left out: 1 no_time"), "{checked}");

    let inspected = prints(&sandbox, "inspect log.csv --mapping mine.toml", 3);
    assert!(
        inspected.contains("source\tgeneric\tevents\t2"),
        "{inspected}"
    );
    let json = prints(&sandbox, "inspect log.csv --mapping mine.toml -f json", 3);
    assert!(json.contains("billing CSV"), "{json}");
}

#[test]
fn a_built_in_mapping_needs_no_flag_and_is_a_beginning_for_ones_own() {
    let sandbox = Sandbox::new();
    let record =
        r#"{"action":"org.add_member","@timestamp":1793955660000,"actor":"alice","org":"acme"}"#;
    sandbox.write("audit.json", format!("[{record}]"));
    let plain = prints(&sandbox, "inspect audit.json -f json", 0);
    assert!(plain.contains("GitHub audit log"), "{plain}");

    let own = prints(&sandbox, "check-mapping github", 0);
    let own = own.replace("name = \"github\"", "name = \"ours\"");
    sandbox.write("ours.toml", own.replace("title = \"GitHub audit log\"", ""));
    let asked = prints(
        &sandbox,
        "inspect audit.json --mapping ours.toml -f json",
        0,
    );
    assert!(asked.contains("ours JSON array"), "{asked}");
}

#[test]
fn a_mapping_with_a_mistake_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.toml", MAPPING.replace("[outcome]", "[outcom]"));
    let output = sandbox
        .habitual("inspect x --mapping bad.toml")
        .assert()
        .code(2);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("outcom"), "{said}");
    let output = sandbox
        .habitual("inspect x --mapping nonsense")
        .assert()
        .code(2);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("kubernetes-audit"), "{said}");
}
