use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with Python packages, installed below `target/` once, at the versions of a file of requirements.
pub(crate) fn package(name: &str, requirements: &str, options: &[&str]) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !place.exists() {
        let unfinished = place.with_extension(std::process::id().to_string());
        let status = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--only-binary=:all:", "-r"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(requirements))
            .args(options)
            .arg("--target")
            .arg(&unfinished)
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .status();
        let done = status.is_ok_and(|status| status.success());
        assert!(done, "pip installs {name} from PyPI: apt-get install python3-pip");
        // Another test process may have been first; then its folder is the same.
        if std::fs::rename(&unfinished, &place).is_err() {
            let _ = std::fs::remove_dir_all(&unfinished);
        }
    }
    place
}
