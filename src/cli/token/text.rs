//! What `anchorite token` prints for people. Everything that a token or a path says is escaped.

use crate::cli::console::{Console, Mark};
use crate::format::PinState;
use crate::format::{Binding, TokenBinding};
use crate::token::{DeviceProfile, Mechanism, Module, TokenDescription};

use super::entry;

/// Which module was loaded, and whether it was compared with a binding.
pub(super) fn module(module: &Module, compared: bool, console: &mut Console) {
    let verdict = if compared {
        console.marked(Mark::Good, "the binding's")
    } else {
        console.marked(Mark::Dim, "compared with nothing: no binding was given")
    };
    heading("Module", console);
    field("file", &escaped(&module.path().to_string_lossy()), console);
    field("SHA-256", &module.sha256().to_string(), console);
    field("", &verdict, console);
}

/// One line a token.
pub(super) fn table(tokens: &[TokenDescription], binding: Option<&Binding>, console: &mut Console) {
    console.line("");
    if tokens.is_empty() {
        console.line("The module shows no token.");
        return;
    }
    let mut rows = vec![["TOKEN", "SERIAL", "LABEL", "STATE", "USER PIN", "MADE BY"].map(str::to_owned)];
    rows.extend(tokens.iter().map(|token| {
        [
            entry(token, binding).map_or_else(|| "-".to_owned(), |entry| entry.name.to_string()),
            escaped(&token.serial),
            escaped(&token.label),
            state(token),
            user_pin(token),
            maker(token),
        ]
    }));
    let mut lines = aligned(&rows).into_iter();
    if let Some(head) = lines.next() {
        heading(&head, console);
    }
    for line in lines {
        console.line(line);
    }
}

/// All that one token says of itself.
pub(super) fn token(
    token: &TokenDescription,
    entry: Option<&TokenBinding>,
    profile: Option<&DeviceProfile>,
    console: &mut Console,
) {
    console.line("");
    heading(&entry.map_or_else(|| "Token".to_owned(), |entry| format!("Token {}", entry.name)), console);
    field("serial", &escaped(&token.serial), console);
    field("label", &escaped(&token.label), console);
    let maker = if token.is_software() { console.marked(Mark::Warn, maker(token)) } else { maker(token) };
    field("made by", &maker, console);
    field("version", &format!("hardware {}, firmware {}", token.hardware, token.firmware), console);
    field("state", &state(token), console);
    field("user PIN", &user_pin(token), console);
    // A blank token has no such PIN; SoftHSM calls it locked then.
    let so_pin = if token.initialised { pin_state(token.so_pin) } else { "not set" };
    field("SO PIN", so_pin, console);
    field("PIN length", &format!("{} to {} bytes", token.pin_min, token.pin_max), console);
    let login = match (token.protected_authentication_path, token.login_required) {
        (true, _) => "on the device itself",
        (false, true) => "with a PIN",
        (false, false) => "not required",
    };
    field("login", login, console);
    field(
        "slot",
        &format!("{} (id {}, never an address)", escaped(&token.slot_description), token.slot_id),
        console,
    );
    if let Some(profile) = profile {
        field("profile", &format!("{}: {}", profile.name, profile.device), console);
        field("", &format!("source: {}", profile.source), console);
        field("", &format!("PINs: {}", profile.pin), console);
    }
}

/// The mechanisms in two columns, read downwards line by line.
pub(super) fn mechanisms(mechanisms: &[Mechanism], console: &mut Console) {
    console.line("");
    heading(&format!("{} mechanisms", mechanisms.len()), console);
    let names: Vec<String> = mechanisms.iter().map(Mechanism::to_string).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    for pair in names.chunks(2) {
        let cells: Vec<String> = pair.iter().map(|name| format!("{name:<width$}")).collect();
        console.line(format!("  {}", cells.join("  ")).trim_end());
    }
}

/// A binding for these tokens, to be completed with names and profiles.
pub(super) fn binding(module: &Module, tokens: &[TokenDescription], console: &mut Console) {
    console.line("");
    heading("For a binding", console);
    console.line("# Choose the names that the ceremony uses, and the profiles (docs/devices.md).");
    console.line(format!("format = {}\n\n[module]", quoted(Binding::FORMAT.ceremony)));
    console.line(format!("path = {}", quoted(&module.path().to_string_lossy())));
    console.line(format!("sha256 = \"{}\"", module.sha256()));
    let variables: Vec<(&str, String)> =
        Binding::VARIABLES.into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?))).collect();
    if !variables.is_empty() {
        console.line("\n[variables]");
    }
    for (name, value) in variables {
        console.line(format!("{name} = {}", quoted(&value)));
    }
    for (place, token) in tokens.iter().enumerate() {
        let address = if token.initialised {
            format!("serial = {}", quoted(&token.serial))
        } else {
            "blank = true".to_owned()
        };
        let profile = DeviceProfile::proposed_for(token)
            .map_or_else(|| "generic".to_owned(), |profile| profile.name.to_string());
        console.line(format!("\n[[token]]\nname = \"token-{}\"", place + 1));
        console.line(format!("{address}\nprofile = \"{profile}\""));
    }
}

fn heading(text: &str, console: &mut Console) {
    console.line(console.marked(Mark::Bold, text));
}

fn field(name: &str, value: &str, console: &mut Console) {
    console.line(format!("  {name:<11} {value}").trim_end());
}

fn state(token: &TokenDescription) -> String {
    let initialised = if token.initialised { "initialised" } else { "blank" };
    let protected = if token.write_protected { ", write-protected" } else { "" };
    format!("{initialised}{protected}")
}

fn user_pin(token: &TokenDescription) -> String {
    match (token.user_pin_set, token.user_pin) {
        (false, PinState::Ok) => "not set".to_owned(),
        (false, state) => format!("not set, {}", pin_state(state)),
        (true, PinState::Ok) => "set".to_owned(),
        (true, state) => format!("set, {}", pin_state(state)),
    }
}

fn pin_state(state: PinState) -> &'static str {
    match state {
        PinState::Ok => "no wrong try reported",
        PinState::CountLow => "a wrong PIN was tried",
        PinState::FinalTry => "FINAL TRY: one more wrong PIN locks it",
        PinState::Locked => "LOCKED",
        PinState::ToBeChanged => "to be changed",
    }
}

fn maker(token: &TokenDescription) -> String {
    let software = if token.is_software() { " (software: not for production)" } else { "" };
    format!("{}, {}{software}", escaped(&token.manufacturer), escaped(&token.model))
}

fn escaped(text: &str) -> String {
    match text {
        "" => "-".to_owned(),
        text => text.escape_debug().to_string(),
    }
}

/// A TOML basic string; every escape of JSON is one of TOML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    rows.iter()
        .map(|row| {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}
