use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::args::{
    RotatePlanArguments, RotateReportArguments, RotateStatusArguments, RotateVerb, RotationArguments,
};
use super::certificates::released;
use super::console::{Console, Mark};
use super::failure::Failure;
use super::plan::read;
use super::records::verified_ledger;
use crate::artifact::{self, Access};
use crate::deploy::rotation::{Break, Known, Reported, as_text, ceremonies, schedule, status};
use crate::deploy::spiffe_bundle;
use crate::format::{Digest, FieldEvidence, Mode, Role, Roster, Rotation, RotationPhase, Signer, Statement};
use crate::host;
use crate::ledger::Ledger;
use crate::pki::Certificate;
use crate::render::hex_groups;
use crate::roster::check_signature;

/// `anchorite rotate`
pub(crate) fn run(verb: &RotateVerb, console: &mut Console) -> Result<ExitCode, Failure> {
    match verb {
        RotateVerb::Plan(arguments) => plan(arguments, console),
        RotateVerb::Status(arguments) => show_status(arguments, console),
        RotateVerb::Report(arguments) => report(arguments, console),
    }
}

/// A rotation file with what is recorded.
fn open(arguments: &RotationArguments) -> Result<(Rotation, Digest, Ledger), Failure> {
    let bytes = read(&arguments.rotation)?;
    let rotation = parse(&arguments.rotation, &bytes)?;
    Ok((rotation, Digest::of(&bytes), verified_ledger(&arguments.authority, Mode::Ceremony)?))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Rotation, Failure> {
    Rotation::parse(bytes).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()), "docs/rotation.md has every key of the file")
    })
}

/// Everything that would break, each on its own line, and one answer.
fn refused(breaks: &[Break], console: &mut Console) -> Failure {
    for broken in breaks {
        console.note(format!("would break: {broken}"));
    }
    let message = format!("{} reasons against this rotation; nothing was written", breaks.len());
    Failure::refused(message, "change dates or consumers in the rotation file")
}

