//! Scenario files (to come).

pub mod story;
