//! What is measured of a comparison: the totals add up at every moment, and at the end nothing is thought to be under
//! way that is not.

use std::collections::{BTreeMap, BTreeSet};

use leveret::broker::{Micros, Name, Profile, QueueKind};
use leveret::compare::{
    Comparison, Fault, FaultKind, HttpSide, Measures, MessagingSide, Series, ServiceChange,
    ServiceSpec, Side, Spread, Summary, run,
};
use leveret::world::http::{self, Arrival, BackOff, WhenFull, Workload};
use leveret::world::{Answer, Event, EventKind, ServiceTime, World};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Orders for a shop that tells the warehouse and the mailer, which are called one after the other.
pub fn shop() -> Comparison {
    Comparison {
        profile: Profile::default(),
        seed: 1,
        users: "shoppers".into(),
        request: "POST /orders".into(),
        workload: Workload {
            arrival: Arrival::Random,
            rate: 50.0,
            start: Micros::ZERO,
            until: Micros::from_secs(20),
            count: None,
            wave: None,
            surges: Vec::new(),
            urgent: 0.0,
        },
        user_timeout: Some(Micros::from_secs(30)),
        user_retries: 0,
        deadline: None,
        network: Micros::from_millis(2),
        write: Micros::from_millis(1),
        services: vec![
            service(
                "shop",
                10,
                ServiceTime::Random(Micros::from_millis(5)),
                &["stock", "mail"],
            ),
            service(
                "stock",
                4,
                ServiceTime::Random(Micros::from_millis(20)),
                &[],
            ),
            service("mail", 4, ServiceTime::Random(Micros::from_millis(30)), &[]),
        ],
        faults: Vec::new(),
        until: Micros::from_secs(60),
        http: HttpSide::default(),
        messaging: MessagingSide::default(),
    }
}

pub fn service(name: &str, workers: u32, time: ServiceTime, calls: &[&str]) -> ServiceSpec {
    ServiceSpec {
        workers,
        time,
        calls: calls.iter().map(|&name| name.into()).collect(),
        ..ServiceSpec::new(name)
    }
}

pub fn fault(kind: FaultKind, from: u64, until: u64) -> Fault {
    Fault {
        kind,
        from: Micros::from_secs(from),
        until: Some(Micros::from_secs(until)),
    }
}

fn mail_down() -> Comparison {
    Comparison {
        faults: vec![fault(FaultKind::Down("mail".into()), 5, 15)],
        ..shop()
    }
}

fn both(comparison: &Comparison) -> [Summary; 2] {
    Side::ALL.map(|side| run(comparison, side).expect("it can be set up"))
}

/// What holds whenever it is asked.
fn adds_up(summary: &Summary) {
    let it = summary;
    assert_eq!(it.sent, it.answered + it.failed + it.waiting, "{it:?}");
    let kept = it.done - it.done_though_failed - it.done_unheard;
    assert_eq!(it.answered, kept + it.to_do + it.lost, "{it:?}");
    assert_eq!(it.outcomes.values().sum::<u64>(), it.answered + it.failed);
    assert_eq!(it.user_wait.count, it.answered + it.failed);
    assert_eq!(it.done_after.count, it.done);
    assert!(it.partly_done + it.done_though_failed <= it.failed);
    assert!(it.in_time.unwrap_or(0) <= kept);
    for service in &it.services {
        assert!(service.held <= u64::from(service.workers), "{service:?}");
        assert!(service.held_mean <= f64::from(service.workers) + 1e-9);
    }
}

/// Runs a side, and holds at every step what holds always.
fn watched(comparison: &Comparison, side: Side) -> (Summary, Vec<Event>) {
    let mut world = World::new(&comparison.setup(side)).expect("it can be set up");
    let mut measures = Measures::new(comparison, side, &world);
    let (mut all, mut events, mut lost) = (Vec::new(), Vec::new(), 0);
    while world.step(&mut events) {
        for event in &events {
            measures.read(event);
        }
        all.append(&mut events);
        let summary = measures.summary(world.now());
        adds_up(&summary);
        assert!(lost <= summary.lost, "what is lost does not come back");
        lost = summary.lost;
        let (mut waiting, mut held) = (0, 0);
        for (service, measured) in comparison.services.iter().zip(&summary.services) {
            let http = world.http();
            if let Some(it) = http.named(&service.name).and_then(|id| http.service(id)) {
                assert_eq!(measured.held, u64::from(it.held()));
                assert_eq!(measured.waiting, it.waiting.len() as u64);
                (waiting, held) = (waiting + it.waiting.len(), held + it.held());
            }
            let mut workers = world.workers().iter();
            if let Some(it) = workers.find(|it| *it.name() == service.name) {
                assert_eq!(measured.held, it.working.len() as u64);
            }
        }
    }
    (measures.summary(world.now()), all)
}

