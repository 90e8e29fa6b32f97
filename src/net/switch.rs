//! A learning switch (IEEE 802.1D without spanning tree): it reads hardware addresses, nothing else.

use rustc_hash::FxHashMap;

use crate::packet::MacAddr;

/// Which address was last seen behind which port.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    seen: FxHashMap<MacAddr, usize>,
}

/// Where a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forward {
    /// Out of this port.
    To(usize),
    /// Out of every port but the one it came in by.
    Flood,
    /// Nowhere: the destination is where the frame came from.
    Drop,
}

impl Switch {
    /// A frame from `src` to `dst` came in by `port`.
    pub fn forward(&mut self, port: usize, src: MacAddr, dst: MacAddr) -> Forward {
        if self.seen.get(&src) != Some(&port) {
            self.seen.insert(src, port);
        }
        match self.seen.get(&dst) {
            Some(out) if *out == port => Forward::Drop,
            Some(out) => Forward::To(*out),
            None => Forward::Flood,
        }
    }

    /// Makes `mac` known behind `port` without a frame (neighbours that are prefilled).
    pub fn learn(&mut self, mac: MacAddr, port: usize) {
        self.seen.insert(mac, port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_destination_is_flooded_and_an_answer_is_not() {
        let (a, b) = (MacAddr([2, 0, 0, 0, 0, 1]), MacAddr([2, 0, 0, 0, 0, 2]));
        let mut s = Switch::default();
        assert_eq!(s.forward(0, a, b), Forward::Flood);
        assert_eq!(s.forward(3, b, a), Forward::To(0));
        assert_eq!(s.forward(0, a, b), Forward::To(3));
        assert_eq!(s.forward(3, a, b), Forward::Drop);
        assert_eq!(s.forward(0, a, MacAddr([255; 6])), Forward::Flood);
    }
}
