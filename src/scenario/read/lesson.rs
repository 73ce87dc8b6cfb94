//! The question that a comparison answers.

use crate::scenario::lesson::Lesson;
use crate::scenario::reader::{Fields, Reader};
use crate::t;

/// `question`, `predictions`, `right` and `answer`, which only a comparison has.
pub(super) fn lesson(fields: &mut Fields<'_>, compares: bool, reader: &mut Reader<'_>) -> Lesson {
    let entries = ["question", "predictions", "right", "answer"].map(|name| fields.entry(name));
    if !compares {
        for entry in entries.into_iter().flatten() {
            let what = t!("file-without-comparison", field = entry.name.as_str());
            reader.report(entry.name_span, what, t!("file-without-comparison-hint"));
        }
        return Lesson::default();
    }
    let [question, predictions, right, answer] = entries.map(|entry| entry.map(|it| &it.value));
    let mut lesson = Lesson::default();
    if let Some(node) = question {
        lesson.question = reader.words(node).unwrap_or_default();
    }
    if let Some(node) = predictions {
        let items = reader.list(node, || t!("file-wanted-predictions")).iter();
        let words = items.filter_map(|item| reader.words(item));
        lesson.predictions = words.collect();
    }
    if let Some(node) = right {
        let most = lesson.predictions.len() as u64;
        if most == 0 {
            let hint = t!("file-right-hint");
            reader.report(node.span, t!("file-right"), hint);
        } else {
            let right = reader.whole(node, 1..=most);
            lesson.right = right.and_then(|right| usize::try_from(right).ok());
        }
    }
    if let Some(node) = answer {
        lesson.answer = reader.words(node).unwrap_or_default();
    }
    lesson
}
