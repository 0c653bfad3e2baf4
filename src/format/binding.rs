use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::roster::parse_toml;
use super::{Digest, Magic, Mode, Name, OtherMode};

/// What this machine has: the PKCS#11 module and which real token each name of the plan means.
///
/// Officers approve the SHA-256 of the file's bytes; a copy lies in the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The module that is loaded.
    pub module: ModuleBinding,
    /// Variables that the module's configuration needs, and the only ones the run has. Names from
    /// [`Binding::VARIABLES`].
    pub variables: BTreeMap<String, String>,
    /// A directory on another medium that gets every byte of the record too.
    pub mirror: Option<PathBuf>,
    /// One entry for each token that the plan names.
    pub tokens: Vec<TokenBinding>,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

/// The PKCS#11 module.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleBinding {
    /// Absolute path of the shared library.
    pub path: PathBuf,
    /// SHA-256 of that file, compared before it is loaded.
    pub sha256: Digest,
}

/// Which real token a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBinding {
    /// The name that the ceremony file uses.
    pub name: Name,
    /// How the token is recognised. Never by slot: slots are renumbered.
    pub address: TokenAddress,
    /// The device profile (`token/profiles/`).
    pub profile: Name,
}

/// How a token is recognised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenAddress {
    /// The one slot whose token is not initialised.
    Blank,
    /// CK_TOKEN_INFO.serialNumber, trailing spaces removed: 1 to 16 printable ASCII characters, no space.
    Serial(String),
}

impl std::fmt::Display for TokenAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Blank => f.write_str("blank"),
            Self::Serial(serial) => write!(f, "serial={serial}"),
        }
    }
}

