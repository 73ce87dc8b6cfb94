//! The program. All of it is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    leveret::cli::main(std::env::args_os())
}
