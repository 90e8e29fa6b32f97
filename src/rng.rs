//! Luck, by name: every consumer of randomness has a seed of its own, derived from the scenario's.
//!
//! Adding a host must not change the luck of the others, so nobody draws from a shared generator:
//! `seed.child("mail.a").child("tcp")` is the same number whatever else the scenario holds.
//! The generator is ChaCha8 (`rand_chacha`), whose output is specified; draws are of fixed-width
//! integers only, because a `usize` draw differs between machines.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The root of all luck below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The seed of a scenario.
    pub const fn new(seed: u64) -> Self {
        Seed(seed)
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The seed of a part of this one's owner, by name.
    pub fn child(self, name: &str) -> Seed {
        // FNV-1a over the name, started from the parent and finished by SplitMix64's mixer, which
        // spreads a difference in one bit over all of them.
        let mut h = self.0 ^ 0xcbf2_9ce4_8422_2325;
        for b in name.bytes() {
            h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Seed(mix(h))
    }

    /// The `n`-th value of this seed's own sequence, for a single draw without a generator.
    pub fn nth(self, n: u64) -> u64 {
        mix(self.0.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A generator started from this seed.
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_childs_luck_depends_on_its_name_and_its_parent_only() {
        let a = Seed::new(1).child("mail.a").child("tcp");
        assert_eq!(a, Seed::new(1).child("mail.a").child("tcp"));
        assert_ne!(a, Seed::new(1).child("mail.b").child("tcp"));
        assert_ne!(a, Seed::new(2).child("mail.a").child("tcp"));
    }
}
