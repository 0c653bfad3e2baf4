use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::failure::Failure;

/// Says that this process was started by [`with_only`].
pub(super) const MARKER: &str = "ANCHORITE_ENVIRONMENT";

/// What the program itself needs: the search path, the terminal's kind, the language, the wish for no colour.
///
/// `HOME` is not here, so that a module reads no configuration from the home directory that nobody reviewed; `TZ`
/// is not, because every instant is UTC.
const KEPT: [&str; 6] = ["LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "PATH", "TERM"];

/// Goes on only in a process whose environment is the binding's variables and what the program itself needs.
///
/// A module reads its configuration from the environment, and the loader takes libraries from there (`LD_*`), so a
/// process that sees PINs has nothing there that officers did not approve. When the environment is another one,
/// this program is started anew in this process with the same arguments, and this function does not return.
///
/// # Errors
/// When the program cannot be started anew, or has been and its environment is another one still.
pub(crate) fn with_only(variables: &BTreeMap<String, String>) -> Result<(), Failure> {
    let found: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    let wanted = reduced(&found, variables);
    if found == wanted {
        return Ok(());
    }
    if found.contains_key(&OsString::from(MARKER)) {
        return Err(Failure::token(
            "the program was started anew, but its environment is not the one the binding asks for",
            format!("unset {MARKER} and start again"),
        ));
    }
    let mut arguments = std::env::args_os();
    let mut command = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let error = command.args(arguments).env_clear().envs(wanted).exec();
    Err(Failure::token(
        format!("the program cannot be started anew with the binding's variables: {error}"),
        "check that /proc is mounted",
    ))
}

fn reduced(
    found: &BTreeMap<OsString, OsString>,
    variables: &BTreeMap<String, String>,
) -> BTreeMap<OsString, OsString> {
    let kept = found
        .iter()
        .filter(|(name, _)| KEPT.iter().any(|kept| *name == *kept))
        .map(|(name, value)| (name.clone(), value.clone()));
    let bound = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    kept.chain(bound).chain([(OsString::from(MARKER), OsString::from("binding"))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<OsString, OsString> {
        pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    #[test]
    fn a_module_sees_the_bindings_variables_and_none_that_nobody_approved() {
        let found = environment(&[
            ("PATH", "/usr/bin"),
            ("HOME", "/root"),
            ("LD_PRELOAD", "/tmp/x.so"),
            ("SOFTHSM2_CONF", "/tmp/other.conf"),
            ("KRYOPTIC_CONF", "/tmp/kryoptic.conf"),
            ("TERM", "xterm"),
            ("TZ", "Europe/Zurich"),
        ]);
        let variables = BTreeMap::from([("SOFTHSM2_CONF".to_owned(), "/approved.conf".to_owned())]);
        let wanted = environment(&[
            (MARKER, "binding"),
            ("PATH", "/usr/bin"),
            ("SOFTHSM2_CONF", "/approved.conf"),
            ("TERM", "xterm"),
        ]);
        assert_eq!(reduced(&found, &variables), wanted);
        assert_eq!(reduced(&wanted, &variables), wanted);
    }
}
