use signature::rand_core::{TryCryptoRng, TryRng};

/// Fills a slice with random octets of the operating system, and says whether it could.
pub type Draw<'d> = &'d mut dyn FnMut(&mut [u8]) -> bool;

/// Chance for the one algorithm that needs it, from whoever may ask for it.
pub(super) struct Random<'d> {
    draw: Draw<'d>,
    failed: bool,
}

/// No chance was to be had.
#[derive(Debug, thiserror::Error)]
#[error("the random number generator failed")]
pub(super) struct Failed;

impl<'d> From<Draw<'d>> for Random<'d> {
    fn from(draw: Draw<'d>) -> Self {
        Self { draw, failed: false }
    }
}

impl Random<'_> {
    /// Whether a draw failed, which the signer's own error does not tell from others.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }
}

impl TryRng for Random<'_> {
    type Error = Failed;

    fn try_next_u32(&mut self) -> Result<u32, Failed> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Failed> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Failed> {
        if (self.draw)(bytes) {
            return Ok(());
        }
        self.failed = true;
        Err(Failed)
    }
}

impl TryCryptoRng for Random<'_> {}
