use std::ops::Range;

use super::extensions::Extensions;
use super::reference::{Certified, InputFile, Reference};
use super::vocabulary::{
    AttributeKind, Backup, BeaconWanted, DigestWord, Onto, QuorumHolder, RelyingSystem, TokenContent,
};
use crate::format::{
    CustodyAct, Environment, EvidenceForm, FileName, HttpUrl, Instant, KeyAlgorithm, Name, PinEncoding,
    Profile, ProvisionMode, ReasonCode, Role, Rule, ShareSetName, SharesAfterBreak, StepKind, Window,
};

/// A value and where it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Byte offsets into the file.
    pub span: Range<usize>,
}

/// A ceremony file in which every value is what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What holds for the whole ceremony.
    pub ceremony: Ceremony,
    /// Rules that it may break, no rule twice.
    pub waivers: Vec<Waiver>,
    /// What has to be done afterwards, no id twice.
    pub duties: Vec<WrittenDuty>,
    /// In the order of the file, which is the order of the run.
    pub steps: Vec<Step>,
}

/// `[ceremony]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// For people: on paper, on screen and in the record.
    pub title: Spanned<String>,
    /// Slug of the bundle's directory name.
    pub name: Spanned<Name>,
    /// The authority that this ceremony belongs to.
    pub authority: Spanned<Name>,
    /// Never mixed within one authority.
    pub environment: Spanned<Environment>,
    /// SPIFFE trust domain (SPIFFE-ID 2.1), where there is one.
    pub trust_domain: Option<Spanned<String>>,
    /// The systems that will consume the certificates.
    pub relying: Vec<Spanned<RelyingSystem>>,
    /// When the ceremony may run.
    pub window: Spanned<Window>,
    /// The document that allows this ceremony.
    pub policy: Option<Spanned<String>>,
    /// How many days may lie between the end of a rehearsal and the ceremony; `None` where none is asked for.
    pub rehearsed_within_days: Option<Spanned<u32>>,
    /// Where it is held.
    pub place: Option<Spanned<String>>,
    /// Who records it and on what.
    pub recording: Option<Spanned<String>>,
    /// When the next ceremony is held at the latest.
    pub next_ceremony: Option<Spanned<Instant>>,
}

/// One `[[waiver]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule that is waived.
    pub rule: Spanned<Rule>,
    /// Why.
    pub reason: Spanned<String>,
    /// The last second in which the waiver holds.
    pub until: Spanned<Instant>,
}

/// One `[[duty]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenDuty {
    /// Its name.
    pub id: Spanned<Name>,
    /// What has to be done.
    pub what: Spanned<String>,
    /// By when.
    pub due: Spanned<Instant>,
    /// Who sees to it.
    pub owner: Spanned<Role>,
}

/// One `[[step]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub id: Spanned<Name>,
    /// What `do` says.
    pub kind: Spanned<StepKind>,
    /// What it needs to know.
    pub body: StepBody,
}

