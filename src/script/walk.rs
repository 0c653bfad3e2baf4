//! From tables to the model. Every key is read before the first mistake ends a table, so that all are reported.

use std::collections::BTreeSet;

use toml::de::{DeTable, DeValue};

use super::fields::{Entry, Fields, Place, Read, Report, Reported};
use super::model::{Ceremony, Script, Step, Waiver, WrittenDuty};
use super::shape::{ANY_STEP, CEREMONY, DOCUMENT, DUTY, StepShape, WAIVER};
use super::steps::{body, not_built};
use super::{Code, Spanned};
use crate::format::StepKind;

pub(super) fn script(document: &DeTable<'_>, report: &mut Report<'_>) -> Result<Script, Reported> {
    let fields = Fields::open(document, &DOCUMENT, 0..0, report);
    let ceremony = fields.required::<Ceremony>("ceremony", report);
    let waivers = fields.optional::<Vec<Waiver>>("waiver", report);
    let duties = fields.optional::<Vec<WrittenDuty>>("duty", report);
    let steps = fields.required::<Vec<Step>>("step", report);
    Ok(Script {
        ceremony: ceremony?.value,
        waivers: waivers?.map(|waivers| waivers.value).unwrap_or_default(),
        duties: duties?.map(|duties| duties.value).unwrap_or_default(),
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
        let place = fields.optional("place", report);
        let recording = fields.optional("recording", report);
        let next_ceremony = fields.optional("next-ceremony", report);
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
            place: place?,
            recording: recording?,
            next_ceremony: next_ceremony?,
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

impl Read for Vec<WrittenDuty> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(items) = entry.value.as_array() else {
            return Err(entry.wrong_type(report));
        };
        let mut duties: Result<Self, Reported> = Ok(Vec::new());
        for item in items.iter() {
            let duty = match item.get_ref() {
                DeValue::Table(table) => duty(table, item.span(), report),
                value => Err(Entry { key: entry.key, value, span: item.span() }.wrong_type(report)),
            };
            duties = match (duties, duty) {
                (Ok(duties), Ok(duty)) if duties.iter().any(|other| other.id.value == duty.id.value) => {
                    let message = format!("another duty is called `{}`", duty.id.value);
                    Err(report.refuse(Code::Repeated, duty.id.span, message, "Give each duty its own id."))
                }
                (Ok(mut duties), Ok(duty)) => {
                    duties.push(duty);
                    Ok(duties)
                }
                (Err(reported), _) | (_, Err(reported)) => Err(reported),
            };
        }
        duties
    }
}

fn duty(table: &DeTable<'_>, span: Place, report: &mut Report<'_>) -> Result<WrittenDuty, Reported> {
    let fields = Fields::open(table, &DUTY, span, report);
    let id = fields.required("id", report);
    let what = fields.required("what", report);
    let due = fields.required("due", report);
    let owner = fields.required("owner", report);
    Ok(WrittenDuty { id: id?, what: what?, due: due?, owner: owner? })
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
