//! The system's dialogs for files, which must not hold the window up.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;

use crate::app::{Command, Order, Source, State};
use crate::t;

/// The dialog, if one is open.
#[derive(Default)]
pub(super) struct Dialog {
    answer: Option<Receiver<Option<Command>>>,
}

impl Dialog {
    /// Opens the dialog, unless it is open.
    pub(super) fn open(&mut self, ctx: &Context, state: &State) {
        if self.answer.is_some() {
            return;
        }
        let folder = match &state.document.source {
            Source::File(path) => path.parent().map(PathBuf::from),
            Source::Builtin(_) | Source::Live => None,
        };
        self.ask(ctx, move || {
            let mut dialog = rfd::FileDialog::new()
                .set_title(t!("open-title"))
                .add_filter(t!("open-filter"), &["ron", "json", "leveret"]);
            if let Some(folder) = folder {
                dialog = dialog.set_directory(folder);
            }
            let chosen = dialog.pick_file();
            chosen.map(|path| Command::OpenFile(path.into()))
        });
    }

    /// Asks where a recording is to be written, unless a dialog is open.
    pub(super) fn save(&mut self, ctx: &Context) {
        if self.answer.is_some() {
            return;
        }
        self.ask(ctx, || {
            let dialog = rfd::FileDialog::new()
                .set_title(t!("save-title"))
                .add_filter(t!("save-filter"), &["leveret"])
                .set_file_name(t!("save-name"));
            let chosen = dialog.save_file();
            chosen.map(|path| Command::Order(Order::Save(path)))
        });
    }

    fn ask(&mut self, ctx: &Context, ask: impl FnOnce() -> Option<Command> + Send + 'static) {
        let (send, answer) = channel();
        let ctx = ctx.clone();
        let spawned = std::thread::Builder::new().spawn(move || {
            let chosen = ask();
            // If the window is gone, nobody wants the answer.
            let _ = send.send(chosen);
            ctx.request_repaint();
        });
        // Without a thread there is no dialog; dropping a file on the window still works.
        self.answer = spawned.is_ok().then_some(answer);
    }

    /// What came of the dialog, once.
    pub(super) fn poll(&mut self) -> Option<Command> {
        match self.answer.as_ref()?.try_recv() {
            Ok(answer) => {
                self.answer = None;
                answer
            }
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => {
                self.answer = None;
                None
            }
        }
    }
}
