//! The plan of a rehearsal, derived from the plan of the ceremony: same file, same steps, other keys, names and tokens.

mod script;
mod stand_ins;

pub use script::rehearsal_script;
pub use stand_ins::{STAND_IN_REQUEST, STAND_IN_REQUEST_FILE, StandIns, stand_ins};

use crate::format::Name;

/// Begins everything that is named in a rehearsal.
pub const WORD: &str = "REHEARSAL";

/// A ceremony that cannot be rehearsed on a software token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRehearsable {
    /// A token that holds its own quorum: a software token holds none.
    #[error("step `{step}` takes over a token that holds its own quorum, and a software token holds none")]
    OwnQuorum {
        /// Which step.
        step: Name,
    },
    /// A root that was made elsewhere: a rehearsal has neither its key nor the right to its certificates.
    #[error("step `{step}` adopts a root that was made elsewhere, and no throw-away token has its key")]
    Adopts {
        /// Which step.
        step: Name,
    },
    /// Two things of earlier ceremonies with one name, of which there can be one stand-in.
    #[error("`{id}` of more than one earlier ceremony is used, and there can be one stand-in of that name")]
    SameName {
        /// The name.
        id: Name,
    },
    /// A root of earlier ceremonies is certified once more, and the plan uses no token on which its stand-in could be made.
    #[error("the stand-in for `{id}` has no token: the plan uses none of an earlier ceremony")]
    NoToken {
        /// Its name.
        id: Name,
    },
    /// A stand-in that follows from an input which is not what it should be.
    #[error("`{what}` of the plan cannot be read: {reason}")]
    Input {
        /// Which input.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A text that begins with [`WORD`], cut so that it has no more than that many bytes: at its beginning, because names
/// differ at their end.
pub(super) fn marked(text: &str, most: usize) -> String {
    let room = most.saturating_sub(WORD.len() + 1);
    let mut from = text.len().saturating_sub(room);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    format!("{WORD} {}", text.get(from..).unwrap_or_default().trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_text_fits_and_keeps_its_end() {
        assert_eq!(marked("prod-root-g1", 32), "REHEARSAL prod-root-g1");
        assert_eq!(
            marked("a very long label of a token G1", 32),
            "REHEARSAL long label of a token G1".get(..10).unwrap().to_owned()
                + "ong label of a token G1".get(1..).unwrap_or_default()
        );
        for most in 11..80 {
            let text = "Wurzelzertifizierungsstelle für Österreich und die Nachbarländer, G1";
            let found = marked(text, most);
            assert!(found.len() <= most && found.starts_with(WORD), "{found}");
        }
    }
}
