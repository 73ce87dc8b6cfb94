//! Files that cannot be read, and how problems are shown.

use std::fs;

use super::mistakes::problems;
use crate::scenario::{load_path, load_str, open};

#[test]
fn all_problems_are_found_at_once_and_told_in_order() {
    let text = r#"(
    queues: ["errors", "errors"],
    exchanges: { "logs": topik },
    bindings: [(from: "logs", to: "error", key: "*.error")],
    publishers: { "web": (to: "log", every: "-5ms", keys: ["a"]) },
    consumers: { "pager": (queue: "errors", take: "1s", prefetch: 70000) },
)"#;
    assert_eq!(
        problems(text),
        [
            "2:24: `errors` stands here twice | the first is on line 2; remove or rename one",
            "3:26: `topik` is no exchange type | did you mean `topic`?",
            "4:35: no queue or exchange is named `error` | did you mean `errors`?",
            "5:31: no exchange is named `log` | did you mean `logs`?",
            "5:45: `-5ms` is negative | a duration is zero or more",
            "6:45: a consumer has no field `take` | did you mean `takes`?",
            "6:67: expected a whole number from 0 to 65535, found `70000` | ",
        ]
    );
}

#[test]
fn a_problem_is_shown_with_its_line_and_a_caret() {
    let text = "(\n  queues: [\"errors\"],\n  consumers: {\"c\": (queue: \"eror\")},\n)";
    let error = load_str("lesson.ron", text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "lesson.ron:3:28: no queue is named `eror`\n \
         3 |   consumers: {\"c\": (queue: \"eror\")},\n   \
           |                            ^^^^^^\n   \
         did you mean `errors`?"
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &std::path::Path| load_path(path).unwrap_err().to_string();
    assert!(told(folder.path()).contains("this is a folder"));
    assert!(told(&folder.path().join("none.ron")).contains("no such file"));

    let large = folder.path().join("large.ron");
    fs::File::create(&large)
        .unwrap()
        .set_len(50 * 1024 * 1024)
        .unwrap();
    assert!(told(&large).contains("too large: 50 MB"));

    let latin = folder.path().join("latin.ron");
    fs::write(&latin, b"(\n title: \"caff\xe8\")").unwrap();
    assert!(
        told(&latin).contains("latin.ron:2:14: this file is not UTF-8: byte 0xe8 at offset 15")
    );

    let good = folder.path().join("good.ron");
    fs::write(&good, "\u{feff}(\r\n queues: [\"q\"],\r\n)").unwrap();
    assert!(load_path(&good).is_ok());
}

#[test]
fn a_built_in_is_found_by_name_and_a_near_miss_is_guessed() {
    assert!(open("hello").is_ok());
    assert!(
        open("helo")
            .unwrap_err()
            .to_string()
            .contains("did you mean `hello`?")
    );
    assert!(
        open("no-such")
            .unwrap_err()
            .to_string()
            .contains("work-queue")
    );
    assert!(
        open("no/such.ron")
            .unwrap_err()
            .to_string()
            .contains("no such file")
    );
}

#[test]
fn a_flood_of_problems_is_cut_short() {
    let consumers: String = (0..5_000)
        .map(|n| format!("\"c{n}\": (queue: \"q{n}\"),"))
        .collect();
    let queues: String = (0..5_000).map(|n| format!("\"z{n}\",")).collect();
    let text = format!("(queues: [{queues}], consumers: {{{consumers}}})");
    let error = load_str("flood.ron", &text).unwrap_err();
    assert_eq!(error.problems().len(), 100);
    assert!(error.to_string().ends_with("and 4900 more"));
}
