//! The window: the one command that needs a display.

use anyhow::bail;

use super::open;

/// The commands that do without.
const NEED_NO_WINDOW: &str =
    "`leveret list`, `run`, `check` and `explain` need none (see `leveret --help`)";

/// Opens the window on a scenario and stays until it is closed.
pub(super) fn open_window(scenario: Option<&str>) -> anyhow::Result<()> {
    if let Some(scenario) = scenario {
        // What is wrong with it is better read here than in a window that shows something else.
        open(scenario)?;
    }
    if !has_display(|name| std::env::var_os(name)) {
        bail!("there is no display to open a window on; {NEED_NO_WINDOW}");
    }
    bail!("this build has no window; {NEED_NO_WINDOW}");
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
