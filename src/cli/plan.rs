use std::path::Path;
use std::process::ExitCode;

use super::args::PlanArguments;
use super::console::{Console, Mark};
use super::failure::Failure;
use super::records::{neighbours, verified_ledger};
use crate::artifact;
use crate::format::{Action, Digest, Drill, KeyRef, Mode, Name, Plan, Roster, SerialNumber, Shares, Waiver};
use crate::host;
use crate::pki::lint;
use crate::plan::{PlanDirectory, Resolved, Sources, resolve};
use crate::render::{escaped, hex_groups, words};
use crate::script::{self, Diagnostic};

/// `anchorite plan`
pub(crate) fn run(arguments: &PlanArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let script_bytes = read(&arguments.ceremony)?;
    let text = std::str::from_utf8(&script_bytes).map_err(|_| {
        Failure::usage(format!("`{}` is not UTF-8", arguments.ceremony.display()), "save it as UTF-8")
    })?;
    let refused = |diagnostics: &[Diagnostic], console: &mut Console| {
        refused(diagnostics, &arguments.ceremony, text, console)
    };
    let script = script::parse(text).map_err(|diagnostics| refused(&diagnostics, console))?;
    let in_the_room = crate::plan::room::check(&script);
    if !in_the_room.is_empty() {
        return Err(refused(&in_the_room, console));
    }
    let roster_bytes = read(&arguments.roster)?;
    let roster = Roster::parse(&roster_bytes).map_err(|error| Failure::usage(error, "correct the roster"))?;
    let ledger = verified_ledger(&arguments.authority, Mode::Ceremony)?;

    let planned = arguments.verify.then(|| PlanDirectory::read(&arguments.output)).transpose();
    let planned =
        planned.map_err(|error| Failure::refused(error, "make the plan again and have it approved again"))?;
    let mut entropy = Ok(());
    let mut serials = |step: &Name| match &planned {
        Some(planned) => planned.plan.step(step)?.action.serial().cloned(),
        None => drawn_serial(&mut entropy),
    };
    let resolved = resolve(Sources {
        script: &script,
        script_bytes: &script_bytes,
        roster: &roster,
        roster_bytes: &roster_bytes,
        ledger: &ledger,
        authority: &arguments.authority,
        inputs: arguments.ceremony.parent().unwrap_or(Path::new("")),
        rehearses: None,
        neighbours: &neighbours(&arguments.authority),
        tool: TOOL,
        serials: &mut serials,
    });
    entropy.map_err(|error| {
        Failure::token(error, "wait until the host has gathered entropy, then plan again")
    })?;
    let Resolved { directory, warnings } = resolved.map_err(|diagnostics| refused(&diagnostics, console))?;
    for warning in &warnings {
        let mark = console.marked(Mark::Warn, "note:");
        console.note(format!("{mark} {}", escaped(warning)));
    }
    match planned {
        Some(planned) => compare(&planned, &directory)?,
        None => directory.write(&arguments.output).map_err(|error| {
            Failure::usage(
                error,
                "choose an output directory that does not exist; a plan is never overwritten",
            )
        })?,
    }
    show(&directory, arguments, console);
    Ok(ExitCode::SUCCESS)
}

/// Shows every mistake in its place.
pub(super) fn refused(diagnostics: &[Diagnostic], path: &Path, text: &str, console: &mut Console) -> Failure {
    console.note(script::render(diagnostics, &path.display().to_string(), text, console.colour()));
    let message = format!("`{}` cannot be planned", path.display());
    Failure::refused(message, "correct each place named above and plan again; nothing was written")
}

/// Program and version, as plans and records name them.
pub(crate) const TOOL: &str = concat!("anchorite ", env!("CARGO_PKG_VERSION"));

/// Reads a file that the command line names.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    artifact::read(path).map_err(|error| Failure::usage(error, "check the path"))
}

pub(super) fn drawn_serial(entropy: &mut Result<(), host::EntropyError>) -> Option<SerialNumber> {
    let mut random = [0; 16];
    *entropy = host::fill_random(&mut random);
    entropy.is_ok().then(|| SerialNumber::from_random(random))
}

