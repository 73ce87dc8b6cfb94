//! The server, and the way between it and the state.

#[cfg(feature = "live")]
pub(in crate::ui) use served::Beside;
#[cfg(not(feature = "live"))]
pub(in crate::ui) use unserved::Beside;

#[cfg(feature = "live")]
mod served {
    use std::collections::BTreeMap;
    use std::io;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::{Duration, Instant};

    use egui::Context;

    use crate::amqp::{Configuration, Server, Unrecorded};
    use crate::app::{Command, Lesson, LiveNews, Order, State, header};
    use crate::broker::Name;
    use crate::live::{Companion, Feed, RecorderNews, began};
    use crate::recording::Header;
    use crate::t;
    use crate::world::{GUEST, SetupError, World};

    use super::super::password::password;

    /// How long a picture may be kept waiting by what clients did.
    const AT_ONCE: Duration = Duration::from_millis(10);
    /// How much is taken in at first. One message to a thousand queues is as much as a thousand messages.
    const FIRST: usize = 2_000;

    /// The server, if there is one.
    pub(in crate::ui) struct Beside {
        companion: Option<(Companion, Feed)>,
        news: Vec<LiveNews>,
        /// What is told from other threads.
        told: Receiver<LiveNews>,
        tell: Sender<LiveNews>,
        /// How much is taken in for one picture.
        most: usize,
        /// When the last was handed over, until it was taken in.
        handed: Option<(Instant, usize)>,
    }

    impl Default for Beside {
        fn default() -> Self {
            let (tell, told) = channel();
            Self {
                companion: None,
                news: Vec::new(),
                told,
                tell,
                most: FIRST,
                handed: None,
            }
        }
    }

    impl Beside {
        /// What the server and its clients did since this was asked for last.
        pub(in crate::ui) fn poll(&mut self, ctx: &Context) -> Vec<Command> {
            let news = self.news.drain(..).chain(self.told.try_iter());
            let mut commands: Vec<_> = news.map(Command::LiveNews).collect();
            if let Some((_, feed)) = &self.companion {
                let heard = feed.take(self.most);
                let wall = ctx.input(|input| input.time);
                self.handed = Some((Instant::now(), heard.inputs.len()));
                if heard.inputs.len() >= self.most {
                    ctx.request_repaint(); // there is more
                }
                commands.push(Command::Heard(Box::new(heard), wall));
            }
            commands
        }

        /// That what was polled has been taken in: of what takes long, less is taken the next time.
        pub(in crate::ui) fn taken(&mut self) {
            let Some((since, count)) = self.handed.take() else {
                return;
            };
            if since.elapsed() > AT_ONCE {
                self.most = (count / 2).max(1);
            } else if count >= self.most {
                self.most += self.most.div_ceil(2);
            }
        }

        /// Does what the state wants.
        pub(in crate::ui) fn keep_up(&mut self, ctx: &Context, state: &State) {
            let served = self.companion.as_ref();
            let serves = served.is_some_and(|(companion, _)| companion.is_serving());
            if state.session.wants_live && !serves {
                let news = match self.start(ctx) {
                    Ok((address, began)) => LiveNews::Started(address, began),
                    Err(why) => LiveNews::Failed(why),
                };
                self.tell(ctx, news);
            }
            for order in state.live.iter().flat_map(|live| &live.orders) {
                self.carry_out(ctx, order.clone());
            }
            // One whose run nobody can look at any more.
            if state.live.is_none() && !state.session.wants_live && self.news.is_empty() {
                self.companion = None;
            }
        }

        fn tell(&mut self, ctx: &Context, news: LiveNews) {
            self.news.push(news);
            ctx.request_repaint();
        }

        /// The way from another thread to the state.
        fn teller(&self, ctx: &Context) -> impl Fn(LiveNews) + Send + 'static {
            let (tell, ctx) = (self.tell.clone(), ctx.clone());
            move |news| {
                // A window that is gone need not know.
                let _ = tell.send(news);
                ctx.request_repaint();
            }
        }

