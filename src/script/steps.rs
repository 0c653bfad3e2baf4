//! What each kind of step says, from its table.

use super::extensions::extensions;
use super::fields::{Fields, Place, Report, Reported, list};
use super::model::StepBody;
use super::reference::InputFile;
use super::shape::{DEFAULT_ATTESTATION, DEFAULT_READERS, DEFAULT_TOLERANCE_SECONDS, STEPS};
use super::vocabulary::{Backup, BeaconWanted, Onto, PinSymbols, QuorumHolder, TokenContent};
use super::{Code, Spanned};
use crate::format::{
    Instant, Name, PinAlphabet, PinEncoding, PinTemplate, ProvisionMode, ShareSetName, StepKind,
};

pub(super) fn body(
    kind: &Spanned<StepKind>,
    fields: &Fields<'_>,
    report: &mut Report<'_>,
) -> Result<StepBody, Reported> {
    match kind.value {
        StepKind::Provision => provision(fields, report),
        StepKind::Reshare => reshare(fields, report),
        StepKind::ChangeRoster => Ok(StepBody::ChangeRoster { roster: fields.required("roster", report)? }),
        StepKind::GenerateKey => generate_key(fields, report),
        StepKind::SelfSign => self_sign(fields, report),
        StepKind::SignIntermediate => sign_intermediate(fields, report),
        StepKind::CrossSign => cross_sign(fields, report),
        StepKind::DestroyKey => Ok(StepBody::DestroyKey { key: fields.required("key", report)? }),
        StepKind::Revoke => revoke(fields, report),
        StepKind::IssueCrl => issue_crl(fields, report),
        StepKind::Clock => clock(fields, report),
        StepKind::Confirm => confirm(fields, report),
        StepKind::Break => pause(fields, report),
        StepKind::ReadAloud => read_aloud(fields, report),
        StepKind::Custody => custody(fields, report),
        StepKind::ImportEvidence => import_evidence(fields, report),
        StepKind::Attest => attest(fields, report),
        StepKind::AdoptAuthority => adopt_authority(fields, report),
        StepKind::InspectToken | StepKind::BackUpKey | StepKind::RestoreKey => Err(not_built(kind, report)),
    }
}

pub(super) fn not_built(kind: &Spanned<StepKind>, report: &mut Report<'_>) -> Reported {
    let built = STEPS.each_ref().map(|step| step.kind.to_string());
    report.refuse(
        Code::NotBuilt,
        kind.span.clone(),
        format!("steps of the kind `{}` are not built yet", kind.value),
        format!("There are {}.", list(built.iter().map(String::as_str))),
    )
}

fn provision(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let token = fields.required("token", report);
    let label = fields.required("label", report);
    let mode = fields.optional("mode", report);
    let content = fields.optional("content", report);
    let quorum = fields.optional("quorum", report);
    let symbols = fields.optional::<PinSymbols>("symbols", report);
    let user = fields.optional::<PinTemplate>("user-template", report);
    let security_officer = fields.optional::<PinTemplate>("so-template", report);
    let (token, label) = (token?, label?);
    // What is left out stands where the step does.
    let span = &token.span;
    Ok(StepBody::Provision {
        mode: or_default(mode?, ProvisionMode::Init, span),
        content: or_default(content?, TokenContent::Blank, span),
        quorum: or_default(quorum?, QuorumHolder::Shares, span),
        encoding: PinEncoding {
            alphabet: match symbols?.map(|symbols| symbols.value) {
                None | Some(PinSymbols::Letters) => PinAlphabet::Letters,
                Some(PinSymbols::Digits) => PinAlphabet::Digits,
            },
            user_template: user?.map(|template| template.value).unwrap_or_default(),
            security_officer_template: security_officer?.map(|template| template.value).unwrap_or_default(),
        },
        token,
        label,
    })
}

fn reshare(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let id: Spanned<Name> = fields.required("id", report)?;
    let set = fields.optional("set", report);
    let onto = fields.optional("onto", report);
    let tokens = fields.optional("tokens", report);
    Ok(StepBody::Reshare {
        set: or_default(set?, ShareSetName::Operate, &id.span),
        onto: or_default(onto?, Onto::New, &id.span),
        tokens: tokens?,
    })
}

fn or_default<T>(found: Option<Spanned<T>>, default: T, span: &Place) -> Spanned<T> {
    found.unwrap_or(Spanned { value: default, span: span.clone() })
}

fn generate_key(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let token = fields.required("token", report);
    let algorithm = fields.required("algorithm", report);
    let label = fields.required("label", report);
    let backup = fields.required::<Backup>("backup", report).and_then(|backup| match backup.value {
        Backup::None => Ok(backup.value),
        Backup::Device | Backup::Wrapped => Err(report.refuse(
            Code::NotBuilt,
            backup.span,
            format!("backups of the kind `{}` are not built yet", backup.value),
            "Write `none` only where the loss of the token may end the root.",
        )),
    });
    Ok(StepBody::GenerateKey { token: token?, algorithm: algorithm?, label: label?, backup: backup? })
}

