//! The window: panels round the canvas, and the commands they emit.

use eframe::{CreationContext, Frame, Storage};
use egui::{Context, Margin, Panel, Stroke, Ui};

use crate::app::{ACTIONS, Action, Command, Run, State, View, update};
use crate::compare::Side;
use crate::scenario::Start;
use crate::scene::{Ink, Theme};
use crate::t;
use crate::words::LANGUAGE;

use super::dialog::Dialog;
use super::live::Beside;
use super::loader::Loader;
use super::{
    canvas, compare, events, find, frames, gallery, help, hints, inspector, legend, live, notices,
    pace, problems, simplified, theme, top_bar, transport, vhosts,
};

/// How soon the next picture is due while something moves. Screens show no more, and some drivers do not wait for them.
const FRAME: std::time::Duration = std::time::Duration::from_millis(15);

/// The same while a clock is all that moves.
const IDLE: std::time::Duration = std::time::Duration::from_millis(250);

/// Where the remembered part of the state is kept.
const VIEW_KEY: &str = "view";

/// The window's side of the program: the state, and what only a window has.
pub struct Window {
    state: State,
    dialog: Dialog,
    loader: Loader,
    beside: Beside,
    title: String,
}

/// What a panel needs: the state to read, and where its commands go.
pub(super) struct Panels<'a> {
    pub(super) state: &'a State,
    pub(super) commands: &'a mut Vec<Command>,
}

impl<'a> Panels<'a> {
    pub(super) fn emit(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// The run of a side, or the only one.
    pub(super) fn run(&self, side: Option<Side>) -> &'a Run {
        let state = self.state;
        side.map_or(&state.run, |side| state.side(side))
    }

    /// Whether a side is in front, as the only one is.
    pub(super) fn in_front(&self, side: Option<Side>) -> bool {
        let comparing = self.state.comparing.as_ref();
        side.is_none() || comparing.map(|it| it.front) == side
    }

    /// Brings a side to the front for what is emitted next.
    pub(super) fn face(&mut self, side: Option<Side>) {
        if let Some(side) = side.filter(|_| !self.in_front(side)) {
            self.emit(Command::Face(side));
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.emit(Command::Do(action));
    }

    pub(super) fn theme(&self) -> Theme {
        self.state.view.theme
    }

    pub(super) fn color(&self, ink: Ink) -> egui::Color32 {
        theme::color(ink, self.theme())
    }

    /// The frame of a bar across the window.
    fn bar(&self) -> egui::Frame {
        egui::Frame::new()
            .fill(self.color(Ink::Panel))
            .inner_margin(Margin::symmetric(20, 8))
    }

    /// The frame of what lies over the window.
    pub(super) fn overlay(&self, outline: Ink) -> egui::Frame {
        egui::Frame::new()
            .fill(self.color(Ink::Panel))
            .stroke(Stroke::new(1.0, self.color(outline)))
            .corner_radius(10.0)
            .inner_margin(Margin::same(20))
    }
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// When there is no display, or it cannot be drawn on.
pub fn open(start: Start) -> Result<(), WindowError> {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title(t!("app-name"))
            .with_app_id("leveret")
            .with_inner_size([1_400.0, 880.0])
            .with_min_inner_size([720.0, 480.0]),
        ..Default::default()
    };
    // Made before there is a window, which would stand there empty meanwhile.
    let state = State::on(start).map_err(|error| WindowError::Scenario(error.to_string()))?;
    eframe::run_native(
        "leveret",
        options,
        Box::new(|context| Ok(Box::new(Window::create(context, state)))),
    )
    .map_err(WindowError::from)
}

/// Why the window did not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Nothing answers where the display is said to be.
    #[error("no display answers where DISPLAY or WAYLAND_DISPLAY points")]
    Display,
    /// There is a display, but nothing to draw on it with.
    #[error("the display offers no OpenGL; install the graphics driver, or Mesa's software one")]
    Graphics,
    /// What was to be shown could not be.
    #[error("{0}")]
    Scenario(String),
}

