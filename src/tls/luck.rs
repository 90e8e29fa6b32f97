//! Luck for rustls: it asks a provider that is the same for all connections, so the generator of the connection at
//! work is put where the provider finds it, and taken away again.

use std::cell::RefCell;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use rustls::crypto::{GetRandomFailed, SecureRandom};

thread_local! {
    static GENERATOR: RefCell<Option<ChaCha8Rng>> = const { RefCell::new(None) };
}

/// Does `work` with this generator; it has drawn from it afterwards.
pub(super) fn with<T>(generator: &mut ChaCha8Rng, work: impl FnOnce() -> T) -> T {
    GENERATOR.set(Some(generator.clone()));
    let done = work();
    if let Some(used) = GENERATOR.take() {
        *generator = used;
    }
    done
}

/// Draws from the generator that is installed. Without one there is no luck at all: never the machine's.
#[derive(Debug)]
pub(super) struct Installed;

impl SecureRandom for Installed {
    fn fill(&self, buf: &mut [u8]) -> Result<(), GetRandomFailed> {
        GENERATOR.with_borrow_mut(|generator| {
            generator.as_mut().ok_or(GetRandomFailed)?.fill_bytes(buf);
            Ok(())
        })
    }
}
