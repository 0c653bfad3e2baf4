use serde::{Deserialize, Serialize};

use super::{
    AdoptedCertificate, AdoptedList, Asked, CertificateExtensions, CertifiedRef, CrlEntry, HttpUrl,
    IssuerRef, KeyRef, Profile, ProvisionMode, ReasonCode, Shares, SharesAfterBreak, Subject,
};
use crate::format::{
    CustodyAct, Digest, DutyRef, EvidenceForm, FileName, FileRef, Hex, Instant, KeyAlgorithm, Name,
    NamedDigest, PinEncoding, Role, SerialNumber, ShareSetName, StepKind, Window,
};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// Unique in the plan; the same on paper, on screen and in the record.
    pub id: Name,
    /// What is done.
    pub action: Action,
}

/// What a step does, every value resolved. Only kinds that can be run are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(clippy::large_enum_variant, reason = "a plan has few steps, and each stays where it was read")]
pub enum Action {
    /// Takes a token over, so that a quorum of shares opens it, or its own quorum does.
    Provision {
        /// Token name.
        token: Name,
        /// CKA label that the token gets or has, at most 32 bytes.
        label: String,
        /// How the token is taken over.
        mode: ProvisionMode,
        /// Whether `init` may destroy what is on the token; its serial number is then typed first.
        wipe: bool,
        /// The shares that open it; absent where the token holds its own quorum.
        shares: Option<Shares>,
        /// What PINs look like that follow from shares.
        encoding: PinEncoding,
    },
    /// Replaces the shares that open tokens: deals a new set, or brings further tokens onto the newest one.
    Reshare {
        /// Which set.
        set: ShareSetName,
        /// Epochs of the shares that open the tokens until then, or may: more than one where an earlier ceremony stopped
        /// half-way. Empty for the first shares of a set.
        from: Vec<u32>,
        /// The shares that open them afterwards.
        to: Shares,
        /// The tokens that are moved, in order.
        tokens: Vec<Name>,
    },
    /// Replaces the roster, from the next ceremony on.
    ChangeRoster {
        /// The new roster, one of the plan's inputs.
        roster: FileRef,
        /// Who is on it and was not.
        joins: Vec<Name>,
        /// Who is no longer.
        leaves: Vec<Name>,
        /// Who stays with another key.
        new_keys: Vec<Name>,
    },
    /// Makes a key pair.
    GenerateKey {
        /// Token name.
        token: Name,
        /// Curve and hash.
        algorithm: KeyAlgorithm,
        /// CKA_LABEL of both halves, unused until then.
        label: String,
    },
    /// Issues a root certificate.
    SelfSign {
        /// The key that signs and is certified.
        key: KeyRef,
        /// Always [`Profile::Root`].
        profile: Profile,
        /// What the certificate says besides.
        extensions: CertificateExtensions,
        /// Subject and issuer.
        subject: Subject,
        /// Drawn once at plan time.
        serial: SerialNumber,
        /// notBefore and notAfter.
        validity: Window,
        /// SHA-256 of the TBSCertificate, where the key was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Issues an intermediate certificate from a CSR.
    SignIntermediate {
        /// Who signs.
        issuer: IssuerRef,
        /// The request, one of the plan's inputs.
        csr: FileRef,
        /// The rules of the certificate.
        profile: Profile,
        /// What the certificate says besides.
        extensions: CertificateExtensions,
        /// From the request, or set by the ceremony file.
        subject: Subject,
        /// SHA-256 of the request's DER SubjectPublicKeyInfo, the only other thing taken from it.
        spki_sha256: Digest,
        /// What the request asked for and what became of it.
        asked: Vec<Asked>,
        /// Drawn once at plan time.
        serial: SerialNumber,
        /// notBefore and notAfter.
        validity: Window,
        /// SHA-256 of the TBSCertificate, where the issuer was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Certifies once more a key that has a CA certificate, under the same subject and with the same key identifier.
    CrossSign {
        /// Who signs.
        issuer: IssuerRef,
        /// What is certified.
        certificate: CertifiedRef,
        /// A request signed with the same key, one of the plan's inputs: whoever brought the certificate has the key.
        csr: Option<FileRef>,
        /// What it says besides. Its path length is never looser than that of the certificate.
        extensions: CertificateExtensions,
        /// That of the certificate.
        subject: Subject,
        /// Drawn once at plan time.
        serial: SerialNumber,
        /// notBefore and notAfter.
        validity: Window,
        /// SHA-256 of the TBSCertificate, where issuer and key were known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Removes a key from its token for good.
    DestroyKey {
        /// Which key; one of an earlier ceremony.
        key: KeyRef,
        /// Its CKA_ID, by which it is found.
        key_id: Hex,
    },
    /// Decides a revocation; carried by every later CRL of that issuer.
    Revoke {
        /// Who issued the certificate.
        issuer: IssuerRef,
        /// As the ceremony file names it.
        certificate: String,
        /// What becomes an entry.
        entry: CrlEntry,
    },
    /// Issues a CRL.
    IssueCrl {
        /// Who signs.
        issuer: IssuerRef,
        /// cRLNumber (RFC 5280 5.2.3), greater than every one before, those of aborted ceremonies included.
        number: u64,
        /// thisUpdate.
        this_update: Instant,
        /// nextUpdate.
        next_update: Instant,
        /// Nobody publishes it before: thisUpdate of a CRL that is signed ahead of its time; absent otherwise.
        embargo: Option<Instant>,
        /// fullName of issuingDistributionPoint (RFC 5280 5.2.5); empty where the CRL has no such extension.
        issuing_distribution_point: Vec<HttpUrl>,
        /// In order of serial number.
        entries: Vec<CrlEntry>,
        /// SHA-256 of the TBSCertList, where the issuer was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Takes in a root that was made elsewhere, with what it issued. What is taken in is asserted, and nothing here proves it.
    AdoptAuthority {
        /// The token that holds its key.
        token: Name,
        /// CKA_LABEL of the private key.
        label: String,
        /// The root certificate, one of the plan's inputs, as are the next two.
        certificate: FileRef,
        /// Every certificate that the key issued besides.
        issued: Vec<FileRef>,
        /// The last CRL.
        crl: Option<FileRef>,
        /// Why there is no CRL, where there is none.
        without_crl: Option<String>,
        /// What entries of the CRL without a reason are carried on with.
        reason_where_none: Option<ReasonCode>,
        /// Curve and hash of the key.
        algorithm: KeyAlgorithm,
        /// What the root certificate says.
        root: AdoptedCertificate,
        /// What the issued certificates say, in their order.
        below: Vec<AdoptedCertificate>,
        /// What the CRL says.
        list: Option<AdoptedList>,
    },
    /// People read independent clocks.
    Clock {
        /// How many people read one.
        readers: u8,
        /// Greatest difference from the host's clock that passes, in seconds.
        tolerance_seconds: u32,
        /// Whether somebody also brings what nobody could know earlier.
        beacon: bool,
    },
    /// Somebody reads a digest aloud from their own paper.
    ReadAloud {
        /// Who.
        by: Role,
        /// Which digest.
        named: NamedDigest,
    },
    /// People state a sentence, or why they will not.
    Attest {
        /// Everybody who is there in one of these roles.
        by: Vec<Role>,
        /// What they state.
        text: String,
    },
    /// Two people read the number of a bag, and it is opened, closed or left.
    Custody {
        /// What lies in it.
        item: Name,
        /// What is done.
        act: CustodyAct,
        /// The number that it was sealed under, from the ledger or the ceremony file; absent where a step of this plan seals it
        /// before, or where a new bag is closed.
        expected: Option<String>,
        /// Where it is afterwards.
        place: Option<String>,
    },
    /// Takes in a file from a device.
    ImportEvidence {
        /// Which device it is about.
        token: Name,
        /// Its form.
        form: EvidenceForm,
        /// Its name in the exchange directory.
        file: FileName,
    },
    /// The ceremony pauses.
    Break {
        /// Why, for people.
        reason: String,
        /// How long it is expected to take.
        minutes: u32,
        /// Whether a quorum opens the tokens again afterwards.
        shares: SharesAfterBreak,
    },
    /// A person confirms a sentence.
    Confirm {
        /// Who.
        by: Role,
        /// What is confirmed.
        text: String,
        /// The duty of an earlier ceremony that is done with this.
        discharges: Option<DutyRef>,
    },
}

impl Action {
    /// The kind that the ceremony file names.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Provision { .. } => StepKind::Provision,
            Self::Reshare { .. } => StepKind::Reshare,
            Self::ChangeRoster { .. } => StepKind::ChangeRoster,
            Self::GenerateKey { .. } => StepKind::GenerateKey,
            Self::SelfSign { .. } => StepKind::SelfSign,
            Self::SignIntermediate { .. } => StepKind::SignIntermediate,
            Self::CrossSign { .. } => StepKind::CrossSign,
            Self::DestroyKey { .. } => StepKind::DestroyKey,
            Self::Revoke { .. } => StepKind::Revoke,
            Self::IssueCrl { .. } => StepKind::IssueCrl,
            Self::AdoptAuthority { .. } => StepKind::AdoptAuthority,
            Self::Clock { .. } => StepKind::Clock,
            Self::ReadAloud { .. } => StepKind::ReadAloud,
            Self::Attest { .. } => StepKind::Attest,
            Self::Custody { .. } => StepKind::Custody,
            Self::ImportEvidence { .. } => StepKind::ImportEvidence,
            Self::Break { .. } => StepKind::Break,
            Self::Confirm { .. } => StepKind::Confirm,
        }
    }

    /// The shares that the step deals.
    pub fn deals(&self) -> Option<&Shares> {
        match self {
            Self::Provision { shares: Some(shares @ Shares::New { .. }), .. }
            | Self::Reshare { to: shares @ Shares::New { .. }, .. } => Some(shares),
            _ => None,
        }
    }

    /// The tokens whose PINs the step sets.
    pub fn sets_pins_of(&self) -> &[Name] {
        match self {
            Self::Provision { token, shares: Some(_), .. } => std::slice::from_ref(token),
            Self::Reshare { tokens, .. } => tokens,
            _ => &[],
        }
    }

    /// The serial number that the step puts into a certificate.
    pub fn serial(&self) -> Option<&SerialNumber> {
        match self {
            Self::SelfSign { serial, .. }
            | Self::SignIntermediate { serial, .. }
            | Self::CrossSign { serial, .. } => Some(serial),
            _ => None,
        }
    }

    /// The validity of the certificate that the step issues.
    pub fn validity(&self) -> Option<&Window> {
        match self {
            Self::SelfSign { validity, .. }
            | Self::SignIntermediate { validity, .. }
            | Self::CrossSign { validity, .. } => Some(validity),
            _ => None,
        }
    }

    /// The TBS digest, for steps that make a signature: `Some(None)` where the key is not known yet.
    pub fn tbs_sha256(&self) -> Option<Option<Digest>> {
        match self {
            Self::SelfSign { tbs_sha256, .. }
            | Self::SignIntermediate { tbs_sha256, .. }
            | Self::CrossSign { tbs_sha256, .. }
            | Self::IssueCrl { tbs_sha256, .. } => Some(*tbs_sha256),
            _ => None,
        }
    }
}
