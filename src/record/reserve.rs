//! Space for the last records of a full medium: a file that is written when a ceremony begins and given up when the
//! medium is full.

use std::fs;
use std::io;
use std::path::Path;

use super::Error;
use crate::artifact::{self, Access};

/// Its name, beside the bundles.
const FILE: &str = ".reserve";

/// Room for the end of any ceremony: its longest lines, the manifest, the seals.
const BYTES: usize = 1024 * 1024;

/// Makes the reserve of an authority, where it is not there. Written, not only asked for: some file systems give no
/// space to a file that has nothing in it.
///
/// # Errors
/// [`Error::File`]; a medium without that much space is no place for a ceremony.
pub(super) fn keep(authority: &Path) -> Result<(), Error> {
    let path = authority.join(FILE);
    match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.len() == BYTES as u64 => return Ok(()),
        Ok(_) => fs::remove_file(&path).map_err(artifact::system("removing", &path))?,
        Err(_) => {}
    }
    clear(authority)?;
    artifact::create_at(&path, &vec![0x55; BYTES], Access::Owner)?;
    Ok(())
}

/// Removes what a power cut left of a reserve: nobody else writes one while the authority is locked, and it would take the
/// space that the new one keeps.
fn clear(authority: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(authority).map_err(artifact::system("reading", authority))? {
        let entry = entry.map_err(artifact::system("reading", authority))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!(".{FILE}.")) && name.ends_with(".tmp") {
            fs::remove_file(entry.path()).map_err(artifact::system("removing", &entry.path()))?;
        }
    }
    Ok(())
}

/// Removes it, and makes that known to the disk.
///
/// # Errors
/// What the system says; a reserve that is not there was given up already.
pub(super) fn give_up(authority: &Path) -> io::Result<()> {
    match fs::remove_file(authority.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => {
            removed?;
            fs::File::open(authority)?.sync_all()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_power_cut_left_of_a_reserve_is_cleared_away_and_nothing_else() {
        let authority = tempfile::tempdir().unwrap();
        for name in ["..reserve.4711.tmp", ".other.4711.tmp"] {
            fs::write(authority.path().join(name), b"half").unwrap();
        }
        keep(authority.path()).unwrap();
        let names = fs::read_dir(authority.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, [".other.4711.tmp", ".reserve"]);
    }
}