fn self_sign(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let key = fields.required("key", report);
    let profile = fields.required("profile", report);
    let subject = fields.required("subject", report);
    let validity = fields.required("validity", report);
    let extensions = extensions(fields, report);
    Ok(StepBody::SelfSign {
        key: key?,
        profile: profile?,
        subject: subject?,
        validity: validity?,
        extensions: extensions?,
    })
}

fn sign_intermediate(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let issuer = fields.required("issuer", report);
    let csr = fields.required::<InputFile>("csr", report);
    let profile = fields.required("profile", report);
    let subject = fields.optional("subject", report);
    let validity = fields.required("validity", report);
    let extensions = extensions(fields, report);
    Ok(StepBody::SignIntermediate {
        issuer: issuer?,
        csr: csr?,
        profile: profile?,
        subject: subject?,
        validity: validity?,
        extensions: extensions?,
    })
}

fn cross_sign(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let issuer = fields.required("issuer", report);
    let certificate = fields.required("certificate", report);
    let csr = fields.optional("csr", report);
    let validity = fields.required("validity", report);
    let extensions = extensions(fields, report);
    Ok(StepBody::CrossSign {
        issuer: issuer?,
        certificate: certificate?,
        csr: csr?,
        validity: validity?,
        extensions: extensions?,
    })
}

fn revoke(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let issuer = fields.required("issuer", report);
    let certificate = fields.required("certificate", report);
    let reason = fields.required("reason", report);
    let at = fields.required("at", report);
    Ok(StepBody::Revoke { issuer: issuer?, certificate: certificate?, reason: reason?, at: at? })
}

fn issue_crl(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let issuer = fields.required("issuer", report);
    let this_update = fields.required::<Instant>("this-update", report);
    let next_update = fields.required::<Instant>("next-update", report);
    let issuing_distribution_point = fields.optional("issuing-distribution-point", report);
    let series = fields.optional("series", report);
    let (issuer, this_update, next_update) = (issuer?, this_update?, next_update?);
    if this_update.value >= next_update.value {
        return Err(report.refuse(
            Code::EmptyPeriod,
            next_update.span,
            format!("`next-update` is not after `this-update`, {}", this_update.value),
            "Write the instant by which the next list must be out.",
        ));
    }
    Ok(StepBody::IssueCrl {
        issuer,
        this_update,
        next_update,
        issuing_distribution_point: issuing_distribution_point?,
        series: series?,
        ahead: false,
    })
}

fn adopt_authority(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let token = fields.required("token", report);
    let label = fields.required("label", report);
    let certificate = fields.required("certificate", report);
    let issued = fields.required("issued", report);
    let crl = fields.optional("crl", report);
    let without_crl = fields.optional("without-crl", report);
    let reason_where_none = fields.optional("reason-where-none", report);
    Ok(StepBody::AdoptAuthority {
        token: token?,
        label: label?,
        certificate: certificate?,
        issued: issued?,
        crl: crl?,
        without_crl: without_crl?,
        reason_where_none: reason_where_none?,
    })
}

fn clock(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let readers = fields.optional("readers", report);
    let id: Spanned<Name> = fields.required("id", report)?;
    let tolerance = fields.optional("tolerance-seconds", report);
    let beacon = fields.optional("beacon", report);
    Ok(StepBody::Clock {
        readers: readers?.map_or(DEFAULT_READERS, |readers| readers.value),
        tolerance_seconds: tolerance?.map_or(DEFAULT_TOLERANCE_SECONDS, |tolerance| tolerance.value),
        beacon: or_default(beacon?, BeaconWanted::None, &id.span),
    })
}

fn confirm(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let by = fields.required("by", report);
    let text = fields.required("text", report);
    let discharges = fields.optional("discharges", report);
    Ok(StepBody::Confirm { by: by?, text: text?, discharges: discharges? })
}

fn pause(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let reason = fields.required("reason", report);
    let minutes = fields.required("minutes", report);
    let shares = fields.required("shares", report);
    Ok(StepBody::Break { reason: reason?, minutes: minutes?.value, shares: shares? })
}

fn read_aloud(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let by = fields.required("by", report);
    let digest = fields.required("digest", report);
    let input_of = fields.optional("input-of", report);
    Ok(StepBody::ReadAloud { by: by?, digest: digest?, input_of: input_of? })
}

fn custody(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let item = fields.required("item", report);
    let act = fields.required("act", report);
    let number = fields.optional("number", report);
    let place = fields.optional("place", report);
    Ok(StepBody::Custody { item: item?, act: act?, number: number?, place: place? })
}

fn import_evidence(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let token = fields.required("token", report);
    let form = fields.required("form", report);
    let file = fields.required("file", report);
    Ok(StepBody::ImportEvidence { token: token?, form: form?, file: file? })
}

fn attest(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let by = fields.required("by", report);
    let text = fields.optional::<String>("text", report);
    let default = || DEFAULT_ATTESTATION.trim_matches('"').to_owned();
    Ok(StepBody::Attest { by: by?, text: text?.map_or_else(default, |text| text.value) })
}
