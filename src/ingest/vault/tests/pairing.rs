//! Two lines, one call.

use super::*;

#[test]
fn halves_meet_in_either_order() {
    let (response, request) = (response(), request_of(&response()));
    let meet = |first: &Value, second: &Value| {
        let mut pairing = Pairing::new();
        assert!(pairing.offer(entry(first)).is_none());
        assert_eq!(pairing.n_waiting(), 1);
        let exchange = pairing.offer(entry(second)).unwrap();
        assert_eq!((exchange.n_records(), pairing.n_waiting()), (2, 0));
        assert!(pairing.into_unpaired().is_empty());
        format!("{:?}", exchange.event())
    };
    assert_eq!(meet(&request, &response), meet(&response, &request));
}

/// One half as written by the device of file `file`, with its own salt.
fn of_device(file: u32, line: &Value) -> Entry {
    let accessor = format!("hmac-sha256:{}", file.to_string().repeat(16));
    let line = changed(line.clone(), [("/auth/accessor", json!(accessor))]);
    let provenance = Provenance { file, record: 1 };
    try_entry(&line.to_string(), provenance).unwrap()
}

#[test]
fn two_devices_interleaved_give_two_whole_calls_of_one_id() {
    let (response, request) = (response(), request_of(&response()));
    for order in [[1, 2], [2, 1]] {
        let mut pairing = Pairing::new();
        assert!(pairing.offer(of_device(1, &request)).is_none());
        assert!(pairing.offer(of_device(2, &request)).is_none());
        for file in order {
            let exchange = pairing.offer(of_device(file, &response)).unwrap();
            let event = exchange.event();
            assert_eq!((exchange.n_records(), &*event.native_id), (2, ID));
            assert_eq!(event.provenance.file, file, "each meets its own device");
        }
        assert_eq!(pairing.n_waiting(), 0);
    }
}

#[test]
fn second_copy_of_a_half_waits_and_keeps_its_id() {
    let mut pairing = Pairing::new();
    for line in [request_of(&response()), request_of(&response()), response()] {
        pairing.offer(entry(&line));
    }
    let unpaired = pairing.into_unpaired();
    assert_eq!(unpaired.len(), 1);
    assert_eq!(unpaired[0].request_id(), ID);
    assert!(!unpaired[0].is_response());
}

#[test]
fn unpaired_lines_come_out_in_a_stable_order() {
    let lines: Vec<_> = ["c", "a", "", "b", ""]
        .map(|id| entry(&with([("/request/id", json!(id))])))
        .into();
    let order = |lines: Vec<Entry>| {
        let mut pairing = Pairing::new();
        for line in lines {
            assert!(pairing.offer(line).is_none());
        }
        assert_eq!(pairing.n_waiting(), 5);
        let entries = pairing.into_unpaired();
        entries
            .iter()
            .map(|entry| entry.request_id().to_owned())
            .collect::<Vec<_>>()
    };
    let reversed = lines.iter().rev().cloned().collect();
    assert_eq!(order(lines), ["", "", "a", "b", "c"]);
    assert_eq!(order(reversed), ["", "", "a", "b", "c"]);
}

#[test]
fn half_a_call_is_an_event_that_knows_less() {
    let response = half(&response());
    assert_eq!(response.time.rfc3339(), "2026-11-07T09:01:00.500Z");
    assert_eq!(response.outcome, Outcome::Success);
    let request = half(&request_of(&self::response()));
    assert_eq!(request.outcome, Outcome::Unknown);
    let error = json!("1 error occurred:\n\t* permission denied\n\n");
    let denied = changed(request_of(&self::response()), [("/error", error)]);
    assert_eq!(half(&denied).outcome, Outcome::Denied);
}

/// Requests of calls at these minutes.
fn requests(minutes: impl IntoIterator<Item = u32>) -> Vec<Entry> {
    let request = |minute: u32| {
        let time = format!("2026-11-07T{:02}:{:02}:00Z", minute / 60, minute % 60);
        let id = json!(format!("id-{minute:03}"));
        let line = request_of(&with([("/request/id", id)]));
        entry(&changed(line, [("/time", json!(time))]))
    };
    minutes.into_iter().map(request).collect()
}

fn ids(halves: &[Half]) -> Vec<&str> {
    halves.iter().map(|half| half.request_id()).collect()
}

#[test]
fn lines_are_given_up_only_when_too_many_wait_and_the_oldest_first() {
    let mut pairing = Pairing::with_limit(4);
    for entry in requests([0, 100, 101, 102]) {
        assert!(pairing.offer(entry).is_none());
        assert!(pairing.take_overdue().is_empty());
    }
    for entry in requests([103]) {
        assert!(pairing.offer(entry).is_none());
    }
    // The first is too old; of the others, half the limit stays.
    assert_eq!(ids(&pairing.take_overdue()), ["id-000", "id-100", "id-101"]);
    assert_eq!(pairing.n_waiting(), 2);
    assert_eq!(ids(&pairing.into_unpaired()), ["id-102", "id-103"]);
}

#[test]
fn lines_next_to_the_ends_of_a_file_wait_longest() {
    let mut pairing = Pairing::with_limit(100);
    for entry in requests(0..10) {
        assert!(pairing.offer(entry).is_none());
    }
    assert!(pairing.take_surplus(10).is_empty());
    let surplus = pairing.take_surplus(4);
    assert_eq!(surplus.len(), 6);
    assert_eq!(
        ids(&pairing.into_unpaired()),
        ["id-000", "id-001", "id-008", "id-009"]
    );
}

#[test]
fn lines_that_were_kept_still_find_their_other_halves() {
    let mut pairing = Pairing::with_limit(2);
    for entry in requests(0..3) {
        assert!(pairing.offer(entry).is_none());
    }
    assert_eq!(pairing.take_overdue().len(), 2);
    let response = with([("/request/id", json!("id-002"))]);
    assert!(pairing.offer(entry(&response)).is_some());
    assert_eq!(pairing.n_waiting(), 0);
}

/// R-RS-4
#[test]
fn an_id_that_very_many_lines_share_costs_no_more_than_another() {
    let (response, request) = (response(), request_of(&response()));
    let mut pairing = Pairing::new();
    for _ in 0..1_000 {
        assert!(pairing.offer(entry(&request)).is_none());
    }
    let n_paired = (0..1_000).filter(|_| pairing.offer(entry(&response)).is_some());
    assert_eq!(n_paired.count(), 64);
    let unpaired = pairing.into_unpaired();
    assert_eq!(unpaired.len(), 2 * (1_000 - 64));
}
