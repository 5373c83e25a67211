//! What live sessions should hold, kept in plain lists.

use codementor_core::id::{InvitationId, SessionId, UserId};
use codementor_core::live::{Entrance, Invitation, Knock, LiveSession, MAX_INVITATIONS, Part};
use codementor_core::time::Timestamp;

/// Somebody who takes part or was sent out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) user: UserId,
    pub(crate) part: Part,
    by: Option<InvitationId>,
    sent_out: Option<Timestamp>,
}

impl Place {
    pub(crate) fn is_in(&self) -> bool {
        self.sent_out.is_none()
    }
}

/// One session.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) session: LiveSession,
    /// In the order in which they came.
    pub(crate) places: Vec<Place>,
    /// In the order in which they were made, without the revoked.
    pub(crate) links: Vec<Invitation>,
}

fn is_open(link: &Invitation, now: Timestamp) -> bool {
    link.expires_at.is_none_or(|at| at > now)
}

impl Live {
    pub(crate) fn new(session: LiveSession, part: Part, link: Invitation) -> Self {
        let creator = Place { user: session.creator, part, by: None, sent_out: None };
        Self { session, places: vec![creator], links: vec![link] }
    }

    pub(crate) fn id(&self) -> SessionId {
        self.session.id
    }

    pub(crate) fn part(&self, user: UserId) -> Option<Part> {
        self.places.iter().find(|place| place.user == user && place.is_in()).map(|place| place.part)
    }

    fn driver(&mut self) -> Option<&mut Place> {
        self.places.iter_mut().find(|place| place.is_in() && place.part == Part::Driver)
    }

    pub(crate) fn enter(&mut self, knock: &Knock) -> Entrance {
        if self.session.ended_at.is_some() {
            return Entrance::Missing;
        }
        if let Some(part) = self.part(knock.user_id) {
            return Entrance::In { part, is_new: false };
        }
        let old = self.places.iter().position(|place| place.user == knock.user_id);
        let sent_out = old.and_then(|old| self.places[old].sent_out);
        let serves = |link: &&Invitation| {
            link.secret_hash == knock.secret_hash
                && is_open(link, knock.at)
                && sent_out.is_none_or(|sent| link.created_at > sent)
        };
        let Some(link) = self.links.iter().rev().find(serves) else { return Entrance::Missing };
        let (by, invited) = (Some(link.id), link.part);
        let mut part = if invited == Part::Viewer { invited } else { knock.part.unwrap_or(invited) };
        if part == Part::Driver && self.driver().is_some() {
            part = Part::Navigator;
        }
        let place = Place { user: knock.user_id, part, by, sent_out: None };
        match old {
            Some(old) => self.places[old] = place,
            None => self.places.push(place),
        }
        Entrance::In { part, is_new: true }
    }

    pub(crate) fn set_part(&mut self, user: UserId, part: Part) -> Vec<(UserId, Part)> {
        if self.part(user).is_none_or(|now| now == part) {
            return Vec::new();
        }
        let mut changed = vec![(user, part)];
        if part == Part::Driver
            && let Some(driver) = self.driver()
        {
            driver.part = Part::Navigator;
            changed.push((driver.user, Part::Navigator));
        }
        self.places.iter_mut().filter(|place| place.user == user).for_each(|place| place.part = part);
        changed
    }

    fn send_out_if(&mut self, now: Timestamp, which: impl Fn(&Place) -> bool) -> Vec<UserId> {
        let creator = self.session.creator;
        let mut sent = Vec::new();
        for place in self.places.iter_mut().filter(|place| place.is_in() && place.user != creator) {
            if which(place) {
                place.sent_out = Some(now);
                sent.push(place.user);
            }
        }
        sent.sort_unstable();
        sent
    }

    pub(crate) fn send_out(&mut self, user: UserId, now: Timestamp) -> bool {
        !self.send_out_if(now, |place| place.user == user).is_empty()
    }

    pub(crate) fn open(&self, now: Timestamp) -> Vec<Invitation> {
        let ended = self.session.ended_at.is_some();
        self.links.iter().filter(|link| !ended && is_open(link, now)).cloned().collect()
    }

    pub(crate) fn invite(&mut self, link: &Invitation) -> bool {
        let full = self.open(link.created_at).len() >= MAX_INVITATIONS as usize;
        let may = self.session.ended_at.is_none() && !full;
        if may {
            self.links.push(link.clone());
        }
        may
    }

    pub(crate) fn revoke(&mut self, link: InvitationId, now: Timestamp) -> Option<Vec<UserId>> {
        let place = self.links.iter().position(|one| one.id == link)?;
        self.links.remove(place);
        Some(self.send_out_if(now, |place| place.by == Some(link)))
    }

    /// The guest turned out to be the person.
    pub(crate) fn merge(&mut self, guest: UserId, person: UserId) {
        if self.session.creator == guest {
            self.session.creator = person;
            self.places.retain(|place| place.user != person || place.is_in());
        }
        let at = |live: &Self, user| live.places.iter().position(|place| place.user == user);
        if let Some(guests) = at(self, guest) {
            if at(self, person).is_some() {
                let guests = self.places.remove(guests);
                let own = at(self, person).unwrap();
                if guests.is_in() && guests.part == Part::Driver && self.places[own].is_in() {
                    self.places[own].part = Part::Driver;
                }
            } else {
                self.places[guests].user = person;
            }
        }
    }
}
