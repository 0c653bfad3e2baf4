use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::cli::args::SheetForm;
use crate::execute::Movement;
use crate::format::{ExceptionClass, FileName, Name, ShareSetName};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    pub(super) format: String,
    pub(super) person: Vec<PersonAnswers>,
    #[serde(default)]
    pub(super) token: Vec<TokenAnswers>,
    /// Who comes and goes, in that order.
    #[serde(default)]
    pub(super) movement: Vec<MovementAnswer>,
    /// What people read aloud from.
    #[serde(default)]
    pub(super) paper: Vec<PaperAnswer>,
    #[serde(default)]
    pub(super) bag: Vec<BagAnswer>,
    #[serde(default)]
    pub(super) beacon: Vec<BeaconAnswer>,
    /// Who does not state what an `attest` step asks; everybody else does.
    #[serde(default)]
    pub(super) refusal: Vec<RefusalAnswer>,
    #[serde(default)]
    pub(super) exception: Vec<ExceptionAnswer>,
    pub(super) abort: Option<AbortAnswer>,
}

/// The paper of a `read-aloud` step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaperAnswer {
    pub(super) step: Name,
    /// Custody file with the digest in hexadecimal.
    pub(super) digest: FileName,
}

/// The bag of a `custody` step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BagAnswer {
    pub(super) step: Name,
    /// As both people read it.
    pub(super) number: String,
}

/// What is brought to a `clock` step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BeaconAnswer {
    pub(super) step: Name,
    pub(super) source: String,
    pub(super) value: String,
}

/// Somebody does not state what an `attest` step asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusalAnswer {
    pub(super) step: Name,
    pub(super) by: Name,
    pub(super) reason: String,
}

/// An exception in a step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionAnswer {
    pub(super) step: Name,
    #[serde(default, rename = "at")]
    pub(super) moment: ExceptionMoment,
    pub(super) class: ExceptionClass,
    /// Of one at a question; what the program saw itself it says itself.
    pub(super) expected: Option<String>,
    pub(super) happened: Option<String>,
    pub(super) decided: String,
    /// Left out: the first of those who may decide and have an entry.
    pub(super) by: Option<Name>,
}

/// When an exception is opened.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ExceptionMoment {
    /// At the first question of the step, and each further one at the next.
    #[default]
    Question,
    /// Where the program saw that something is not as expected.
    Mismatch,
}

/// What one person does. Whoever has no entry is not there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PersonAnswers {
    pub(super) name: Name,
    /// Typed for the ceremony's identifier.
    pub(super) typed: String,
    /// Custody file of the share sheet; `{set}` and `{epoch}` in it stand for the set's name and epoch.
    pub(super) sheet: Option<String>,
    /// In which form it is written; whichever it is, it is read.
    #[serde(default)]
    pub(super) sheet_form: SheetForm,
    /// Custody file of the passphrase of an encrypted one.
    pub(super) sheet_passphrase: Option<FileName>,
    /// Custody file of the characters for a new secret.
    pub(super) entropy: Option<FileName>,
    /// Custody file of the signing key, or the card that it is on.
    pub(super) key: Option<FileName>,
    pub(super) card: Option<CardAnswers>,
    /// Custody file of the key's passphrase or the card's PIN.
    pub(super) passphrase_file: Option<FileName>,
}

/// Custody files of the PINs that a token has before it is taken over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TokenAnswers {
    pub(super) name: Name,
    pub(super) user: Option<FileName>,
    pub(super) security_officer: Option<FileName>,
}

/// Which card a person signs with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardAnswers {
    pub(super) module: PathBuf,
    pub(super) label: Option<String>,
    pub(super) key: Option<String>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
}

/// Somebody comes or goes at a question of a step: at the first, and each further one at the next.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct MovementAnswer {
    pub(super) step: Name,
    /// Either this
    pub(super) arrives: Option<Name>,
    /// or this.
    pub(super) leaves: Option<Name>,
    /// Who notes it; somebody who is there where this is left out.
    pub(super) noted_by: Option<Name>,
}

/// A [`MovementAnswer`] that says one thing.
pub(super) struct Planned {
    pub(super) step: Name,
    pub(super) movement: Movement,
    pub(super) noted_by: Option<Name>,
}

/// Ends the ceremony at the first question of a step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AbortAnswer {
    pub(super) step: Name,
    pub(super) by: Name,
    pub(super) reason: String,
}

impl PersonAnswers {
    pub(super) fn sheet_of(&self, set: ShareSetName, epoch: u32) -> Option<FileName> {
        let name = self.sheet.as_ref()?;
        FileName::parse(&name.replace("{set}", &set.to_string()).replace("{epoch}", &epoch.to_string()))
    }
}

pub(super) const FORMAT: &str = "anchorite-answers/v1";
