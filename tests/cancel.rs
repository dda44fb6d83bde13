//! Calls that are stopped from outside.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::data;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use zkiln::groth16::{KeyOptions, ProveOptions, ProvingKey, R1cs, Witness};
use zkiln::spartan;
use zkiln::{Cancel, Error, Result};

/// Counts the phases that begin, and cancels in the one with this number.
struct CancelIn {
    phase: usize,
    begun: &'static AtomicUsize,
    cancel: Cancel,
}

impl Subscriber for CancelIn {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        if self.begun.fetch_add(1, Ordering::Relaxed) == self.phase {
            self.cancel.cancel();
        }
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Runs `call`, cancelled in the given phase, and counts the phases that began.
fn cancelled_in<T>(phase: usize, call: impl FnOnce(Cancel) -> Result<T>) -> (Result<T>, usize) {
    let begun: &'static AtomicUsize = Box::leak(Box::default());
    let cancel = Cancel::default();
    let subscriber = CancelIn {
        phase,
        begun,
        cancel: cancel.clone(),
    };
    let result = tracing::subscriber::with_default(subscriber, || call(cancel));
    (result, begun.load(Ordering::Relaxed))
}

/// prove, matrices, ntt, quotient, recode h, msm h, recode wires, msm a, b1, c, b2, points, verify: only the
/// last is not interrupted, and after the cancellation at most one more begins.
#[test]
fn a_proof_stops_between_its_phases() {
    let folder = data("multiplier");
    let key = ProvingKey::open(folder.join("circuit.zkey")).unwrap();
    let witness = Witness::open(folder.join("witness.wtns")).unwrap();
    let prove = |cancel: Cancel| {
        let mut options = ProveOptions::default();
        options.cancel = Some(&cancel);
        key.prove_with(&witness, &options).map(|_| ())
    };
    let (result, phases) = cancelled_in(usize::MAX, prove);
    result.unwrap();
    assert_eq!(phases, 13);
    for phase in 0..phases - 1 {
        let (result, begun) = cancelled_in(phase, prove);
        assert!(matches!(result, Err(Error::Cancelled)), "phase {phase}");
        assert!(begun <= phase + 2, "phase {phase}: {begun} began");
    }
    assert!(cancelled_in(phases - 1, prove).0.is_ok());
}

#[test]
fn the_opening_of_a_key_stops() {
    let open = |cancel: Cancel| {
        let mut options = KeyOptions::default();
        options.cancel = Some(cancel);
        ProvingKey::open_with(data("multiplier/circuit.zkey"), options).map(|_| ())
    };
    let cancel = Cancel::default();
    open(cancel.clone()).unwrap();
    cancel.cancel();
    assert!(matches!(open(cancel), Err(Error::Cancelled)));
    assert!(matches!(cancelled_in(0, open).0, Err(Error::Cancelled)));
}

/// spartan prove, matrices, commit, sumcheck, forms, open, verify, and what they are made of: verification alone is
/// not interrupted.
#[test]
fn a_transparent_proof_stops_between_its_phases() {
    let folder = data("multiplier");
    let r1cs = R1cs::open(folder.join("circuit.r1cs")).unwrap();
    let circuit = spartan::Circuit::new(&r1cs, spartan::Parameters::default()).unwrap();
    let witness = Witness::open(folder.join("witness.wtns")).unwrap();
    let prove = |cancel: Cancel| {
        let mut options = spartan::ProveOptions::default();
        options.cancel = Some(&cancel);
        circuit.prove_with(&witness, &options).map(|_| ())
    };
    let (result, phases) = cancelled_in(usize::MAX, prove);
    result.unwrap();
    assert!(phases > 6, "{phases}");
    for phase in 0..phases - 1 {
        let (result, begun) = cancelled_in(phase, prove);
        assert!(matches!(result, Err(Error::Cancelled)), "{phase}");
        assert!(begun < phases, "{begun} after {phase}");
    }
    assert!(cancelled_in(phases - 1, prove).0.is_ok());
}
