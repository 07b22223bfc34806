//! Whether Okta's own risk engine marked an event.
//!
//! Its verdict is a fact beside ours and never enters a baseline: learning
//! from it would mean learning the vendor's model.

use super::record::LogEvent;

/// Whether the event carries a verdict: a suspected threat, a high risk level,
/// or a behaviour that Okta found new.
pub(super) fn is_marked(log: &LogEvent<'_>) -> bool {
    let debug = &log.debug_context.value.debug_data.value;
    let has = |text: Option<&str>, mark: &str| text.is_some_and(|text| text.contains(mark));
    debug.threat_suspected.is_true()
        || log.security_context.value.risk.value.level.is("HIGH")
        || debug
            .log_only_security_data
            .value
            .risk
            .value
            .level
            .is("HIGH")
        || has(debug.risk.get(), "level=HIGH")
        || has(debug.behaviors.get(), "=POSITIVE")
}
