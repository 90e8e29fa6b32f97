//! The record as geometry: where things stand in a picture, without drawing.

pub mod ladder;
