use std::fmt;

use crate::format::{Digest, Name, Outcome};

/// The answer: one conclusion, and every check behind it.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The worst of all checks.
    pub conclusion: Conclusion,
    /// Which authority says that it made the records.
    pub authority: Option<Name>,
    /// One for each bundle, in order of their ordinals.
    pub bundles: Vec<BundleVerdict>,
    /// What concerns no single bundle: the chain of ceremonies and the auditor's anchors.
    pub checks: Vec<Check>,
    /// SHA-256 of the last line of the last log.
    pub head: Option<Digest>,
    /// Ordinal of the last ceremony.
    pub ordinal: Option<u64>,
}

/// The part of a [`Verdict`] that one bundle has.
#[derive(Clone, Debug)]
pub struct BundleVerdict {
    /// Name of its directory.
    pub directory: String,
    /// As record 0 says; `None` when the log cannot be read.
    pub ordinal: Option<u64>,
    /// How the ceremony ended, or that it has not; `None` when the log cannot be read.
    pub outcome: Option<Outcome>,
    /// How many records the log has.
    pub records: u64,
    /// The worst of its checks.
    pub conclusion: Conclusion,
    /// What a reader has to know before the checks, one sentence each, the gravest first: exceptions, who would not attest,
    /// what was taken in and not read. Printable ASCII.
    pub remarks: Vec<String>,
    /// Every check, in the order of their ids.
    pub checks: Vec<Check>,
}

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub id: CheckId,
    /// What came of it.
    pub status: Status,
    /// What was found; for a check that failed, what was expected too. Printable ASCII.
    pub evidence: String,
    /// Where, for a check that did not pass.
    pub place: Option<Place>,
}

/// Where in a bundle something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path below the bundle, with `/`; for an authority below that.
    pub file: String,
    /// Number of the log's record, counted from 0.
    pub record: Option<u64>,
    /// Byte in the file, counted from 0.
    pub offset: Option<u64>,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It holds.
    Pass,
    /// There was nothing to check.
    NotApplicable,
    /// Nothing the auditor brought says whether this is the right one.
    Unanchored,
    /// The ceremony ended, but seals are missing.
    Unsealed,
    /// The ceremony has not ended.
    Incomplete,
    /// A format or an algorithm that this version does not know.
    Unsupported,
    /// Not looked at, because an earlier check failed.
    NotReached,
    /// It does not hold.
    Fail,
}

