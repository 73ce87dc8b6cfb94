//! Why nothing comes next, in words.

use crate::app::{Action, Standstill, State};
use crate::scene::MAX_EVENTS;
use crate::t;
use crate::words::{self, span};

pub(super) fn told(why: Standstill, state: &State) -> String {
    match why {
        Standstill::Outside => t!("standstill-outside"),
        Standstill::Full => t!("inspector-full", count = MAX_EVENTS),
        Standstill::Circling(standstill) => {
            words::standstill(&standstill, state.run.show.history().head())
        }
        Standstill::End => t!(
            "standstill-end",
            end = span(state.end()),
            restart = Action::Restart.name()
        ),
        Standstill::BrokerDown => t!("standstill-broker-down"),
        Standstill::NoConnection => t!("standstill-no-connection"),
        Standstill::Alarm => t!("standstill-alarm"),
        Standstill::Nobody => t!("standstill-nobody"),
        Standstill::Nothing => t!("standstill-nothing", end = span(state.end())),
    }
}
