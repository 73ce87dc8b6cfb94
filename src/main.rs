//! The program. All of it is in the library.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use leveret::cli::OpenWindow;

fn main() -> ExitCode {
    leveret::cli::main(std::env::args_os(), WINDOW)
}

/// The window, if this build has one.
#[cfg(feature = "gui")]
const WINDOW: Option<OpenWindow> = Some(|start| Ok(leveret::ui::open(start)?));
#[cfg(not(feature = "gui"))]
const WINDOW: Option<OpenWindow> = None;
