//! Reading a file beside the window, which goes on meanwhile.

use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Context;

use crate::app::{Command, Opening};
use crate::scenario::LoadError;
use crate::t;

/// The file that is being read, if one is.
#[derive(Default)]
pub(super) struct Loader {
    reading: Option<(Opening, Receiver<Command>)>,
}

impl Loader {
    /// Begins to read what is asked for, unless it does already; of what is no longer asked for nobody hears.
    pub(super) fn keep_up(&mut self, ctx: &Context, wanted: Option<&Opening>) {
        let reading = self.reading.as_ref().map(|(opening, _)| opening);
        if reading == wanted {
            return;
        }
        self.reading = wanted.map(|opening| {
            let (send, answer) = channel();
            let (ctx, job, here) = (ctx.clone(), opening.clone(), send.clone());
            let read = move |job: &Opening| {
                let loaded = Command::Loaded(job.path.clone(), Box::new(job.load()));
                // If the window is gone, nobody wants the answer.
                let _ = send.send(loaded);
                ctx.request_repaint();
            };
            let spawned = std::thread::Builder::new().spawn(move || read(&job));
            if spawned.is_err() {
                // Without a thread the window has to wait.
                let loaded = Command::Loaded(opening.path.clone(), Box::new(opening.load()));
                let _ = here.send(loaded);
            }
            (opening.clone(), answer)
        });
    }

    /// What came of it, once.
    pub(super) fn poll(&mut self) -> Option<Command> {
        let (opening, answer) = self.reading.as_ref()?;
        let loaded = match answer.try_recv() {
            Ok(loaded) => loaded,
            Err(TryRecvError::Empty) => return None,
            // The thread ended without a word: better told than tried again and again.
            Err(TryRecvError::Disconnected) => {
                let error = LoadError::Unreadable {
                    file: opening.path.display().to_string(),
                    what: t!("opening-failed"),
                    hint: t!("file-unreadable-hint"),
                };
                Command::Loaded(opening.path.clone(), Box::new(Err(error)))
            }
        };
        self.reading = None;
        Some(loaded)
    }
}
