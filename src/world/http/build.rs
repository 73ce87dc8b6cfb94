//! How services and their users are set up.

use crate::broker::Name;
use crate::world::random::Dice;
use crate::world::{PublisherId, Setup, SetupError, SetupFault, World};

use super::{Arrivals, Call, Dependency, Http, Luck, Service, ServiceId, ServiceSetup, Users};

/// Streams of chance that are the users'.
const USER_STREAM: u64 = 4 << 32;
const ARRIVAL_STREAM: u64 = (4 << 32) + 1;

impl World {
    /// Makes the services and the users.
    ///
    /// # Errors
    /// When a service has no workers, or calls itself or one that is not there.
    pub(in crate::world) fn build_services(&mut self, setup: &Setup) -> Result<(), SetupError> {
        let services = &setup.services;
        let mut http = Http::default();
        for service in services {
            if service.workers == 0 {
                return Err(error("service", &service.name, SetupFault::NoWorkers));
            }
            let calls = service.calls.iter();
            let dependencies = calls
                .map(|call| depend("service", &service.name, call, services))
                .collect::<Result<_, _>>()?;
            let publisher = self.publisher_of(service)?;
            let luck = Luck::of_service(setup.seed, service.luck);
            http.services
                .push(Service::new(service, dependencies, publisher, luck));
        }
        if let Some(circle) = circle(services) {
            let (name, path) = (&circle[0], circle.join(" → "));
            return Err(error("service", name, SetupFault::CallsItself(path)));
        }
        if let Some(users) = &setup.clients {
            http.users = Some(Users {
                setup: users.clone(),
                arrivals: Arrivals::new(
                    users.workload.clone(),
                    Dice::new(setup.seed, ARRIVAL_STREAM),
                ),
                dependency: depend("users", &users.name, &users.call, services)?,
                orders: 0,
                open: Default::default(),
                luck: Luck::new(setup.seed, USER_STREAM),
                dice: Dice::new(setup.seed, USER_STREAM),
            });
        }
        self.http = http;
        Ok(())
    }

    fn publisher_of(&self, service: &ServiceSetup) -> Result<Option<PublisherId>, SetupError> {
        let Some(hand_over) = &service.hands_over else {
            return Ok(None);
        };
        let name = &hand_over.publisher;
        let found = self.publishers.iter().position(|it| it.name == *name);
        let missing = SetupFault::Missing {
            what: "publisher",
            name: name.clone(),
        };
        let found = found.ok_or_else(|| error("service", &service.name, missing))?;
        Ok(Some(PublisherId(found as u32)))
    }
}

fn error(what: &'static str, name: &Name, fault: SetupFault) -> SetupError {
    SetupError {
        what,
        name: name.clone(),
        fault,
    }
}

fn depend(
    what: &'static str,
    name: &Name,
    call: &Call,
    services: &[ServiceSetup],
) -> Result<Dependency, SetupError> {
    let place = services.iter().position(|it| it.name == call.service);
    let missing = SetupFault::Missing {
        what: "service",
        name: call.service.clone(),
    };
    let place = place.ok_or_else(|| error(what, name, missing))?;
    Ok(Dependency::on(ServiceId(place as u32)))
}

/// Services each of which calls the next, and the last the first, if there are such; the first is named again at the
/// end.
#[must_use]
pub fn circle(services: &[ServiceSetup]) -> Option<Vec<Name>> {
    fn visit(
        at: &ServiceSetup,
        services: &[ServiceSetup],
        path: &mut Vec<Name>,
        left: &mut Vec<Name>,
    ) -> Option<Vec<Name>> {
        if let Some(from) = path.iter().position(|name| *name == at.name) {
            let mut circle = path[from..].to_vec();
            circle.push(at.name.clone());
            return Some(circle);
        }
        if left.contains(&at.name) {
            return None;
        }
        path.push(at.name.clone());
        let calls = at.calls.iter().map(|call| &call.service);
        let callees = calls.filter_map(|name| services.iter().find(|it| it.name == *name));
        for callee in callees {
            let found = visit(callee, services, path, left);
            if found.is_some() {
                return found;
            }
        }
        left.extend(path.pop());
        None
    }
    let mut left = Vec::new();
    let mut starts = services.iter();
    starts.find_map(|start| visit(start, services, &mut Vec::new(), &mut left))
}
