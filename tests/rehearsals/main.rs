//! Rehearsals: nothing of one is ever taken for a ceremony, and nothing of a ceremony for a rehearsal.

#[cfg(test)]
mod formats;
