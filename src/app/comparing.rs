//! Two sides of one comparison: the run behind the one in front, what is changed by hand, and the numbers of both.

use crate::broker::Micros;
use crate::compare::{Comparison, Fault, FaultKind, Measures, Series, Side, Summary};
use crate::director::Moment;
use crate::history::Snapshots;
use crate::world::SetupError;

use super::{Dial, Quantity, Run};

/// A plot has so many points at most.
const POINTS: u64 = 150;
/// Between two snapshots of the numbers, in events.
const SPACING: usize = 512;

/// A comparison as it stands.
#[derive(Clone, Debug)]
pub struct Comparing {
    /// What is compared, with all that was changed by hand.
    pub comparison: Comparison,
    /// The same as its scenario has it.
    pub original: Comparison,
    /// The side in front: that of [`State::run`](super::State::run).
    pub front: Side,
    /// The run of the other side.
    pub behind: Run,
    /// What is plotted.
    pub quantity: Quantity,
    /// The service that the dials are about, by its place.
    pub subject: usize,
    /// Whether the verdict is seen; before that one is to predict it.
    pub revealed: bool,
    /// Which of the scenario's predictions was chosen.
    pub predicted: Option<usize>,
    /// Whether the lists of events stand in the place of the numbers.
    pub lists: bool,
    numbers: [Numbers; 2],
    now: [Summary; 2],
}

/// The numbers of one side at any moment.
#[derive(Clone, Debug)]
struct Numbers {
    head: Measures,
    snapshots: Snapshots<Measures>,
    /// How many events are counted, in the order in which they are shown.
    counted: usize,
    /// The same, and how it went on, in the order in which all happened. Where all is shown these are the numbers of
    /// the command.
    happened: Measures,
    series: Series,
    /// How many events that is.
    plotted: usize,
    inputs: u64,
}

impl Numbers {
    fn new(comparison: &Comparison, side: Side, run: &Run) -> Self {
        let world = run.show.history().head();
        let head = Measures::new(comparison, side, world);
        let step = Micros((comparison.until.0 / POINTS).max(1));
        Self {
            snapshots: Snapshots::new(head.clone(), SPACING),
            happened: head.clone(),
            head,
            counted: 0,
            series: Series::new(comparison, side, world, step),
            plotted: 0,
            inputs: run.inputs,
        }
    }

    /// Counts what has happened since; the numbers at the moment.
    fn keep_up(&mut self, comparison: &Comparison, side: Side, run: &Run) -> Summary {
        if self.inputs != run.inputs {
            *self = Self::new(comparison, side, run);
        }
        let (history, cues) = (run.show.history(), run.show.director().cues());
        for cue in &cues[self.counted.min(cues.len())..] {
            if let Some(event) = history.event(cue.event) {
                self.head.read(event);
            }
            self.counted += 1;
            let (head, weight) = (&self.head, self.head.weight());
            self.snapshots.offer(self.counted, weight, || head.clone());
        }
        for event in &history.events()[self.plotted.min(history.events().len())..] {
            self.series.read(event);
            self.happened.read(event);
            self.plotted += 1;
        }
        let known = history.complete_to().min(comparison.until);
        self.series.close_to(known);
        let Moment { at, shown } = run.moment;
        let now = at.min(comparison.until);
        if shown == self.plotted {
            self.happened.summary(now)
        } else if shown >= self.counted {
            self.head.summary(now)
        } else {
            let (position, mut measures) = self.snapshots.nearest(shown, None);
            for cue in &cues[position..shown] {
                if let Some(event) = history.event(cue.event) {
                    measures.read(event);
                }
            }
            measures.summary(now)
        }
    }
}

impl Comparing {
    /// Both sides of a comparison of which nothing has happened yet: the one in front, and the rest.
    ///
    /// # Errors
    /// When either side's setup is unsound.
    pub fn new(comparison: Comparison) -> Result<(Run, Self), SetupError> {
        let front = Run::new(&comparison.setup(Side::Http))?;
        let behind = Run::new(&comparison.setup(Side::Messaging))?;
        let numbers = [
            Numbers::new(&comparison, Side::Http, &front),
            Numbers::new(&comparison, Side::Messaging, &behind),
        ];
        let comparing = Self {
            now: numbers.each_ref().map(|it| it.head.summary(Micros::ZERO)),
            numbers,
            original: comparison.clone(),
            subject: comparison.services.len().saturating_sub(1),
            comparison,
            front: Side::Http,
            behind,
            quantity: Quantity::default(),
            revealed: false,
            predicted: None,
            lists: false,
        };
        Ok((front, comparing))
    }

    /// The numbers of both sides at the moment, HTTP's first.
    pub fn summaries(&self) -> &[Summary; 2] {
        &self.now
    }

    /// How a side went on, as far as it is known.
    pub fn series(&self, side: Side) -> &Series {
        &self.numbers[index(side)].series
    }

    /// What goes wrong at a time.
    pub fn faults_at(&self, at: Micros) -> impl Iterator<Item = &Fault> {
        let faults = self.comparison.faults.iter();
        faults.filter(move |fault| fault.is_on(at))
    }

    /// Lets something go wrong from now on; or puts it right, if it does so now.
    pub(super) fn toggle(&mut self, kind: FaultKind, now: Micros) {
        let is_meant = |fault: &&mut Fault| fault.kind == kind && fault.is_on(now);
        let faults = &mut self.comparison.faults;
        match faults.iter_mut().find(is_meant) {
            Some(fault) => fault.until = Some(now),
            None => faults.push(Fault {
                kind,
                from: now,
                until: None,
            }),
        }
        // What ends when it begins never was.
        faults.retain(|fault| fault.until.is_none_or(|until| until > fault.from));
    }

    /// Turns a dial.
    pub(super) fn turn(&mut self, dial: Dial, value: f64) {
        dial.set(&mut self.comparison, self.subject, value);
    }

    /// Runs both sides from the start, as the comparison stands now.
    ///
    /// # Errors
    /// When either side's setup is unsound.
    pub(super) fn rerun(&mut self, run: &mut Run) -> Result<(), SetupError> {
        let (front, back) = (self.front, other(self.front));
        run.again(&self.comparison.setup(front))?;
        self.behind.again(&self.comparison.setup(back))?;
        Ok(())
    }

    /// Lets the numbers follow the runs.
    pub(super) fn keep_up(&mut self, run: &Run) {
        let behind = other(self.front);
        for (side, run) in [(self.front, run), (behind, &self.behind)] {
            let place = index(side);
            self.now[place] = self.numbers[place].keep_up(&self.comparison, side, run);
        }
    }

    /// Brings a side to the front.
    pub(super) fn face(&mut self, run: &mut Run, side: Side) {
        if self.front != side {
            self.front = side;
            std::mem::swap(run, &mut self.behind);
        }
    }
}

fn index(side: Side) -> usize {
    match side {
        Side::Http => 0,
        Side::Messaging => 1,
    }
}

/// The side that a side is compared with.
pub(super) fn other(side: Side) -> Side {
    match side {
        Side::Http => Side::Messaging,
        Side::Messaging => Side::Http,
    }
}