/// Why a file is no binding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    /// Not TOML, or not a binding's TOML.
    #[error("binding line {line}: {reason}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The file names another format.
    #[error("this binding's format is `{found}`; `{}` is known", Binding::FORMAT.ceremony)]
    Format {
        /// What it names.
        found: String,
    },
    /// A rehearsal's where a ceremony's is read, or the other way round.
    #[error(transparent)]
    OtherMode(#[from] OtherMode),
    /// A relative path would be searched for in places nobody reviewed.
    #[error("the module's path `{}` is not absolute", path.display())]
    RelativeModule {
        /// As the file says.
        path: PathBuf,
    },
    /// A relative path would be another place in another directory.
    #[error("the mirror's path `{}` is not absolute", path.display())]
    RelativeMirror {
        /// As the file says.
        path: PathBuf,
    },
    /// A variable outside the allow-list; `LD_*` would load foreign code into the process that sees PINs.
    #[error("the variable `{name}` is not one that a module may be given: {}", Binding::VARIABLES.join(", "))]
    Variable {
        /// Its name.
        name: String,
    },
    /// Neither or both of `serial` and `blank = true`.
    #[error("token `{name}` needs exactly one of `serial = \"...\"` and `blank = true`")]
    Address {
        /// Of which token.
        name: Name,
    },
    /// A serial that no token can have, or that would break a statement's line.
    #[error("token `{name}`: a serial is 1 to 16 printable ASCII characters without spaces")]
    Serial {
        /// Of which token.
        name: Name,
    },
    /// Two entries with one name, or that mean one token.
    #[error("`{name}` names a token that another entry names already")]
    Duplicate {
        /// The second.
        name: Name,
    },
    /// No token at all.
    #[error("the binding names no token")]
    NoToken,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    mirror: Option<PathBuf>,
    module: ModuleBinding,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    #[serde(default)]
    token: Vec<TokenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenEntry {
    name: Name,
    serial: Option<String>,
    blank: Option<bool>,
    profile: Name,
}

impl Binding {
    /// The value of the file's `format` key.
    pub const FORMAT: Magic =
        Magic { ceremony: "anchorite-binding/v1", rehearsal: "anchorite-rehearsal-binding/v1" };

    /// The variables that the modules met so far read their configuration from.
    pub const VARIABLES: [&'static str; 9] = [
        "CHRYSTOKI_CONF_PATH",
        "CKNFAST_LOADSHARING",
        "CS_PKCS11_R3_CFG",
        "KRYOPTIC_CONF",
        "NFAST_HOME",
        "PRIMUS_HOME",
        "SOFTHSM2_CONF",
        "TPM2_PKCS11_STORE",
        "YUBIHSM_PKCS11_CONF",
    ];

    /// Reads the binding file of a ceremony.
    ///
    /// # Errors
    /// [`BindingError`], the first that holds.
    pub fn parse(bytes: &[u8]) -> Result<Self, BindingError> {
        Self::parse_in(bytes, Mode::Ceremony)
    }

    /// Reads the binding file of a ceremony or of a rehearsal.
    ///
    /// # Errors
    /// [`BindingError`], the first that holds.
    pub fn parse_in(bytes: &[u8], mode: Mode) -> Result<Self, BindingError> {
        let file: File = parse_toml(bytes).map_err(|(line, reason)| BindingError::Syntax { line, reason })?;
        match Self::FORMAT.mode(&file.format) {
            Some(found) => mode.demand(found)?,
            None => return Err(BindingError::Format { found: file.format }),
        }
        if !file.module.path.is_absolute() {
            return Err(BindingError::RelativeModule { path: file.module.path });
        }
        if let Some(path) = file.mirror.as_ref().filter(|path| !path.is_absolute()) {
            return Err(BindingError::RelativeMirror { path: path.clone() });
        }
        if let Some(name) = file.variables.keys().find(|name| !Self::VARIABLES.contains(&name.as_str())) {
            return Err(BindingError::Variable { name: name.clone() });
        }
        let tokens = file.token.into_iter().map(TokenEntry::resolve).collect::<Result<Vec<_>, _>>()?;
        let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for token in &tokens {
            if !names.insert(&token.name) || !addresses.insert(&token.address) {
                return Err(BindingError::Duplicate { name: token.name.clone() });
            }
        }
        if tokens.is_empty() {
            return Err(BindingError::NoToken);
        }
        let File { module, variables, mirror, .. } = file;
        Ok(Self { module, variables, mirror, tokens, sha256: Digest::of(bytes) })
    }

    /// The entry of that name.
    pub fn token(&self, name: &Name) -> Option<&TokenBinding> {
        self.tokens.iter().find(|token| token.name == *name)
    }
}

impl TokenEntry {
    fn resolve(self) -> Result<TokenBinding, BindingError> {
        let address = match (self.serial, self.blank) {
            (Some(serial), None) => {
                let printable = serial.bytes().all(|byte| byte.is_ascii_graphic());
                if !(1..=16).contains(&serial.len()) || !printable {
                    return Err(BindingError::Serial { name: self.name });
                }
                TokenAddress::Serial(serial)
            }
            (None, Some(true)) => TokenAddress::Blank,
            _ => return Err(BindingError::Address { name: self.name }),
        };
        Ok(TokenBinding { name: self.name, address, profile: self.profile })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binding_that_leaves_a_choice_is_refused() {
        let head = format!(
            "format = \"anchorite-binding/v1\"\n[module]\npath = \"/m.so\"\nsha256 = \"{}\"\n",
            Digest::of(b"m")
        );
        let token = "[[token]]\nname = \"primary\"\nprofile = \"softhsm\"\n";
        assert!(Binding::parse(format!("{head}{token}blank = true\n").as_bytes()).is_ok());
        type Fits = fn(&BindingError) -> bool;
        let cases: [(String, Fits); 8] = [
            (format!("{head}{token}"), |e| matches!(e, BindingError::Address { .. })),
            (format!("{head}{token}blank = true\nserial = \"1\"\n"), |e| {
                matches!(e, BindingError::Address { .. })
            }),
            (format!("{head}{token}slot = 1\n"), |e| matches!(e, BindingError::Syntax { line: 8, .. })),
            (format!("{head}{token}serial = \"a b\"\n"), |e| matches!(e, BindingError::Serial { .. })),
            (head.clone(), |e| matches!(e, BindingError::NoToken)),
            (head.replace("[module]", "mirror = \"copy\"\n[module]"), |e| {
                matches!(e, BindingError::RelativeMirror { .. })
            }),
            (format!("{head}[variables]\nLD_PRELOAD = \"x\"\n{token}blank = true\n"), |e| {
                matches!(e, BindingError::Variable { .. })
            }),
            (format!("{}{token}blank = true\n", head.replace("/m.so", "m.so")), |e| {
                matches!(e, BindingError::RelativeModule { .. })
            }),
        ];
        for (text, fits) in cases {
            let error = Binding::parse(text.as_bytes()).unwrap_err();
            assert!(fits(&error), "{error}\n{text}");
        }
    }
}
