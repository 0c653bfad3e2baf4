//! Who may touch what: the table that `docs/architecture.md` explains.

/// A room and the rooms that it uses, all of them: an entry that nothing uses any more is an offence too.
pub(crate) const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "artifact", "deploy", "execute", "format", "host", "ledger", "officer", "pki", "plan", "record",
            "render", "roster", "script", "secret", "shares", "token", "verify",
        ],
    ),
    ("format", &[]),
    ("secret", &[]),
    ("artifact", &["format"]),
    ("host", &["format"]),
    ("render", &["format", "ledger", "pki", "plan", "verify"]),
    ("script", &["format"]),
    ("weak_key", &["format"]),
    ("pki", &["format", "weak_key"]),
    ("deploy", &["format", "ledger", "pki"]),
    ("roster", &["format", "weak_key"]),
    ("ledger", &["format"]),
    ("officer", &["format", "roster", "secret", "token"]),
    ("shares", &["format", "secret"]),
    ("token", &["format", "secret"]),
    ("record", &["artifact", "format"]),
    // A plan is a directory, and what it resolves is judged by the people's rules: roster asks for nothing but format.
    ("plan", &["artifact", "format", "ledger", "pki", "roster", "script"]),
    ("verify", &["format", "ledger", "pki", "roster"]),
    (
        "execute",
        &[
            "artifact", "format", "host", "ledger", "pki", "plan", "record", "render", "roster", "secret",
            "shares", "token",
        ],
    ),
];

/// Something that only some places may name.
pub(crate) struct Facility {
    /// Completes "only these may ...".
    pub(crate) what: &'static str,
    /// Beginnings of absolute paths.
    pub(crate) paths: &'static [&'static str],
    /// Words that give it away wherever they stand: methods, macros, keywords. Where `fn` precedes it is defined.
    pub(crate) words: &'static [&'static str],
    /// Files, or folders with their slash. Each must need it: an entry without use is an offence too.
    pub(crate) places: &'static [&'static str],
}

const fn foreign(krate: &'static [&'static str], places: &'static [&'static str]) -> Facility {
    Facility { what: "use the crate", paths: krate, words: &[], places }
}

/// Every dependency of the product, by its name in the code, and the only places that use it.
pub(crate) const CRATES: &[Facility] = &[
    foreign(&["annotate_snippets"], &["script/"]),
    foreign(&["argon2"], &["shares/"]),
    foreign(&["base16ct"], &["format/", "pki/"]),
    foreign(&["base64ct"], &["deploy/", "format/", "pki/"]),
    foreign(&["chacha20poly1305"], &["shares/"]),
    foreign(&["clap"], &["cli/"]),
    foreign(&["clap_complete"], &["cli/"]),
    foreign(&["clap_mangen"], &["cli/"]),
    foreign(&["cryptoki"], &["token/"]),
    foreign(&["cryptoki_sys"], &["token/"]),
    foreign(&["der"], &["pki/"]),
    foreign(&["ed25519_dalek"], &["officer/", "pki/", "roster/"]),
    foreign(&["getrandom"], &["host/"]),
    foreign(&["hkdf"], &["shares/"]),
    foreign(&["jiff"], &["format/"]),
    foreign(&["p256"], &["officer/", "pki/", "roster/"]),
    foreign(&["p384"], &["officer/", "pki/", "roster/"]),
    foreign(&["p521"], &["pki/"]),
    foreign(&["pbkdf2"], &["shares/"]),
    foreign(&["pkcs8"], &["officer/"]),
    foreign(&["qrcode"], &["render/"]),
    foreign(&["rpassword"], &["cli/"]),
    foreign(&["rsa"], &["officer/", "pki/", "roster/", "weak_key.rs"]),
    foreign(&["rustix"], &["artifact.rs", "cli/", "host/", "record/", "token/", "verify/"]),
    foreign(&["serde"], &["cli/", "format/", "token/"]),
    foreign(&["serde_json"], &["cli/", "deploy/", "format/", "script/"]),
    foreign(&["sha1"], &["pki/"]),
    foreign(&["sha2"], &["format/", "officer/", "pki/", "roster/", "shares/"]),
    foreign(&["signal_hook"], &["cli/"]),
    foreign(&["signature"], &["officer/", "pki/", "roster/"]),
    foreign(&["spki"], &["pki/"]),
    foreign(&["subtle"], &["shares/"]),
    foreign(
        &["thiserror"],
        &[
            "artifact.rs",
            "cli/",
            "deploy/",
            "execute/",
            "format/",
            "host/",
            "officer/",
            "pki/",
            "plan/",
            "record/",
            "roster/",
            "shares/",
            "token/",
            "weak_key.rs",
        ],
    ),
    foreign(&["toml"], &["cli/", "format/", "script/", "token/"]),
    foreign(&["vsss_rs"], &["shares/"]),
    foreign(&["x509_cert"], &["pki/"]),
    foreign(&["zeroize"], &["cli/", "execute/", "officer/", "secret.rs", "shares/"]),
];

