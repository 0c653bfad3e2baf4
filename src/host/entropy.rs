/// The operating system's random number generator gave no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system's random number generator does not answer")]
pub struct EntropyError;

/// Fills `buffer` from the operating system's random number generator (getrandom(2)), which blocks until it is seeded.
///
/// # Errors
/// [`EntropyError`], after which nothing in `buffer` may be used.
pub fn fill_random(buffer: &mut [u8]) -> Result<(), EntropyError> {
    getrandom::fill(buffer).map_err(|_| EntropyError)
}