        fn start(&mut self, ctx: &Context) -> Result<(String, u64), String> {
            let header = header(began());
            let server = server(&header).map_err(|error| error.to_string())?;
            let waked = ctx.clone();
            let feed = Feed::new(move || waked.request_repaint());
            let tell = self.teller(ctx);
            let befell = move |news| tell(recording(&news));
            let companion = Companion::start(server, &header, feed.clone(), |_| {}, befell);
            let companion = companion.map_err(|error| error.to_string())?;
            let address = companion.address().to_string();
            self.companion = Some((companion, feed));
            Ok((address, header.began))
        }

        fn carry_out(&mut self, ctx: &Context, order: Order) {
            let tell = self.teller(ctx);
            let Some((companion, _)) = &mut self.companion else {
                return;
            };
            let news = match order {
                Order::Act(hand) => {
                    companion.act(hand);
                    return;
                }
                Order::Disconnect { client, told } => {
                    companion.disconnect(&client, told);
                    return;
                }
                Order::Network(true) => {
                    let password = password();
                    match companion.open_to_network(password.clone()) {
                        Ok(address) => LiveNews::Network(Some(Lesson {
                            address: address.to_string(),
                            password,
                        })),
                        Err(error) => LiveNews::Failed(error.to_string()),
                    }
                }
                Order::Network(false) => {
                    companion.close_to_network();
                    LiveNews::Network(None)
                }
                Order::Save(path) => {
                    let to = path.clone();
                    let done = move |saved: io::Result<_>| match saved {
                        Ok(until) => tell(LiveNews::Saved(path, until)),
                        Err(error) => {
                            let file = path.display().to_string();
                            let error = error.to_string();
                            tell(LiveNews::Failed(t!(
                                "live-not-saved",
                                file = file,
                                error = error
                            )));
                        }
                    };
                    companion.save(to, Box::new(done));
                    return;
                }
                Order::Stop => {
                    companion.end();
                    LiveNews::Stopped
                }
            };
            self.tell(ctx, news);
        }
    }

    /// A server that nobody has used yet.
    fn server(header: &Header) -> Result<Server<Unrecorded>, SetupError> {
        let mut worlds = Vec::new();
        for vhost in &header.vhosts {
            let world = World::new(&header.setup(vhost))?;
            worlds.push((vhost.clone(), Unrecorded::new(world)));
        }
        let configuration = Configuration {
            profile: header.profile().unwrap_or_default(),
            users: BTreeMap::from([(Name::from(GUEST), GUEST.to_owned())]),
            ..Configuration::default()
        };
        Ok(Server::new(configuration, worlds))
    }

    /// What befell the recording that is made meanwhile.
    fn recording(news: &RecorderNews) -> LiveNews {
        let told = news.told(&t!("record-own"));
        LiveNews::Recording(match news {
            RecorderNews::Ended(..) => t!("live-recording-ended", told = told),
            RecorderNews::Waits | RecorderNews::GoesOn => told,
        })
    }
}

#[cfg(not(feature = "live"))]
mod unserved {
    use egui::Context;

    use crate::app::{Command, LiveNews, State};
    use crate::t;

    /// No server: this build has none.
    #[derive(Default)]
    pub(in crate::ui) struct Beside {
        asked: bool,
    }

    impl Beside {
        pub(in crate::ui) fn poll(&mut self, _ctx: &Context) -> Vec<Command> {
            let asked = std::mem::take(&mut self.asked);
            let told = asked.then(|| Command::LiveNews(LiveNews::Failed(t!("live-none"))));
            told.into_iter().collect()
        }

        pub(in crate::ui) fn taken(&mut self) {}

        pub(in crate::ui) fn keep_up(&mut self, ctx: &Context, state: &State) {
            if state.session.wants_live {
                self.asked = true;
                ctx.request_repaint();
            }
        }
    }
}