/// The same numbers, found from all events at once.
fn counted(comparison: &Comparison, world: &World, events: &[Event]) -> (u64, u64, BTreeSet<u64>) {
    let (mut worked, mut again) = (BTreeMap::<(u64, Name), u64>::new(), 0);
    let mut orders = BTreeMap::new();
    let mut told_well = BTreeSet::new();
    for event in events {
        let work = match &event.kind {
            EventKind::Http(http::Event::Worked { of }) => {
                let service = world.http().service(of.service).expect("a service");
                Some((of.order.0, service.name().clone()))
            }
            EventKind::Http(http::Event::Settled { order, outcome }) => {
                if outcome.is_success() {
                    told_well.insert(order.0);
                }
                None
            }
            EventKind::Published {
                message,
                publication,
                ..
            } => {
                let id = publication
                    .properties
                    .message_id
                    .as_ref()
                    .expect("an order");
                orders.insert(*message, id.parse::<u64>().expect("a number"));
                None
            }
            EventKind::Finished {
                worker,
                queued,
                answer: Answer::Ack | Answer::Unheard,
            } => {
                let worker = world.worker(*worker).expect("a consumer");
                Some((orders[&queued.message], worker.name().clone()))
            }
            _ => None,
        };
        if let Some(work) = work {
            let times = worked.entry(work).or_default();
            again += u64::from(*times > 0);
            *times += 1;
        }
    }
    let needed = comparison.needed();
    let is_done = |order: &u64| {
        let name = |place: &usize| comparison.services[*place].name.clone();
        let mut needed = needed.iter();
        needed.all(|place| worked.contains_key(&(*order, name(place))))
    };
    let came: BTreeSet<_> = worked.keys().map(|(order, _)| *order).collect();
    let done = came.iter().filter(|order| is_done(order)).count() as u64;
    let lost = told_well.into_iter().filter(|order| !is_done(order));
    (done, again, lost.collect())
}

#[test]
fn without_faults_both_sides_do_all_of_it() {
    for summary in both(&shop()) {
        adds_up(&summary);
        assert!(summary.sent > 900, "{summary:?}");
        assert_eq!(summary.done, summary.sent);
        assert_eq!(summary.answered, summary.sent);
        assert_eq!((summary.lost, summary.duplicates, summary.to_do), (0, 0, 0));
        assert_eq!(summary.retries, 0);
        let worked: Vec<_> = summary.services.iter().map(|it| it.worked).collect();
        assert_eq!(worked, [summary.sent; 3]);
    }
}

#[test]
fn users_of_a_publisher_wait_less_and_orders_over_http_are_done_when_users_know() {
    let [http, messaging] = both(&shop());
    assert!(messaging.user_wait.p50 < http.user_wait.p50);
    assert!(http.done_after.max < http.user_wait.max);
    assert!(messaging.done_after.p50 > messaging.user_wait.p50);
    assert_eq!((http.messages, http.deliveries), (0, 0));
    assert_eq!(messaging.messages, messaging.sent);
    assert_eq!(messaging.deliveries, 2 * messaging.sent);
    assert_eq!(http.requests, 3 * http.sent);
}

#[test]
fn while_mail_is_down_http_fails_and_messaging_is_late() {
    let [http, messaging] = both(&mail_down());
    assert!(http.failed > 300, "{http:?}");
    assert!(
        http.partly_done > 30,
        "stock was told and mail was not: {http:?}"
    );
    assert_eq!((messaging.failed, messaging.lost), (0, 0));
    assert_eq!(messaging.done, messaging.sent);
    assert!(messaging.done_after.max > Micros::from_secs(9));
}

#[test]
fn what_a_broker_drops_is_lost() {
    let mut comparison = mail_down();
    comparison.messaging.max_length = Some(20);
    let summary = run(&comparison, Side::Messaging).expect("it can be set up");
    adds_up(&summary);
    // Dead letters of a limit come back and push others out, so that hardly any is lost; without that they are.
    comparison.messaging.retry_after = None;
    let summary = run(&comparison, Side::Messaging).expect("it can be set up");
    adds_up(&summary);
    assert!(summary.lost > 300, "{summary:?}");
    assert_eq!(summary.to_do, 0);
    assert_eq!(summary.failed, 0);
}

