//! `anchorite officer`: keys, statements and the terminal, judged by openssl.

#[cfg(test)]
mod approvals;
#[cfg(test)]
#[cfg(feature = "ceremony")]
#[path = "../support/card.rs"]
mod card;
#[cfg(test)]
#[cfg(feature = "ceremony")]
mod cards;
#[cfg(test)]
mod document;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod terminal;
