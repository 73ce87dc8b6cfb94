//! What can be done.

use std::path::PathBuf;
use std::sync::Arc;

use crate::amqp::Heard;
use crate::broker::{EventId, Micros, Name, Publication};
use crate::compare::{FaultKind, Side};
use crate::geometry::Point;
use crate::scenario::LoadError;
use crate::scene::Target;
use crate::topology::NodeKey;
use crate::world::{Deed, LinkId, PublisherId};

use super::{
    Camera, Dial, Draft, Find, FrameId, Hint, LiveNews, Loaded, Notices, Opening, Order, Quantity,
};

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// One of the actions that have a name, a key and a place in a menu.
    Do(Action),
    /// The clock stands at so many seconds.
    Tick(f64),
    /// Go to a time.
    Seek(Micros),
    /// Go to the moment just after an event.
    GoTo(EventId),
    /// Play at this speed, times real time.
    SetSpeed(f64),
    /// Select something, or nothing.
    Select(Option<Target>),
    /// Select an event, its message and its edge.
    SelectEvent(EventId),
    /// List the frames of a program's connection, or nobody's.
    ShowFrames(Option<LinkId>),
    /// Select a frame and the event that it led to, or came of.
    SelectFrame(FrameId),
    /// Open a built-in scenario.
    OpenBuiltin(&'static str),
    /// Open a file.
    OpenFile(Opening),
    /// A file was read, or could not be.
    Loaded(PathBuf, Box<Result<Loaded, LoadError>>),
    /// Show the virtual host of this name, of those that were listed.
    ChooseVhost(Name),
    /// List the virtual hosts of the definitions that are open.
    ListVhosts,
    /// Show what is known of the definitions that are open, a badge of it, or neither.
    ShowNotices(Notices),
    /// What is looked for by name.
    Find(Find),
    /// Show a node and, where not all can be drawn, what is around it.
    LookAround(NodeKey),
    /// Draw twice as many of its neighbours.
    LookFurther,
    /// The file dialog has been opened.
    DialogOpened,
    /// Look at another part of the canvas.
    Look(Camera),
    /// Bring a side to the front.
    Face(Side),
    /// Let something go wrong on both sides from now on; or put it right, if it does.
    Break(FaultKind),
    /// Turn a dial of the comparison.
    Turn(Dial, f64),
    /// Let the dials be about another service, by its place.
    Subject(usize),
    /// Take back all that was changed in the comparison by hand.
    AsInFile,
    /// Plot something else.
    Plot(Quantity),
    /// Predict this, by its place among the scenario's predictions.
    Predict(usize),
    /// Show the verdict, or hide it.
    Reveal(bool),
    /// Tell in the inspector what is compared here, or no more.
    About,
    /// A node was dragged to here.
    Drag(NodeKey, Point),
    /// A publisher sends its next message now.
    Publish(PublisherId),
    /// A publisher sends exactly this message now.
    Send {
        /// The publisher.
        publisher: PublisherId,
        /// The message.
        publication: Arc<Publication>,
        /// Whether it comes back if no queue takes it (P2).
        mandatory: bool,
    },
    /// A hand does now what a script could do: it stops the broker, ends a connection, empties a queue.
    Operate(Deed),
    /// The server beside the window says something.
    LiveNews(LiveNews),
    /// This much clients did, as was known at so many seconds of the clock.
    Heard(Box<Heard>, f64),
    /// Something is wanted of the server beside the window.
    Order(Order),
    /// All that was wanted of the server is being done.
    OrdersTaken,
    /// The dialog in which to say where a recording goes has been opened.
    SaveDialogOpened,
    /// What the server had to say was read.
    HeardOut,
    /// Show large how other machines come in, or no more.
    ShowLesson(bool),
    /// What is written in the form of the message to publish.
    Draft(Draft),
    /// Whether the page of what is simplified lists all rules, or only those that are not wholly modelled.
    ShowAllRules(bool),
    /// A hint was used or closed.
    HintDone(Hint),
    /// Open or close the inspector.
    ShowInspector(bool),
    /// Open or close the event list.
    ShowEvents(bool),
    /// Close whatever lies over the window.
    CloseOverlay,
    /// The canvas was drawn with this point in its middle, at so many pixels to a unit.
    Seen(Point, f32),
    /// The window is this wide and high, in points.
    Resized(f32, f32),
}