#[test]
fn what_a_broker_refuses_fails_and_may_be_half_done() {
    let mut comparison = mail_down();
    comparison.messaging.max_length = Some(20);
    comparison.messaging.reject_publish = true;
    comparison.messaging.retry_after = None;
    let summary = run(&comparison, Side::Messaging).expect("it can be set up");
    adds_up(&summary);
    assert!(summary.failed > 300, "{summary:?}");
    assert_eq!(summary.lost, 0);
    assert!(summary.partly_done > 300, "stock had room, mail had none");
}

#[test]
fn what_is_not_written_is_lost_with_the_broker() {
    let mut comparison = shop();
    comparison.services[2].time = ServiceTime::Fixed(Micros::from_millis(100));
    comparison.faults = vec![fault(FaultKind::BrokerDown, 10, 12)];
    comparison.messaging.persistent = false;
    let summary = run(&comparison, Side::Messaging).expect("it can be set up");
    adds_up(&summary);
    assert!(summary.lost > 0, "{summary:?}");
    assert_eq!(summary.to_do, 0);
    comparison.messaging.persistent = true;
    let summary = run(&comparison, Side::Messaging).expect("it can be set up");
    assert_eq!((summary.lost, summary.failed > 0), (0, true), "{summary:?}");
}

#[test]
fn work_that_nobody_hears_of_is_done_again_unless_the_service_knows_it() {
    let mut comparison = shop();
    comparison.faults = vec![fault(FaultKind::Losing("stock".into(), 0.2), 0, 20)];
    comparison.http.retries = 5;
    let [http, messaging] = both(&comparison);
    assert!(http.duplicates > 50, "{http:?}");
    // Each time its connection is lost, and nothing is done until it has another.
    assert!(messaging.duplicates > 15, "{messaging:?}");
    assert!(http.retries > 0 && messaging.retries > 0);
    for service in &mut comparison.services {
        service.idempotent = true;
    }
    for summary in both(&comparison) {
        adds_up(&summary);
        assert_eq!(summary.duplicates, 0, "{summary:?}");
    }
}

#[test]
fn a_service_that_knows_an_order_hands_it_on_nevertheless() {
    // What it published when it first worked on it may have been lost with its connection.
    let mut knows = service(
        "pay",
        4,
        ServiceTime::Fixed(Micros::from_millis(20)),
        &["mail"],
    );
    knows.idempotent = true;
    let comparison = Comparison {
        services: vec![
            service(
                "shop",
                10,
                ServiceTime::Fixed(Micros::from_millis(5)),
                &["pay"],
            ),
            knows,
            service("mail", 4, ServiceTime::Fixed(Micros::from_millis(20)), &[]),
        ],
        faults: vec![fault(FaultKind::Losing("pay".into(), 0.3), 2, 10)],
        ..shop()
    };
    let [_, messaging] = both(&comparison);
    assert_eq!((messaging.lost, messaging.to_do), (0, 0));
    assert_eq!(messaging.done, messaging.sent);
}

#[test]
fn what_nobody_else_is_to_work_on_is_done_alike_on_both_sides() {
    let mut comparison = shop();
    comparison.services.truncate(1);
    comparison.services[0].calls.clear();
    let [http, messaging] = both(&comparison);
    assert_eq!(http, messaging);
    assert_eq!(http.done, http.sent);
}

#[test]
fn what_comes_too_late_is_not_in_time() {
    let mut comparison = mail_down();
    comparison.deadline = Some(Micros::from_secs(3));
    let [http, messaging] = both(&comparison);
    for summary in [&http, &messaging] {
        let in_time = summary.in_time.expect("there is a deadline");
        assert!(0 < in_time && in_time < summary.sent, "{summary:?}");
    }
    assert_eq!(run(&shop(), Side::Http).expect("a run").in_time, None);
}