fn compare(planned: &PlanDirectory, rebuilt: &PlanDirectory) -> Result<(), Failure> {
    if planned == rebuilt {
        return Ok(());
    }
    let offset =
        planned.plan_json.iter().zip(&rebuilt.plan_json).take_while(|(one, other)| one == other).count();
    let message = format!("the plan is not what these files give: plan.json differs from byte {offset} on");
    Err(Failure::refused(message, "do not approve it; find out which file changed, or plan again"))
}

fn show(directory: &PlanDirectory, arguments: &PlanArguments, console: &mut Console) {
    summary_with_digest(&directory.plan, &directory.digest(), console);
    let done = if arguments.verify { "rebuilt byte for byte" } else { "written" };
    let good = console.marked(Mark::Good, format!("{}: {done}", arguments.output.display()));
    let steps = directory.plan.steps.len();
    console.line(format!("{good}, {steps} steps, {} to be signed are fixed", fixed(&directory.plan)));
}

/// What a plan is: title, place, steps.
fn summary(plan: &Plan, console: &mut Console) {
    let Plan { title, authority, environment, ordinal, window, waivers, rehearses, .. } = plan;
    if let Some(rehearses) = rehearses {
        console.line(
            console.marked(Mark::Warn, "REHEARSAL: nothing of this counts, and all of it is thrown away"),
        );
        for Drill { kind, step } in &rehearses.drills {
            let at = step
                .as_ref()
                .map_or_else(|| "before the first step".to_owned(), |step| format!("in step {step}"));
            console.line(format!("drill {kind}, {at}"));
        }
    }
    let title = console.marked(Mark::Bold, escaped(title));
    console.line(format!("{title}  ({authority}, {environment})"));
    for waiver in waivers {
        let Waiver { rule, reason, until } = waiver;
        let mark = console.marked(Mark::Warn, format!("WAIVED {}", lint::described(*rule)));
        console.line(format!("{mark} until {until}: {}", escaped(reason)));
    }
    console.line(format!("ceremony {ordinal}, window {} to {}\n", window.from, window.to));
    for (number, step) in (1..).zip(&plan.steps) {
        console.line(format!("{number:>3}  {:<20} {}", step.id, described(&step.action)));
    }
    console.line("");
}

/// The plan digest, in groups and words.
fn digest_rows(digest: &Digest, console: &mut Console) {
    console.line(format!("plan digest  {}", hex_groups(digest)));
    for row in words(digest) {
        console.line(format!("             {row}"));
    }
    console.line("");
}

/// What a plan is, and its digest.
pub(super) fn summary_with_digest(plan: &Plan, digest: &Digest, console: &mut Console) {
    summary(plan, console);
    digest_rows(digest, console);
}

/// [`summary`] where the plan is carried out: what people read aloud from their own paper is not on that screen.
#[cfg(feature = "ceremony")]
pub(super) fn summary_of_run(plan: &Plan, digest: &Digest, console: &mut Console) {
    summary(plan, console);
    let reads = |action: &Action| {
        matches!(action, Action::ReadAloud { named: crate::format::NamedDigest::Plan {}, .. })
    };
    match plan.steps.iter().find(|step| reads(&step.action)) {
        Some(step) => console.line(format!("plan digest  read aloud from paper in step {}\n", step.id)),
        None => digest_rows(digest, console),
    }
}

fn fixed(plan: &Plan) -> String {
    let signed = plan.steps.iter().filter_map(|step| step.action.tbs_sha256());
    let (fixed, all) = signed.fold((0, 0), |(fixed, all), tbs| (fixed + usize::from(tbs.is_some()), all + 1));
    format!("{fixed} of {all} objects")
}

