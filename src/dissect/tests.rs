//! The dialogue of packets, read back.
