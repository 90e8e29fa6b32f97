//! Greylisting (RFC 6647): a mail from somebody unknown is put off once. A mail server tries again, and is let in;
//! a program that sends and forgets does not.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::smtp::{Address, Reply, ReversePath};
use crate::time::{Duration, Instant};

/// Host, sender and recipient: what one of them has is nothing that another one may use.
type Triplet = (Ipv4Addr, String, String);

/// When each triplet came first.
#[derive(Clone, Debug)]
pub(super) struct Greylist {
    delay: Duration,
    seen: BTreeMap<Triplet, Instant>,
}

impl Greylist {
    pub fn new(delay: Duration) -> Self {
        Greylist { delay, seen: BTreeMap::new() }
    }

    /// # Errors
    /// 451 for the first attempt, and for one that comes too early after it.
    pub fn pass(&mut self, now: Instant, peer: Ipv4Addr, from: &ReversePath, to: &Address) -> Result<(), Reply> {
        let key = (peer, from.to_string().to_lowercase(), to.to_string().to_lowercase());
        let first = *self.seen.entry(key).or_insert(now);
        if now > first && now - first >= self.delay {
            return Ok(());
        }
        let seconds = ((first + self.delay) - now).as_nanos().div_ceil(1_000_000_000);
        Err(Reply::new(451, format!("4.7.1 greylisted, try again in {seconds} s")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_again_after_the_time_is_let_in_and_nobody_in_his_name() {
        let mut list = Greylist::new(Duration::from_secs(300));
        let (a, b) = (Ipv4Addr::new(192, 0, 2, 25), Ipv4Addr::new(203, 0, 113, 66));
        let from: ReversePath = ReversePath::Address("alice@a.example".parse().unwrap());
        let to: Address = "bob@b.example".parse().unwrap();
        let at = Instant::from_secs;
        let refused = |result: Result<(), Reply>| result.unwrap_err().lines[0].clone();
        assert_eq!(refused(list.pass(at(0), a, &from, &to)), "4.7.1 greylisted, try again in 300 s");
        assert_eq!(refused(list.pass(at(299), a, &from, &to)), "4.7.1 greylisted, try again in 1 s");
        assert_eq!(list.pass(at(300), a, &from, &to), Ok(()));
        assert_eq!(list.pass(at(301), a, &from, &to), Ok(()));
        assert!(list.pass(at(301), b, &from, &to).is_err(), "another host");
        assert!(list.pass(at(301), a, &ReversePath::Null, &to).is_err(), "another sender");
    }
}
