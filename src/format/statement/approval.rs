use super::lines::{Lines, line};
use super::{Signer, StatementError};
use crate::format::{Digest, Environment, Instant, Magic, Mode, Name, TokenAddress, Window};

/// `anchorite-approval/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// SHA-256 of `plan.json`.
    pub plan_sha256: Digest,
    /// Of which authority.
    pub authority: Name,
    /// Never mixed within one authority.
    pub environment: Environment,
    /// Ceremony or rehearsal.
    pub mode: Mode,
    /// The place in the authority: what makes an approval good once.
    pub ordinal: u64,
    /// Head of the record before.
    pub previous_head: Digest,
    /// SHA-256 of the roster file.
    pub roster_sha256: Digest,
    /// SHA-256 of the binding file.
    pub binding_sha256: Digest,
    /// The tokens of the binding, in its order.
    pub tokens: Vec<(Name, TokenAddress)>,
    /// When the plan may run.
    pub window: Window,
    /// Who signs.
    pub signer: Signer,
}

pub(super) const APPROVAL: Magic =
    Magic { ceremony: "anchorite-approval/v1", rehearsal: "anchorite-rehearsal-approval/v1" };

impl Approval {
    pub(super) fn write(&self, text: &mut String) {
        text.push_str(APPROVAL.of(self.mode));
        text.push('\n');
        line(text, "plan-sha256", self.plan_sha256);
        line(text, "authority", &self.authority);
        line(text, "environment", self.environment);
        line(text, "mode", self.mode);
        line(text, "ordinal", self.ordinal);
        line(text, "previous-head-sha256", self.previous_head);
        line(text, "roster-sha256", self.roster_sha256);
        line(text, "binding-sha256", self.binding_sha256);
        for (name, address) in &self.tokens {
            line(text, "token", format_args!("{name} {address}"));
        }
        line(text, "window", self.window);
        self.signer.write(text, "approval");
    }

    pub(super) fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            plan_sha256: lines.value("plan-sha256", Digest::parse)?,
            authority: lines.word("authority")?,
            environment: lines.word("environment")?,
            mode: lines.word("mode")?,
            ordinal: lines.word("ordinal")?,
            previous_head: lines.value("previous-head-sha256", Digest::parse)?,
            roster_sha256: lines.value("roster-sha256", Digest::parse)?,
            binding_sha256: lines.value("binding-sha256", Digest::parse)?,
            tokens: lines.repeated("token", |text, before: &[(Name, TokenAddress)]| {
                let (name, address) = text.split_once(' ')?;
                let name = name.parse().ok().filter(|name| before.iter().all(|(other, _)| other != name))?;
                let address = match address.strip_prefix("serial=") {
                    Some(serial) => TokenAddress::Serial(serial.to_owned()),
                    None => (address == "blank").then_some(TokenAddress::Blank)?,
                };
                Some((name, address))
            })?,
            window: lines.value("window", |text| {
                let (from, to) = text.split_once(' ')?;
                Some(Window { from: Instant::parse(from)?, to: Instant::parse(to)? })
            })?,
            signer: Signer::read(lines)?,
        })
    }
}
