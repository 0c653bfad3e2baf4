use super::structure::{Signed, decode, encode};
use super::{DistinguishedName, Error, Part, PublicKey, SignatureAlgorithm, pem};

/// A signed object, read strictly: what was signed, what it says, and the signature.
///
/// Certificates and CRLs have one shape (RFC 5280 4.1.1 and 5.1.1); what differs is the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedObject<B> {
    der: Vec<u8>,
    tbs: Vec<u8>,
    pub(super) body: B,
    signature: Vec<u8>,
}

/// What a to-be-signed structure says.
pub trait Body: Sized {
    /// The label of its PEM (RFC 7468).
    const LABEL: &'static str;
    /// The signed object that it is the body of.
    const PART: Part;

    /// Reads the DER of the to-be-signed structure strictly.
    ///
    /// # Errors
    /// The first thing that keeps it from being read.
    fn parse(tbs: &[u8]) -> Result<Self, Error>;

    /// issuer.
    fn issuer(&self) -> &DistinguishedName;

    /// signature: the algorithm, as the signed bytes name it.
    fn signature_algorithm(&self) -> SignatureAlgorithm;
}

impl<B: Body> SignedObject<B> {
    /// Reads the DER of the signed object.
    ///
    /// # Errors
    /// The first thing that keeps it from being read strictly. The signature is not verified here.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let part = B::PART;
        let signed: Signed = decode(part, der)?;
        let tbs = encode(part, &signed.tbs)?;
        let body = B::parse(&tbs)?;
        if encode(part, &signed.algorithm)? != encode(part, &body.signature_algorithm().to_any()?)? {
            return Err(Error::SignatureAlgorithmsDiffer { part });
        }
        let signature = signed.signature.as_bytes().ok_or(Error::NotCanonical { part })?.to_vec();
        Ok(Self { der: der.to_vec(), tbs, body, signature })
    }

    /// Reads the PEM that [`Self::to_pem`] writes, and no other spelling.
    ///
    /// # Errors
    /// As [`Self::from_der`], and when the text is spelled otherwise.
    pub fn from_pem(text: &[u8]) -> Result<Self, Error> {
        let object = Self::from_der(&pem::decode(&[B::LABEL], text)?)?;
        if object.to_pem().as_bytes() == text { Ok(object) } else { Err(Error::PemSpelling) }
    }

    /// Reads a file that other software wrote: DER, or PEM of any spelling.
    ///
    /// # Errors
    /// As [`Self::from_der`], and when the file is neither.
    pub fn from_file(file: &[u8]) -> Result<Self, Error> {
        Self::from_der(&pem::decode_or_der(&[B::LABEL], file)?)
    }

    /// RFC 7468 text: 64 characters a line, each line ended by LF.
    pub fn to_pem(&self) -> String {
        pem::encode(B::LABEL, &self.der)
    }

    /// The DER of the signed object.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The DER of the to-be-signed structure, which is what was signed.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// issuer.
    pub fn issuer(&self) -> &DistinguishedName {
        self.body.issuer()
    }

    /// signatureAlgorithm, the same inside and outside.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.body.signature_algorithm()
    }

    /// signatureValue: for ECDSA a DER Ecdsa-Sig-Value.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Verifies the signature over [`Self::tbs`].
    ///
    /// # Errors
    /// When it does not verify with `key`.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), Error> {
        key.verify(self.signature_algorithm(), &self.tbs, &self.signature)
    }
}
