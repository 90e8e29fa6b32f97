//! Tests of the connection, by chapter. [`wire`] lets them read like the segments on the wire; [`rough`]
//! is a network that loses, doubles and reorders, for whole conversations.

mod differential;
mod rough;
mod smoltcp_end;
