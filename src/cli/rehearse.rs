mod difference;
mod drills;
mod people;
mod place;
mod stand_ins;

use std::process::ExitCode;

use super::args::RehearseArguments;
use super::console::{Console, Mark};
use super::failure::Failure;
use super::plan::{TOOL, drawn_serial, read, refused, summary_with_digest};
use super::records::verified_ledger;
use crate::format::{
    Binding, Digest, FileName, Instant, Mode, Name, Plan, Rehearses, Roster, TokenAddress, Window, delta,
};
use crate::host;
use crate::ledger::Ledger;
use crate::plan::rehearsal::{NotRehearsable, rehearsal_script};
use crate::plan::{PlanDirectory, Resolved, Sources, resolve};
use crate::script::{self, Script};

use place::Place;

/// How long a rehearsal's plan may be run, from when it was derived.
const HOURS: i64 = 24;

/// `anchorite rehearse`
pub(crate) fn run(arguments: &RehearseArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let ceremony = PlanDirectory::read(&arguments.plan).map_err(|error| {
        Failure::refused(error, "name the directory of the ceremony's plan, as `anchorite plan` wrote it")
    })?;
    let bound = Binding::parse(&read(&arguments.binding)?).map_err(|error| {
        Failure::usage(error, "name the binding of the ceremony: its tokens stay untouched")
    })?;
    let roster = Roster::parse(&ceremony.roster).map_err(|error| Failure::usage(error, "plan again"))?;
    let drills = drills::chosen(&arguments.drills, &ceremony.plan)?;
    let window = window(host::now())?;

    let place = Place::at(&arguments.output)?;
    let ledger = if place.is_new() {
        let people = people::throw_away(&place, &ceremony, &roster)?;
        place.prepare(&people, arguments.module.as_deref())?;
        stand_ins::make_all(&place, &ceremony, window, console)?
    } else {
        verified_ledger(&place.authority(), Mode::Rehearsal)?
    };
    let drills = drills::with_an_attempt_before(drills, &place, &ledger)?;
    let rehearses = Rehearses {
        plan_sha256: ceremony.digest(),
        roster_sha256: ceremony.plan.roster_sha256,
        forbidden_tokens: serials(&bound),
        drills,
    };
    let derived = derived(&place, &ceremony, &ledger, rehearses, window, console)?;
    let attempt = derived.plan.ordinal;
    place::make(&place.of_attempt(attempt))?;
    derived.write(&place.plan(attempt)).map_err(|error| {
        Failure::usage(
            error,
            "a plan is never overwritten: go on with this one, or rehearse in a new directory",
        )
    })?;
    place.bind(attempt, &derived.plan.tokens, &ledger)?;

    summary_with_digest(&derived.plan, &derived.digest(), console);
    let differences = delta(&ceremony.plan, &derived.plan).map_err(not_a_rehearsal)?;
    difference::show(&differences, console);
    tell(&place, &derived.plan, &roster, console);
    Ok(ExitCode::SUCCESS)
}

/// From now on for a day.
fn window(now: Instant) -> Result<Window, Failure> {
    let to = Instant::from_unix_seconds(now.unix_seconds() + HOURS * 3600);
    let to = to.ok_or_else(|| Failure::token("the clock is beyond the year 9999", "set the clock"))?;
    Ok(Window { from: now, to })
}

/// The tokens that a rehearsal never opens.
fn serials(binding: &Binding) -> Vec<String> {
    let serial = |address: &TokenAddress| match address {
        TokenAddress::Serial(serial) => Some(serial.clone()),
        TokenAddress::Blank => None,
    };
    binding.tokens.iter().filter_map(|token| serial(&token.address)).collect()
}

/// The same ceremony file, resolved under the rehearsal's people and records.
fn derived(
    place: &Place,
    ceremony: &PlanDirectory,
    ledger: &Ledger,
    rehearses: Rehearses,
    window: Window,
    console: &mut Console,
) -> Result<PlanDirectory, Failure> {
    let path = place.directory().join("ceremony.toml");
    let text = String::from_utf8_lossy(&ceremony.script);
    let script = parsed(&text, &path, console)?;
    let incoming = |step: &script::Step| {
        let name = FileName::of_step(&step.id.value, "roster.toml");
        read(&place.inputs().join(&name)).ok().map(|bytes| Digest::of(&bytes))
    };
    let script = rehearsal_script(&script, window, incoming).map_err(not_rehearsable)?;
    let roster_bytes = read(&place.roster())?;
    let roster = place::roster(&roster_bytes)?;
    let mut entropy = Ok(());
    let mut serials = |_: &Name| drawn_serial(&mut entropy);
    let resolved = resolve(Sources {
        script: &script,
        script_bytes: &ceremony.script,
        roster: &roster,
        roster_bytes: &roster_bytes,
        ledger,
        authority: &place.authority(),
        inputs: &place.inputs(),
        rehearses: Some(rehearses),
        neighbours: &[],
        tool: TOOL,
        serials: &mut serials,
    });
    entropy.map_err(|error| {
        Failure::token(error, "wait until the host has gathered entropy, then derive the plan again")
    })?;
    let Resolved { directory, .. } =
        resolved.map_err(|diagnostics| refused(&diagnostics, &path, &text, console))?;
    Ok(directory)
}

/// A ceremony file that was planned before reads as it did then.
fn parsed(text: &str, path: &std::path::Path, console: &mut Console) -> Result<Script, Failure> {
    script::parse(text).map_err(|diagnostics| refused(&diagnostics, path, text, console))
}

fn not_rehearsable(error: NotRehearsable) -> Failure {
    Failure::refused(error, "rehearse this part by hand, with the device's own test partition")
}

fn not_a_rehearsal(error: crate::format::RehearsesSomethingElse) -> Failure {
    Failure::refused(error, "derive the rehearsal with the program that planned the ceremony")
}

/// What people do next, in the commands that they will type on the day.
fn tell(place: &Place, plan: &Plan, roster: &Roster, console: &mut Console) {
    let attempt = plan.ordinal;
    let directory = place.directory().display();
    let head = console.marked(Mark::Bold, "What people do now, as they will on the day:");
    console.line(format!(
        "\n{head}\n\
         each of {} approves it with the throw-away key, whose passphrase lies beside it:\n  \
         anchorite officer sign --plan {directory}/{attempt}/plan --binding {directory}/{attempt}/binding.toml \
         --roster {directory}/roster.toml --as NAME --key {directory}/custody/NAME.key.pem \
         --output {directory}/{attempt}/approvals\n\
         then one of them runs it:\n  \
         anchorite run {directory}/{attempt}/plan --binding {directory}/{attempt}/binding.toml \
         --authority {directory}/authority --approvals {directory}/{attempt}/approvals \
         --exchange {directory}/{attempt}/exchange\n\
         and somebody else verifies it:\n  \
         anchorite verify {directory}/authority --rehearsal --roster {directory}/roster.toml --expect-head HEAD",
        approvers(plan, roster),
    ));
}

fn approvers(plan: &Plan, roster: &Roster) -> String {
    let names = |all: bool| {
        let people =
            roster.people.iter().filter(|person| all || person.roles.contains(&crate::format::Role::Officer));
        people.map(|person| person.name.to_string()).collect::<Vec<_>>().join(", ")
    };
    match plan.ordinal {
        1 => names(true),
        _ => format!("{} officers ({})", roster.thresholds.approve, names(false)),
    }
}
