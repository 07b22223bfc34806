//! Who calls, as a record of CloudTrail shows it.

use crate::cast::{Kind, Sessions};
use crate::record::Sighting;
use crate::text::{self, put};

impl Sighting<'_> {
    /// The ARN under which the caller is recorded.
    pub fn write_arn(&self, out: &mut Vec<u8>) {
        let (who, session) = (self.session.who, self.session);
        match who.kind {
            Kind::Root => put!(out, "arn:aws:iam::", self.account, ":root"),
            Kind::User => put!(out, "arn:aws:iam::", self.account, ":user/", &who.name),
            Kind::Service | Kind::Foreign => put!(out, &who.name),
            _ => put!(
                out,
                "arn:aws:sts::",
                self.account,
                ":assumed-role/",
                self.role(),
                "/",
                &session.name,
            ),
        }
    }

    /// The role without its path.
    fn role(&self) -> &str {
        let role = &self.session.who.role;
        role.rsplit_once('/').map_or(role, |(_, name)| name)
    }

    pub fn write_identity(&self, out: &mut Vec<u8>, via: Option<&str>) {
        let who = self.session.who;
        match who.kind {
            Kind::Service => {
                put!(
                    out,
                    "{\"type\":\"AWSService\",\"invokedBy\":\"",
                    &who.name,
                    "\"}"
                );
                return;
            }
            Kind::Foreign => {
                put!(
                    out,
                    "{\"type\":\"AWSAccount\",\"principalId\":\"AROA",
                    &who.name,
                    ":collector\",\"accountId\":\"777788889999\"}"
                );
                return;
            }
            Kind::Root => {
                put!(
                    out,
                    "{\"type\":\"Root\",\"principalId\":\"",
                    self.account,
                    "\",\"arn\":\""
                );
                self.write_arn(out);
                put!(
                    out,
                    "\",\"accountId\":\"",
                    self.account,
                    "\",\"accessKeyId\":\"",
                    &self.session.key,
                    "\",\"sessionContext\":{\"attributes\":{\"creationDate\":\""
                );
                text::seconds(out, self.session.since);
                put!(out, "\",\"mfaAuthenticated\":\"true\"}}");
            }
            Kind::User => {
                put!(
                    out,
                    "{\"type\":\"IAMUser\",\"principalId\":\"",
                    &who.id,
                    "\",\"arn\":\""
                );
                self.write_arn(out);
                put!(
                    out,
                    "\",\"accountId\":\"",
                    self.account,
                    "\",\"accessKeyId\":\"",
                    &self.session.key,
                    "\",\"userName\":\"",
                    &who.name,
                    "\""
                );
            }
            _ => self.write_assumed(out),
        }
        if let Some(invoked_by) = via {
            put!(out, ",\"invokedBy\":\"", invoked_by, "\"");
        } else if who.kind == Kind::Linked {
            put!(out, ",\"invokedBy\":\"", self.session.address, "\"");
        }
        put!(out, "}");
    }

    /// A session of a role, without the closing brace.
    fn write_assumed(&self, out: &mut Vec<u8>) {
        let (who, session) = (self.session.who, self.session);
        put!(
            out,
            "{\"type\":\"AssumedRole\",\"principalId\":\"",
            &who.id,
            ":",
            &session.name,
            "\",\"arn\":\""
        );
        self.write_arn(out);
        put!(
            out,
            "\",\"accountId\":\"",
            self.account,
            "\",\"accessKeyId\":\"",
            &session.key
        );
        put!(
            out,
            "\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\",\"principalId\":\"",
            &who.id
        );
        put!(
            out,
            "\",\"arn\":\"arn:aws:iam::",
            self.account,
            ":role/",
            &who.role,
            "\",\"accountId\":\"",
            self.account
        );
        put!(out, "\",\"userName\":\"", self.role(), "\"},");
        if who.kind == Kind::Role(Sessions::Pipeline) {
            put!(
                out,
                "\"webIdFederationData\":{\"federatedProvider\":\"arn:aws:iam::",
                self.account,
                ":oidc-provider/token.actions.githubusercontent.com\",\"attributes\":{}},"
            );
        } else if who.kind == Kind::Role(Sessions::Pod) {
            put!(
                out,
                "\"webIdFederationData\":{\"federatedProvider\":\"arn:aws:iam::",
                self.account,
                ":oidc-provider/oidc.eks.",
                self.region,
                ".amazonaws.com/id/",
                &text::stable_upper(session.project.seed, 32),
                "\",\"attributes\":{}},"
            );
        } else if who.seed.is_multiple_of(3) {
            put!(out, "\"webIdFederationData\":{},");
        }
        put!(out, "\"attributes\":{\"creationDate\":\"");
        text::seconds(out, session.since);
        put!(out, "\",\"mfaAuthenticated\":\"false\"}");
        if who.kind == Kind::Role(Sessions::Instance) {
            put!(out, ",\"ec2RoleDelivery\":\"2.0\"");
        }
        put!(out, "}");
        if who.kind == Kind::Role(Sessions::Function) {
            put!(
                out,
                ",\"inScopeOf\":{\"issuerType\":\"AWS::Lambda::Function\",\"credentialsIssuedTo\":\"arn:aws:lambda:",
                self.region,
                ":",
                self.account,
                ":function:",
                &who.name,
                "\"}"
            );
        }
    }
}
