use std::fs;
use std::path::Path;
use std::process::ExitCode;

use super::args::{ExchangeArguments, RunArguments};
use super::console::{Console, Mark};
use super::failure::{Exit, Failure};
use super::plan::{TOOL, read, summary_of_run};
use super::records::verified_ledger;
use super::reexec;
use super::rehearsed;
use super::scripted::Scripted;
use super::sheets::Sheets;
use super::stopped::stopped;
use super::terminal::Terminal;
use crate::execute::{self, Ceremony, Error, Exchange, Finished, Operator};
use crate::format::{Binding, BundleDirectory, FileName, HostState, Mode, Outcome, Plan, Roster};
use crate::host;
use crate::ledger::Ledger;
use crate::plan::{DirectoryError, PlanDirectory};
use crate::record::StagedContent;
use crate::render::{escaped, hex_groups, words};
use crate::roster::{Context, approve};

/// The files that travel with every record so that it explains itself to a stranger.
const EXPLAINING: [(&str, &str); 4] = [
    ("SPEC.md", include_str!("../../docs/record-format.md")),
    ("README-VERIFY.txt", include_str!("../../docs/README-VERIFY.txt")),
    ("verify.py", include_str!("../../scripts/verify.py")),
    ("verify.sh", include_str!("../../scripts/verify.sh")),
];

/// `anchorite run`
pub(crate) fn run(arguments: &RunArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let unreadable =
        |error: DirectoryError| Failure::refused(error, "plan again, and have the new plan approved");
    let mode = PlanDirectory::announced_mode(&arguments.plan).map_err(unreadable)?;
    let binding_bytes = read(&arguments.binding)?;
    let binding = Binding::parse_in(&binding_bytes, mode).map_err(|error| {
        Failure::usage(
            error,
            "correct the binding; every approval names its SHA-256, so have the plan approved again",
        )
    })?;
    reexec::with_only(&binding.variables)?;
    host::harden();

    let directory = PlanDirectory::read_in(&arguments.plan, mode).map_err(unreadable)?;
    let roster =
        Roster::parse_in(&directory.roster, mode).map_err(|error| Failure::usage(error, "plan again"))?;
    let ledger = verified_ledger(&arguments.authority, mode)?;
    same_first_roster(&ledger, &roster)?;
    let incoming = incoming(&directory.plan, |name| {
        directory.inputs.iter().find(|(input, _)| input == name).map(|(_, bytes)| bytes.clone())
    })?;
    let proof = rehearsed::proof(&directory.plan, arguments.rehearsal.as_deref())?;
    let approvals = read_approvals(&arguments.approvals)?;
    let signed: Vec<_> =
        approvals.iter().map(|approval| (approval.statement.clone(), approval.signature.clone())).collect();
    let context = Context {
        mode,
        roster: ledger.roster.as_ref().unwrap_or(&roster),
        incoming: incoming.as_ref(),
        plan_bytes: &directory.plan_json,
        binding: &binding,
        ordinal: ledger.ordinal + 1,
        previous_head: ledger.head,
    };
    let approved = approve(&context, &signed, host::now()).map_err(|refused| {
        Failure::refused(refused, "nothing happened; have this plan approved for this machine, as it is now")
    })?;

    summary_of_run(approved.plan(), &approved.plan_sha256(), console);
    if let Some(named) = &proof.named {
        console.line(format!("rehearsed; head of the rehearsal {}", named.head));
    }
    let names: Vec<String> = approved.signers().iter().map(ToString::to_string).collect();
    console.line(format!("approved by {}", names.join(", ")));
    let ceremony = Ceremony {
        approved,
        binding: &binding,
        authority: &arguments.authority,
        rehearsal: proof.named,
        ledger: &ledger,
        staged: staged(directory, binding_bytes, approvals, proof.files),
        tool: TOOL.to_owned(),
    };
    let exchange = open_exchange(&arguments.exchange)?;
    let finished = with_operator(&arguments.exchange, mode, console, |operator| {
        execute::run(&ceremony, operator, &exchange)
    })?;
    report(&finished, &arguments.authority, mode, console);
    Ok(match finished.outcome {
        Outcome::Complete => ExitCode::SUCCESS,
        // Whoever waits for what the plan promised learns here that it will not come.
        Outcome::Aborted | Outcome::InProgress => Exit::Stopped.into(),
    })
}

/// After an aborted genesis nothing is granted, and the next attempt runs under the roster whose keys it proved.
fn same_first_roster(ledger: &Ledger, roster: &Roster) -> Result<(), Failure> {
    match ledger.first_roster_sha256.filter(|_| ledger.roster.is_none()) {
        Some(first) if first != roster.sha256 => Err(Failure::refused(
            format!("the roster has SHA-256 {}, the authority began with {first}", roster.sha256),
            "plan with the roster that the authority began with, or begin a new authority",
        )),
        _ => Ok(()),
    }
}

