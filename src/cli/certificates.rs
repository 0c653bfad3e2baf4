use std::path::Path;

use super::failure::Failure;
use crate::artifact;
use crate::format::{BundleDirectory, FileRef};
use crate::ledger::{CertificateEntry, Issuance, Ledger};
use crate::pki::{Certificate, RevocationList};

/// A certificate that the records say was released, read from its bundle and compared with them.
pub(super) fn released(authority: &Path, entry: &CertificateEntry) -> Result<Certificate, Failure> {
    let Issuance::Released(file) = &entry.issuance else {
        let message = format!("the certificate of step `{}` was never released", entry.step);
        return Err(Failure::refused(message, "name one of a complete ceremony"));
    };
    let bytes = recorded(authority, &entry.directory, file)?;
    Certificate::from_pem(&bytes).map_err(|error| Failure::refused(error, "restore the authority directory"))
}

/// The newest CRL of each issuer that may be published at once.
pub(super) fn newest_crls(
    authority: &Path,
    ledger: &Ledger,
    roots: &[Certificate],
) -> Result<Vec<RevocationList>, Failure> {
    let mut lists = Vec::new();
    for root in roots {
        let spki = root.public_key().sha256();
        let of_root = ledger.crls.iter().filter(|crl| crl.granted && crl.issuer_spki_sha256 == spki);
        let newest = of_root.filter(|crl| crl.embargo.is_none()).max_by_key(|crl| crl.number);
        if let Some((crl, Issuance::Released(file))) = newest.map(|crl| (crl, &crl.issuance)) {
            let bytes = recorded(authority, &crl.directory, file)?;
            let list = RevocationList::from_pem(&bytes);
            lists.push(list.map_err(|error| Failure::refused(error, "restore the authority directory"))?);
        }
    }
    Ok(lists)
}

fn recorded(authority: &Path, directory: &str, file: &FileRef) -> Result<Vec<u8>, Failure> {
    let path = authority.join(directory).join(BundleDirectory::Artifacts.prefix()).join(&file.name);
    let remedy = "restore the authority directory from a copy that verifies";
    match artifact::read_known(&path, &file.sha256) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => {
            Err(Failure::refused(format!("`{}` is not the file of the record", path.display()), remedy))
        }
        Err(error) => Err(Failure::usage(error, remedy)),
    }
}
