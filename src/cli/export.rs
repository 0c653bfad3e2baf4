use std::process::ExitCode;

use super::args::ExportArguments;
use super::certificates::{newest_crls, released};
use super::console::{Console, Mark};
use super::failure::Failure;
use super::records::verified_ledger;
use crate::artifact::{self, Access};
use crate::deploy::{Anchors, Export, export};
use crate::format::{Mode, Name};
use crate::ledger::{CertificateEntry, CertificateRole, Ledger};
use crate::pki::Certificate;

/// `anchorite export`
pub(crate) fn run(arguments: &ExportArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let ledger = verified_ledger(&arguments.authority, Mode::Ceremony)?;
    let read = |entry: &CertificateEntry| released(&arguments.authority, entry);
    let roots: Vec<Certificate> =
        anchors(&ledger, &arguments.anchors)?.into_iter().map(read).collect::<Result<_, _>>()?;
    let named = |id: &Option<Name>, role| id.as_ref().map(|id| entry(&ledger, id, role)).transpose();
    let issuer = named(&arguments.issuer, CertificateRole::Intermediate)?.map(read).transpose()?;
    let cross = named(&arguments.cross, CertificateRole::Cross)?.map(read).transpose()?;
    let crls = newest_crls(&arguments.authority, &ledger, &roots)?;
    let sequence = arguments.sequence.unwrap_or_else(|| sequence(&ledger, roots.len() as u64));
    let files = export(&Export {
        system: arguments.system,
        anchors: Anchors { roots: &roots, sequence, refresh_hint_seconds: arguments.refresh_hint },
        issuer: issuer.as_ref(),
        cross: cross.as_ref(),
        crls: &crls,
    })
    .map_err(|error| Failure::refused(error, "change what is exported; nothing was written"))?;
    let taken =
        |error| Failure::usage(error, "choose a directory that does not exist; nothing is overwritten");
    artifact::create_directory(&arguments.output).map_err(taken)?;
    for file in &files {
        let path = arguments.output.join(file.name);
        artifact::create_at(&path, file.text.as_bytes(), Access::Everybody).map_err(taken)?;
        console.line(format!("{}", path.display()));
    }
    let good = format!("for {}: anchors {}, files {}", arguments.system, roots.len(), files.len());
    console.line(console.marked(Mark::Good, good));
    Ok(ExitCode::SUCCESS)
}

/// The roots that are named, or every one whose key is there.
fn anchors<'a>(ledger: &'a Ledger, named: &[Name]) -> Result<Vec<&'a CertificateEntry>, Failure> {
    if !named.is_empty() {
        return named.iter().map(|id| entry(ledger, id, CertificateRole::Root)).collect();
    }
    let lives = |entry: &&CertificateEntry| {
        ledger.key_with(&entry.spki_sha256).is_some_and(|key| key.destroyed.is_none())
    };
    let roots =
        ledger.certificates.iter().filter(|entry| entry.role == CertificateRole::Root && entry.granted);
    Ok(roots.filter(lives).collect())
}

fn entry<'a>(ledger: &'a Ledger, id: &Name, role: CertificateRole) -> Result<&'a CertificateEntry, Failure> {
    ledger.certificate(None, id).filter(|entry| entry.role == role).ok_or_else(|| {
        let message = format!("the authority's records have no such certificate `{id}`");
        Failure::refused(message, "see the names with `anchorite authority status`")
    })
}

/// One for each root that came, and one for each that is not among those given out any more.
fn sequence(ledger: &Ledger, given_out: u64) -> u64 {
    let roots =
        ledger.certificates.iter().filter(|entry| entry.role == CertificateRole::Root && entry.granted);
    let roots = roots.count() as u64;
    roots + roots.saturating_sub(given_out)
}
