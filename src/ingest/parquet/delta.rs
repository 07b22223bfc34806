//! The head of delta-encoded numbers, which says how many there are.

use super::thrift::Thrift;

/// Whether the numbers that `values` begin with are no more than `n`: size of a
/// block, blocks in it, and then how many numbers.
pub(super) fn holds_at_most(values: &[u8], n: u32) -> bool {
    let mut head = Thrift::new(values);
    let promised = head
        .varint()
        .and_then(|_| head.varint())
        .and_then(|_| head.varint());
    promised.is_some_and(|promised| promised <= u64::from(n))
}
