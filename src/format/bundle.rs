use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hex::serde_by_text;
use super::{Digest, Name};

/// The largest file a bundle may hold, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// The name of a file in a bundle: a lower-case letter or digit, then those, `.`, `_` and `-`; 100 at most.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(String);

impl FileName {
    /// Reads a file name.
    pub fn parse(text: &str) -> Option<Self> {
        let starts = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        (starts && text.len() <= 100 && text.chars().all(fits) && !text.contains(".."))
            .then(|| Self(text.to_owned()))
    }

    /// `STEP` and an ending, as in `root.crt.pem`.
    pub fn of_step(step: &Name, ending: &str) -> Self {
        Self(format!("{step}.{ending}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl AsRef<std::path::Path> for FileName {
    fn as_ref(&self) -> &std::path::Path {
        std::path::Path::new(&self.0)
    }
}

serde_by_text!(FileName, FileName::parse, "a file name of a-z, 0-9, `.`, `_` and `-`");

/// A file by name, length and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Its name, in the directory that the context gives.
    pub name: FileName,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

impl FileRef {
    /// Describes `bytes` under that name.
    pub fn of(name: FileName, bytes: &[u8]) -> Self {
        Self { name, size: bytes.len() as u64, sha256: Digest::of(bytes) }
    }

    /// Whether `bytes` are the file.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() as u64 && self.sha256 == Digest::of(bytes)
    }
}

/// The parts of a bundle's directory. Nothing else may lie in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BundleDirectory {
    /// `log.jsonl`, `MANIFEST.sha256` and the files that explain themselves.
    Top,
    /// Everything that went in and came out.
    Artifacts,
    /// Statements and their signatures.
    Seals,
}

impl BundleDirectory {
    /// Its path below the bundle, with the final slash; empty for the top.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Top => "",
            Self::Artifacts => "artifacts/",
            Self::Seals => "seals/",
        }
    }
}

/// `MANIFEST.sha256`: the digest of every file of a bundle but the log, the seals and itself.
///
/// In the form of `sha256sum`: digest, two spaces, path below the bundle, line feed; sorted by path. The record
/// that ends a ceremony holds its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest(pub BTreeMap<String, Digest>);

impl Manifest {
    /// Its file name.
    pub const FILE: &'static str = "MANIFEST.sha256";

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(path, digest)| format!("{digest}  {path}\n").into_bytes()).collect()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`BundleError::Manifest`] with the first line that is not in the one form.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut manifest = Self::default();
        let text = std::str::from_utf8(bytes).map_err(|_| BundleError::Manifest { line: 1 })?;
        for (number, line) in text.lines().enumerate() {
            let error = BundleError::Manifest { line: number + 1 };
            let (digest, path) = line.split_once("  ").ok_or(error.clone())?;
            let digest = Digest::parse(digest).ok_or(error.clone())?;
            let name = path.strip_prefix(BundleDirectory::Artifacts.prefix()).unwrap_or(path);
            if name != Self::explaining_file(name) && FileName::parse(name).is_none() {
                return Err(error);
            }
            manifest.0.insert(path.to_owned(), digest);
        }
        let encoded = manifest.encode();
        if encoded != bytes {
            let same =
                encoded.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).map(|(byte, _)| byte);
            return Err(BundleError::Manifest { line: 1 + same.filter(|byte| **byte == b'\n').count() });
        }
        Ok(manifest)
    }

    /// The files that travel with the evidence so that it explains itself, beside the lower-case ones.
    pub const EXPLAINING_FILES: [&'static str; 2] = ["README-VERIFY.txt", "SPEC.md"];

    fn explaining_file(name: &str) -> &str {
        if Self::EXPLAINING_FILES.contains(&name) { name } else { "" }
    }
}

/// What is wrong with the files of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// A line of `MANIFEST.sha256` is not digest, two spaces, path, or the lines are not sorted.
    #[error("line {line} of MANIFEST.sha256 is not in its one form")]
    Manifest {
        /// Counted from 1.
        line: usize,
    },
}

/// `NNNN-name`, as in `0001-genesis`.
pub fn bundle_directory_name(ordinal: u64, name: &Name) -> String {
    format!("{ordinal:04}-{name}")
}

/// Reads `NNNN-name`; `None` when it is not the one spelling.
pub fn parse_bundle_directory_name(text: &str) -> Option<(u64, Name)> {
    let (ordinal, name) = text.split_once('-')?;
    let (ordinal, name) = (ordinal.parse().ok()?, name.parse().ok()?);
    (ordinal > 0 && bundle_directory_name(ordinal, &name) == text).then_some((ordinal, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_inside_their_directory() {
        for good in ["root.crt.pem", "approval.officer-a.sig", "0"] {
            assert!(FileName::parse(good).is_some(), "{good}");
        }
        for bad in ["", ".", "..", "a..b", "/a", "a/b", "A", ".hidden", "a b", "a\n"] {
            assert!(FileName::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_manifest_has_one_form() {
        let digest = Digest::of(b"");
        let good = format!("{digest}  SPEC.md\n{digest}  artifacts/a\n{digest}  artifacts/b\n");
        assert_eq!(Manifest::parse(good.as_bytes()).unwrap().encode(), good.as_bytes());
        for bad in [
            good.replace("  artifacts/a", " *artifacts/a"),
            good.replace("artifacts/a", "artifacts/../a"),
            good.replace("artifacts/a", "artifacts/c"),
            good.trim_end().to_owned(),
            format!("{good}{digest}  artifacts/b\n"),
        ] {
            assert!(Manifest::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn bundle_directories_are_numbered() {
        let name: Name = "genesis".parse().unwrap();
        assert_eq!(bundle_directory_name(1, &name), "0001-genesis");
        assert_eq!(parse_bundle_directory_name("0001-genesis"), Some((1, name)));
        for bad in ["1-genesis", "0000-genesis", "0001-Genesis", "0001", "+001-genesis"] {
            assert!(parse_bundle_directory_name(bad).is_none(), "{bad}");
        }
    }
}
