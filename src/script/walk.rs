//! From tables to the model. Every key is read before the first mistake ends a table, so that all are reported.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::fields::{Entry, Fields, Place, Read, Report, Reported, list};
use super::model::{
    Backup, Ceremony, InputFile, Onto, PinSymbols, QuorumHolder, Script, Step, StepBody, TokenContent, Waiver,
};
use super::shape::{
    ANY_STEP, CEREMONY, DEFAULT_READERS, DEFAULT_TOLERANCE_SECONDS, DOCUMENT, STEPS, StepShape, WAIVER,
};
use super::{Code, Spanned};
use crate::format::{
    Instant, Name, PinAlphabet, PinEncoding, PinTemplate, ProvisionMode, ShareSetName, StepKind,
};

pub(super) fn script(document: &DeTable<'_>, report: &mut Report<'_>) -> Result<Script, Reported> {
    let fields = Fields::open(document, &DOCUMENT, 0..0, report);
    let ceremony = fields.required::<Ceremony>("ceremony", report);
    let waivers = fields.optional::<Vec<Waiver>>("waiver", report);
    let steps = fields.required::<Vec<Step>>("step", report);
    Ok(Script {
        ceremony: ceremony?.value,
        waivers: waivers?.map(|waivers| waivers.value).unwrap_or_default(),
        steps: steps?.value,
    })
}

impl Read for Ceremony {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &CEREMONY, entry.span.clone(), report);
        let title = fields.required("title", report);
        let name = fields.required("name", report);
        let authority = fields.required("authority", report);
        let environment = fields.required("environment", report);
        let trust_domain = fields.optional("trust-domain", report);
        let relying = fields.optional::<Vec<_>>("relying", report);
        let window = fields.required("window", report);
        let policy = fields.optional("policy", report);
        let rehearsed_within_days = fields.optional("rehearsed-within-days", report);
        Ok(Self {
            title: title?,
            name: name?,
            authority: authority?,
            environment: environment?,
            trust_domain: trust_domain?,
            relying: relying?.map(|relying| relying.value).unwrap_or_default(),
            window: window?,
            policy: policy?,
            rehearsed_within_days: rehearsed_within_days?,
        })
    }
}

impl Read for Vec<Waiver> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(items) = entry.value.as_array() else {
            return Err(entry.wrong_type(report));
        };
        let waivers: Vec<_> = items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::Table(table) => waiver(table, item.span(), report),
                value => Err(Entry { key: entry.key, value, span: item.span() }.wrong_type(report)),
            })
            .collect();
        let mut rules = BTreeSet::new();
        let mut repeated = None;
        for Waiver { rule, .. } in waivers.iter().flatten() {
            if !rules.insert(rule.value) {
                repeated = Some(report.refuse(
                    Code::Repeated,
                    rule.span.clone(),
                    format!("`{}` is waived twice", rule.value),
                    "Write one `[[waiver]]` with both reasons.",
                ));
            }
        }
        repeated.map_or_else(|| waivers.into_iter().collect(), Err)
    }
}

fn waiver(table: &DeTable<'_>, span: Place, report: &mut Report<'_>) -> Result<Waiver, Reported> {
    let fields = Fields::open(table, &WAIVER, span, report);
    let rule = fields.required("rule", report);
    let reason = fields.required("reason", report);
    let until = fields.required("until", report);
    Ok(Waiver { rule: rule?, reason: reason?, until: until? })
}

impl Read for Vec<Step> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(items) = entry.value.as_array() else {
            return Err(entry.wrong_type(report));
        };
        let steps: Vec<_> = items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::Table(table) => step(table, item.span(), report),
                value => Err(Entry { key: entry.key, value, span: item.span() }.wrong_type(report)),
            })
            .collect();
        steps.into_iter().collect()
    }
}

fn step(table: &DeTable<'_>, span: Place, report: &mut Report<'_>) -> Result<Step, Reported> {
    let kind: Spanned<StepKind> = Fields::glance(table, &ANY_STEP, span.clone()).required("do", report)?;
    let Some(shape) = StepShape::of(kind.value) else {
        return Err(not_built(&kind, report));
    };
    let fields = Fields::open(table, &shape.table, span, report);
    let id = fields.required("id", report);
    let body = body(&kind, &fields, report);
    Ok(Step { id: id?, kind, body: body? })
}

fn body(
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
        StepKind::Revoke => revoke(fields, report),
        StepKind::IssueCrl => issue_crl(fields, report),
        StepKind::Clock => clock(fields, report),
        StepKind::Confirm => confirm(fields, report),
        StepKind::Break => pause(fields, report),
        StepKind::InspectToken
        | StepKind::BackUpKey
        | StepKind::RestoreKey
        | StepKind::DestroyKey
        | StepKind::CrossSign
        | StepKind::AdoptAuthority
        | StepKind::ImportEvidence
        | StepKind::Custody
        | StepKind::ReadAloud
        | StepKind::Attest => Err(not_built(kind, report)),
    }
}

fn not_built(kind: &Spanned<StepKind>, report: &mut Report<'_>) -> Reported {
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
    let path_length = fields.optional("path-length", report);
    Ok(StepBody::SelfSign {
        key: key?,
        profile: profile?,
        subject: subject?,
        validity: validity?,
        path_length: path_length?,
    })
}

fn sign_intermediate(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let issuer = fields.required("issuer", report);
    let csr = fields.required::<InputFile>("csr", report);
    let profile = fields.required("profile", report);
    let subject = fields.optional("subject", report);
    let validity = fields.required("validity", report);
    let path_length = fields.optional("path-length", report);
    Ok(StepBody::SignIntermediate {
        issuer: issuer?,
        csr: csr?,
        profile: profile?,
        subject: subject?,
        validity: validity?,
        path_length: path_length?,
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
    let (issuer, this_update, next_update) = (issuer?, this_update?, next_update?);
    if this_update.value >= next_update.value {
        return Err(report.refuse(
            Code::EmptyPeriod,
            next_update.span,
            format!("`next-update` is not after `this-update`, {}", this_update.value),
            "Write the instant by which the next list must be out.",
        ));
    }
    Ok(StepBody::IssueCrl { issuer, this_update, next_update })
}

fn clock(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let readers = fields.optional("readers", report);
    let tolerance = fields.optional("tolerance-seconds", report);
    Ok(StepBody::Clock {
        readers: readers?.map_or(DEFAULT_READERS, |readers| readers.value),
        tolerance_seconds: tolerance?.map_or(DEFAULT_TOLERANCE_SECONDS, |tolerance| tolerance.value),
    })
}

fn confirm(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let by = fields.required("by", report);
    let text = fields.required("text", report);
    Ok(StepBody::Confirm { by: by?, text: text? })
}

fn pause(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<StepBody, Reported> {
    let reason = fields.required("reason", report);
    let minutes = fields.required("minutes", report);
    let shares = fields.required("shares", report);
    Ok(StepBody::Break { reason: reason?, minutes: minutes?.value, shares: shares? })
}