/// The roster that a plan brings in, where it changes the people.
pub(super) fn incoming(
    plan: &Plan,
    read: impl FnOnce(&FileName) -> Option<Vec<u8>>,
) -> Result<Option<Roster>, Failure> {
    let Some(file) = plan.incoming_roster() else {
        return Ok(None);
    };
    let bytes = read(&file.name).filter(|bytes| file.matches(bytes)).ok_or_else(|| {
        Failure::refused(format!("{} is not the roster that the plan brings in", file.name), "plan again")
    })?;
    Roster::parse_in(&bytes, plan.mode).map(Some).map_err(|error| Failure::usage(error, "plan again"))
}

/// The directory through which statements travel.
pub(super) fn open_exchange(arguments: &ExchangeArguments) -> Result<Exchange, Failure> {
    Exchange::at(&arguments.exchange)
        .map_err(|error| Failure::usage(error, "choose another exchange directory"))
}

/// The authority that a bundle is in.
pub(super) fn authority_of(record: &Path) -> &Path {
    record.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether a bundle is of a ceremony or of a rehearsal, as its log says.
pub(super) fn mode_of(record: &Path) -> Result<Mode, Failure> {
    Ok(Mode::announced(&read(&record.join("log.jsonl"))?))
}

/// Runs `act` with the operator that the command line asks for.
pub(super) fn with_operator(
    arguments: &ExchangeArguments,
    mode: Mode,
    console: &mut Console,
    act: impl FnOnce(&mut dyn Operator) -> Result<Finished, Error>,
) -> Result<Finished, Failure> {
    let result = match (&arguments.answers, &arguments.custody) {
        (Some(answers), Some(custody)) => act(&mut Scripted::read(answers, custody, mode, console)?),
        _ => {
            let sheets =
                arguments.sheets.clone().map(|directory| Sheets { directory, form: arguments.sheet_form });
            let terminal = Terminal::open(console.colour(), sheets, mode).map_err(|error| {
                Failure::usage(
                    format!("there is no terminal: {error}"),
                    "run it in a terminal, or with --answers",
                )
            })?;
            act(&mut { terminal })
        }
    };
    result.map_err(|error| stopped(&error))
}

/// How the machine keeps secrets in its memory; what is missing goes on a line of its own.
pub(super) fn host_line(state: &HostState) -> String {
    let line = escaped(&format!("host: {state}"));
    match state.exposure() {
        Some(exposure) => {
            format!("{line}\nwarning: secrets can reach a disk: {}", escaped(&exposure.to_string()))
        }
        None => line,
    }
}

/// The end of a ceremony: how it ended, and the head that people copy by hand.
pub(super) fn report(finished: &Finished, authority: &Path, mode: Mode, console: &mut Console) {
    let Finished { outcome, head, directory } = finished;
    console.line("");
    let outcome = match outcome {
        Outcome::Complete => console.marked(Mark::Good, "complete and sealed"),
        Outcome::Aborted | Outcome::InProgress => console.marked(Mark::Warn, "aborted and sealed"),
    };
    console.line(format!("{}: {outcome}", directory.display()));
    console.line(format!("head  {}", hex_groups(head)));
    for row in words(head) {
        console.line(format!("      {row}"));
    }
    console.line("Copy the head by hand: it is the checkpoint that the next plan and every auditor needs.");
    let rehearsal = if mode == Mode::Rehearsal { " --rehearsal" } else { "" };
    console.line(format!(
        "  anchorite verify {}{rehearsal} --roster ROSTER --expect-head {head}",
        authority.display()
    ));
}

pub(super) struct Approval {
    stem: String,
    pub(super) statement: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

/// Every `approval.NAME.txt` with its `.sig`, sorted by name. Other files are nobody's approval.
pub(super) fn read_approvals(directory: &Path) -> Result<Vec<Approval>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::usage(
            format!("`{}`: {error}", directory.display()),
            "name the directory of the officers' approvals",
        )
    };
    let mut stems = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".txt").filter(|stem| stem.starts_with("approval.")) {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    let mut approvals = Vec::new();
    for stem in stems {
        let statement = read(&directory.join(format!("{stem}.txt")))?;
        let signature = read(&directory.join(format!("{stem}.sig")))?;
        approvals.push(Approval { stem, statement, signature });
    }
    Ok(approvals)
}

/// Everything that lies in the bundle from the beginning.
fn staged(
    plan: PlanDirectory,
    binding: Vec<u8>,
    approvals: Vec<Approval>,
    rehearsal: Vec<(String, Vec<u8>)>,
) -> Vec<StagedContent> {
    let top = EXPLAINING.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let own = [
        ("plan.json".to_owned(), plan.plan_json),
        ("ceremony.toml".to_owned(), plan.script),
        ("roster.toml".to_owned(), plan.roster),
        ("binding.toml".to_owned(), binding),
    ];
    let plan_files = plan.inputs.into_iter().chain(plan.tbs).map(|(name, bytes)| (name.to_string(), bytes));
    let approvals = approvals.into_iter().flat_map(|Approval { stem, statement, signature }| {
        [(format!("{stem}.txt"), statement), (format!("{stem}.sig"), signature)]
    });
    let artifacts = own.into_iter().chain(plan_files).chain(approvals).chain(rehearsal);
    let artifacts =
        artifacts.map(|(name, bytes)| (format!("{}{name}", BundleDirectory::Artifacts.prefix()), bytes));
    top.into_iter().chain(artifacts).map(|(path, bytes)| StagedContent { path, bytes }).collect()
}
