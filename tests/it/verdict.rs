//! The verdict on a comparison: what it says of numbers, honest both ways.

use leveret::broker::Micros;
use leveret::compare::{Comparison, FaultKind, Side, Spread, Summary, run};
use leveret::words::verdict;

use crate::compare::{fault, shop};

/// A side on which a thousand orders came, were answered after so long, and done after so long.
fn summary(wait: u64, done: u64) -> Summary {
    let spread = |millis| Spread {
        count: 1_000,
        mean: Micros::from_millis(millis),
        p50: Micros::from_millis(millis),
        p95: Micros::from_millis(millis),
        p99: Micros::from_millis(millis),
        max: Micros::from_millis(millis),
    };
    Summary {
        now: Micros::from_secs(60),
        sent: 1_000,
        answered: 1_000,
        done: 1_000,
        user_wait: spread(wait),
        answered_after: spread(wait),
        done_after: spread(done),
        ..Summary::default()
    }
}

fn failing(failed: u64, summary: Summary) -> Summary {
    Summary {
        failed,
        answered: 1_000 - failed,
        ..summary
    }
}

#[test]
fn it_says_whom_each_side_failed_and_what_is_late() {
    let comparison = Comparison {
        faults: vec![fault(FaultKind::Down("mail".into()), 5, 15)],
        ..shop()
    };
    let http = Summary {
        partly_done: 200,
        ..failing(212, summary(60, 58))
    };
    let mut messaging = summary(14, 70);
    messaging.done_after.max = Micros::from_millis(14_200);
    assert_eq!(
        verdict(&comparison, &[http, messaging]),
        "With mail down for 10 s, HTTP failed 212 of 1,000 orders, messaging none. HTTP left 200 orders half done. \
         Messaging accepted orders sooner than HTTP answered them (14 ms against 60 ms, in the median), but HTTP had \
         its work done sooner (58 ms against 70 ms). The slowest order was done 58 ms over HTTP and 14.2 s by \
         messaging after it came."
    );
}

#[test]
fn of_what_goes_wrong_it_says_how_long_it_has_by_then_and_of_what_will_nothing() {
    let comparison = Comparison {
        faults: vec![
            fault(FaultKind::Down("mail".into()), 5, 15),
            fault(FaultKind::Surge(4.0), 20, 25),
        ],
        ..shop()
    };
    let told = |seconds| {
        let now = Micros::from_secs(seconds);
        let sides = [summary(60, 58), summary(14, 70)].map(|it| Summary { now, ..it });
        verdict(&comparison, &sides)
    };
    assert!(told(5).starts_with("None of 1,000"), "{}", told(5));
    assert!(
        told(8).starts_with("With mail down for 3 s, none"),
        "{}",
        told(8)
    );
    assert!(
        told(18).starts_with("With mail down for 10 s, none"),
        "{}",
        told(18)
    );
    let both = "With mail down for 10 s and 4 times as many orders for 2 s, none";
    assert!(told(22).starts_with(both), "{}", told(22));
}

#[test]
fn it_says_where_messaging_is_the_worse_one() {
    let comparison = Comparison {
        faults: vec![fault(FaultKind::BrokerDown, 5, 8)],
        ..shop()
    };
    let messaging = Summary {
        lost: 1,
        duplicates: 30,
        to_do: 40,
        oldest_to_do: Micros::from_millis(2_340),
        ..failing(160, summary(14, 70))
    };
    let told = verdict(&comparison, &[summary(10, 9), messaging]);
    assert_eq!(
        told,
        "With the broker down for 3 s, HTTP failed none of 1,000 orders, messaging 160. Messaging lost 1 order \
         that it had accepted; work done once more: HTTP none, messaging 30; messaging has 40 orders still under \
         way, the oldest for 2.3 s. HTTP answered orders sooner than messaging accepted them (10 ms against 14 ms, \
         in the median), and HTTP had its work done sooner (9 ms against 70 ms)."
    );
}

#[test]
fn it_says_that_both_are_alike_where_they_are() {
    let told = verdict(&shop(), &[summary(100, 100), summary(101, 105)]);
    assert_eq!(
        told,
        "None of 1,000 orders failed on either side. Both answered about as soon (100 ms over HTTP and 101 ms by \
         messaging, in the median), and both had the work done about as soon (100 ms over HTTP and 105 ms by \
         messaging)."
    );
    let alike = [failing(5, summary(100, 100)), failing(5, summary(20, 100))];
    assert_eq!(
        verdict(&shop(), &alike),
        "5 of 1,000 orders failed on either side. Messaging accepted orders sooner than HTTP answered them (20 ms \
         against 100 ms, in the median), and both had the work done about as soon (100 ms)."
    );
}

#[test]
fn where_there_is_a_deadline_it_begins_with_what_was_of_use() {
    let comparison = Comparison {
        deadline: Some(Micros::from_millis(500)),
        faults: vec![fault(FaultKind::Surge(4.0), 5, 15)],
        ..shop()
    };
    let in_time = |count, summary| Summary {
        in_time: Some(count),
        ..summary
    };
    let http = in_time(843, failing(157, summary(60, 58)));
    let told = verdict(&comparison, &[http, in_time(500, summary(14, 70))]);
    let begins = "With 4 times as many orders for 10 s, HTTP had 843 of 1,000 orders done within 500 ms, messaging 500. \
                  HTTP failed 157 of 1,000 orders, messaging none.";
    assert!(told.starts_with(begins), "{told}");
}

#[test]
fn who_was_told_of_a_failure_was_not_answered_sooner() {
    let refused = Summary {
        answered: 0,
        failed: 1_000,
        answered_after: Spread::default(),
        ..summary(10, 20)
    };
    let told = verdict(&shop(), &[refused, summary(14, 70)]);
    assert_eq!(told, "HTTP failed 1,000 of 1,000 orders, messaging none.");
}

#[test]
fn several_faults_are_all_named() {
    let comparison = Comparison {
        faults: vec![
            fault(FaultKind::Slow("stock".into(), 5.0), 0, 4),
            fault(FaultKind::Failing("mail".into(), 0.1), 2, 4),
            fault(FaultKind::Surge(3.0), 5, 6),
        ],
        ..shop()
    };
    let told = verdict(&comparison, &[summary(1, 1), summary(1, 1)]);
    assert!(
        told.starts_with(
            "With stock taking 5 times as long for 4 s and mail failing 10 % of the time for 2 s and 3 times as \
             many orders for 1 s, none of 1,000 orders failed"
        ),
        "{told}"
    );
}

#[test]
fn where_nothing_happened_it_says_so() {
    let nothing = [Summary::default(), Summary::default()];
    assert_eq!(verdict(&shop(), &nothing), "No order came.");
}

#[test]
fn what_it_says_of_a_run_is_what_was_measured() {
    let comparison = Comparison {
        faults: vec![fault(FaultKind::Down("mail".into()), 5, 15)],
        ..shop()
    };
    let sides = Side::ALL.map(|side| run(&comparison, side).expect("a run"));
    let told = verdict(&comparison, &sides);
    let failed = format!(
        "HTTP failed {} of 1,006 orders, messaging none",
        sides[0].failed
    );
    assert!(told.contains(&failed), "{told}");
}
