//! All that is under way between services.

use rustc_hash::FxHashMap;

use crate::broker::{MessageId, Micros, Name};
use crate::world::random::Dice;

use super::{
    Arrivals, Caller, Dependency, Luck, OrderId, Outcome, Request, RequestId, Service, ServiceId,
    Try, UsersSetup,
};

/// What is going to happen between services.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Due {
    /// A user comes.
    Order,
    /// A request reaches its service.
    ReachService(RequestId),
    /// A service's own work on a request is done, if that began with the event that led here.
    Worked(RequestId),
    /// An answer reaches the caller of a request.
    ReachCaller {
        /// The request.
        request: RequestId,
        /// What was answered.
        outcome: Outcome,
    },
    /// A caller waits no longer.
    TimeOut(RequestId),
    /// A caller tries again.
    Retry(Caller),
    /// A service waits no longer for a confirm.
    ConfirmTimeOut(RequestId),
}

/// Services, users, and all that is under way between them.
#[derive(Clone, Debug, Default)]
pub struct Http {
    /// The services; a service's number is its place.
    pub services: Vec<Service>,
    /// The users.
    pub users: Option<Users>,
    pub(super) requests: FxHashMap<RequestId, Request>,
    pub(super) last_request: u64,
    /// Requests whose message is not confirmed yet.
    pub(super) handed_over: FxHashMap<MessageId, RequestId>,
}

/// The users.
#[derive(Clone, Debug)]
pub struct Users {
    /// How they were set up.
    pub setup: UsersSetup,
    /// When they come.
    pub arrivals: Arrivals,
    /// How their calls stand.
    pub dependency: Dependency,
    /// How many orders there were.
    pub orders: u64,
    pub(super) open: FxHashMap<OrderId, OpenOrder>,
    pub(super) luck: Luck,
    pub(super) dice: Dice,
}

/// An order whose user waits for the answer.
#[derive(Clone, Copy, Debug)]
pub struct OpenOrder {
    /// When the user came.
    pub since: Micros,
    /// The user's call.
    pub call: Try,
}

impl Users {
    /// How many of them wait for an answer.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.open.len()
    }
}

impl Http {
    /// The service with that number.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.get(id.0 as usize)
    }

    pub(super) fn service_mut(&mut self, id: ServiceId) -> Option<&mut Service> {
        self.services.get_mut(id.0 as usize)
    }

    /// The service of that name.
    #[must_use]
    pub fn named(&self, name: &Name) -> Option<ServiceId> {
        let place = self.services.iter().position(|it| it.name() == name)?;
        Some(ServiceId(place as u32))
    }

    /// How many requests were made.
    #[must_use]
    pub fn requests_made(&self) -> u64 {
        self.last_request
    }

    /// A request that is under way.
    #[must_use]
    pub fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.get(&id)
    }

    /// An order whose user waits.
    #[must_use]
    pub fn open_order(&self, order: OrderId) -> Option<&OpenOrder> {
        self.users.as_ref()?.open.get(&order)
    }

    /// Roughly how much there is to copy in a clone, in entries.
    pub(in crate::world) fn weight(&self) -> usize {
        let open = self.users.as_ref().map_or(0, |users| users.open.len());
        self.services.len() + self.requests.len() + self.handed_over.len() + open
    }

    /// How a caller's call stands.
    pub(super) fn try_mut(&mut self, caller: Caller) -> Option<&mut Try> {
        match caller {
            Caller::User(order) => {
                let open = self.users.as_mut()?.open.get_mut(&order)?;
                Some(&mut open.call)
            }
            Caller::Service { request, call } => {
                let calls = &mut self.requests.get_mut(&request)?.calls;
                calls.get_mut(call as usize)
            }
        }
    }

    /// The connections and the breaker a caller uses.
    pub(super) fn dependency_mut(&mut self, caller: Caller) -> Option<&mut Dependency> {
        match caller {
            Caller::User(_) => Some(&mut self.users.as_mut()?.dependency),
            Caller::Service { request, call } => {
                let service = self.requests.get(&request)?.to;
                let service = self.service_mut(service)?;
                service.dependencies.get_mut(call as usize)
            }
        }
    }
}
