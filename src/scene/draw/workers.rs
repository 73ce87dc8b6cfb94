//! Workers as squares, filled while they are held; too many of them are a bar.

use crate::broker::Micros;
use crate::geometry::{Point, Rect};
use crate::scene::build::{Canvas, Hit, Target};
use crate::scene::{Fill, Ink, Shape, Stroke, Token, token_shapes};

/// A worker's square, and the gap to the next.
const SQUARE: f32 = 14.0;
const GAP: f32 = 4.0;
const STEP: f32 = SQUARE + GAP;
/// So many squares stand in a row, and so many rows in a box.
const ROW: usize = 8;
const ROWS_MAX: usize = 2;
/// How much is seen of the filling of a worker that is held and does not work.
const HELD: f32 = 0.45;

/// What holds a worker.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    /// How what it works on looks.
    pub token: Token,
    /// What is selected with it.
    pub target: Target,
    /// Whether it works, or waits for others.
    pub works: bool,
}

/// A worker.
#[derive(Clone, Copy, Default)]
pub(super) struct Square {
    /// What holds it.
    pub holder: Option<Holder>,
    /// When it was last let go.
    pub let_go: Option<Micros>,
}

/// How much room the squares of so many workers take.
pub(in crate::scene) fn size(workers: usize) -> (f32, f32) {
    let rows = match workers.div_ceil(ROW) {
        rows if rows > ROWS_MAX => 1,
        rows => rows.max(1),
    };
    let length = |squares: usize| squares as f32 * STEP - GAP;
    (length(workers.clamp(1, ROW)), length(rows))
}

/// Draws the workers below `top`.
pub(super) fn draw(canvas: &mut Canvas, workers: &[Square], top: Point) {
    if workers.len() > ROW * ROWS_MAX {
        bar(canvas, workers, top);
        return;
    }
    let mut y = top.y + SQUARE / 2.0;
    for row in workers.chunks(ROW) {
        let width = row.len() as f32 * STEP - GAP;
        let mut x = top.x - width / 2.0 + SQUARE / 2.0;
        for worker in row {
            square(canvas, *worker, Point::new(x, y));
            x += STEP;
        }
        y += STEP;
    }
}

fn bar(canvas: &mut Canvas, workers: &[Square], top: Point) {
    let (width, height) = size(workers.len());
    let min = top - Point::new(width / 2.0, 0.0);
    let whole = Rect::from_min_size(min, width, height);
    canvas.push(Shape::rect(whole, 3.0, None, free()));
    let held = workers.iter().filter(|it| it.holder.is_some()).count();
    if held > 0 {
        let share = held as f32 / workers.len() as f32;
        let filled = Rect::from_min_size(min, width * share, height);
        canvas.push(Shape::rect(filled, 3.0, Fill::new(Ink::Good), None));
    }
}

fn free() -> Stroke {
    Stroke::new(Ink::Faint, 1.2)
}

/// Full while its worker works, half full while that is held and waits for others. What was let go grows pale, since
/// work that is as short as most would only flicker.
fn square(canvas: &mut Canvas, square: Square, center: Point) {
    let rect = Rect::from_center_size(center, SQUARE, SQUARE);
    let Some(holder) = square.holder else {
        canvas.push(Shape::rect(rect, 3.0, None, free()));
        let since = square.let_go.map(|let_go| canvas.at.since(let_go));
        if let Some(since) = since.filter(|&since| since < canvas.view.echo) {
            let left = 1.0 - since.0 as f32 / canvas.view.echo.0.max(1) as f32;
            let fill = Fill::new(Ink::Good).opacity(HELD * left);
            canvas.push(Shape::rect(rect, 3.0, fill, None));
        }
        return;
    };
    let target = holder.target;
    let outline = match canvas.is_selected(target) {
        true => Stroke::new(Ink::Accent, 3.0),
        false => Stroke::new(Ink::Good, 1.4),
    };
    let opacity = if holder.works { 1.0 } else { HELD };
    let fill = Fill::new(Ink::Good).opacity(opacity);
    canvas.push(Shape::rect(rect, 3.0, fill, outline));
    token_shapes(holder.token, center, 3.6, 1.0, &mut canvas.shapes);
    canvas.hits.push(Hit { target, rect });
}