/// The toolkit's own words name places in its sources, which help nobody here.
impl From<eframe::Error> for WindowError {
    fn from(error: eframe::Error) -> Self {
        match error {
            eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_) => Self::Display,
            eframe::Error::AppCreation(error) => Self::Scenario(error.to_string()),
            _ => Self::Graphics,
        }
    }
}

/// Gives a context the fonts, the looks and the habits of the window.
pub fn install(ctx: &Context) {
    theme::install(ctx);
    // The window has its own keys for that.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

impl Window {
    /// A window on a state that is looked at as the last one was.
    fn create(context: &CreationContext<'_>, mut state: State) -> Self {
        state.view = context
            .storage
            .and_then(|storage| eframe::get_value::<View>(storage, VIEW_KEY))
            .unwrap_or_default();
        install(&context.egui_ctx);
        Self::new(state)
    }

    /// A window on a state. Its context must be [`install`]ed.
    pub fn new(state: State) -> Self {
        Self {
            state,
            dialog: Dialog::default(),
            loader: Loader::default(),
            beside: Beside::default(),
            title: String::new(),
        }
    }

    /// The state, to be looked at.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Does what a command says, as a panel's would be done.
    pub fn send(&mut self, command: Command) {
        update(&mut self.state, command);
    }

    /// One pass: draws everything, then does what was asked for.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        self.hear(&ctx);
        theme::apply(&ctx, self.state.view.theme);
        ui.reset_style(); // the pass began in the looks of the one before
        ctx.set_zoom_factor(self.state.view.zoom);
        let mut commands = Vec::new();
        let size = ctx.content_rect().size();
        commands.push(Command::Resized(size.x, size.y));
        keep_focus(&ctx);
        read_keys(&ctx, &self.state, &mut commands);
        read_drops(&ctx, &mut commands);
        commands.extend(self.dialog.poll());
        commands.extend(self.loader.poll());

        let mut panels = Panels {
            state: &self.state,
            commands: &mut commands,
        };
        Panel::top("top-bar")
            .exact_size(48.0)
            .frame(panels.bar())
            .show(ui, |ui| top_bar::show(ui, &mut panels));
        let compares = panels.state.comparing.is_some();
        if panels.state.inspector_open() && !(compares && compare::holds_inspector(&ctx)) {
            Panel::right("inspector")
                .default_size(360.0)
                .size_range(300.0..=560.0)
                .frame(egui::Frame::new().fill(panels.color(Ink::Panel)))
                .show(ui, |ui| inspector::show(ui, &mut panels));
        }
        let frames = panels.state.session.frames.filter(|_| !compares);
        if let Some(link) = frames {
            Panel::bottom("frames")
                .resizable(true)
                .default_size((size.y * 0.36).clamp(200.0, 340.0))
                .size_range(170.0..=560.0)
                .frame(egui::Frame::new().fill(panels.color(Ink::Panel)))
                .show(ui, |ui| frames::show(ui, &mut panels, link));
        } else if panels.state.events_open() && !compares {
            Panel::bottom("events")
                .resizable(true)
                .default_size(200.0)
                .size_range(150.0..=420.0)
                .frame(egui::Frame::new().fill(panels.color(Ink::Panel)))
                .show(ui, |ui| events::show(ui, &mut panels));
        }
        Panel::bottom("transport")
            .exact_size(68.0)
            .frame(panels.bar())
            .show(ui, |ui| transport::show(ui, &mut panels));
        if compares {
            compare::below(ui, &mut panels);
        }
        hints::show(ui, &mut panels);
        egui::CentralPanel::no_frame()
            .frame(egui::Frame::new().fill(panels.color(Ink::Canvas)))
            .show(ui, |ui| match compares {
                true => compare::canvases(ui, &mut panels),
                false => canvas::only(ui, &mut panels),
            });
        gallery::show(&ctx, &mut panels);
        help::show(&ctx, &mut panels);
        legend::show(&ctx, &mut panels);
        simplified::show(&ctx, &mut panels);
        find::show(&ctx, &mut panels);
        notices::show(&ctx, &mut panels);
        vhosts::show(&ctx, &mut panels);
        problems::show(&ctx, &mut panels);
        live::lesson(&ctx, &mut panels);
        live::notice(&ctx, &mut panels);
        pace::show(&ctx, &mut panels);

        let was_moving = self.state.is_moving();
        for command in commands {
            update(&mut self.state, command);
        }
        if self.state.session.dialog {
            self.dialog.open(&ctx, &self.state);
            update(&mut self.state, Command::DialogOpened);
        }
        if self.state.session.save_dialog {
            self.dialog.save(&ctx);
            update(&mut self.state, Command::SaveDialogOpened);
        }
        self.beside.keep_up(&ctx, &self.state);
        update(&mut self.state, Command::OrdersTaken);
        self.loader
            .keep_up(&ctx, self.state.session.opening.as_ref());
        // Reactive: while something moves, the next picture is due at once; otherwise none is until something happens.
        if self.state.is_moving() || was_moving {
            update(
                &mut self.state,
                Command::Tick(ctx.input(|input| input.time)),
            );
            // What clients do next wakes the window by itself.
            let next = match self.state.is_quiet() {
                true => IDLE,
                false => FRAME,
            };
            ctx.request_repaint_after(next);
        }
        self.set_title(&ctx);
    }

    /// Takes in what the server beside the window and its clients did.
    fn hear(&mut self, ctx: &Context) {
        for command in self.beside.poll(ctx) {
            update(&mut self.state, command);
        }
        self.beside.taken();
    }

    fn set_title(&mut self, ctx: &Context) {
        let title = t!(
            "window-title",
            scenario = self.state.document.scenario.title.get(LANGUAGE)
        );
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for Window {
    /// Also while the window is hidden, when there is no pass: what clients do goes on.
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        self.hear(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        self.show(ui);
    }

    fn save(&mut self, storage: &mut dyn Storage) {
        eframe::set_value(storage, VIEW_KEY, &self.state.view);
    }
}

/// Right and Left step; they must not move the focus besides, as egui would have it.
fn keep_focus(ctx: &Context) {
    let filter = egui::EventFilter {
        horizontal_arrows: true,
        ..Default::default()
    };
    ctx.memory_mut(|memory| {
        if let Some(id) = memory.focused() {
            memory.set_focus_lock_filter(id, filter);
        }
    });
}

/// Turns keys into commands. They work wherever the focus is, but not while text is typed.
fn read_keys(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if ctx.text_edit_focused() {
        return;
    }
    // An open menu takes Escape for itself.
    let menu = egui::Popup::is_any_open(ctx);
    // What has the keyboard's focus takes Space for itself, and what lies over the window takes all but its own keys.
    let focused = ctx.memory(|memory| memory.focused().is_some());
    let covered = state.session.covered();
    ctx.input_mut(|input| {
        for entry in ACTIONS {
            let taken = match entry.action {
                Action::PlayPause => covered || focused,
                Action::Theme | Action::Larger | Action::Smaller | Action::ActualSize => false,
                // The key that opened what lies over the window closes it.
                action => {
                    let own = state.session.overlay() == Some(action);
                    covered && (!own || state.session.problems.is_some())
                }
            };
            if taken {
                continue;
            }
            for key in entry.keys {
                if input.consume_shortcut(key) {
                    commands.push(Command::Do(entry.action));
                }
            }
        }
        if !menu && input.consume_key(egui::Modifiers::NONE, egui::Key::Escape) {
            commands.push(Command::CloseOverlay);
        }
    });
}

/// A file dropped on the window is opened.
fn read_drops(ctx: &Context, commands: &mut Vec<Command>) {
    let dropped = ctx.input(|input| input.raw.dropped_files.clone());
    let path = dropped
        .into_iter()
        .next()
        .map(|file| file.path().to_path_buf());
    commands.extend(path.map(|path| Command::OpenFile(path.into())));
}
