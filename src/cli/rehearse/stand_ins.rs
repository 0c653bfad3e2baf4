use std::process::{Command, Stdio};

use super::place::{Place, make, roster, write};
use super::{not_rehearsable, parsed};
use crate::artifact::Access;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::plan::{TOOL, drawn_serial, read, refused};
use crate::cli::records::verified_ledger;
use crate::format::{Binding, Mode, Name, Rehearses, Role, Roster, Window};
use crate::host;
use crate::ledger::Ledger;
use crate::officer::{OfficerKey, approval};
use crate::plan::rehearsal::{STAND_IN_REQUEST, STAND_IN_REQUEST_FILE, StandIns, stand_ins};
use crate::plan::{PlanDirectory, Sources, resolve};
use crate::secret::Passphrase;

/// Holds the ceremonies that make what the rehearsal takes from earlier ones, without people.
pub(super) fn make_all(
    place: &Place,
    ceremony: &PlanDirectory,
    window: Window,
    console: &mut Console,
) -> Result<Ledger, Failure> {
    let all = stand_ins(ceremony, window).map_err(not_rehearsable)?;
    if !all.is_empty() {
        write(&place.inputs().join(STAND_IN_REQUEST_FILE), STAND_IN_REQUEST.as_bytes(), Access::Everybody)?;
    }
    let mut ledger = verified_ledger(&place.authority(), Mode::Rehearsal)?;
    for one in &all {
        console.note(format!("REHEARSAL: a throw-away token stands in for `{}`", one.token));
        hold(place, ceremony, one, &ledger, console)?;
        ledger = verified_ledger(&place.authority(), Mode::Rehearsal)?;
    }
    Ok(ledger)
}

fn hold(
    place: &Place,
    ceremony: &PlanDirectory,
    stand_ins: &StandIns,
    ledger: &Ledger,
    console: &mut Console,
) -> Result<(), Failure> {
    let ordinal = ledger.ordinal + 1;
    let of_attempt = place.of_attempt(ordinal);
    let script = parsed(&stand_ins.script, &of_attempt, console)?;
    let roster_bytes = read(&place.roster())?;
    let roster = roster(&roster_bytes)?;
    let mut entropy = Ok(());
    let mut serials = |_: &Name| drawn_serial(&mut entropy);
    let resolved = resolve(Sources {
        script: &script,
        script_bytes: stand_ins.script.as_bytes(),
        roster: &roster,
        roster_bytes: &roster_bytes,
        ledger,
        authority: &place.authority(),
        inputs: &place.inputs(),
        rehearses: Some(Rehearses {
            plan_sha256: ceremony.digest(),
            roster_sha256: ceremony.plan.roster_sha256,
            forbidden_tokens: Vec::new(),
            drills: Vec::new(),
        }),
        neighbours: &[],
        tool: TOOL,
        serials: &mut serials,
    });
    entropy.map_err(|error| Failure::token(error, "wait until the host has gathered entropy"))?;
    let resolved =
        resolved.map_err(|diagnostics| refused(&diagnostics, &of_attempt, &stand_ins.script, console))?;
    make(&of_attempt)?;
    resolved
        .directory
        .write(&place.plan(ordinal))
        .map_err(|error| Failure::usage(error, "rehearse in a new directory"))?;
    place.bind(ordinal, &resolved.directory.plan.tokens, ledger)?;
    approve(place, &resolved.directory, &roster)?;
    run(place, ordinal)
}

/// Everybody approves a first ceremony, the officers every later one; the keys are thrown away with the rehearsal.
fn approve(place: &Place, directory: &PlanDirectory, roster: &Roster) -> Result<(), Failure> {
    let wrong = |error: String| Failure::refused(error, "rehearse in a new directory");
    let ordinal = directory.plan.ordinal;
    let binding = Binding::parse_in(&read(&place.of_attempt(ordinal).join("binding.toml"))?, Mode::Rehearsal)
        .map_err(|error| wrong(error.to_string()))?;
    let approvals = place.of_attempt(ordinal).join("approvals");
    make(&approvals)?;
    for person in &roster.people {
        let officer = person.roles.contains(&Role::Officer) && person.deputy_for.is_none();
        if ordinal > 1 && !officer {
            continue;
        }
        let name = &person.name;
        let (_, statement) =
            approval(Mode::Rehearsal, &directory.plan_json, &binding, roster, None, name, host::now())
                .map_err(|error| wrong(error.to_string()))?;
        let passphrase = read(&place.custody().join(format!("{name}.passphrase")))?;
        let passphrase = String::from_utf8_lossy(&passphrase).trim_end().to_owned();
        let key = OfficerKey::unlock(
            &read(&place.custody().join(format!("{name}.key.pem")))?,
            &Passphrase::new(zeroize::Zeroizing::new(passphrase)),
        );
        let signature =
            key.and_then(|key| key.sign(&statement, &mut |bytes| host::fill_random(bytes).is_ok()));
        let signature = signature.map_err(|error| wrong(error.to_string()))?;
        for (ending, bytes) in [("txt", statement.encode()), ("sig", signature)] {
            write(&approvals.join(format!("approval.{name}.{ending}")), &bytes, Access::Everybody)?;
        }
    }
    Ok(())
}

/// Runs a plan in a process of its own: one that loads a module has no environment but the binding's.
fn run(place: &Place, ordinal: u64) -> Result<(), Failure> {
    let of_attempt = place.of_attempt(ordinal);
    let output = Command::new("/proc/self/exe")
        .arg("run")
        .arg(place.plan(ordinal))
        .arg("--binding")
        .arg(of_attempt.join("binding.toml"))
        .arg("--authority")
        .arg(place.authority())
        .arg("--approvals")
        .arg(of_attempt.join("approvals"))
        .arg("--exchange")
        .arg(of_attempt.join("exchange"))
        .arg("--answers")
        .arg(place.answers())
        .arg("--custody")
        .arg(place.custody())
        .stdin(Stdio::null())
        .output();
    let remedy = "find the cause in what the run said, then rehearse in a new directory";
    let output = output
        .map_err(|error| Failure::token(format!("the program cannot be started anew: {error}"), remedy))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::refused(format!("the stand-ins could not be made: {}", said.trim()), remedy))
}