/// What a step of each kind needs to know. Only kinds that can be run are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepBody {
    /// Takes a token over.
    Provision {
        /// The binding says which token that is.
        token: Spanned<Name>,
        /// CK_TOKEN_INFO.label that the token gets or has, at most 32 bytes.
        label: Spanned<String>,
        /// How the token is taken over.
        mode: Spanned<ProvisionMode>,
        /// What `init` may find on it.
        content: Spanned<TokenContent>,
        /// Who holds the quorum that opens it.
        quorum: Spanned<QuorumHolder>,
        /// What derived PINs look like.
        encoding: PinEncoding,
    },
    /// Replaces the shares that open tokens.
    Reshare {
        /// Which set.
        set: Spanned<ShareSetName>,
        /// New shares, or the newest that there are.
        onto: Spanned<Onto>,
        /// Which tokens; `None` for every one that the set opens.
        tokens: Option<Spanned<Vec<Spanned<Name>>>>,
    },
    /// Replaces the roster.
    ChangeRoster {
        /// The new one.
        roster: Spanned<InputFile>,
    },
    /// Makes a key pair.
    GenerateKey {
        /// On which token.
        token: Spanned<Name>,
        /// Curve and hash.
        algorithm: Spanned<KeyAlgorithm>,
        /// CKA_LABEL of both halves, at most 32 bytes.
        label: Spanned<String>,
        /// What is left when the token breaks.
        backup: Backup,
    },
    /// Issues a root certificate.
    SelfSign {
        /// The key that signs and is certified.
        key: Spanned<Reference>,
        /// The rules of the certificate.
        profile: Spanned<Profile>,
        /// Subject and issuer, most significant attribute first.
        subject: Spanned<Vec<(AttributeKind, String)>>,
        /// notBefore and notAfter.
        validity: Spanned<Window>,
        /// What the certificate says besides.
        extensions: Extensions,
    },
    /// Issues an intermediate certificate from a CSR.
    SignIntermediate {
        /// The root certificate whose key signs.
        issuer: Spanned<Reference>,
        /// The PKCS#10 request (RFC 2986).
        csr: Spanned<InputFile>,
        /// The rules of the certificate.
        profile: Spanned<Profile>,
        /// Instead of the subject that the request asks for.
        subject: Option<Spanned<Vec<(AttributeKind, String)>>>,
        /// notBefore and notAfter.
        validity: Spanned<Window>,
        /// What the certificate says besides.
        extensions: Extensions,
    },
    /// Certifies once more a key that has a CA certificate.
    CrossSign {
        /// The root certificate whose key signs.
        issuer: Spanned<Reference>,
        /// The certificate whose subject, key and key identifier are copied.
        certificate: Spanned<Certified>,
        /// A request signed with the same key.
        csr: Option<Spanned<InputFile>>,
        /// notBefore and notAfter.
        validity: Spanned<Window>,
        /// What the certificate says besides; the path length is that of the certificate where it is left out.
        extensions: Extensions,
    },
    /// Removes a key for good.
    DestroyKey {
        /// Which.
        key: Spanned<Reference>,
    },
    /// Decides that a certificate is revoked.
    Revoke {
        /// The root certificate that issued it.
        issuer: Spanned<Reference>,
        /// The certificate.
        certificate: Spanned<Reference>,
        /// reasonCode (RFC 5280 5.3.1).
        reason: Spanned<ReasonCode>,
        /// revocationDate.
        at: Spanned<Instant>,
    },
    /// Issues a CRL.
    IssueCrl {
        /// The root certificate whose key signs.
        issuer: Spanned<Reference>,
        /// thisUpdate.
        this_update: Spanned<Instant>,
        /// nextUpdate.
        next_update: Spanned<Instant>,
        /// fullName of issuingDistributionPoint; `None` for a list without one.
        issuing_distribution_point: Option<Spanned<Vec<Spanned<HttpUrl>>>>,
        /// Further lists for the time after it.
        series: Option<Spanned<Series>>,
        /// A list of such a series after its first: signed ahead of its time, and nobody publishes it before.
        ahead: bool,
    },
    /// Takes in a root that was made elsewhere.
    AdoptAuthority {
        /// The token that holds its key.
        token: Spanned<Name>,
        /// CKA_LABEL of both halves.
        label: Spanned<String>,
        /// The root certificate.
        certificate: Spanned<InputFile>,
        /// Every certificate that the key issued besides.
        issued: Spanned<Vec<Spanned<InputFile>>>,
        /// The last CRL.
        crl: Option<Spanned<InputFile>>,
        /// Why there is none. One of the two is there.
        without_crl: Option<Spanned<String>>,
        /// The reason of entries without one.
        reason_where_none: Option<Spanned<ReasonCode>>,
    },
    /// People read independent clocks.
    Clock {
        /// How many people read one.
        readers: u8,
        /// Greatest difference from the host's clock that passes, in seconds.
        tolerance_seconds: u32,
        /// Whether somebody also brings what nobody could know earlier.
        beacon: Spanned<BeaconWanted>,
    },
    /// Somebody reads a digest aloud from their own paper.
    ReadAloud {
        /// Who.
        by: Spanned<Role>,
        /// Which digest.
        digest: Spanned<DigestWord>,
        /// The step whose input it is of.
        input_of: Option<Spanned<Name>>,
    },
    /// People state a sentence, or why they will not.
    Attest {
        /// In which roles.
        by: Spanned<Vec<Spanned<Role>>>,
        /// The sentence.
        text: String,
    },
    /// A numbered bag is opened, closed or compared.
    Custody {
        /// What lies in it.
        item: Spanned<Name>,
        /// What is done.
        act: Spanned<CustodyAct>,
        /// The number that it has, where no record says it.
        number: Option<Spanned<String>>,
        /// Where it is afterwards.
        place: Option<Spanned<String>>,
    },
    /// Takes in a file from a device.
    ImportEvidence {
        /// Which device it is about.
        token: Spanned<Name>,
        /// Its form.
        form: Spanned<EvidenceForm>,
        /// Its name in the exchange directory.
        file: Spanned<FileName>,
    },
    /// The ceremony pauses.
    Break {
        /// Why.
        reason: Spanned<String>,
        /// How long it is expected to take.
        minutes: u32,
        /// Whether shares are entered again afterwards.
        shares: Spanned<SharesAfterBreak>,
    },
    /// A person confirms a sentence.
    Confirm {
        /// Who.
        by: Spanned<Role>,
        /// What is confirmed.
        text: Spanned<String>,
        /// The duty of an earlier ceremony that is done with this.
        discharges: Option<Spanned<Reference>>,
    },
}

impl Step {
    /// The steps of a plan that this step stands for: itself, or each list of its series, `ID-1` first. A list that would have
    /// no name or no date is left out; [`crate::plan::room`] refuses such a series.
    pub fn members(&self) -> Vec<Step> {
        let StepBody::IssueCrl {
            issuer, this_update, next_update, issuing_distribution_point, series, ..
        } = &self.body
        else {
            return vec![self.clone()];
        };
        let Some(Spanned { value: Series { count, every_days }, .. }) = series else {
            return vec![self.clone()];
        };
        let later = |instant: &Spanned<Instant>, place: u32| {
            let value = instant.value.plus_days(place.checked_mul(*every_days)?)?;
            Some(Spanned { value, span: instant.span.clone() })
        };
        let member = |place: u32| {
            let id = format!("{}-{}", self.id.value, place + 1).parse().ok()?;
            Some(Step {
                id: Spanned { value: id, span: self.id.span.clone() },
                kind: self.kind.clone(),
                body: StepBody::IssueCrl {
                    issuer: issuer.clone(),
                    this_update: later(this_update, place)?,
                    next_update: later(next_update, place)?,
                    issuing_distribution_point: issuing_distribution_point.clone(),
                    series: None,
                    ahead: place > 0,
                },
            })
        };
        (0..*count).filter_map(member).collect()
    }
}

/// How many CRLs one step makes, and how far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// How many, the first included: 2 or more.
    pub count: u32,
    /// Days from one thisUpdate to the next.
    pub every_days: u32,
}