/// What the language and the system offer that only some places may take.
pub(crate) const FACILITIES: &[Facility] = &[
    Facility {
        what: "ask a clock",
        paths: &[
            "std::time::SystemTime",
            "std::time::UNIX_EPOCH",
            "std::time::Instant",
            "rustix::time::clock_gettime",
            "jiff::Zoned",
            "jiff::Timestamp::now",
        ],
        words: &["SystemTime", "clock_gettime"],
        places: &["host/clock.rs"],
    },
    Facility {
        what: "ask the operating system for chance",
        paths: &["getrandom", "rustix::rand"],
        words: &["OsRng", "SysRng"],
        places: &["host/entropy.rs"],
    },
    Facility {
        what: "see arguments and environment",
        paths: &["std::env"],
        words: &["set_var", "remove_var", "vars_os", "args_os"],
        places: &["cli/"],
    },
    Facility {
        what: "see the terminal",
        paths: &["std::io::stdout", "std::io::stderr", "std::io::stdin", "rustix::termios"],
        words: &["println", "eprintln", "print", "eprint", "dbg", "stdout", "stderr", "stdin"],
        places: &["cli/"],
    },
    Facility {
        what: "start or end a process",
        paths: &[
            "std::process::Command",
            "std::process::exit",
            "std::process::abort",
            "std::os::unix::process",
        ],
        words: &[],
        places: &["cli/reexec.rs", "cli/rehearse/stand_ins.rs", "cli/signing_child.rs"],
    },
    Facility {
        what: "open a network connection",
        paths: &["std::net", "std::os::unix::net", "rustix::net"],
        words: &["TcpStream", "TcpListener", "UdpSocket", "UnixStream"],
        places: &[],
    },
    Facility {
        what: "see files at all",
        paths: &["std::fs", "rustix::fs", "std::os::unix::fs"],
        words: &[],
        places: &[
            "artifact.rs",
            "cli/",
            "execute/exchange.rs",
            // What the kernel says in /proc and /sys.
            "host/hardening.rs",
            "host/machine.rs",
            "record/",
            "token/image.rs",
            "verify/directory.rs",
        ],
    },
    Facility {
        what: "write, rename or remove files",
        paths: &[
            "std::fs::write",
            "std::fs::OpenOptions",
            "std::fs::File::create",
            "std::fs::File::create_new",
            "std::fs::File::options",
            "std::fs::DirBuilder",
            "std::fs::create_dir",
            "std::fs::create_dir_all",
            "std::fs::remove_dir",
            "std::fs::remove_dir_all",
            "std::fs::remove_file",
            "std::fs::rename",
            "std::fs::copy",
            "std::fs::hard_link",
            "std::fs::set_permissions",
            "std::os::unix::fs::symlink",
            "rustix::fs::renameat_with",
        ],
        words: &["OpenOptions"],
        places: &[
            "artifact.rs",
            "cli/officer/sign.rs",
            // A passphrase file is opened without following links; the terminal is a file too.
            "cli/passphrase.rs",
            "cli/tty.rs",
            "execute/exchange.rs",
            "record/",
        ],
    },
    Facility {
        what: "use unsafe code",
        paths: &[],
        words: &["unsafe", "unsafe_code"],
        places: &["token/raw.rs"],
    },
    Facility {
        what: "have a token sign",
        paths: &["crate::token::Token::sign_digest"],
        words: &["sign_digest"],
        places: &["execute/signer.rs"],
    },
    Facility {
        what: "have an officer's card sign",
        paths: &["crate::token::Token::sign_for_owner"],
        words: &["sign_for_owner"],
        places: &["officer/card.rs"],
    },
    Facility {
        what: "call PKCS#11's signing functions",
        paths: &[],
        words: &["C_Sign", "C_SignInit", "C_SignUpdate", "C_SignFinal"],
        places: &["token/raw.rs"],
    },
    Facility {
        what: "read a PIN",
        paths: &["crate::secret::Pin::expose_pin"],
        words: &["expose_pin"],
        places: &["token/session.rs"],
    },
    Facility {
        what: "read the words of a share",
        paths: &["crate::secret::ShareWords::expose_words"],
        words: &["expose_words"],
        places: &["shares/dealer.rs", "shares/entry.rs", "shares/sheet/"],
    },
    Facility {
        what: "read a quorum secret",
        paths: &["crate::secret::QuorumSecret::expose_secret"],
        words: &["expose_secret"],
        places: &["shares/dealer.rs", "shares/derive.rs", "shares/slip39/mod.rs"],
    },
    Facility {
        what: "read a passphrase",
        paths: &["crate::secret::Passphrase::expose_passphrase"],
        words: &["expose_passphrase"],
        places: &["cli/officer/new.rs", "officer/key.rs", "shares/derive.rs", "shares/sheet/file.rs"],
    },
];

/// Types that prove what happened: nothing but their room makes one.
pub(crate) const PROOFS: &[(&str, &str)] =
    &[("roster", "Approved"), ("roster", "ApprovedTbs"), ("roster", "Authorised")];

/// Types that hold secrets.
pub(crate) const SECRETS: &[&str] = &["Pin", "ShareWords", "QuorumSecret", "Passphrase"];

/// A long file; longer ones are split by meaning. Tests at its end are not counted.
pub(crate) const LONGEST_FILE: usize = 350;

/// Files that are longer, and why.
pub(crate) const LONGER_FILES: &[(&str, &str)] =
    &[("script/value.rs", "every kind of value, each with its mistakes")];

/// Names that say nothing.
pub(crate) const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "common", "misc"];
