//! Two sides of one comparison: the run behind the one in front, what is changed by hand, and the numbers of both.

use crate::broker::Micros;
use crate::compare::{Comparison, Fault, FaultKind, Measures, Series, Side, Summary};
use crate::director::Moment;
use crate::history::Snapshots;
use crate::scene::Target;
use crate::topology::NodeKey;
use crate::world::SetupError;

use super::{Dial, Quantity, Run};

/// A plot has so many points at most, and each is of as much time as lies between so many of them: with less of it,
/// few orders would make the percentiles.
const POINTS: u64 = 150;
const BACK: usize = 5;
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
    /// Whether the verdict is to be seen, where there is one; before that one is to predict it.
    pub revealed: bool,
    /// Which of the scenario's predictions was chosen.
    pub predicted: Option<usize>,
    /// Whether the lists of events stand in the place of the numbers.
    pub lists: bool,
    /// Whether it is told what it is about, though nothing is selected.
    pub about: bool,
    numbers: [Numbers; 2],
    now: [Summary; 2],
}

/// The numbers of one side at any moment.
#[derive(Clone, Debug)]
struct Numbers {
    head: Measures,
    series: Series,
    snapshots: Snapshots<Measures>,
    /// How many events are counted.
    counted: usize,
    inputs: u64,
}

impl Numbers {
    fn new(comparison: &Comparison, side: Side, run: &Run) -> Self {
        let world = run.show.history().head();
        let head = Measures::new(comparison, side, world);
        let step = Micros((comparison.until.0 / POINTS).max(1));
        Self {
            snapshots: Snapshots::new(head.clone(), SPACING),
            head,
            series: Series::new(comparison, world, step, BACK),
            counted: 0,
            inputs: run.inputs,
        }
    }

    /// Counts what has happened since; the numbers at the moment.
    fn keep_up(&mut self, comparison: &Comparison, side: Side, run: &Run) -> Summary {
        if self.inputs != run.inputs {
            *self = Self::new(comparison, side, run);
        }
        // What is compared is shown in the order in which it happens.
        let history = run.show.history();
        let events = history.told();
        for event in events.from(self.counted) {
            self.head.read(event);
            self.series.read(event);
            self.counted += 1;
            let (head, weight) = (&self.head, self.head.weight());
            self.snapshots.offer(self.counted, weight, || head.clone());
        }
        let known = history.complete_to().min(comparison.until);
        self.series.close_to(known);
        let Moment { at, shown } = run.moment;
        if shown >= self.counted {
            return self.head.summary(at);
        }
        let (position, mut measures) = self.snapshots.nearest(shown, None);
        for event in events.between(position, shown) {
            measures.read(event);
        }
        measures.summary(at)
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
            subject: first_to_fail(&comparison),
            comparison,
            front: Side::Http,
            behind,
            quantity: Quantity::default(),
            revealed: false,
            predicted: None,
            lists: false,
            about: false,
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

    /// After when there is a verdict: once the last thing that goes wrong has begun to. Without any there always is one.
    pub fn verdict_after(&self) -> Option<Micros> {
        let until = self.comparison.until;
        let begin = self.comparison.faults.iter().map(|fault| fault.from);
        begin.filter(|&from| from < until).max()
    }

    /// Whether there is a verdict at a moment. Of what is yet to go wrong nothing can be said.
    pub fn has_verdict(&self, now: Micros) -> bool {
        self.verdict_after().is_none_or(|after| now > after)
    }

    /// Whether the verdict is seen at a moment.
    pub fn is_revealed(&self, now: Micros) -> bool {
        self.revealed && self.has_verdict(now)
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

    /// What is on the side behind what a target is on the one in front: the same order, the same users, the service of the
    /// same name, whether it is called or consumes.
    pub fn counterpart(&self, front: &Run, target: Target) -> Option<Target> {
        let (front, behind) = (
            front.show.history().head(),
            self.behind.show.history().head(),
        );
        let name = match target {
            Target::Order(_) | Target::Node(NodeKey::Users) => return Some(target),
            Target::Node(NodeKey::Service(id)) => front.http().service(id)?.name(),
            Target::Node(NodeKey::Consumer(id)) => front.worker(id)?.name(),
            Target::Node(_) | Target::Edge(_) | Target::Message(_) => return None,
        };
        let consumer = || behind.workers().iter().find(|it| it.name() == name);
        let node = match behind.http().named(name) {
            Some(service) => NodeKey::Service(service),
            None => NodeKey::Consumer(consumer()?.id),
        };
        Some(Target::Node(node))
    }

    /// Brings a side to the front.
    pub(super) fn face(&mut self, run: &mut Run, side: Side) {
        if self.front != side {
            self.front = side;
            std::mem::swap(run, &mut self.behind);
        }
    }
}

/// The service that something goes wrong with first, by its place; the last one where nothing does.
fn first_to_fail(comparison: &Comparison) -> usize {
    let faults = comparison.faults.iter();
    let broken = faults.filter_map(|fault| Some((fault.from, fault.kind.service()?)));
    let first = broken.min_by_key(|&(from, _)| from);
    let place = first.and_then(|(_, name)| {
        let mut services = comparison.services.iter();
        services.position(|service| service.name == *name)
    });
    place.unwrap_or(comparison.services.len().saturating_sub(1))
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
