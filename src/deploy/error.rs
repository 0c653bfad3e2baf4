/// Why nothing is exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// A bundle without an anchor trusts nobody, and a SPIFFE bundle that is empty revokes everything.
    #[error("there is no anchor to export")]
    NoAnchor,
    /// The same anchor twice.
    #[error("the anchor {subject} is there twice")]
    AnchorTwice {
        /// Its subject.
        subject: String,
    },
    /// A certificate that signs itself is an anchor, and no other is.
    #[error("{subject} is no root: its own signature does not verify")]
    NoRoot {
        /// Its subject.
        subject: String,
    },
    /// The system takes an issuer in, and none was named.
    #[error("{system} takes an intermediate: name the one that it runs on (`--issuer`)")]
    NoIssuer {
        /// Which.
        system: String,
    },
    /// No anchor of the bundle signed the issuer.
    #[error("no anchor of the bundle signed {subject}: whoever takes the files would refuse them")]
    NoChain {
        /// Its subject.
        subject: String,
    },
    /// Something that the system is known to refuse.
    #[error("{system} would refuse it: {reason}")]
    WouldRefuse {
        /// Which.
        system: String,
        /// Why.
        reason: &'static str,
    },
    /// A key that no JWK of a SPIFFE bundle has here.
    #[error("the key of {subject} has no form in a SPIFFE bundle here")]
    NoJwk {
        /// Its subject.
        subject: String,
    },
}
