use super::lines::{Lines, line};
use super::{Signer, StatementError};
use crate::format::{Digest, Name, RotationPhase};

/// `anchorite-field/v1`: a consumer holds a bundle. No bundle of a ceremony has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldEvidence {
    /// Of which authority.
    pub authority: Name,
    /// SHA-256 of the rotation file.
    pub rotation_sha256: Digest,
    /// SHA-256 of the roster under which it is signed.
    pub roster_sha256: Digest,
    /// Who reports.
    pub consumer: Name,
    /// Which phase it reached.
    pub phase: RotationPhase,
    /// SHA-256 of the bundle that it holds, in PEM.
    pub bundle_sha256: Digest,
    /// Who signs.
    pub signer: Signer,
}

/// There is none of a rehearsal: what is rehearsed is not given out.
pub(super) const FIELD: &str = "anchorite-field/v1";

impl FieldEvidence {
    pub(super) fn write(&self, text: &mut String) {
        text.push_str(FIELD);
        text.push('\n');
        line(text, "authority", &self.authority);
        line(text, "rotation-sha256", self.rotation_sha256);
        line(text, "roster-sha256", self.roster_sha256);
        line(text, "consumer", &self.consumer);
        line(text, "phase", self.phase);
        line(text, "bundle-sha256", self.bundle_sha256);
        self.signer.write(text, "field");
    }

    pub(super) fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            authority: lines.word("authority")?,
            rotation_sha256: lines.value("rotation-sha256", Digest::parse)?,
            roster_sha256: lines.value("roster-sha256", Digest::parse)?,
            consumer: lines.word("consumer")?,
            phase: lines.word("phase")?,
            bundle_sha256: lines.value("bundle-sha256", Digest::parse)?,
            signer: Signer::read(lines)?,
        })
    }
}
