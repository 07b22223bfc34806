//! What an Okta event type means: a table from type prefix to meaning.
//!
//! Okta's catalogue holds about a thousand types and grows; the table names
//! families by their leading segments and the exceptions by their full name,
//! and the longest prefix wins. A type that no row covers is judged by its
//! last word.

use crate::event::{EdgeKind, Outcome, Sensitive, Verb};

/// What one event type, or a family of them, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// Whole leading segments of the event type.
    prefix: &'static str,
    /// What kind of thing the event does.
    pub(super) verb: Verb,
    /// Whether severity looks at it.
    sensitivity: Sensitivity,
    /// The relation to the users, groups and applications it targets.
    pub(super) edge: Option<EdgeKind>,
    /// What `FAILURE` means, unless the reason says it was a refusal.
    pub(super) failure: Outcome,
    /// Whose doing it is.
    pub(super) agency: Agency,
    /// The last word says what kind of thing was done, where it is known.
    is_told_by_last_word: bool,
    /// A verdict of Okta's own risk engine.
    pub(super) is_risk: bool,
    /// Made with an OAuth client or token rather than in a browser.
    pub(super) is_oauth: bool,
}

/// When severity looks at an event type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sensitivity {
    Never,
    Always(Sensitive),
    /// Only when another user than the actor is the target.
    OnOthers(Sensitive),
}

/// Whose doing an event of some type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agency {
    /// The actor's.
    Actor,
    /// A sign-in: a failed one is about the actor, but not necessarily made by
    /// it.
    SignIn,
    /// It happens to the actor whatever the outcome (lockout, refused push).
    AboutActor,
    /// The product's, or an on-premises agent's.
    Service,
}

impl Meaning {
    /// The meaning of `event_type`, and whether the table knew it.
    pub(super) fn of(event_type: &str) -> (Self, bool) {
        let mut prefix = event_type;
        loop {
            if let Ok(i) = MEANINGS.binary_search_by(|row| row.prefix.cmp(prefix))
                && let Some(row) = MEANINGS.get(i)
            {
                return (row.of_last_word(event_type), true);
            }
            match prefix.rsplit_once('.') {
                Some((rest, _)) => prefix = rest,
                None => return (Self::by_last_word(event_type), false),
            }
        }
    }

    /// Why severity looks at this event, given whether its target is somebody
    /// other than the actor.
    pub(super) fn sensitive_for(&self, is_on_others: bool) -> Option<Sensitive> {
        match self.sensitivity {
            Sensitivity::Always(why) => Some(why),
            Sensitivity::OnOthers(why) if is_on_others => Some(why),
            Sensitivity::OnOthers(_) | Sensitivity::Never => None,
        }
    }

    fn by_last_word(event_type: &str) -> Self {
        row("", last_word(event_type).unwrap_or(Verb::Other))
    }

    fn of_last_word(self, event_type: &str) -> Self {
        let told = last_word(event_type).filter(|_| self.is_told_by_last_word);
        Self {
            verb: told.unwrap_or(self.verb),
            ..self
        }
    }

    const fn sensitive(self, why: Sensitive) -> Self {
        Self {
            sensitivity: Sensitivity::Always(why),
            ..self
        }
    }

    const fn sensitive_on_others(self, why: Sensitive) -> Self {
        Self {
            sensitivity: Sensitivity::OnOthers(why),
            ..self
        }
    }

    const fn edge(self, edge: EdgeKind) -> Self {
        Self {
            edge: Some(edge),
            ..self
        }
    }

    const fn failing_as(self, failure: Outcome) -> Self {
        Self { failure, ..self }
    }

    const fn sign_in(self) -> Self {
        Self {
            agency: Agency::SignIn,
            failure: Outcome::AuthFailure,
            ..self
        }
    }

    const fn about_actor(self) -> Self {
        Self {
            agency: Agency::AboutActor,
            failure: Outcome::AuthFailure,
            ..self
        }
    }

    const fn told_by_last_word(self) -> Self {
        Self {
            is_told_by_last_word: true,
            ..self
        }
    }

    const fn service(self) -> Self {
        Self {
            agency: Agency::Service,
            ..self
        }
    }

