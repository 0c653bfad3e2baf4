//! `anchorite authority may-publish`

use std::process::ExitCode;

use super::words::publication;
use super::{holds, verified};
use crate::cli::args::MayPublishArguments;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::plan::read;
use crate::format::Digest;
use crate::host;
use crate::ledger::Publication;
use crate::pki::RevocationList;
use crate::render::escaped;

/// The gate before a web server: 0 when this CRL is the one to publish, 1 when it is not, with the reason.
pub(super) fn run(arguments: &MayPublishArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let (verdict, ledger) = verified(&arguments.authority, arguments.roster.as_deref())?;
    if !holds(&verdict) {
        let message = format!("the records do not hold: {}", verdict.conclusion);
        return Err(Failure::refused(
            message,
            "`anchorite verify` says why; publish nothing until it is mended",
        ));
    }
    let path = arguments.crl.display();
    let bytes = read(&arguments.crl)?;
    let list = RevocationList::from_file(&bytes).map_err(|error| {
        Failure::usage(format!("`{path}`: {error}"), "name a CRL that a ceremony released")
    })?;
    let tbs = Digest::of(list.tbs());
    let issued = ledger.crls.iter().find(|crl| crl.tbs_sha256 == tbs);
    let good = issued.and_then(|crl| {
        let root = ledger.key_with(&crl.issuer_spki_sha256)?;
        let key = crate::pki::PublicKey::from_spki(&root.spki).ok()?;
        list.verify_signature(&key).is_ok().then_some(crl)
    });
    let Some(crl) = good else {
        let message =
            format!("`{path}`, CRL {} of {}, is none of this authority's", list.number(), list.issuer());
        return Err(Failure::refused(message, "publish nothing that its records do not have"));
    };
    let at = arguments.at.unwrap_or_else(host::now);
    let state = ledger.publication(crl, at);
    let what = format!("CRL {} of {}", crl.number, escaped(&list.issuer().to_string()));
    if state == Publication::Current {
        let good = console.marked(Mark::Good, "may be published");
        console.line(format!("{what} {good}: {} to {}", crl.this_update, crl.next_update));
        return Ok(ExitCode::SUCCESS);
    }
    let remedy = match state {
        Publication::Embargoed { .. } => "wait: until then the list before it is the one to publish",
        Publication::Withdrawn(_) => {
            "destroy it; publish the one that `anchorite authority status` calls current"
        }
        _ => "publish the one that `anchorite authority status` calls current",
    };
    Err(Failure::refused(
        format!("{what} may not be published at {at}: it is {}", publication(state)),
        remedy,
    ))
}
