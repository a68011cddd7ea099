//! What goes wrong around the register: its database stops, its disk is full, its clock jumps, and
//! several nodes start at once.

mod clock;
mod full_disk;
mod nodes;
mod outage;
mod traffic;