    const fn risk(self) -> Self {
        Self {
            is_risk: true,
            ..self
        }
    }

    const fn oauth(self) -> Self {
        Self {
            is_oauth: true,
            ..self
        }
    }
}

/// A row with the relation that usually goes with `verb`.
const fn row(prefix: &'static str, verb: Verb) -> Meaning {
    let edge = match verb {
        Verb::Permission => Some(EdgeKind::Grant),
        Verb::Credential => Some(EdgeKind::Mint),
        Verb::Auth | Verb::Eval => None,
        _ => Some(EdgeKind::Touch),
    };
    Meaning {
        prefix,
        verb,
        sensitivity: Sensitivity::Never,
        edge,
        failure: Outcome::Error,
        agency: Agency::Actor,
        is_told_by_last_word: false,
        is_risk: false,
        is_oauth: false,
    }
}

/// The verb that the last word of an event type stands for.
fn last_word(event_type: &str) -> Option<Verb> {
    let word = event_type.rsplit('.').next().unwrap_or_default();
    let found = LAST_WORDS.iter().find(|(known, _)| *known == word);
    found.map(|(_, verb)| *verb)
}

/// Verbs of types that the table does not hold, by their last word.
const LAST_WORDS: &[(&str, Verb)] = &[
    ("activate", Verb::Admin),
    ("add", Verb::Write),
    ("create", Verb::Write),
    ("deactivate", Verb::Admin),
    ("delete", Verb::Delete),
    ("download", Verb::Read),
    ("export", Verb::Read),
    ("grant", Verb::Permission),
    ("list", Verb::List),
    ("read", Verb::Read),
    ("remove", Verb::Delete),
    ("revoke", Verb::Permission),
    ("update", Verb::Write),
    ("view", Verb::Read),
];

use EdgeKind::{Assume, Grant, Invoke, Mint, Touch};
use Outcome::{AuthFailure, Denied};
use Sensitive::{
    CredentialCreated, FactorChanged, LogTampering, PermissionGranted, SecretRead, TrustChanged,
};
use Verb::{Admin, Auth, Credential, Eval, Other, Permission, Read, Write};

