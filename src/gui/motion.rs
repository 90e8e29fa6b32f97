//! Flights between two moments. One thing moves at a time: a way from one stop to another is cut into legs, one for
//! each packet, and the legs are flown one after the other.

use super::run::Run;
use crate::explain::scene::Flight;
use crate::explain::stops::Grain;
use crate::time::Duration;

/// From one packet stop to the next.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The moment before, as a place in the record.
    pub from: usize,
    /// The moment behind.
    pub to: usize,
    /// What flies: the packet whose arrival (or loss) is the moment behind.
    pub flight: Option<Flight>,
    /// A wait before it, and both in words: `1.000 s, in the queue`.
    pub wait: Option<(Duration, String)>,
    /// How long the wait is shown, in seconds.
    pub wait_seconds: f64,
    /// How long the flight (or the letter's fall into a tray) is shown, in seconds.
    pub seconds: f64,
}

impl Leg {
    fn whole(&self) -> f64 {
        self.wait_seconds + self.seconds
    }
}

/// Legs that are being flown.
#[derive(Clone, Debug)]
pub struct Motion {
    legs: Vec<Leg>,
    at: usize,
    /// When the current leg began, by the window's clock; `None` before the first frame.
    began: Option<f64>,
    share: f32,
}

/// Waits from here on are shown as such.
const LONG: Duration = Duration::from_millis(250);

/// How long a flight is shown: 5 ms: 350, 50 ms: 683 milliseconds.
pub fn flight_seconds(simulated: Duration) -> f64 {
    let ms = simulated.as_nanos() as f64 / 1e6;
    (400.0 * (1.0 + ms).log10()).clamp(350.0, 1200.0) / 1e3
}

/// What was waited for between two places: the longest of the waits there.
fn why(run: &Run, here: usize, there: usize) -> String {
    let gaps = run.scenes.gaps();
    let first = gaps.partition_point(|w| w.from < here);
    let between = gaps[first..].iter().take_while(|w| w.from < there);
    between.max_by_key(|w| w.length).map_or_else(String::new, |w| w.words(&run.ready.setup))
}

impl Motion {
    /// The way from one place to a later one; `None` if nothing has to be shown.
    pub fn new(run: &Run, from: usize, to: usize, speed: f64, limit: Option<f64>) -> Option<Motion> {
        let mut legs = Vec::new();
        let mut here = from;
        while here < to {
            let stop = run.stops.next(Grain::Packet, here).filter(|s| s.place <= to);
            let (there, flight) = match stop {
                Some(stop) => {
                    let flights = run.scenes.flights(&run.log, here, stop.place);
                    (stop.place, stop.packet.and_then(|p| flights.into_iter().find(|f| f.packet == p)))
                }
                None => (to, None),
            };
            let gap = run.at(there).since(run.at(here));
            let flown = flight.as_ref().map_or(Duration::ZERO, |f| f.ends_at.since(f.sent_at));
            let waited = Duration::from_nanos(gap.as_nanos().saturating_sub(flown.as_nanos()));
            let wait = (waited >= LONG).then(|| (waited, why(run, here, there)));
            let wait_seconds = if wait.is_some() { 0.6 } else { 0.0 };
            let seconds = if flight.is_some() { flight_seconds(flown) } else { 0.3 };
            legs.push(Leg { from: here, to: there, flight, wait, wait_seconds, seconds: seconds / speed });
            here = there;
        }
        let whole: f64 = legs.iter().map(Leg::whole).sum();
        if let Some(limit) = limit.filter(|l| whole > *l) {
            for leg in &mut legs {
                leg.wait_seconds *= limit / whole;
                leg.seconds *= limit / whole;
            }
        }
        (!legs.is_empty()).then_some(Motion { legs, at: 0, began: None, share: 0.0 })
    }

    /// The moment that is shown.
    pub fn shown(&self) -> usize {
        self.legs[self.at].from
    }

    /// The leg that is flown.
    pub fn leg(&self) -> &Leg {
        &self.legs[self.at]
    }

    /// How much of the leg's flight is done: 0 during its wait.
    pub fn share(&self) -> f32 {
        self.share
    }

    /// How much of the leg's wait is over, and the wait itself, while it lasts.
    pub fn waiting(&self, now: f64) -> Option<(f32, &(Duration, String))> {
        let leg = self.leg();
        let gone = now - self.began?;
        (gone < leg.wait_seconds).then_some(())?;
        Some(((gone / leg.wait_seconds) as f32, leg.wait.as_ref()?))
    }

    /// Goes on to the time `now` of the window's clock; false when all legs are flown.
    pub fn tick(&mut self, now: f64) -> bool {
        let mut began = *self.began.get_or_insert(now);
        while now - began >= self.legs[self.at].whole() {
            began += self.legs[self.at].whole();
            if self.at + 1 == self.legs.len() {
                return false;
            }
            self.at += 1;
            self.began = Some(began);
        }
        let leg = &self.legs[self.at];
        self.share = (((now - began - leg.wait_seconds) / leg.seconds).clamp(0.0, 1.0)) as f32;
        true
    }
}