fn plan(arguments: &RotatePlanArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let (rotation, _, ledger) = open(&arguments.rotation)?;
    let known = Known::of(&ledger, &rotation).map_err(|broken| refused(&[broken], console))?;
    let schedule = schedule(&rotation, &known).map_err(|breaks| refused(&breaks, console))?;
    let text = as_text(&schedule);
    let taken =
        |error| Failure::usage(error, "choose a directory that does not exist; nothing is overwritten");
    let output = &arguments.output;
    for directory in [output.clone(), output.join("ceremonies"), output.join("bundles")] {
        artifact::create_directory(&directory).map_err(taken)?;
    }
    let write = |name: String, bytes: &str| {
        artifact::create_at(&output.join(name), bytes.as_bytes(), Access::Everybody).map_err(taken)
    };
    write("schedule.txt".to_owned(), &text)?;
    for ceremony in ceremonies(&rotation, &known, &schedule) {
        write(format!("ceremonies/{}", ceremony.file), &ceremony.text)?;
    }
    for (name, phase, roots) in bundles(&arguments.rotation.authority, &known)? {
        let sequence = schedule.phase(phase).map_or(0, |planned| planned.sequence);
        let spiffe = spiffe_bundle(&roots, sequence, arguments.refresh_hint)
            .map_err(|error| Failure::refused(error, "see docs/rotation.md"))?;
        write(format!("bundles/{name}.pem"), &pem(&roots))?;
        write(format!("bundles/{name}.spiffe.json"), &spiffe)?;
    }
    console.line(text);
    let good = format!("{}: written", output.display());
    console.line(console.marked(Mark::Good, good));
    if known.new.is_none() {
        console.line(
            "The bundles with the new root follow when it is there: plan the same rotation again then.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A bundle: its name, the phase from which on it is given out, and its roots.
type Bundle = (&'static str, RotationPhase, Vec<Certificate>);

/// What is given out in which phase, as far as the roots are there.
fn bundles(authority: &Path, known: &Known<'_>) -> Result<Vec<Bundle>, Failure> {
    let old = released(authority, known.old)?;
    let mut all = vec![("old", RotationPhase::Generated, vec![old.clone()])];
    if let Some(new) = known.new {
        let new = released(authority, new)?;
        all.push(("both", RotationPhase::Published, vec![old, new.clone()]));
        all.push(("new", RotationPhase::OldRemoved, vec![new]));
    }
    Ok(all)
}

fn pem(roots: &[Certificate]) -> String {
    roots.iter().map(Certificate::to_pem).collect()
}

fn show_status(arguments: &RotateStatusArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let (rotation, rotation_sha256, ledger) = open(&arguments.rotation)?;
    let known = Known::of(&ledger, &rotation).map_err(|broken| refused(&[broken], console))?;
    let schedule = schedule(&rotation, &known).map_err(|breaks| refused(&breaks, console))?;
    let evidence = reports(arguments, &rotation, rotation_sha256, console)?;
    let of = |wanted: &str, bundles: &[Bundle]| {
        let found = bundles.iter().find(|(name, ..)| *name == wanted);
        found.map(|(.., roots)| Digest::of(pem(roots).as_bytes()))
    };
    let bundles = bundles(&arguments.rotation.authority, &known)?;
    let (both, new) = (of("both", &bundles), of("new", &bundles));
    let at = arguments.at.unwrap_or_else(host::now);
    let reported = Reported { evidence: &evidence, both, new };
    let status = status(&rotation, &known, &schedule, &reported, at);
    let reached = status.reached.map_or_else(|| "nothing yet".to_owned(), |phase| phase.to_string());
    console.line(format!("at        {at}"));
    console.line(format!("reached   {}", console.marked(Mark::Bold, &reached)));
    let Some(next) = status.next else {
        console.line(console.marked(Mark::Good, "the rotation is complete"));
        return Ok(ExitCode::SUCCESS);
    };
    console.line(format!("next      {}", next.phase));
    console.line(format!("how       {}", next.act));
    console.line(format!("safe from {}", next.not_before));
    for missing in &next.missing {
        console.line(format!("missing   {missing}"));
    }
    for waits in &next.waits_for {
        console.line(format!("waits     {waits}"));
    }
    let (mark, verdict) = if next.safe {
        (Mark::Good, "it is safe to begin it now")
    } else {
        (Mark::Warn, "it is NOT safe to begin it now")
    };
    console.line(console.marked(mark, verdict));
    if let Some(planned) = status.reached.and_then(|reached| schedule.phase(reached)) {
        console.line(format!("undo      {}", planned.undo));
    }
    Ok(ExitCode::SUCCESS)
}

/// The field's reports in a directory: each of this rotation, signed by an officer of the roster.
fn reports(
    arguments: &RotateStatusArguments,
    rotation: &Rotation,
    rotation_sha256: Digest,
    console: &mut Console,
) -> Result<Vec<FieldEvidence>, Failure> {
    let roster = roster(&arguments.roster)?;
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("{}: {error}", arguments.evidence.display()), "make the directory")
    };
    let mut paths: Vec<_> = fs::read_dir(&arguments.evidence)
        .map_err(unreadable)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let (statement, signature) = (read(&path)?, read(&path.with_extension("sig"))?);
        let judged = check_signature(&roster, &statement, &signature).map_err(|problem| problem.to_string());
        let good = judged.and_then(|signed| match signed.statement {
            Statement::Field(report) if report.signer.role != Role::Officer => {
                Err("no officer signed it".to_owned())
            }
            Statement::Field(report)
                if report.rotation_sha256 == rotation_sha256
                    && report.authority == rotation.authority
                    && report.roster_sha256 == roster.sha256 =>
            {
                Ok(report)
            }
            Statement::Field(_) => Err("it is of another rotation, authority or roster".to_owned()),
            _ => Err("it is no report of the field".to_owned()),
        });
        match good {
            Ok(report) => found.push(report),
            Err(reason) => console.note(format!("does not count: {}: {reason}", path.display())),
        }
    }
    Ok(found)
}

fn roster(path: &Path) -> Result<Roster, Failure> {
    let bytes = read(path)?;
    Roster::parse_in(&bytes, Mode::Ceremony)
        .map_err(|error| Failure::usage(error, "use the roster that the authority's records have"))
}

fn report(arguments: &RotateReportArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let bytes = read(&arguments.rotation)?;
    let rotation = parse(&arguments.rotation, &bytes)?;
    let roster = roster(&arguments.roster)?;
    if rotation.consumer.iter().all(|consumer| consumer.name != arguments.consumer) {
        let message = format!("the rotation has no consumer `{}`", arguments.consumer);
        return Err(Failure::refused(message, "name one of its `[[consumer]]` tables"));
    }
    let officer = roster.person(&arguments.signer).filter(|person| person.roles.contains(&Role::Officer));
    let officer = officer.ok_or_else(|| {
        Failure::refused(format!("`{}` is no officer of the roster", arguments.signer), "name an officer")
    })?;
    let statement = Statement::Field(FieldEvidence {
        authority: rotation.authority.clone(),
        rotation_sha256: Digest::of(&bytes),
        roster_sha256: roster.sha256,
        consumer: arguments.consumer.clone(),
        phase: arguments.phase,
        bundle_sha256: Digest::of(&read(&arguments.bundle)?),
        signer: Signer {
            name: officer.name.clone(),
            role: Role::Officer,
            spki_sha256: Digest::of(&officer.public_key.0),
            algorithm: officer.algorithm,
            time: host::now(),
        },
    });
    let path = arguments.output.join(format!("{}.{}.txt", arguments.consumer, arguments.phase));
    artifact::create_at(&path, &statement.encode(), Access::Everybody).map_err(|error| {
        Failure::usage(error, "choose a directory that is there, and has no such report yet")
    })?;
    console.line(format!("{}", path.display()));
    console.line(format!("rotation-sha256  {}", hex_groups(&Digest::of(&bytes))));
    console.line(format!("Sign it: anchorite officer sign {} --roster ROSTER --key KEY", path.display()));
    Ok(ExitCode::SUCCESS)
}
