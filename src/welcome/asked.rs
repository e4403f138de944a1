//! What a visit asks of a room, from all that is remembered. Pure.

use super::Visit;
use crate::rooms::Room;
use crate::rooms::finding::{Asked, Complaint};
use crate::stays::Status;

impl Visit<'_> {
    /// What this stay asks of a room; `rooms` are the house's, for the rank of the class booked.
    pub fn asked(&self, rooms: &[Room]) -> Asked {
        let here = self.stay.property_id;
        let complaints: Vec<Complaint> = self
            .memory
            .cases
            .iter()
            .filter(|case| case.property_id == here)
            .filter_map(|case| {
                Some(Complaint {
                    room_id: case.room_id?,
                    summary: case.summary.clone(),
                    is_open: case.is_open(),
                })
            })
            .collect();
        // Every stay before this one was good enough to come back after.
        let mut liked: Vec<(i64, i64)> = Vec::new();
        for room_id in self
            .past()
            .filter(|past| past.property_id == here)
            .filter_map(|past| past.room_id)
        {
            match liked.iter_mut().find(|(id, _)| *id == room_id) {
                Some((_, times)) => *times += 1,
                None => liked.push((room_id, 1)),
            }
        }
        let booked = self.stay.room_type_id.and_then(|id| {
            let room = rooms.iter().find(|room| room.room_type_id == id)?;
            Some((id, room.rank))
        });
        let usual = self
            .reference
            .property(here)
            .map(|house| house.times.check_in_at);
        Asked {
            wishes: self.wishes(),
            party: self.stay.adults + self.stay.children,
            booked,
            arrives_at: match self.stay.status {
                Status::Reserved => self.stay.arrival_time.or(usual),
                _ => None,
            },
            usual_room: self.usual_room(),
            liked,
            complaints,
        }
    }
}