/// Sorted by prefix, for the binary search.
#[rustfmt::skip]
const MEANINGS: &[Meaning] = &[
    row("access.request", Permission),
    row("analytics.reports.export", Read),
    row("app.access_request", Permission),
    row("app.generic.unauth_app_access_attempt", Auth).edge(Invoke).failing_as(Denied),
    row("app.oauth2", Credential).edge(Invoke).oauth(),
    row("app.oauth2.admin.consent.grant", Permission).sensitive(PermissionGranted).oauth(),
    row("app.oauth2.as.authorize", Auth).edge(Invoke).failing_as(Denied),
    row("app.oauth2.as.consent.grant", Permission).sensitive(PermissionGranted).oauth(),
    row("app.oauth2.as.consent.revoke", Permission).oauth(),
    row("app.oauth2.authorize", Auth).edge(Invoke).failing_as(Denied),
    row("app.oauth2.client.lifecycle", Admin),
    row("app.oauth2.client.lifecycle.create", Credential).sensitive(CredentialCreated),
    row("app.oauth2.client.privilege.grant", Permission).sensitive(PermissionGranted),
    row("app.oauth2.client.privilege.revoke", Permission),
    row("app.oauth2.client.read_client_secret", Credential).sensitive(SecretRead),
    row("app.oauth2.consent.grant", Permission).sensitive(PermissionGranted).oauth(),
    row("app.oauth2.credentials.lifecycle", Credential),
    row("app.oauth2.credentials.lifecycle.create", Credential).sensitive(CredentialCreated),
    row("app.oauth2.invalid_client_credentials", Auth).oauth().failing_as(AuthFailure),
    row("app.oauth2.token.detect_reuse", Auth).edge(Invoke).oauth().risk(),
    row("app.token.reuse", Auth).oauth().risk(),
    row("application.integration.rate_limit_exceeded", Eval),
    row("application.lifecycle", Permission),
    row("application.policy.sign_on", Admin).sensitive(TrustChanged),
    row("application.policy.sign_on.deny_access", Auth).edge(Invoke).failing_as(Denied),
    row("application.provision", Permission),
    row("application.user_membership", Permission),
    row("application.user_membership.show_password", Credential).sensitive(SecretRead),
    row("device", Admin),
    row("directory", Admin),
    row("event_hook", Admin),
    row("event_hook.deactivated", Admin).sensitive(LogTampering),
    row("event_hook.deleted", Admin).sensitive(LogTampering),
    row("event_hook.delivery", Eval),
    row("event_hook.updated", Admin).sensitive(LogTampering),
    row("group.application_assignment", Permission),
    row("group.lifecycle", Admin),
    row("group.privilege.grant", Permission).sensitive(PermissionGranted),
    row("group.privilege.revoke", Permission),
    row("group.profile", Admin),
    row("group.user_membership", Permission),
    row("iam", Permission),
    row("iam.resourceset.bindings.add", Permission).sensitive(PermissionGranted),
    row("iam.role.permissions.add", Permission).sensitive(PermissionGranted),
    row("inline_hook", Admin),
    row("inline_hook.executed", Eval),
    row("integration.api_service.lifecycle.authorize", Permission).sensitive(PermissionGranted),
    row("mim", Admin),
    row("network_zone", Admin).sensitive(TrustChanged),
    row("network_zone.rule.disabled", Admin).sensitive(TrustChanged),
    row("oauth2", Credential).oauth(),
    row("org", Admin),
    row("pam", Admin),
    row("pam.secret", Write),
    row("pam.secret.reveal", Credential).sensitive(SecretRead),
    row("pam.service_account.password.reveal", Credential).sensitive(SecretRead),
    row("policy.entity_risk", Eval),
    row("policy.evaluate_sign_on", Eval),
    row("policy.execute", Eval),
    row("policy.lifecycle", Admin).sensitive(TrustChanged),
    row("policy.rule", Admin).sensitive(TrustChanged),
    row("policy.scheduled", Eval),
    row("security.attack", Other).about_actor().risk(),
    row("security.authenticator.lifecycle", Admin),
    row("security.authenticator.lifecycle.deactivate", Admin).sensitive(FactorChanged),
    row("security.breached_credential.detected", Other).about_actor().risk(),
    row("security.request.blocked", Other).about_actor().risk(),
    row("security.session.detect_client_roaming", Other).about_actor().risk(),
    row("security.threat", Other).about_actor().risk(),
    row("security.trusted_origin", Admin).sensitive(TrustChanged),
    row("security.zone.make_blacklist", Admin).sensitive(TrustChanged),
    row("security.zone.remove_blacklist", Admin).sensitive(TrustChanged),
    row("support.org", Admin),
    row("system.agent", Admin).service(),
    row("system.api_token", Credential),
    row("system.api_token.create", Credential).sensitive(CredentialCreated),
    row("system.api_token.request_outside_allowed_range", Credential).failing_as(Denied),
    row("system.client.concurrency_rate_limit", Eval),
    row("system.client.rate_limit", Eval),
    row("system.custom_error", Admin),
    row("system.email", Eval),
    row("system.feature", Admin),
    row("system.idp.lifecycle", Admin).sensitive(TrustChanged),
    row("system.idp.lifecycle.read_client_secret", Credential).sensitive(SecretRead),
    row("system.import", Admin).service(),
    row("system.iwa", Eval),
    row("system.log_stream.lifecycle", Admin).sensitive(LogTampering),
    row("system.log_stream.lifecycle.activate", Admin),
    row("system.log_stream.lifecycle.create", Admin),
    row("system.mfa.factor", Credential),
    row("system.mfa.factor.deactivate", Credential).sensitive(FactorChanged),
    row("system.oauth2.token.request_outside_allowed_range", Credential).oauth().failing_as(Denied),
    row("system.operation.rate_limit", Eval),
    row("system.org.rate_limit", Eval),
    row("system.push", Eval),
    row("system.sms", Eval),
    row("system.voice", Eval),
    row("user.account.access_super_user_app", Admin),
    row("user.account.expire_password", Credential),
    row("user.account.lock", Auth).about_actor(),
    row("user.account.privilege.grant", Permission).sensitive(PermissionGranted),
    row("user.account.privilege.revoke", Permission),
    row("user.account.report_suspicious_activity_by_enduser", Auth).risk(),
    row("user.account.reset_password", Credential).sensitive_on_others(CredentialCreated),
    row("user.account.unlock", Credential),
    row("user.account.unlock_by_admin", Credential),
    row("user.account.unlock_failure", Credential).failing_as(AuthFailure),
    row("user.account.unlock_token", Credential),
    row("user.account.update_password", Credential).sensitive_on_others(CredentialCreated),
    row("user.account.update_primary_email", Credential),
    row("user.account.update_profile", Write),
    row("user.account.update_secondary_email", Credential),
    row("user.account.use_token", Credential).failing_as(AuthFailure),
    row("user.authentication", Auth).sign_in(),
    row("user.authentication.slo", Auth),
    row("user.authentication.sso", Auth).edge(Invoke),
    row("user.behavior.profile.reset", Admin).sensitive(LogTampering),
    row("user.credential", Credential),
    row("user.device_session", Auth),
    row("user.import", Admin).service(),
    row("user.lifecycle", Admin),
    row("user.mfa", Auth).sign_in(),
    row("user.mfa.attempt_bypass", Auth).about_actor().risk(),
    row("user.mfa.factor", Credential).failing_as(AuthFailure),
    row("user.mfa.factor.deactivate", Credential).failing_as(AuthFailure).sensitive(FactorChanged),
    row("user.mfa.factor.reset_all", Credential).failing_as(AuthFailure).sensitive(FactorChanged),
    row("user.mfa.factor.suspend", Credential).failing_as(AuthFailure).sensitive(FactorChanged),
    row("user.mfa.okta_verify.deny_push", Auth).about_actor(),
    row("user.risk", Other).about_actor().risk(),
    row("user.session", Auth),
    row("user.session.access_admin_app", Admin).edge(Invoke).failing_as(Denied),
    row("user.session.context.change", Auth).about_actor().risk(),
    row("user.session.impersonation", Admin),
    row("user.session.impersonation.grant", Admin).edge(Grant).sensitive(PermissionGranted),
    row("user.session.impersonation.initiate", Admin).edge(Assume),
    row("user.session.start", Auth).sign_in(),
    row("workflows", Admin).told_by_last_word(),
    row("workload_principal", Permission).edge(Touch),
    row("workload_principal.ai_agent.credential", Credential).edge(Mint),
    row("workload_principal.ai_agent.credential.create", Credential).edge(Mint).sensitive(CredentialCreated),
    row("zone", Admin).sensitive(TrustChanged),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_without_repeats() {
        for pair in MEANINGS.windows(2) {
            let [a, b] = pair else { continue };
            assert!(a.prefix < b.prefix, "{} before {}", a.prefix, b.prefix);
        }
    }

    #[track_caller]
    fn row_of(event_type: &str, prefix: &str) -> Meaning {
        let (meaning, is_known) = Meaning::of(event_type);
        assert!(is_known, "{event_type}");
        assert_eq!(meaning.prefix, prefix, "{event_type}");
        meaning
    }

    #[test]
    fn longest_prefix_of_whole_segments_wins() {
        row_of("user.mfa.factor.reset_all", "user.mfa.factor.reset_all");
        row_of("user.mfa.factor.activate", "user.mfa.factor");
        row_of("user.mfa.okta_verify", "user.mfa");
        row_of("user.account.lock.limit", "user.account.lock");
        row_of("user.authentication.auth_via_IDP", "user.authentication");
        assert!(!Meaning::of("user.account.lockdown").1);
        assert!(!Meaning::of("").1);
        assert!(!Meaning::of("...").1);
    }

    #[test]
    fn unlisted_type_is_judged_by_its_last_word() {
        let verb = |event_type| Meaning::of(event_type).0.verb;
        assert_eq!(verb("brandnew.thing.delete"), Verb::Delete);
        assert_eq!(verb("brandnew.thing.view"), Verb::Read);
        assert_eq!(verb("brandnew.thing.frobnicate"), Verb::Other);
    }

    #[track_caller]
    fn sensitive(event_type: &str, why: Option<Sensitive>) {
        assert_eq!(
            Meaning::of(event_type).0.sensitive_for(true),
            why,
            "{event_type}"
        );
    }

    #[test]
    fn what_helps_an_intruder_is_sensitive() {
        sensitive("user.mfa.factor.reset_all", Some(FactorChanged));
        sensitive("user.mfa.factor.activate", None);
        sensitive("user.account.privilege.grant", Some(PermissionGranted));
        sensitive("user.account.privilege.revoke", None);
        sensitive("system.api_token.create", Some(CredentialCreated));
        sensitive("system.api_token.revoke", None);
        sensitive("system.idp.lifecycle.create", Some(TrustChanged));
        sensitive("system.log_stream.lifecycle.deactivate", Some(LogTampering));
        sensitive("system.log_stream.lifecycle.create", None);
        sensitive("zone.update", Some(TrustChanged));
        sensitive("policy.rule.deactivate", Some(TrustChanged));
        sensitive("app.oauth2.as.consent.grant", Some(PermissionGranted));
        sensitive("user.session.start", None);
    }

    #[test]
    fn password_reset_is_sensitive_on_somebody_else_only() {
        let reset = Meaning::of("user.account.reset_password").0;
        assert_eq!(reset.sensitive_for(true), Some(CredentialCreated));
        assert_eq!(reset.sensitive_for(false), None);
    }

    #[track_caller]
    fn verb(event_type: &str, expected: Verb) {
        assert_eq!(Meaning::of(event_type).0.verb, expected, "{event_type}");
    }

    #[test]
    #[rustfmt::skip]
    fn every_family_of_the_catalogue_has_its_verb() {
        verb("user.session.expire", Auth);
        verb("user.device_session.start", Auth);
        verb("user.session.context.change", Auth);
        verb("user.authentication.auth_via_inbound_SAML", Auth);
        verb("user.mfa.okta_verify.deny_push", Auth);
        verb("user.authentication.slo", Auth);
        verb("user.session.access_admin_app", Admin);
        verb("user.mfa.factor.unsuspend", Credential);
        verb("system.mfa.factor.deactivate", Credential);
        verb("user.account.update_primary_email", Credential);
        verb("user.account.unlock_by_admin", Credential);
        verb("user.account.lock.limit", Auth);
        verb("group.privilege.revoke", Permission);
        verb("iam.role.create", Permission);
        verb("system.api_token.enable", Credential);
        verb("system.api_token.request_outside_allowed_range", Credential);
        verb("system.oauth2.token.request_outside_allowed_range", Credential);
        verb("app.oauth2.token.grant.access_token", Credential);
        verb("system.idp.lifecycle.activate", Admin);
        verb("network_zone.rule.disabled", Admin);
        verb("application.policy.sign_on.update", Admin);
        verb("policy.evaluate_sign_on", Eval);
        verb("application.lifecycle.update", Permission);
        verb("group.application_assignment.add", Permission);
        verb("user.lifecycle.delete.initiated", Admin);
        verb("user.lifecycle.reactivate", Admin);
        verb("user.session.impersonation.extend", Admin);
        verb("support.org.update", Admin);
        verb("system.log_stream.lifecycle.deactivate", Admin);
        verb("system.agent.register", Admin);
        verb("user.account.report_suspicious_activity_by_enduser", Auth);
        verb("system.sms.send_factor_verify_message", Eval);
        verb("system.client.rate_limit.violation", Eval);
        verb("workflows.user.table.export", Read);
        verb("workflows.user.flow.delete", Verb::Delete);
        verb("workflows.user.delegatedflow.run", Admin);
        verb("analytics.reports.export.download", Read);
        verb("workload_principal.register", Permission);
    }

    #[test]
    fn side_effects_are_no_actions() {
        for event_type in [
            "policy.evaluate_sign_on",
            "system.email.new_device_notification.sent_message",
            "system.org.rate_limit.warning",
        ] {
            assert_eq!(Meaning::of(event_type).0.verb, Verb::Eval, "{event_type}");
        }
    }
}
