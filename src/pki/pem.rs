use base64ct::{Base64, Encoding};

use super::Error;
use super::text::push_escaped;

/// RFC 7468: 64 characters a line, LF.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut column = 0;
    for character in Base64::encode_string(der).chars() {
        if column == 64 {
            text.push('\n');
            column = 0;
        }
        text.push(character);
        column += 1;
    }
    text.push_str(&format!("\n-----END {label}-----\n"));
    text
}

/// The DER of a file that is DER itself or holds one PEM block.
pub(super) fn decode_or_der(labels: &[&'static str], file: &[u8]) -> Result<Vec<u8>, Error> {
    match file {
        // A SEQUENCE with a long length: as text, its second octet could not follow the character `0`.
        [0x30, 0x81..=0x84, ..] => Ok(file.to_vec()),
        _ => decode(labels, file),
    }
}

/// Reads the one PEM block of a file that other software wrote.
///
/// A byte order mark, CRLF, text before and after the block, blank lines and lines of any length pass: none
/// of them can change what is inside. Two blocks do not.
pub(super) fn decode(labels: &[&'static str], file: &[u8]) -> Result<Vec<u8>, Error> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let lines = || file.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let count = lines().filter(|line| boundary(line, b"-----BEGIN ").is_some()).count();
    if count > 1 {
        return Err(Error::PemBlocks { count });
    }
    let mut rest = lines();
    let label = rest.find_map(|line| boundary(line, b"-----BEGIN ")).ok_or(Error::NoPem)?;
    if !labels.iter().any(|known| known.as_bytes() == label) {
        let mut found = String::new();
        String::from_utf8_lossy(label).chars().for_each(|character| push_escaped(&mut found, character));
        return Err(Error::PemLabel { found, expected: labels.first().copied().unwrap_or_default() });
    }
    let mut base64 = Vec::new();
    for line in rest {
        if boundary(line, b"-----END ") == Some(label) {
            let text = str::from_utf8(&base64).map_err(|_| Error::PemBase64)?;
            return Base64::decode_vec(text).map_err(|_| Error::PemBase64);
        }
        base64.extend_from_slice(line);
    }
    Err(Error::PemUnended)
}

fn boundary<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(start)?.strip_suffix(b"-----")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

    #[test]
    fn a_block_is_read_whatever_surrounds_it() {
        let der: Vec<u8> = (0..=255).collect();
        let plain = encode(LABELS[0], &der);
        assert!(plain.lines().all(|line| line.len() <= 64));
        let one_line =
            format!("-----BEGIN {0}-----\n{1}\n-----END {0}-----", LABELS[1], Base64::encode_string(&der));
        for text in [
            plain.clone(),
            format!("\u{feff}{plain}"),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            format!("Subject: C = DE\n  not base64!\n\n{plain}\n\ntext after\n"),
            plain.replace('\n', " \n\n"),
            one_line,
        ] {
            assert_eq!(decode(&LABELS, text.as_bytes()), Ok(der.clone()), "{text}");
        }
    }

    #[test]
    fn what_leaves_a_doubt_is_refused() {
        let plain = encode(LABELS[0], b"some octets");
        let cases = [
            (String::new(), Error::NoPem),
            ("text\n".to_owned(), Error::NoPem),
            (plain.replace("BEGIN ", "BEGIN\t"), Error::NoPem),
            (format!("{plain}{plain}"), Error::PemBlocks { count: 2 }),
            (format!("{plain}{}", encode("PRIVATE KEY", b"k")), Error::PemBlocks { count: 2 }),
            (
                encode("PRIVATE\u{1b} KEY", b"k"),
                Error::PemLabel { found: "PRIVATE\\1B KEY".to_owned(), expected: LABELS[0] },
            ),
            (plain.replace("END CERTIFICATE", "END NEW CERTIFICATE"), Error::PemUnended),
            (plain.replace("-----END", "----END"), Error::PemUnended),
            (plain.replace("Y3Rl", "Y3*l"), Error::PemBase64),
            (plain.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1), Error::PemBase64),
            (plain.replace("HM=", "HN="), Error::PemBase64),
            (plain.replace("HM=", "HM"), Error::PemBase64),
        ];
        for (text, expected) in cases {
            assert_ne!(text, plain);
            assert_eq!(decode(&LABELS, text.as_bytes()), Err(expected), "{text}");
        }
    }
}