#[test]
fn the_steps_of_a_series_make_up_the_whole() {
    for side in Side::ALL {
        let comparison = mail_down();
        let mut world = World::new(&comparison.setup(side)).expect("it can be set up");
        let mut measures = Measures::new(&comparison, side, &world);
        let mut series = Series::new(&comparison, &world, Micros::from_millis(500), 1);
        let mut events = Vec::new();
        while world.step(&mut events) {
            for event in events.drain(..) {
                measures.read(&event);
                series.read(&event);
            }
        }
        series.close_to(comparison.until);
        let (whole, points) = (measures.summary(comparison.until), series.points());
        assert_eq!(points.len(), 120);
        assert_eq!(points[119].at, comparison.until);
        let sum = |part: fn(&leveret::compare::Point) -> u64| points.iter().map(part).sum::<u64>();
        assert_eq!(sum(|it| it.answered), whole.answered);
        assert_eq!(sum(|it| it.failed), whole.failed);
        assert_eq!(sum(|it| it.done), whole.done);
        assert_eq!(sum(|it| it.lost), whole.lost);
        assert_eq!(sum(|it| it.user_wait.count), whole.user_wait.count);
        let longest = points.iter().map(|it| it.done_after.max).max();
        assert_eq!(longest, Some(whole.done_after.max));
        let held = points.iter().map(|it| it.held).sum::<f64>() / 120.0;
        assert!((held - whole.services[0].held_mean).abs() < 1e-6);
        assert!(points[29].to_do >= 400 || side == Side::Http);
        assert_eq!(points[119].to_do + points[119].waiting, 0);
        assert_eq!(points[119].user_wait, Spread::default());
    }
}

#[test]
fn a_point_that_looks_back_further_tells_of_as_many_steps() {
    let comparison = mail_down();
    let mut world = World::new(&comparison.setup(Side::Http)).expect("it can be set up");
    let [mut one, mut four] =
        [1, 4].map(|back| Series::new(&comparison, &world, Micros::from_millis(500), back));
    let mut events = Vec::new();
    while world.step(&mut events) {
        for event in events.drain(..) {
            one.read(&event);
            four.read(&event);
        }
    }
    for (end, point) in four.points().iter().enumerate() {
        let steps = &one.points()[(end + 1).saturating_sub(4)..=end];
        let sum = |part: fn(&leveret::compare::Point) -> u64| steps.iter().map(part).sum::<u64>();
        assert_eq!(point.span.0, sum(|it| it.span.0));
        assert_eq!(point.answered, sum(|it| it.answered));
        assert_eq!(point.failed, sum(|it| it.failed));
        assert_eq!(point.user_wait.count, sum(|it| it.user_wait.count));
        assert_eq!(point.waiting, steps[steps.len() - 1].waiting);
        let longest = steps.iter().map(|it| it.user_wait.max).max();
        assert_eq!(Some(point.user_wait.max), longest);
    }
}

#[test]
fn what_is_over_takes_no_room() {
    let mut comparison = shop();
    comparison.workload.until = Micros::from_secs(200);
    comparison.until = Micros::from_secs(220);
    for side in Side::ALL {
        let mut world = World::new(&comparison.setup(side)).expect("it can be set up");
        let mut measures = Measures::new(&comparison, side, &world);
        let (mut events, mut most) = (Vec::new(), 0);
        while world.step(&mut events) {
            for event in events.drain(..) {
                measures.read(&event);
            }
            most = most.max(measures.weight());
        }
        // Fifty a second are remembered for five seconds: the order, its message, and that they may be forgotten. That
        // and the histograms are far less than the ten thousand orders there were.
        assert!(most < 50 * 5 * 10, "{most}");
        assert!(measures.summary(world.now()).sent > 9_000);
    }
}

fn millis(least: u64, most: u64) -> impl Strategy<Value = Micros> {
    (least..=most).prop_map(Micros::from_millis)
}

fn time() -> impl Strategy<Value = ServiceTime> {
    prop_oneof![
        Just(ServiceTime::Fixed(Micros::ZERO)),
        millis(1, 80).prop_map(ServiceTime::Fixed),
        millis(1, 80).prop_map(ServiceTime::Random),
    ]
}

fn kind() -> impl Strategy<Value = FaultKind> {
    let name = || select(vec!["a", "b", "c", "d"]).prop_map(Name::from);
    prop_oneof![
        name().prop_map(FaultKind::Down),
        name().prop_map(FaultKind::Refusing),
        (name(), 0.0..5.0).prop_map(|(name, factor)| FaultKind::Slow(name, factor)),
        (name(), 0.0..1.0).prop_map(|(name, rate)| FaultKind::Failing(name, rate)),
        (name(), 0.0..1.0).prop_map(|(name, rate)| FaultKind::Losing(name, rate)),
        Just(FaultKind::BrokerDown),
        (0.0..5.0).prop_map(FaultKind::Surge),
    ]
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = (kind(), millis(0, 1_500), millis(1, 1_500));
    let fault = fault.prop_map(|(kind, from, long)| Fault {
        kind,
        from,
        until: Some(from + long),
    });
    prop::collection::vec(fault, 0..4)
}

