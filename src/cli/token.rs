//! `anchorite token`: what a module shows without a login, and the lines that a binding needs.

mod text;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use crate::format::{Binding, Digest, Name, TokenAddress, TokenBinding, to_json};
use crate::token::{DeviceProfile, Error, Mechanism, Module, TokenDescription};

use super::args::{InspectArguments, ModuleArguments, OutputFormat, TokenArguments, TokenVerb};
use super::console::Console;
use super::failure::Failure;
use super::reexec;

/// `anchorite token`
pub(crate) fn run(arguments: &TokenArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    match &arguments.verb {
        TokenVerb::List(arguments) => list(arguments, console)?,
        TokenVerb::Inspect(arguments) => inspect(arguments, console)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            // The binding is wrong, not the token.
            Error::Profile { .. } => Self::usage(&error, error.remedy()),
            _ => Self::token(&error, error.remedy()),
        }
    }
}

/// What the JSON form says of a module.
#[derive(Serialize)]
struct ModuleAnswer {
    path: String,
    sha256: Digest,
}

/// What the JSON form says of a token.
#[derive(Serialize)]
struct TokenAnswer<'a> {
    #[serde(flatten)]
    description: &'a TokenDescription,
    software: bool,
    /// What the binding calls it.
    name: Option<&'a Name>,
}

#[derive(Serialize)]
struct ListAnswer<'a> {
    module: ModuleAnswer,
    tokens: Vec<TokenAnswer<'a>>,
}

#[derive(Serialize)]
struct InspectAnswer<'a> {
    module: ModuleAnswer,
    token: TokenAnswer<'a>,
    mechanisms: &'a [Mechanism],
}

fn list(arguments: &ModuleArguments, console: &mut Console) -> Result<(), Failure> {
    let (module, binding) = load(arguments)?;
    let binding = binding.as_ref();
    let tokens = module.tokens()?;
    if arguments.format == OutputFormat::Json {
        let tokens = tokens.iter().map(|token| TokenAnswer::new(token, binding));
        let (module, tokens) = (ModuleAnswer::new(&module), tokens.collect());
        return json(&ListAnswer { module, tokens }, console);
    }
    text::module(&module, binding.is_some(), console);
    text::table(&tokens, binding, console);
    if binding.is_none() {
        text::binding(&module, &tokens, console);
    }
    Ok(())
}

fn inspect(arguments: &InspectArguments, console: &mut Console) -> Result<(), Failure> {
    let (module, binding) = load(&arguments.module)?;
    let binding = binding.as_ref();
    let token = match &arguments.serial {
        Some(serial) => module.find(&TokenAddress::Serial(serial.clone()))?,
        None => only(module.tokens()?)?,
    };
    let mechanisms = module.mechanisms(&token)?;
    if arguments.module.format == OutputFormat::Json {
        let (module, token) = (ModuleAnswer::new(&module), TokenAnswer::new(&token, binding));
        let mechanisms = &mechanisms;
        return json(&InspectAnswer { module, token, mechanisms }, console);
    }
    let entry = entry(&token, binding);
    let profile = entry.map(|entry| DeviceProfile::named(&entry.profile)).transpose()?;
    text::module(&module, binding.is_some(), console);
    text::token(&token, entry, profile.as_ref(), console);
    text::mechanisms(&mechanisms, console);
    if binding.is_none() {
        text::binding(&module, std::slice::from_ref(&token), console);
    }
    Ok(())
}

/// Loads the module that the arguments mean, in the environment that a binding asks for.
fn load(arguments: &ModuleArguments) -> Result<(Module, Option<Binding>), Failure> {
    if let Some(path) = &arguments.binding {
        let binding = read_binding(path)?;
        reexec::with_only(&binding.variables)?;
        let module = Module::load(&binding.module.path, Some(&binding.module.sha256))?;
        return Ok((module, Some(binding)));
    }
    let path = arguments
        .module
        .as_deref()
        .ok_or_else(|| Failure::usage("no module is named", "give --binding FILE or --module FILE"))?;
    // A binding takes absolute paths only, and the lines that are printed for one hold this path.
    let path = std::path::absolute(path).map_err(|error| {
        Failure::usage(
            format!("the module's path cannot be made absolute: {error}"),
            "give the module's full path",
        )
    })?;
    Ok((Module::load(&path, None)?, None))
}

fn read_binding(path: &Path) -> Result<Binding, Failure> {
    let shown = path.to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::usage(
            format!("the binding {} cannot be read: {error}", shown.escape_debug()),
            "check the path",
        )
    })?;
    Binding::parse(&bytes).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", shown.escape_debug()),
            "correct the binding; docs/roster-and-binding.md describes it",
        )
    })
}

/// The token that is meant when none is named: the only one that is initialised, or else the only one.
fn only(tokens: Vec<TokenDescription>) -> Result<TokenDescription, Failure> {
    let count = tokens.len();
    let (initialised, blank): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|token| token.initialised);
    let mut meant = if initialised.is_empty() { blank } else { initialised };
    match (meant.pop(), meant.is_empty()) {
        (Some(token), true) => Ok(token),
        (None, _) => Err(Failure::token(
            "the module shows no token",
            "connect one; the module may need a variable, which a binding names",
        )),
        (Some(_), false) => Err(Failure::usage(
            format!("the module shows {count} tokens, and none is named"),
            "name one with --serial; `anchorite token list` shows them",
        )),
    }
}

/// The binding's entry whose address the token has.
fn entry<'a>(token: &TokenDescription, binding: Option<&'a Binding>) -> Option<&'a TokenBinding> {
    binding?.tokens.iter().find(|entry| token.has(&entry.address))
}

impl ModuleAnswer {
    fn new(module: &Module) -> Self {
        Self { path: module.path().to_string_lossy().into_owned(), sha256: module.sha256() }
    }
}

impl<'a> TokenAnswer<'a> {
    fn new(description: &'a TokenDescription, binding: Option<&'a Binding>) -> Self {
        Self {
            description,
            software: description.is_software(),
            name: entry(description, binding).map(|entry| &entry.name),
        }
    }
}

fn json(answer: &impl Serialize, console: &mut Console) -> Result<(), Failure> {
    let bytes = to_json(answer).map_err(|error| Failure::token(error, "use --format table"))?;
    console.line(String::from_utf8_lossy(&bytes));
    Ok(())
}
