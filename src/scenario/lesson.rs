//! What a comparison asks of those who watch it.

use super::Words;

/// A question, what might be answered, and what the run shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// What is asked.
    pub question: Words,
    /// What one may predict.
    pub predictions: Vec<Words>,
    /// Which of these comes true, counted from 1; without one, that is for the run to tell.
    pub right: Option<usize>,
    /// What was measured, and why it comes out so.
    pub answer: Words,
}
