//! The `anchorite` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    anchorite::cli::main()
}