/// The verdict. A later one is worse, and the worst of all checks wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// Every check that had something to check holds, against a pinned roster and a checkpoint.
    Pass,
    /// Consistent in itself, but no roster or no checkpoint was given.
    Unanchored,
    /// The ceremony ended, but the quorum has not sealed it.
    Unsealed,
    /// The ceremony has not ended.
    Incomplete,
    /// A format or an algorithm that this version does not know.
    Unsupported,
    /// Something is wrong.
    Fail,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident, $id:literal, $title:literal;)*) => {
        /// A check's name. Closed: reports and programs refer to the ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $($(#[$doc])* $variant,)*
        }

        impl CheckId {
            /// Every check, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is printed: a letter for the group and a number.
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// What is checked, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

checks! {
    /// Rules of production that the roster or the run broke, each with a waiver in the approved plan.
    Waivers, "W1", "rules that the officers waived";
    /// Only the files that a bundle may have, all of them regular and of bounded size.
    Layout, "A1", "bundle layout, no stray files";
    /// The bundle's roster is the pinned one.
    Roster, "A2", "roster is the pinned one";
    /// Statements under `artifacts/` and their signatures.
    Approvals, "B1", "approvals: signatures, fields, quorum";
    /// Statements that let new keys sign.
    Authorisations, "B2", "authorisations: signatures, fields, quorum";
    /// Statements that end the ceremony.
    EndSeals, "B3", "closing seals: signatures, fields, quorum";
    /// `seal.added` records and the files they commit to.
    SealsCommitted, "B4", "seals are committed in the log";
    /// The time in each statement that ends the ceremony.
    SealTimes, "B5", "closing seals: made after the end, in time";
    /// Statements that let an interrupted ceremony go on.
    Resumptions, "B6", "resumptions: signatures, fields, quorum";
    /// Length and digests of the part of the log that each seal covers.
    Coverage, "C1", "length and digests of the sealed log";
    /// Form, numbers, `prev`, ceremony identifier.
    Chain, "C2", "chain, numbering, one ceremony";
    /// The last record ends the ceremony.
    Ended, "C3", "ended, nothing after the end";
    /// Every file is one that a record names, with that digest; no file is missing.
    Files, "C4", "files are those that the records name";
    /// MANIFEST.sha256.
    Manifest, "C5", "manifest names every file";
    /// What an interruption left open was not done twice.
    Repetitions, "C6", "nothing interrupted was done twice";
    /// Record 0 against plan, roster, binding, script.
    Opening, "D1", "record 0 agrees with plan and people";
    /// Steps in the plan's order, each once, every record in its step.
    Steps, "D2", "steps done in the plan's order";
    /// Everybody who acted was in the room.
    People, "D3", "everybody who acted was present";
    /// Wall clock and monotonic clock.
    Time, "D4", "clocks run forward, readings in tolerance";
    /// Exceptions, attestations, bags, digests read aloud, duties.
    Witnessed, "D5", "exceptions, attestations, custody hold together";
    /// The ceremony file against the plan.
    CeremonyFile, "D6", "plan does what the ceremony file asks";
    /// CK_TOKEN_INFO against the binding.
    Tokens, "E1", "tokens are the approved ones";
    /// op.intent and op.result.
    Operations, "E2", "each token operation has intent and result";
    /// Split, commitments, re-entry, PIN policy.
    Shares, "E3", "shares: threshold, holders, all re-entered";
    /// Attributes as read back.
    Keys, "E4", "keys: attributes as read back";
    /// What devices say of themselves against the record.
    Device, "E5", "devices' own evidence reconciles";
    /// Each C_Sign against an approval or an authorisation over the same TBS.
    Authorised, "F1", "each signature authorised over the same TBS";
    /// Each signature under the issuer's key.
    Signatures, "F2", "each signature verifies";
    /// Certificates and CRLs are the TBS and the logged signature, and nothing unlogged is there.
    Artifacts, "F3", "certificates and CRLs are those of the log";
    /// Certificates and CRLs against the plan.
    AsPlanned, "F4", "certificates and CRLs are as planned";
    /// The rules, judged again.
    Lint, "F5", "certificates and CRLs keep the rules";
    /// Serial numbers, CRL numbers, revocations against the ceremonies before.
    Fresh, "F6", "serials and CRL numbers are fresh";
    /// Embargoes of CRLs, and the time until the next ceremony.
    CrlDates, "F10", "CRLs: embargoes, places, lists until the next ceremony";
    /// A root that was made elsewhere: its files, and what the plan says of them.
    Adopted, "F11", "what was adopted is signed by its root";
    /// The abort record's lists, computed again.
    Abort, "F7", "abort record says what happened";
    /// Private keys, runs of share words.
    Secrets, "G1", "no secret-shaped data";
    /// The rehearsal that the plan asks for; in a rehearsal its drills.
    Rehearsal, "J1", "rehearsed as the plan asks";
    /// A report on paper or screen against the one that the bundle gives.
    Report, "G2", "report is the one that the bundle gives";
    /// Directories of an authority.
    Sequence, "H1", "ceremonies without a gap";
    /// Each record names the head before.
    Heads, "H2", "each ceremony names the head before it";
    /// Name, environment, trust domain.
    Identity, "H3", "one authority, one environment";
    /// The roster of each ceremony.
    RosterContinuity, "H4", "roster changed only by ceremony";
    /// The auditor's head.
    ExpectedHead, "I1", "head is the expected one";
    /// The auditor's ordinal.
    ExpectedOrdinal, "I2", "ordinal is the expected one";
    /// The auditor's root certificate.
    ExpectedRoot, "I3", "root certificate is the expected one";
}

impl CheckId {
    /// Whether each bundle has this check; the others concern what the auditor brought, or an authority.
    pub(crate) fn is_of_bundle(self) -> bool {
        self < Self::Report
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Conclusion {
    /// The exit code of `anchorite verify`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Incomplete => 3,
            Self::Unsealed => 4,
            Self::Unanchored => 5,
            Self::Unsupported => 6,
        }
    }

    /// The worst that these checks allow.
    pub(crate) fn of<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Self {
        checks.into_iter().map(|check| check.status.conclusion()).max().unwrap_or(Self::Fail)
    }
}

impl fmt::Display for Conclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Unanchored => "UNANCHORED",
            Self::Unsealed => "UNSEALED",
            Self::Incomplete => "INCOMPLETE",
            Self::Unsupported => "UNSUPPORTED",
            Self::Fail => "FAIL",
        })
    }
}

