//! The window without a window: how the tests of it open it, read it and handle it.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Pos2, Rect, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use leveret::app::{Action, Command, Hint, State, View};
use leveret::broker::Micros;
use leveret::director::Moment;
use leveret::geometry::Point;
use leveret::scenario::builtin;
use leveret::topology::NodeKey;
use leveret::ui::{Window, install};

/// A window on something, and hands and eyes for it.
pub struct Desk(pub Harness<'static, Window>);

/// A view without hints, which would lie over things.
pub fn seasoned() -> View {
    View {
        hints_done: Hint::ALL.into(),
        ..View::default()
    }
}

/// A built-in scenario at its beginning.
pub fn state(scenario: &str, view: View) -> State {
    State::builtin(builtin::find(scenario).unwrap(), view).unwrap()
}

/// A window that is already playing.
pub fn playing(state: State, size: [f32; 2]) -> Desk {
    desk(Window::new(state), size)
}

/// A window that does not play until it is told to.
pub fn paused(state: State, size: [f32; 2]) -> Desk {
    let mut window = Window::new(state);
    window.send(Command::Do(Action::PlayPause));
    desk(window, size)
}

/// A large window on a built-in scenario, with all panels open, paused at its beginning.
pub fn open(scenario: &str) -> Desk {
    paused(state(scenario, seasoned()), [1_600.0, 1_000.0])
}

fn desk(window: Window, size: [f32; 2]) -> Desk {
    let harness = Harness::builder()
        .with_size(size)
        .with_step_dt(0.05)
        .with_context_setup(install)
        // Some scenarios of these tests have letters that no font of ours has.
        .allow_missing_glyphs()
        .build_eframe(|_| window);
    Desk(harness)
}

impl Desk {
    pub fn state(&self) -> &State {
        self.0.state().state()
    }

    pub fn send(&mut self, command: Command) {
        self.0.state_mut().send(command);
        self.settle();
    }

    /// How long the window would sleep if nobody touched it.
    pub fn sleep(&self) -> Duration {
        self.0.output().viewport_output[&ViewportId::ROOT].repaint_delay
    }

    /// Runs until nothing moves and nothing more is to be painted; it must come to that.
    pub fn settle(&mut self) {
        for _ in 0..200 {
            self.0.step();
            self.wait();
            if !self.state().is_moving() && self.sleep() == Duration::MAX {
                return self.0.check_accessibility();
            }
        }
        panic!("{:?}", self.0.ctx.repaint_causes());
    }

    /// Waits for a file that is read beside the window.
    pub fn wait_for_file(&mut self) {
        while self.state().session.opening.is_some() {
            std::thread::sleep(Duration::from_millis(2));
            self.0.step();
        }
    }

    /// The same; what has just been opened and begins to play is paused.
    fn wait(&mut self) {
        self.wait_for_file();
        if self.is_playing() && self.moment().at < ms(500) {
            self.0.state_mut().send(Command::Do(Action::PlayPause));
            self.0.step();
        }
    }

    pub fn moment(&self) -> Moment {
        self.state().run.moment
    }

    pub fn is_playing(&self) -> bool {
        self.state().is_playing()
    }

    pub fn press(&mut self, key: Key) {
        self.0.key_press(key);
        self.settle();
    }

    pub fn press_with(&mut self, modifiers: egui::Modifiers, key: Key) {
        self.0.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Clicks what has this label.
    pub fn click(&mut self, label: &str) {
        let found = self.0.get_by(|node| {
            let is_it = node.label().is_some_and(|text| text == label);
            is_it && node.role() != Role::Label
        });
        found.click();
        self.settle();
    }

    pub fn click_at(&mut self, at: Pos2) {
        self.0.hover_at(at);
        self.0.drag_at(at);
        self.0.drop_at(at);
        self.settle();
    }

    /// Presses at one place and lets go at another.
    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.0.hover_at(from);
        self.0.drag_at(from);
        self.0.hover_at(from.lerp(to, 0.5));
        self.0.hover_at(to);
        self.0.drop_at(to);
        self.settle();
    }

    /// Clicks the node whose label begins so.
    pub fn click_node(&mut self, label: &str) {
        let at = self.rect(label).center();
        self.click_at(at);
    }

    /// Where the widget is whose label begins so.
    pub fn rect(&self, label: &str) -> Rect {
        let found = self.0.get_all_by(|node| {
            let starts = node.label().is_some_and(|text| text.starts_with(label));
            starts && node.role() != Role::Label
        });
        found.into_iter().next().unwrap().rect()
    }

    /// Everything that can be read, top to bottom.
    pub fn texts(&self) -> Vec<String> {
        let nodes = self.0.root().children_recursive();
        let text = |node: egui_kittest::Node<'_>| {
            let node = node.accesskit_node();
            match node.role() {
                Role::Label => node.value(),
                _ => node.label(),
            }
        };
        nodes.filter_map(text).collect()
    }

    /// Whether this can be read somewhere, as a part of something.
    pub fn reads(&self, text: &str) -> bool {
        self.texts().iter().any(|read| read.contains(text))
    }

    /// How many things have exactly this label.
    pub fn count(&self, label: &str) -> usize {
        self.texts().iter().filter(|text| *text == label).count()
    }

    /// The labels of all buttons that begin so.
    pub fn buttons(&self, beginning: &str) -> Vec<String> {
        let buttons = self.0.query_all_by_role(Role::Button);
        let labels = buttons.filter_map(|button| button.accesskit_node().label());
        labels
            .filter(|label| label.starts_with(beginning))
            .collect()
    }

    /// The rows of the event list that are in sight: those that begin with a time.
    pub fn rows(&self) -> Vec<String> {
        let is_row = |label: &String| {
            let time = label.split(' ').next().unwrap_or_default();
            time.contains('.') && time.parse::<f64>().is_ok()
        };
        let mut rows = self.buttons("");
        rows.retain(is_row);
        rows
    }

    /// The canvas; of two, all the room they take.
    pub fn canvas(&self) -> Rect {
        let canvases = self.0.query_all_by_role(Role::Canvas);
        canvases.map(|it| it.rect()).reduce(Rect::union).unwrap()
    }

    /// Where a place of the picture is on the screen, as the node with the given label shows.
    pub fn on_screen(&self, place: Point, node: NodeKey, label: &str) -> Pos2 {
        let screen = self.rect(label);
        let world = self.state().run.show.plan.layout.nodes[&node];
        let scale = screen.width() / world.width();
        let offset = place - world.center();
        screen.center() + egui::vec2(offset.x, offset.y) * scale
    }

    /// The node with this name.
    pub fn node(&self, name: &str) -> NodeKey {
        let topology = &self.state().run.show.plan.topology;
        let found = topology.nodes().find(|node| node.name.as_str() == name);
        found.unwrap().key
    }
}

/// A time of so many milliseconds.
pub const fn ms(millis: u64) -> Micros {
    Micros::from_millis(millis)
}
