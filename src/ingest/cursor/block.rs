//! Sixteen bytes at a time: which of them end or interrupt the text of a JSON
//! string.

/// Bytes that are looked at together.
pub(super) const BYTES: usize = 16;

/// Where the first quote, backslash or control character of `text` is.
#[inline]
pub(super) fn first_mark(text: &[u8]) -> Option<usize> {
    let (blocks, rest) = text.as_chunks();
    let mut begin = 0;
    for block in blocks {
        let marks = marks(*block);
        if marks != 0 {
            return Some(begin + marks.trailing_zeros() as usize);
        }
        begin += BYTES;
    }
    let marks = marks_by_byte(rest);
    (marks != 0).then(|| begin + marks.trailing_zeros() as usize)
}

/// The bytes of `block` that are a quote, a backslash or a control character,
/// the first in the lowest bit.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn marks(block: [u8; BYTES]) -> u32 {
    // Every processor of this kind has SSE2: the question costs nothing.
    match pulp::core_arch::x86::Sse2::try_new() {
        Some(sse2) => {
            let block = pulp::cast(block);
            // With this bit turned over, a quote follows the last control character.
            let turned = sse2._mm_xor_si128(block, sse2._mm_set1_epi8(0x02));
            let limit = sse2._mm_set1_epi8(0x20);
            let low = sse2._mm_cmpeq_epi8(sse2._mm_min_epu8(turned, limit), turned);
            let backslashes = sse2._mm_cmpeq_epi8(block, sse2._mm_set1_epi8(0x5c));
            sse2._mm_movemask_epi8(sse2._mm_or_si128(low, backslashes))
                .cast_unsigned()
        }
        None => marks_by_byte(&block),
    }
}

/// As above, without vectors.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn marks(block: [u8; BYTES]) -> u32 {
    marks_by_byte(&block)
}

/// As [`marks`], for any number of bytes up to 32.
pub(super) fn marks_by_byte(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |marks, byte| {
        let is_mark = matches!(byte, b'"' | b'\\' | 0..=0x1f);
        marks << 1 | u32::from(is_mark)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_judged_alike_with_and_without_vectors() {
        for byte in 0..=u8::MAX {
            for at in 0..BYTES {
                let mut block = [b'a'; BYTES];
                if let Some(place) = block.get_mut(at) {
                    *place = byte;
                }
                let is_mark = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(marks(block), u32::from(is_mark) << at, "{byte} at {at}");
                assert_eq!(marks(block), marks_by_byte(&block));
            }
        }
    }
}