/// One line for one step, from the plan alone.
fn described(action: &Action) -> String {
    match action {
        Action::Provision { token, label, mode, wipe, shares, .. } => {
            let wiped = if *wipe { ", DESTROYING WHAT IS ON IT" } else { "" };
            let opened = shares.as_ref().map_or_else(|| "it holds its own quorum".to_owned(), opens);
            format!("take over token `{token}` as {} ({mode}{wiped}): {opened}", escaped(label))
        }
        Action::Reshare { set, to, tokens, .. } => {
            let tokens: Vec<String> = tokens.iter().map(|token| format!("`{token}`")).collect();
            let moved = if tokens.is_empty() { String::new() } else { format!(" {}", tokens.join(", ")) };
            format!("replace the shares of {set}: {}{moved}", opens(to))
        }
        Action::ChangeRoster { joins, leaves, new_keys, .. } => {
            let groups = [("join", joins), ("leave", leaves), ("get a new key", new_keys)];
            let changes = groups.into_iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| {
                let names: Vec<&str> = names.iter().map(Name::as_str).collect();
                format!("{what}: {}", names.join(", "))
            });
            let changes: Vec<String> = changes.collect();
            let nobody = changes.is_empty();
            format!(
                "change the roster ({})",
                if nobody { "same people and keys".to_owned() } else { changes.join("; ") }
            )
        }
        Action::GenerateKey { token, algorithm, label } => {
            format!("make a key {} ({algorithm}) on token `{token}`", escaped(label))
        }
        Action::SelfSign { subject, validity, .. } => {
            format!("issue the root {} until {}", escaped(&subject.text), validity.to)
        }
        Action::SignIntermediate { subject, validity, .. } => {
            format!("issue the intermediate {} until {}", escaped(&subject.text), validity.to)
        }
        Action::CrossSign { subject, validity, .. } => {
            format!("certify {} once more, until {}", escaped(&subject.text), validity.to)
        }
        Action::DestroyKey { key: KeyRef::Ledger { ordinal, id, token, .. }, .. } => {
            format!("DESTROY the key `{id}` of ceremony {ordinal} on token `{token}`")
        }
        Action::DestroyKey { key: KeyRef::Step { id }, .. } => format!("DESTROY the key `{id}`"),
        Action::Revoke { certificate, entry, .. } => {
            format!("revoke {}: {}", escaped(certificate), entry.reason)
        }
        Action::IssueCrl { number, entries, next_update, embargo, .. } => {
            let embargo =
                embargo.map_or_else(String::new, |until| format!(", not to be published before {until}"));
            format!("issue CRL {number}, {} revoked, next by {next_update}{embargo}", entries.len())
        }
        Action::AdoptAuthority { token, root, below, list, .. } => format!(
            "adopt the root {} with its key on token `{token}`, {} certificates and {} revocations: asserted, not proven",
            escaped(&root.subject.text),
            below.len(),
            list.as_ref().map_or(0, |list| list.entries.len())
        ),
        Action::Clock { readers, beacon, .. } => {
            let beacon = if *beacon { ", somebody brings a beacon" } else { "" };
            format!("{readers} people read independent clocks{beacon}")
        }
        Action::ReadAloud { by, named } => format!("the {by} reads aloud {}", named),
        Action::Attest { by, text } => {
            let roles: Vec<String> = by.iter().map(ToString::to_string).collect();
            format!("everybody of {} states, or says why not: {}", roles.join(", "), escaped(text))
        }
        Action::Custody { item, act, expected, place } => {
            let number = expected.as_ref().map_or_else(String::new, |number| format!(" {}", escaped(number)));
            let place = place.as_ref().map_or_else(String::new, |place| format!(", at {}", escaped(place)));
            format!("{act} the bag{number} of {item}{place}")
        }
        Action::ImportEvidence { token, form, file } => {
            format!("take in {file} ({form}) from token `{token}`")
        }
        Action::Break { reason, minutes, shares } => {
            format!("break of about {minutes} minutes, shares {shares}: {}", escaped(reason))
        }
        Action::Confirm { by, text, discharges } => {
            let done = discharges.as_ref().map_or_else(String::new, |duty| format!(" (duty {duty} is done)"));
            format!("the {by} confirms: {}{done}", escaped(text))
        }
    }
}

fn opens(shares: &Shares) -> String {
    match shares {
        Shares::New { epoch, threshold, holders, .. } => {
            format!("{threshold} of {} new shares (epoch {epoch}) open", holders.len())
        }
        Shares::Dealt { epoch, .. } => format!("the shares of epoch {epoch} open"),
    }
}
