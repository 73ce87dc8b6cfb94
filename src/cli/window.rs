//! The window: the one command that needs a display.

use anyhow::{anyhow, bail};

use crate::scenario::Start;

use super::{VhostArg, note};

/// Opens the window and stays until it is closed. The window is above the commands, so the program hands it to them.
pub type OpenWindow = fn(Start) -> anyhow::Result<()>;

/// The commands that do without.
const NEED_NO_WINDOW: &str = "`leveret list`, `run`, `check`, `explain`, `draw` and `export` need none (see `leveret --help`)";

pub(super) fn open_window(
    name: Option<String>,
    vhost: &VhostArg,
    window: Option<OpenWindow>,
) -> anyhow::Result<()> {
    let start = Start::on(name.as_deref(), vhost.vhost.as_deref())?;
    if let Start::Scenario(name, scenario) = &start {
        note(name, &scenario.notices);
    }
    let Some(window) = window else {
        bail!("this build has no window; {NEED_NO_WINDOW}");
    };
    if !has_display(|name| std::env::var_os(name)) {
        bail!("there is no display to open a window on; {NEED_NO_WINDOW}");
    }
    window(start).map_err(|error| anyhow!("the window did not open: {error:#}; {NEED_NO_WINDOW}"))
}

/// Whether a window can be hoped for. Only where displays are named by variables can it be ruled out.
fn has_display(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET") || set("DISPLAY")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_display_is_a_variable_that_is_not_empty() {
        let with = |set: &'static str, value: &'static str| {
            has_display(move |name| (name == set).then(|| value.into()))
        };
        assert!(with("DISPLAY", ":0"));
        assert!(with("WAYLAND_DISPLAY", "wayland-0"));
        assert!(with("WAYLAND_SOCKET", "3"));
        assert!(!with("DISPLAY", ""));
        assert!(!with("HOME", "/"));
    }
}