fn services() -> impl Strategy<Value = Vec<ServiceSpec>> {
    let one = || (1..3_u32, time(), 0.0..0.4, any::<bool>());
    let calls = (
        subsequence(vec!["b", "c", "d"], 0..=3),
        subsequence(vec!["c", "d"], 0..=2),
        subsequence(vec!["d"], 0..=1),
    );
    ([one(), one(), one(), one()], calls).prop_map(|(all, (a, b, c))| {
        let calls = [a, b, c, Vec::new()];
        let named = ["a", "b", "c", "d"].into_iter().zip(all).zip(calls);
        let services = named.map(|((name, (workers, time, rate, idempotent)), calls)| {
            let mut spec = service(name, workers, time, &calls);
            spec.failure_rate = rate;
            spec.idempotent = idempotent;
            spec
        });
        services.collect()
    })
}

fn http_side() -> impl Strategy<Value = HttpSide> {
    (
        (prop::option::of(millis(1, 300)), 0..3_u32),
        (prop::option::of(1..4_u32), prop::option::of(0..5_u32)),
        select(vec![
            WhenFull::Unavailable,
            WhenFull::TooMany,
            WhenFull::Silent,
        ]),
        any::<bool>(),
    )
        .prop_map(
            |((timeout, retries), (connections, backlog), when_full, parallel)| HttpSide {
                timeout,
                retries,
                back_off: BackOff {
                    first: Micros::from_millis(20),
                    ..BackOff::default()
                },
                connections,
                backlog,
                when_full,
                parallel,
                ..HttpSide::default()
            },
        )
}

fn messaging_side() -> impl Strategy<Value = MessagingSide> {
    (
        (
            any::<bool>(),
            prop::option::of(millis(1, 300)),
            any::<bool>(),
        ),
        select(vec![QueueKind::Classic, QueueKind::Quorum]),
        prop::option::of(millis(1, 300)),
        (prop::option::of(1..10_u64), any::<bool>()),
        prop::option::of(0..4_u16),
    )
        .prop_map(
            |((confirms, confirm_timeout, persistent), queues, retry_after, full, prefetch)| {
                MessagingSide {
                    prefetch,
                    confirms,
                    confirm_timeout,
                    persistent,
                    queues,
                    retry_after,
                    max_length: full.0,
                    reject_publish: full.1,
                    changes: vec![ServiceChange {
                        name: "b".into(),
                        workers: Some(2),
                        ..ServiceChange::default()
                    }],
                    ..MessagingSide::default()
                }
            },
        )
}

fn any_comparison() -> impl Strategy<Value = Comparison> {
    (
        services(),
        faults(),
        http_side(),
        messaging_side(),
        (millis(1, 2_000), 0..3_u32),
        any::<u64>(),
    )
        .prop_map(
            |(services, faults, http, messaging, users, seed)| Comparison {
                seed,
                user_timeout: Some(users.0),
                user_retries: users.1,
                workload: Workload {
                    rate: 40.0,
                    count: Some(40),
                    until: Micros::from_secs(3),
                    ..shop().workload
                },
                deadline: Some(Micros::from_millis(200)),
                services,
                faults,
                until: Micros::from_secs(900),
                http,
                messaging,
                ..shop()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn totals_add_up_at_every_moment_and_nothing_is_left_at_the_end(comparison in any_comparison()) {
        for side in Side::ALL {
            let (summary, events) = watched(&comparison, side);
            prop_assert_eq!(summary.waiting, 0, "every user has a time-out");
            prop_assert_eq!(summary.to_do, 0, "all that can be done is done by then: {:?}", summary);
            let world = World::new(&comparison.setup(side)).expect("it can be set up");
            let (done, again, lost) = counted(&comparison, &world, &events);
            prop_assert_eq!(summary.done, done);
            prop_assert_eq!(summary.duplicates, again);
            prop_assert_eq!(summary.lost, lost.len() as u64);
        }
    }
}
