use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::format::{DrillKind, Name};

/// `anchorite rehearse`
#[derive(Args)]
pub struct RehearseArguments {
    /// The plan directory of the ceremony
    pub plan: PathBuf,
    /// The ceremony's binding: its tokens are never touched
    #[arg(long, value_name = "FILE")]
    pub binding: PathBuf,
    /// Where the rehearsal goes; may be one whose attempt was aborted
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// What goes wrong on purpose: power-cut, wrong-word, missing-officer, wrong-token, exception or abort; may be given
    /// more than once, each at least in one step
    #[arg(long = "drill", value_name = "KIND[@STEP]", required = true)]
    pub drills: Vec<ChosenDrill>,
    /// SoftHSM's module, where it is not in its usual place
    #[arg(long, value_name = "FILE")]
    pub module: Option<PathBuf>,
}

/// A drill as it is chosen on the command line: `KIND` or `KIND@STEP`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenDrill {
    /// What goes wrong.
    pub kind: DrillKind,
    /// In which step; `None` for the first in which it can be played.
    pub step: Option<Name>,
}

impl FromStr for ChosenDrill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, step) = text.split_once('@').map_or((text, None), |(kind, step)| (kind, Some(step)));
        let known = "power-cut, wrong-word, missing-officer, wrong-token, exception or abort";
        let kind = kind.parse().map_err(|_| format!("a drill is {known}"))?;
        let step = step.map(str::parse).transpose().map_err(|_| format!("`{text}` names no step"))?;
        if step.is_some() && kind == DrillKind::WrongToken {
            return Err("the token is looked at before the first step: name none".to_owned());
        }
        Ok(Self { kind, step })
    }
}
