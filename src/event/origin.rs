//! Where a call came from.

use std::borrow::Cow;

/// Network, place and client of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The source address as logged, without port or zone.
    pub address: Option<Cow<'a, str>>,
    /// What kind of address it is.
    pub net_kind: NetKind,
    /// The value of the network dimension: `AS64500`, `203.0.113.0/24`,
    /// `vpce-0a1b`, `private/<tenant>/10.1.0.0/16`. Absent when the address
    /// says nothing about the caller.
    pub network: Option<Cow<'a, str>>,
    /// Country name or code, only when the source itself logs one.
    pub country: Option<Cow<'a, str>>,
    /// What the caller used.
    pub client: Client<'a>,
    /// How the caller came in.
    pub interface: Interface,
}

/// The calling program, reduced to what is stable about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client<'a> {
    /// `aws_cli`, `python_sdk`, `console`, `terraform`, …; empty when not
    /// logged.
    pub family: Cow<'a, str>,
    /// Product inside the family, where it adds something (browser, tool).
    pub product: Option<Cow<'a, str>>,
    /// Major version.
    pub major: Option<u32>,
}

/// How the caller came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// A web console or portal.
    Console,
    /// A provider-hosted shell.
    CloudShell,
    /// A sign-in.
    Login,
    /// An API.
    #[default]
    Api,
}

impl Interface {
    /// Every way, in the order of their declaration.
    pub const ALL: [Self; 4] = [Self::Console, Self::CloudShell, Self::Login, Self::Api];

    /// The lower-case name used in dimensions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::CloudShell => "cloudshell",
            Self::Login => "login",
            Self::Api => "api",
        }
    }
}

/// What kind of address a call came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NetKind {
    /// A public address.
    Public,
    /// A public address that is rented out with the machine in it.
    Hosting,
    /// A private or shared address.
    Private,
    /// A VPC endpoint.
    VpcEndpoint,
    /// A provider's service, which says nothing about the caller.
    Provider,
    /// A known anonymiser, VPN or proxy, by the source's own account.
    Anonymiser,
    /// Not logged.
    #[default]
    None,
}

impl NetKind {
    /// Every kind, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::Public,
        Self::Hosting,
        Self::Private,
        Self::VpcEndpoint,
        Self::Provider,
        Self::Anonymiser,
        Self::None,
    ];

    /// The lower-case name used in dimensions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Hosting => "hosting",
            Self::Private => "private",
            Self::VpcEndpoint => "vpce",
            Self::Provider => "provider",
            Self::Anonymiser => "anonymiser",
            Self::None => "none",
        }
    }
}
