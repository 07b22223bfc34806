//! A setting: a flag that people give once, in a file or in a variable.

/// How many values a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One.
    Value,
    /// Any number of files or names.
    Files,
    /// None: it is given or not.
    Switch,
}

/// A flag that can also be given in the file and in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The long flag without its dashes, and the key in the file.
    pub(super) name: &'static str,
    /// The environment variable.
    pub(super) variable: &'static str,
    pub(super) kind: Kind,
}

const fn setting(name: &'static str, variable: &'static str, kind: Kind) -> Setting {
    Setting {
        name,
        variable,
        kind,
    }
}

/// The variable that names the file.
pub(super) const FILE_VARIABLE: &str = "HABITUAL_CONFIG";

/// Every setting, in the order in which they are shown.
pub(super) const SETTINGS: [Setting; 13] = {
    use Kind::{Files, Switch, Value};
    [
        setting("okta-org", "HABITUAL_OKTA_ORG", Value),
        setting("vault-cluster", "HABITUAL_VAULT_CLUSTER", Value),
        setting("mapping", "HABITUAL_MAPPING", Files),
        setting("mmdb", "HABITUAL_MMDB", Files),
        setting("alerts-per-day", "HABITUAL_ALERTS_PER_DAY", Value),
        setting("threads", "HABITUAL_THREADS", Value),
        setting("memory-limit", "HABITUAL_MEMORY_LIMIT", Value),
        setting("max-decompressed", "HABITUAL_MAX_DECOMPRESSED", Value),
        setting("max-ratio", "HABITUAL_MAX_RATIO", Value),
        setting("max-record", "HABITUAL_MAX_RECORD", Value),
        setting("color", "HABITUAL_COLOR", Value),
        setting("ascii", "HABITUAL_ASCII", Switch),
        setting("no-progress", "HABITUAL_NO_PROGRESS", Switch),
    ]
};

impl Setting {
    /// The setting of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        SETTINGS.into_iter().find(|setting| setting.name == name)
    }
}

/// Every environment variable that is read for settings.
pub(in crate::cli) fn variables() -> impl Iterator<Item = &'static str> {
    let settings = SETTINGS.iter().map(|setting| setting.variable);
    settings.chain([FILE_VARIABLE])
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_setting_is_a_flag_of_replay_and_its_variable_is_named_for_it() {
        let mut program = Cli::command();
        program.build();
        for setting in SETTINGS {
            let replay = program.find_subcommand("replay");
            let mut flags = replay.into_iter().flat_map(clap::Command::get_arguments);
            let flag = flags.find(|flag| flag.get_long() == Some(setting.name));
            let takes_values = flag.map(|flag| flag.get_action().takes_values());
            assert_eq!(
                takes_values,
                Some(setting.kind != Kind::Switch),
                "{}",
                setting.name
            );
            let expected = setting.name.replace('-', "_").to_uppercase();
            assert_eq!(setting.variable, format!("HABITUAL_{expected}"));
        }
    }
}
