//! Pure DER: names, keys, requests, certificates, CRLs and the rules they follow (RFC 5280, RFC 2986).
//!
//! Bytes in, bytes out: serial numbers, times and keys are arguments. Names and public keys stay the bytes
//! they were: they are copied, never encoded again. Readers accept one encoding of each value (X.690 DER) and
//! check it by encoding what they read.

mod adopted;
mod certificate;
mod cross;
mod error;
mod extension;
mod key;
mod key_kind;
pub mod lint;
mod name;
mod pem;
pub mod profile;
mod request;
mod revocation;
#[cfg(test)]
mod sample;
mod signature;
mod signed;
mod structure;
mod summary;
mod template;
mod text;
mod time;

pub use adopted::{
    ForeignEntry, ForeignList, ForeignListBody, adopted_certificate, adopted_list, not_signed_by,
    unfit_to_be_adopted,
};
pub use certificate::{Certificate, CertificateBody};
pub use cross::{beyond_existing, unfit_to_be_certified};
pub use error::{Error, Part};
pub use key::{KeyIdentifier, PublicKey};
pub use key_kind::KeyKind;
pub use name::{AttributeError, AttributeKind, DistinguishedName};
pub use request::{CertificationRequest, Requested};
pub use revocation::{RevocationList, RevocationListBody};
pub use signature::{SignatureAlgorithm, assemble, ecdsa_signature_from_token};
pub use signed::{Body, SignedObject};
pub use summary::summary;
pub use template::{CertificateTemplate, CrlTemplate};
