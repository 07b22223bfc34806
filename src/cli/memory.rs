//! Memory: how much of it a run takes if nobody says.

use std::fs;

/// No default is more than this, ...
const MOST: u64 = 4 << 30;
/// ... and without any knowledge of the machine it is this.
const UNKNOWN: u64 = 1 << 30;

/// Half of what the machine has or the control group allows, at most 4 GiB.
pub(super) fn default_limit() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(total_of);
    let group = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ]
    .into_iter()
    .find_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
    half_of(machine, group)
}

fn half_of(machine: Option<u64>, group: Option<u64>) -> u64 {
    let all = machine.into_iter().chain(group).min();
    all.map_or(UNKNOWN, |all| (all / 2).min(MOST))
}

/// The bytes after `MemTotal:`, which is in units of 1,024.
fn total_of(meminfo: &str) -> Option<u64> {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_what_there_is_and_at_most_4_gib() {
        assert_eq!(half_of(Some(2 << 30), None), 1 << 30);
        assert_eq!(half_of(Some(64 << 30), Some(1 << 30)), 1 << 29);
        assert_eq!(half_of(Some(64 << 30), Some(u64::MAX)), 4 << 30);
        assert_eq!(half_of(None, None), 1 << 30);
    }

    #[test]
    fn the_kernel_counts_in_units_of_1024() {
        assert_eq!(
            total_of("MemTotal:       2048 kB\nMemFree: 1 kB"),
            Some(2 << 20)
        );
        assert_eq!(total_of("MemFree: 1 kB"), None);
    }
}
