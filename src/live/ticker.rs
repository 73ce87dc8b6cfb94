//! What time alone brings about: messages that expire, signs of life, connections whose time is over.

use std::time::Duration;

use super::Live;

/// Looks at least so often.
const EVERY: Duration = Duration::from_millis(250);
/// The same while a window is told, whose time goes on with it.
const EVERY_WATCHED: Duration = Duration::from_millis(25);

pub(super) async fn run(live: Live) {
    loop {
        let wait = live.with(|inner, now| {
            inner.server.tick(now);
            let next = inner.server.next_at();
            let wait = next.map(|next| Duration::from_micros(next.since(now).0));
            let most = match inner.feed {
                Some(_) => EVERY_WATCHED,
                None => EVERY,
            };
            let wait = wait.unwrap_or(most).min(most);
            inner.tick_at = Some(now + crate::broker::Micros(wait.as_micros() as u64));
            wait
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = live.sooner.notified() => {}
        }
    }
}
