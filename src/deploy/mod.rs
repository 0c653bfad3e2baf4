//! What relying systems take: the files of each, SPIFFE bundles, and the rotation of what they trust.
//!
//! Pure: certificates in, texts out. What a rotation needs to know of the authority it reads in the ledger.

mod error;
mod export;
mod names;
pub mod rotation;
mod spiffe;

pub use error::ExportError;
pub use export::{Anchors, Export, ExportedFile, export};
pub use spiffe::spiffe_bundle;
