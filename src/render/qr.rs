use qrcode::{Color, EcLevel, QrCode};

use super::html::Html;
use crate::format::Digest;

/// Modules of quiet around the symbol (ISO/IEC 18004).
const QUIET: usize = 4;

impl Html {
    /// A QR code of a head: `ANCHORITE HEAD ` and 64 capital hexadecimal digits, which the alphanumeric mode takes.
    pub(super) fn qr_of_head(&mut self, head: &Digest) -> &mut Self {
        let text = format!("ANCHORITE HEAD {}", head.to_string().to_ascii_uppercase());
        // 79 characters fit any level; the symbol is left out rather than drawn wrong.
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return self };
        let width = code.width();
        let side = width + 2 * QUIET;
        let mut path = String::new();
        for (place, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                path.push_str(&format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET));
            }
        }
        self.markup("<svg class=\"qr\" role=\"img\" aria-label=\"the head as a QR code\" shape-rendering=\"crispEdges\" ")
            .element("viewBox=\"0 0 ", format!("{side} {side}"), "\"><path fill=\"#fff\" d=\"M0 0h")
            .element("", format!("{side}v{side}h-{side}z"), "\"/><path fill=\"#000\" d=\"")
            .element("", path, "\"/></svg>\n")
    }
}
