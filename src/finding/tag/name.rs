//! What the ids of the frameworks are called by their publishers.

/// The published name of a tag: `Cloud Accounts` for `T1078.004`.
///
/// `None` for an id that no rule gives.
#[must_use]
pub fn tag_name(id: &str) -> Option<&'static str> {
    let at = NAMES.iter().find(|(known, _)| *known == id)?;
    Some(at.1)
}

/// MITRE ATT&CK, OWASP Non-Human Identities Top 10 and NIST CSF 2.0, in this
/// order.
const NAMES: &[(&str, &str)] = &[
    ("T1020", "Automated Exfiltration"),
    ("T1021.007", "Remote Services: Cloud Services"),
    ("T1069.003", "Permission Groups Discovery: Cloud Groups"),
    ("T1078.004", "Valid Accounts: Cloud Accounts"),
    ("T1087.004", "Account Discovery: Cloud Account"),
    (
        "T1098.001",
        "Account Manipulation: Additional Cloud Credentials",
    ),
    ("T1098.003", "Account Manipulation: Additional Cloud Roles"),
    ("T1110", "Brute Force"),
    ("T1119", "Automated Collection"),
    ("T1136.003", "Create Account: Cloud Account"),
    ("T1199", "Trusted Relationship"),
    (
        "T1213.003",
        "Data from Information Repositories: Code Repositories",
    ),
    (
        "T1484.002",
        "Domain or Tenant Policy Modification: Trust Modification",
    ),
    ("T1496", "Resource Hijacking"),
    ("T1526", "Cloud Service Discovery"),
    ("T1528", "Steal Application Access Token"),
    ("T1530", "Data from Cloud Storage"),
    ("T1531", "Account Access Removal"),
    ("T1535", "Unused/Unsupported Cloud Regions"),
    ("T1537", "Transfer Data to Cloud Account"),
    ("T1539", "Steal Web Session Cookie"),
    (
        "T1550.001",
        "Use Alternate Authentication Material: Application Access Token",
    ),
    (
        "T1550.004",
        "Use Alternate Authentication Material: Web Session Cookie",
    ),
    ("T1552", "Unsecured Credentials"),
    (
        "T1555.006",
        "Credentials from Password Stores: Cloud Secrets Management Stores",
    ),
    (
        "T1556.006",
        "Modify Authentication Process: Multi-Factor Authentication",
    ),
    ("T1580", "Cloud Infrastructure Discovery"),
    ("T1619", "Cloud Storage Object Discovery"),
    ("T1621", "Multi-Factor Authentication Request Generation"),
    ("T1648", "Serverless Execution"),
    ("T1651", "Cloud Administration Command"),
    ("T1685.002", "Disable or Modify Cloud Logs"),
    ("NHI1:2025", "Improper Offboarding"),
    ("NHI2:2025", "Secret Leakage"),
    ("NHI3:2025", "Vulnerable Third-Party NHI"),
    ("NHI4:2025", "Insecure Authentication"),
    ("NHI5:2025", "Overprivileged NHI"),
    ("NHI6:2025", "Insecure Cloud Deployment Configurations"),
    ("NHI7:2025", "Long-Lived Secrets"),
    ("NHI8:2025", "Environment Isolation"),
    ("NHI9:2025", "NHI Reuse"),
    ("NHI10:2025", "Human Use of NHI"),
    (
        "DE.CM-03",
        "Personnel activity and technology usage are monitored",
    ),
    (
        "DE.CM-06",
        "External service provider activities and services are monitored",
    ),
    (
        "DE.CM-09",
        "Computing hardware and software, runtime environments, and their data are monitored",
    ),
    (
        "DE.AE-02",
        "Potentially adverse events are analyzed to better understand associated activities",
    ),
    (
        "DE.AE-03",
        "Information is correlated from multiple sources",
    ),
];
