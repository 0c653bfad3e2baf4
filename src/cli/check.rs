use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

use super::args::CheckArguments;
use super::console::{Console, Mark};
use super::failure::{Exit, Failure};
use crate::format::Role;
use crate::plan::room;
use crate::script::{
    self, BeaconWanted, Diagnostic, Onto, QuorumHolder, Script, Step, StepBody, TokenContent,
};

/// More than any ceremony needs; a device file or a wrong file shall not fill the memory.
const MAX_BYTES: u64 = 1024 * 1024;

/// `anchorite check`
pub(crate) fn run(arguments: &CheckArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let Some(path) = &arguments.ceremony else {
        console.line(script::json_schema().trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    let text = read(path)?;
    let shown = path.display().to_string().escape_debug().to_string();
    let outcome = script::parse(&text).and_then(|script| match room::check(&script) {
        mistakes if mistakes.is_empty() => Ok(script),
        mistakes => Err(mistakes),
    });
    match outcome {
        Ok(script) => {
            summarise(&script, &shown, console);
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            refuse(&mistakes, &shown, &text, console);
            Ok(Exit::Refused.into())
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string().escape_debug().to_string();
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(
        |error: io::Error| {
            Failure::usage(
                format!("{shown} cannot be read: {error}"),
                "name a ceremony file, as in `anchorite check ceremony.toml`",
            )
        },
    )?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(
            format!("{shown} is larger than 1 MiB, which no ceremony file is"),
            "name a ceremony file",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Failure::usage(format!("{shown} is not UTF-8 text, from byte {place} on"), "save the file as UTF-8")
    })
}

fn refuse(mistakes: &[Diagnostic], path: &str, text: &str, console: &mut Console) {
    console.line(script::render(mistakes, path, text, console.colour()));
    let count = match mistakes.len() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    console.line(format!("{path}: {}", console.marked(Mark::Bad, count)));
}

/// What the file would do: one line each.
fn summarise(script: &Script, path: &str, console: &mut Console) {
    let ceremony = &script.ceremony;
    console.line(console.marked(Mark::Bold, visible(&ceremony.title.value)));
    console.line(format!(
        "  {} of {} ({}), between {} and {}",
        ceremony.name.value,
        ceremony.authority.value,
        ceremony.environment.value,
        ceremony.window.value.from,
        ceremony.window.value.to
    ));
    let width = script.steps.iter().map(|step| step.id.value.as_str().len()).max();
    for (number, step) in (1..).zip(&script.steps) {
        let id = &step.id.value;
        let width = width.unwrap_or_default();
        console.line(format!("{number:>4}  {id:<width$}  {}", what(step)));
    }
    let count = match script.steps.len() {
        1 => "1 step".to_owned(),
        count => format!("{count} steps"),
    };
    let verdict = console.marked(Mark::Good, "no mistake");
    console.line(format!("{path}: {verdict}, {count}"));
}

/// Who does what with which token, as one line.
fn what(step: &Step) -> String {
    match &step.body {
        StepBody::Provision { token, label, mode, content, quorum, .. } => {
            let opened = match quorum.value {
                QuorumHolder::Shares => "the officers' shares open it",
                QuorumHolder::Token => "it holds its own quorum",
            };
            let wiped = if content.value == TokenContent::Wipe { "; what is on it is destroyed" } else { "" };
            let (mode, label) = (mode.value, quoted(&label.value));
            format!("token {} is taken over as {label} ({mode}): {opened}{wiped}", token.value)
        }
        StepBody::Reshare { set, onto, tokens } => {
            let shares = match onto.value {
                Onto::New => "new shares are dealt",
                Onto::Newest => "the newest shares serve",
            };
            let tokens = tokens.as_ref().map_or_else(
                || "every token that they open".to_owned(),
                |tokens| {
                    tokens.value.iter().map(|token| token.value.to_string()).collect::<Vec<_>>().join(", ")
                },
            );
            format!("the shares of {} are replaced: {shares}, for {tokens}", set.value)
        }
        StepBody::ChangeRoster { roster } => {
            format!(
                "the people of {} run the authority from the next ceremony on",
                visible(&roster.value.file)
            )
        }
        StepBody::GenerateKey { token, algorithm, label, backup } => format!(
            "token {} makes an {} key labelled {}, backup: {backup}",
            token.value,
            algorithm.value,
            quoted(&label.value)
        ),
        StepBody::SelfSign { key, subject, validity, .. } => format!(
            "{} signs its own certificate for {}, {} to {}",
            key.value,
            subject_text(&subject.value),
            validity.value.from,
            validity.value.to
        ),
        StepBody::SignIntermediate { issuer, csr, subject, validity, .. } => {
            let name = subject.as_ref().map_or_else(
                || "the subject that it asks for".to_owned(),
                |subject| subject_text(&subject.value),
            );
            format!(
                "{} signs {} for {name}, {} to {}",
                issuer.value,
                visible(&csr.value.file),
                validity.value.from,
                validity.value.to
            )
        }
        StepBody::CrossSign { issuer, certificate, validity, .. } => format!(
            "{} certifies {} once more, {} to {}",
            issuer.value,
            visible(&certificate.value.to_string()),
            validity.value.from,
            validity.value.to
        ),
        StepBody::DestroyKey { key } => format!("the key {} is destroyed", key.value),
        StepBody::Revoke { issuer, certificate, reason, at } => format!(
            "{}, issued by {}, is revoked from {} on: {}",
            certificate.value, issuer.value, at.value, reason.value
        ),
        StepBody::IssueCrl { issuer, this_update, next_update, series, .. } => {
            let further = series.as_ref().map_or_else(String::new, |series| {
                format!(", and {} more, {} days apart", series.value.count - 1, series.value.every_days)
            });
            format!("{} signs a CRL, {} to {}{further}", issuer.value, this_update.value, next_update.value)
        }
        StepBody::AdoptAuthority { token, label, certificate, issued, .. } => format!(
            "the root in {}, made elsewhere, with the key {} on token {} and {} certificates below it, is adopted",
            visible(&certificate.value.file),
            quoted(&label.value),
            token.value,
            issued.value.len()
        ),
        StepBody::Clock { readers, tolerance_seconds, beacon } => {
            let beacon = match beacon.value {
                BeaconWanted::None => "",
                BeaconWanted::Brought => "; somebody brings a beacon",
            };
            format!(
                "{readers} people read independent clocks, within {tolerance_seconds} s of the host's{beacon}"
            )
        }
        StepBody::Break { reason, minutes, shares } => {
            format!("break of about {minutes} minutes, shares {}: {}", shares.value, quoted(&reason.value))
        }
        StepBody::ReadAloud { by, digest, input_of } => {
            let of = input_of.as_ref().map_or_else(String::new, |of| format!(" of {}", of.value));
            format!("{} reads aloud the digest: {}{of}", with_article(by.value), digest.value)
        }
        StepBody::Attest { by, text } => {
            let roles: Vec<String> = by.value.iter().map(|role| role.value.to_string()).collect();
            format!("everybody of {} states {}, or says why not", roles.join(", "), quoted(text))
        }
        StepBody::Custody { item, act, number, place } => {
            let number =
                number.as_ref().map_or_else(String::new, |number| format!(" {}", quoted(&number.value)));
            let place =
                place.as_ref().map_or_else(String::new, |place| format!(", at {}", quoted(&place.value)));
            format!("two people {} the bag{number} of {}{place}", act.value, item.value)
        }
        StepBody::ImportEvidence { token, form, file } => {
            format!("{} is taken in: {} of token {}", file.value, form.value, token.value)
        }
        StepBody::Confirm { by, text, discharges } => {
            let done = discharges
                .as_ref()
                .map_or_else(String::new, |duty| format!("; with this the duty {} is done", duty.value));
            format!("{} confirms {}{done}", with_article(by.value), quoted(&text.value))
        }
    }
}

fn with_article(role: Role) -> String {
    let article = if role.to_string().starts_with(['a', 'o']) { "an" } else { "a" };
    format!("{article} {role}")
}

fn subject_text(subject: &[(script::AttributeKind, String)]) -> String {
    let attributes: Vec<_> =
        subject.iter().map(|(kind, value)| format!("{kind}={}", visible(value))).collect();
    attributes.join(", ")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text))
}

/// Text from the file, escaped.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| match character {
            '\'' | '"' => vec![character],
            other => other.escape_debug().collect(),
        })
        .collect()
}