/// An action with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Play, or pause.
    PlayPause,
    /// One event on.
    StepForward,
    /// One event back.
    StepBack,
    /// Back to the beginning.
    Restart,
    /// Play faster.
    Faster,
    /// Play slower.
    Slower,
    /// Open the gallery.
    Scenarios,
    /// Open a file.
    Open,
    /// Look for an exchange or a queue by its name.
    Find,
    /// Serve real clients, and look at what they do.
    Live,
    /// Go to what clients do now, and stay with it.
    Now,
    /// Write all that clients did to a file.
    SaveRecording,
    /// Show all of the canvas.
    Fit,
    /// Show less of the canvas, larger.
    ZoomIn,
    /// Show more of the canvas, smaller.
    ZoomOut,
    /// Put dragged nodes back.
    ResetLayout,
    /// Open or close the inspector.
    Inspector,
    /// Open or close the event list.
    Events,
    /// Show or hide the numbers of what is compared.
    Numbers,
    /// Light or dark.
    Theme,
    /// Travel, or only appear.
    ReducedMotion,
    /// Draw the whole window larger.
    Larger,
    /// Draw the whole window smaller.
    Smaller,
    /// Draw the window at its own size.
    ActualSize,
    /// Frame connections and channels, or fold the frames away.
    Connections,
    /// Show the keys.
    Help,
    /// Show what each sign of the picture means.
    Legend,
    /// Show how far the broker is RabbitMQ.
    Simplified,
}

/// An action's line in the table: its word and its keys.
#[derive(Clone, Copy, Debug)]
pub struct ActionEntry {
    /// The action.
    pub action: Action,
    /// What it is called.
    pub name: fn() -> String,
    /// Its keys; any of them will do, the first is shown.
    pub keys: &'static [egui::KeyboardShortcut],
}

const fn key(key: egui::Key) -> egui::KeyboardShortcut {
    egui::KeyboardShortcut::new(egui::Modifiers::NONE, key)
}

const fn command(key: egui::Key) -> egui::KeyboardShortcut {
    egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, key)
}

macro_rules! actions {
    ($($action:ident $name:literal [$($key:expr),* $(,)?];)*) => {
        &[$(ActionEntry {
            action: Action::$action,
            name: || crate::t!($name),
            keys: &[$($key),*],
        }),*]
    };
}

/// Every action. Those with a modifier come before the plain keys, since the plain ones would answer to both.
pub const ACTIONS: &[ActionEntry] = {
    use egui::Key;
    actions! {
        Larger "action-larger" [command(Key::Plus), command(Key::Equals)];
        Smaller "action-smaller" [command(Key::Minus)];
        ActualSize "action-actual-size" [command(Key::Num0)];
        Open "action-open" [command(Key::O)];
        SaveRecording "action-save-recording" [command(Key::S)];
        Find "action-find" [command(Key::F)];
        PlayPause "action-play-pause" [key(Key::Space)];
        StepForward "action-step-forward" [key(Key::ArrowRight)];
        StepBack "action-step-back" [key(Key::ArrowLeft)];
        Restart "action-restart" [key(Key::Home)];
        Now "action-now" [key(Key::End)];
        Faster "action-faster" [key(Key::Plus), key(Key::Equals)];
        Slower "action-slower" [key(Key::Minus)];
        Scenarios "action-scenarios" [key(Key::S)];
        Live "action-live" [key(Key::W)];
        Fit "action-fit" [key(Key::F)];
        ZoomIn "action-zoom-in" [key(Key::PageUp)];
        ZoomOut "action-zoom-out" [key(Key::PageDown)];
        ResetLayout "action-reset-layout" [];
        Inspector "action-inspector" [key(Key::I)];
        Events "action-events" [key(Key::E)];
        Numbers "action-numbers" [key(Key::N)];
        Theme "action-theme" [key(Key::D)];
        ReducedMotion "action-reduced-motion" [];
        Connections "action-connections" [key(Key::C)];
        Help "action-help" [key(Key::F1), key(Key::Questionmark)];
        Legend "action-legend" [key(Key::L)];
        Simplified "action-simplified" [];
    }
};

impl Action {
    /// Its line in the table.
    pub fn entry(self) -> &'static ActionEntry {
        let found = ACTIONS.iter().find(|entry| entry.action == self);
        // A test holds that every action is in the table.
        found.unwrap_or(&ACTIONS[0])
    }

    /// What it is called.
    pub fn name(self) -> String {
        (self.entry().name)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let mut keys: Vec<_> = ACTIONS.iter().flat_map(|entry| entry.keys).collect();
        let count = keys.len();
        keys.dedup();
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "{key:?}");
        }
        assert_eq!(keys.len(), count);
    }
}
