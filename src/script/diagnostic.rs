use std::fmt;
use std::ops::Range;

/// One mistake in a ceremony file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule.
    pub code: Code,
    /// Where, in byte offsets into the file.
    pub span: Range<usize>,
    /// What is wrong, in one sentence. Text from the file is escaped.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    /// Other places that the mistake follows from, with what stands there.
    pub related: Vec<(Range<usize>, String)>,
}

macro_rules! codes {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $id:literal,)+) => {
        /// A rule that a ceremony file can break.
        ///
        /// The printed form is stable: `S` rules concern one value or step, `R` rules the order of steps.
        /// `docs/ceremony-file.md` explains each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $meaning])+ $variant,)+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As it is printed.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }
        }
    };
}

codes! {
    /// The text is not TOML.
    Syntax = "S001",
    /// A key that the table does not have.
    UnknownKey = "S002",
    /// A key that the table must have.
    MissingKey = "S003",
    /// A value of another type.
    WrongType = "S004",
    /// A word that is none of the words allowed there.
    UnknownWord = "S005",
    /// Something that anchorite knows and cannot do yet.
    NotBuilt = "S006",
    /// A name that is not in the one form of names.
    MalformedName = "S007",
    /// A text that is empty, too long, or begins or ends with a space.
    MalformedText = "S008",
    /// A character that people cannot see, or that changes how they see others.
    HiddenCharacter = "S009",
    /// A date that is not UTC with whole seconds.
    MalformedInstant = "S010",
    /// A period that ends before it begins.
    EmptyPeriod = "S011",
    /// A file outside the ceremony file's directory.
    MalformedPath = "S012",
    /// A digest that is not 64 lower-case hexadecimal digits.
    MalformedDigest = "S013",
    /// A reference that names neither a step nor an entry of the ledger.
    MalformedReference = "S014",
    /// A distinguished name that no certificate may carry.
    MalformedSubject = "S015",
    /// A number outside its range.
    OutOfRange = "S016",
    /// A fact about one machine: slot, module, serial number.
    MachineFact = "S017",
    /// A PIN, or the place to put one.
    Secret = "S018",
    /// A trust domain that some relying system would refuse.
    MalformedTrustDomain = "S019",
    /// One thing listed twice.
    Repeated = "S020",
    /// A SPIFFE ID, name constraint, policy or URL that is in no form that a certificate may carry.
    MalformedExtension = "S021",
    /// A ceremony without a step.
    NoStep = "R001",
    /// Two steps with one id.
    DuplicateId = "R002",
    /// A reference to a step that is not in the file.
    UnknownStep = "R003",
    /// A reference to a step that comes later.
    LaterStep = "R004",
    /// A reference to a step that makes something else.
    WrongKindOfStep = "R005",
    /// A token provisioned twice.
    ProvisionedTwice = "R006",
    /// A token provisioned after a key was made on it.
    ProvisionedLate = "R007",
    /// A key made after the first signature.
    KeyAfterSignature = "R008",
    /// A label used twice on one token.
    LabelTaken = "R009",
    /// One subject on two certificates.
    SubjectTaken = "R010",
    /// One key certified by two self-signed certificates.
    KeyCertifiedTwice = "R011",
    /// A new key that no self-signed certificate of this ceremony certifies.
    KeyNotCertified = "R012",
    /// One certificate request signed twice.
    RequestTwice = "R013",
    /// A certificate that outlives its issuer, or precedes it.
    OutsideIssuerValidity = "R014",
    /// A path length that the issuer's leaves no room for.
    PathLength = "R015",
    /// A revoked certificate that another issuer issued.
    NotIssuedThere = "R016",
    /// A certificate revoked twice.
    RevokedTwice = "R017",
    /// A revocation that no later CRL of the ceremony publishes.
    RevocationUnpublished = "R018",
    /// A revocation dated after the CRL that publishes it.
    RevokedAfterCrl = "R019",
    /// A CRL dated before an earlier CRL of the same issuer.
    CrlOutOfOrder = "R020",
    /// A production window longer than a day.
    WindowTooLong = "R021",
    /// A production date that does not fit the window.
    OutsideWindow = "R022",
    /// A production CRL that stays valid for more than a year.
    CrlTooLong = "R023",
    /// A waiver that ends before the window does.
    WaiverTooShort = "R024",
    /// A waiver of a rule that does not bind in that environment.
    WaiverOutsideProduction = "R025",
    /// A break in production that leaves tokens open.
    OpenBreak = "R026",
    /// A way of taking a token over that contradicts itself.
    ProvisionContradiction = "R027",
    /// The roster, or the shares of one set, replaced twice.
    ReplacedTwice = "R028",
    /// Shares replaced in a way that no token or no set is there for.
    ReshareContradiction = "R029",
    /// A bag opened that is open, closed that is closed, or with a number that nobody can know yet.
    BagContradiction = "R030",
    /// A digest read aloud of an input that no step has.
    NoSuchDigest = "R031",
    /// A duty that is due before the ceremony can have ended.
    DutyTooEarly = "R032",
    /// An attestation that nobody makes.
    NobodyAttests = "R033",
    /// One root certified twice by one issuer.
    CrossSignedTwice = "R070",
    /// A root that is to certify itself once more.
    CrossSignsItself = "R071",
    /// A request beside a root of this authority.
    NeedlessRequest = "R072",
    /// A key that is made and destroyed in one ceremony, or destroyed twice.
    DestroyedTwice = "R073",
    /// CRLs of a series that leave a time without a list, or have no name.
    SeriesContradiction = "R080",
    /// The last CRL of an issuer ends before the next ceremony can make another.
    CrlEndsEarly = "R081",
    /// A next ceremony that is not after this one.
    NextCeremonyTooEarly = "R082",
    /// A root that is adopted in a way that contradicts itself, or beside steps that make or use keys.
    AdoptionContradiction = "R095",
    /// What the profile of a certificate does not allow, or needs.
    ProfileMismatch = "R060",
    /// What a relying system would reject.
    RelyingRefusal = "R061",
    /// The ceremony file, the roster and the records are not of one authority.
    OtherAuthority = "P001",
    /// A roster that its environment does not allow.
    RosterPolicy = "P002",
    /// Something that the authority's records do not have.
    NotInLedger = "P003",
    /// An id, a label or a token's name that an earlier ceremony gave away.
    NameTaken = "P004",
    /// An input that cannot be read.
    InputUnreadable = "P005",
    /// An input that is not what its SHA-256 says.
    InputDigest = "P006",
    /// A certificate request that does not hold.
    BadRequest = "P007",
    /// What would be signed breaks a rule.
    Lint = "P008",
    /// No serial number that was never used.
    NoSerial = "P009",
    /// A value that has no encoding.
    Unencodable = "P010",
    /// A waiver of a rule that neither the roster nor anything that would be signed breaks.
    UnusedWaiver = "P011",
    /// A step for which the roster has nobody, or too few.
    Unmanned = "P012",
    /// A roster that cannot replace the present one.
    BadRoster = "P013",
    /// Shares that would not fit the people, or tokens that would be left without shares.
    ShareHolders = "P014",
    /// A bag whose number no record and no file says, or that the two say differently.
    BagNumber = "P015",
    /// The head of an earlier ceremony, where there is none.
    NoEarlierHead = "P016",
    /// A duty that is not open.
    DutyNotOpen = "P017",
    /// A key that the profile of its certificate does not have.
    ProfileKey = "P025",
    /// A key that a relying system would reject.
    RelyingKey = "P026",
    /// A certificate that is not to be certified once more.
    BadCertificate = "P035",
    /// A cross-certificate that allows more than the certificate that it stands beside.
    CrossAllowsMore = "P036",
    /// A key that is destroyed, or will be when the step comes.
    KeyDestroyed = "P037",
    /// What would be signed breaks a rule that only warns, and outside a lab nobody waived it.
    UnwaivedWarning = "P040",
    /// A name that another key has, or a key that has another name or a certificate already.
    IdentityTaken = "P045",
    /// A trust domain that overlaps another authority's.
    TrustDomainOverlaps = "P046",
    /// A CRL that says of another place than the certificates that it is published there.
    OtherPlace = "P047",
    /// A certificate or CRL that cannot be adopted.
    NotAdoptable = "P060",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Text from the file as it may stand in a message: escaped, and cut where it grows long.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    shown
}