impl Status {
    /// What the verdict can be at best with a check of this status.
    pub fn conclusion(self) -> Conclusion {
        match self {
            Self::Pass | Self::NotApplicable => Conclusion::Pass,
            Self::Unanchored => Conclusion::Unanchored,
            Self::Unsealed => Conclusion::Unsealed,
            Self::Incomplete => Conclusion::Incomplete,
            // The check that kept this one from being made says whether it is worse than that.
            Self::Unsupported | Self::NotReached => Conclusion::Unsupported,
            Self::Fail => Conclusion::Fail,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::NotApplicable => "n/a",
            Self::Unanchored => "unanchored",
            Self::Unsealed => "unsealed",
            Self::Incomplete => "incomplete",
            Self::Unsupported => "unsupported",
            Self::NotReached => "not reached",
            Self::Fail => "FAIL",
        })
    }
}

impl Verdict {
    pub(crate) fn of(
        authority: Option<Name>,
        bundles: Vec<BundleVerdict>,
        checks: Vec<Check>,
        head: Option<Digest>,
        ordinal: Option<u64>,
    ) -> Self {
        let all = bundles.iter().flat_map(|bundle| &bundle.checks).chain(&checks);
        Self { conclusion: Conclusion::of(all), authority, bundles, checks, head, ordinal }
    }

    /// What no record can show; printed with every verdict.
    pub const NOT_CHECKED: [&'static str; 8] = [
        "that the people of the record were in one room, and nobody else",
        "that the people on the roster are who it says, and that nobody forced them",
        "what the screen showed and what was said",
        "that the host ran the program it names and was free of other software",
        "that the token is honest about its keys and that its random numbers are random",
        "that no signature was made outside the record: only the token's own log can show it",
        "the host's clock, beyond what people read from other clocks",
        "the exact instants of people's signatures, and seals that were made and then taken away",
    ];

    /// The verdict with one check more, of what the auditor brought.
    pub fn with(mut self, check: Check) -> Self {
        self.conclusion = self.conclusion.max(check.status.conclusion());
        self.checks.insert(0, check);
        self
    }

    /// Every check of every bundle, then those of no single bundle.
    pub fn all_checks(&self) -> impl Iterator<Item = &Check> {
        self.bundles.iter().flat_map(|bundle| &bundle.checks).chain(&self.checks)
    }

    /// Whether only the missing checkpoint ([`super::Anchors::head`]) keeps this from [`Conclusion::Pass`].
    ///
    /// Planning and running a ceremony ask this: there the approvals name the head.
    pub fn passes_without_checkpoint(&self) -> bool {
        let others = self
            .all_checks()
            .filter(|check| (check.id, check.status) != (CheckId::ExpectedHead, Status::Unanchored));
        Conclusion::of(others) == Conclusion::Pass
    }
}
