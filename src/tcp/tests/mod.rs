//! Tests of the connection, by chapter. [`dialogue`] lets them read like the segments on the wire; [`rough`]
//! is a network that loses, doubles and reorders, for whole conversations.

mod dialogue;
mod rough;
mod smoltcp_end;

mod anything;
mod arriving;
mod closing;
mod differential;
mod lesson;
mod loss;
mod opening;
mod sack;
mod window;
