//! The prover.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::air::Program;
use super::challenger::{Challenger, ObserveDigests};
use super::config::{Digest, StarkConfig};
use super::fri::Folded;
use super::openings::{Opening, evaluate, reduce};
use super::parameters::Parameters;
use super::proof::{Commitments, InputOpening, Opened, OpenedRows, Proof};
use super::quotient::quotient;
use super::transcript::{OpeningShape, StarkShape, observe_seed};
use super::verify::Verifier;
use crate::cancel::Cancel;
use crate::field::Field;
use crate::field::small::{ExtensionField, SmallField};
use crate::memory::Buffer;
use crate::merkle::MerkleTree;
use crate::ntt::BitReversed;
use crate::ntt::columns::Extender;
use crate::poly::Columns;
use crate::{Error, Result};

/// How a proof is made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProveOptions<'a> {
    /// Verify the proof before it is handed out. Without this, a trace that does not satisfy the
    /// constraints and a fault of the machine give an invalid proof: only for callers that verify it
    /// themselves.
    pub verify: bool,
    /// What may stop the proof between its phases.
    pub cancel: Option<&'a Cancel>,
}

impl Default for ProveOptions<'_> {
    /// With verification, not to be stopped.
    fn default() -> Self {
        Self {
            verify: true,
            cancel: None,
        }
    }
}

/// What proofs about traces of one height are made with: plans, tables and what does not depend on the
/// trace. Shared by any number of threads. It keeps the memory of an extended trace, most of what a proof
/// takes, from one proof to the next: where pages are dear to touch for the first time that is a third of
/// the time of a wide trace.
pub struct Prover<C: StarkConfig> {
    config: C,
    parameters: Parameters,
    log_height: u32,
    verifier: Verifier<C>,
    preprocessed: Option<Committed<C>>,
    /// From the trace's domain to the committed coset.
    extender: Extender<C::Val>,
    /// To it from the cosets that the chunks of the quotient are given on.
    chunk_extenders: Vec<Extender<C::Val>>,
    spare: Mutex<Option<Buffer<C::Val>>>,
}

/// Columns on the large coset, in bit-reversed order, with the tree of their rows.
struct Committed<C: StarkConfig> {
    columns: Columns<C::Val>,
    tree: MerkleTree<Digest<C>>,
}

impl<C: StarkConfig> Prover<C> {
    /// A prover of the constraints for traces of `2^log_height` rows, with these preprocessed columns, if
    /// the constraints read any. Commits to them.
    ///
    /// # Errors
    /// [`Error::Argument`] for parameters that are [not sound](Parameters::check) for this, for
    /// preprocessed columns of another shape, and for a period longer than the trace.
    pub fn new(
        config: C,
        parameters: Parameters,
        program: Program<C::Val>,
        log_height: u32,
        preprocessed: Option<Columns<C::Val>>,
    ) -> Result<Self> {
        // The height first: what follows takes it for one of the field's domains.
        parameters.check::<C::Val>(log_height, 0)?;
        let log_chunks = program.log_quotient_chunks(log_height);
        parameters.check::<C::Val>(log_height, log_chunks)?;
        let log_blowup = parameters.log_blowup;
        let extender = Extender::new(log_height, log_blowup, C::Val::GENERATOR)?;
        // Chunk c is given on the coset of g w^c, for the generator w of the quotient's domain, and is
        // wanted on those of g: relative to its own, they are the cosets of w^-c.
        let root = C::Val::root_of_unity(log_height + log_chunks)
            .and_then(|root| root.inverse())
            .expect("the domain was checked");
        let chunk_extenders = (0..1u64 << log_chunks)
            .map(|chunk| Extender::new(log_height, log_blowup, root.pow(&[chunk])))
            .collect::<Result<_>>()?;

        let width = program.shape().preprocessed_width;
        if let Some(columns) = &preprocessed {
            check_shape("preprocessed columns", columns, width, log_height)?;
        } else if width > 0 {
            return Err(Error::Argument(format!(
                "no preprocessed columns, where the constraints read {width}"
            )));
        }
        let preprocessed = preprocessed
            .filter(|_| width > 0)
            .map(|columns| {
                let extenders = core::slice::from_ref(&extender);
                Committed::new(&config, &parameters, extenders, columns, None)
            })
            .transpose()?;
        let cap = preprocessed.as_ref().map(|p| p.tree.cap().to_vec());
        let verifier = Verifier::new(config.clone(), parameters, program, log_height, cap)?;
        Ok(Self {
            config,
            parameters,
            log_height,
            verifier,
            preprocessed,
            extender,
            chunk_extenders,
            spare: Mutex::new(None),
        })
    }

    /// What verifies these proofs.
    pub fn verifier(&self) -> &Verifier<C> {
        &self.verifier
    }

    /// Proves that the trace satisfies the constraints with these public values, and verifies the proof.
    /// The same input has the same proof.
    ///
    /// # Errors
    /// [`Error::Argument`] for a trace of another shape, [`Error::PublicInputs`] for another number of
    /// public values, [`Error::Unsatisfied`] for a trace that breaks a constraint.
    pub fn prove(&self, trace: Columns<C::Val>, public_values: &[C::Val]) -> Result<Proof<C>> {
        self.prove_with(trace, public_values, &ProveOptions::default())
    }

    /// [`Prover::prove`] with options.
    ///
    /// # Errors
    /// Those of [`Prover::prove`], and [`Error::Cancelled`].
    pub fn prove_with(
        &self,
        trace: Columns<C::Val>,
        public_values: &[C::Val],
        options: &ProveOptions<'_>,
    ) -> Result<Proof<C>> {
        let _span = tracing::info_span!("prove").entered();
        let shape = self.program().shape();
        check_shape("a trace", &trace, shape.width, self.log_height)?;
        if public_values.len() != shape.public_values {
            return Err(Error::PublicInputs(format!(
                "{} values, where the constraints read {}",
                public_values.len(),
                shape.public_values
            )));
        }
        let cancel = options.cancel.cloned().unwrap_or_default();
        let proof = self.run(trace, public_values, &cancel)?;
        cancel.check()?;
        if options.verify {
            let _span = tracing::info_span!("verify").entered();
            self.verifier.verify(&proof, public_values).map_err(|error| {
                Error::Unsatisfied(format!(
                    "the proof made of this trace does not verify ({error}): some constraint does \
                     not hold, or this machine computed wrongly"
                ))
            })?;
        }
        Ok(proof)
    }

    fn run(
        &self,
        trace: Columns<C::Val>,
        public_values: &[C::Val],
        cancel: &Cancel,
    ) -> Result<Proof<C>> {
        let (config, parameters) = (&self.config, &self.parameters);
        let mut challenger = config.challenger();
        observe_seed(&mut challenger, &self.shape().seed::<C::Challenge>());

        let span = tracing::info_span!("commit to trace").entered();
        let extenders = core::slice::from_ref(&self.extender);
        let room = self.spare().take();
        let trace = Committed::new(config, parameters, extenders, trace, room)?;
        challenger.observe_cap(trace.tree.cap());
        if let Some(preprocessed) = &self.preprocessed {
            challenger.observe_cap(preprocessed.tree.cap());
        }
        challenger.observe_slice(public_values);
        let alpha: C::Challenge = challenger.sample_extension();
        drop(span);
        cancel.check()?;

        let chunks = tracing::info_span!("quotient").in_scope(|| {
            quotient(
                self.program(),
                self.log_height,
                &trace.columns,
                self.preprocessed.as_ref().map(|p| &p.columns),
                public_values,
                alpha,
            )
        })?;
        cancel.check()?;

        let span = tracing::info_span!("commit to quotient").entered();
        let quotient = Committed::new(config, parameters, &self.chunk_extenders, chunks, None)?;
        challenger.observe_cap(quotient.tree.cap());
        let ood_witness = challenger.grind(parameters.ood_grinding)?;
        let zeta: C::Challenge = challenger.sample_extension();
        drop(span);
        cancel.check()?;

        let committed: Vec<&Committed<C>> = [&trace, &quotient]
            .into_iter()
            .chain(&self.preprocessed)
            .collect();
        let values = self.open(&committed, zeta, &mut challenger);
        let batch_witness = challenger.grind(parameters.batch_grinding)?;
        let alpha: C::Challenge = challenger.sample_extension();
        cancel.check()?;
        let codeword = tracing::info_span!("reduce").in_scope(|| {
            let openings = committed
                .iter()
                .zip(&values)
                .map(|(committed, values)| Opening {
                    columns: &committed.columns,
                    values,
                });
            let schedule = parameters.folding_schedule(self.log_height);
            let log_arity = schedule.first().copied().unwrap_or(0);
            let openings: Vec<_> = openings.collect();
            reduce(
                &openings,
                &self.points(zeta),
                alpha,
                log_arity,
                &self.extender,
            )
        });
        cancel.check()?;

        let log_height = self.log_height;
        let folded = Folded::new(
            config,
            parameters,
            log_height,
            codeword,
            &mut challenger,
            cancel,
        )?;
        let _span = tracing::info_span!("answer queries").entered();
        let input_openings = committed
            .iter()
            .enumerate()
            .map(|(i, committed)| {
                // A chunk of the quotient is a matrix of its own.
                let width = match i {
                    1 => C::Challenge::DEGREE,
                    _ => committed.columns.width(),
                };
                committed.open(config, folded.queries(), width)
            })
            .collect::<Result<_>>()?;
        let commitments = Commitments {
            trace: trace.tree.cap().to_vec(),
            quotient: quotient.tree.cap().to_vec(),
        };
        *self.spare() = Some(trace.columns.into_buffer());
        Ok(Proof {
            commitments,
            opened: opened(values),
            fri: folded.into_proof(batch_witness, input_openings)?,
            degree_bits: self.log_height,
            ood_witness,
        })
    }

    /// The values of all committed columns at `zeta`, and at the point of the next row where constraints
    /// read one, which the challenger is told: for each commitment and point those of all columns.
    fn open(
        &self,
        committed: &[&Committed<C>],
        zeta: C::Challenge,
        challenger: &mut C::Challenger,
    ) -> Vec<Vec<Vec<C::Challenge>>> {
        let _span = tracing::info_span!("open").entered();
        let shape = self.program().shape();
        let points = self.points(zeta);
        let next_rows = [shape.next_row, false, shape.preprocessed_next_row];
        let values: Vec<Vec<Vec<C::Challenge>>> = committed
            .iter()
            .zip(next_rows)
            .map(|(committed, next_row)| {
                let points = &points[..1 + usize::from(next_row)];
                evaluate(&committed.columns, self.parameters.log_blowup, points)
            })
            .collect();

        let claims = values.iter().enumerate().map(|(i, values)| match i {
            1 => vec![vec![C::Challenge::DEGREE]; self.chunk_extenders.len()],
            _ => vec![values.iter().map(Vec::len).collect()],
        });
        let shape = OpeningShape {
            claims: claims.collect(),
            batch_grinding: self.parameters.batch_grinding,
        };
        observe_seed(challenger, &shape.seed::<C::Challenge>());
        for &value in values.iter().flatten().flatten() {
            challenger.observe_extension(value);
        }
        values
    }

    /// `zeta` and, if some constraint reads a next row, the point of it.
    fn points(&self, zeta: C::Challenge) -> Vec<C::Challenge> {
        let shape = self.program().shape();
        let mut points = vec![zeta];
        if shape.next_row || shape.preprocessed_next_row {
            let root = C::Val::root_of_unity(self.log_height);
            points.push(zeta * root.expect("the domain was checked"));
        }
        points
    }

    /// The room that an extended trace had and the next one's can have.
    fn spare(&self) -> MutexGuard<'_, Option<Buffer<C::Val>>> {
        // Whoever panicked with the lock left a buffer or none.
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn program(&self) -> &Program<C::Val> {
        self.verifier.program()
    }

    fn shape(&self) -> StarkShape {
        let shape = self.program().shape();
        StarkShape {
            log_height: self.log_height,
            width: shape.width,
            preprocessed_width: shape.preprocessed_width,
            periodic_columns: shape.periodic.len(),
            public_values: shape.public_values,
            quotient_chunks: self.chunk_extenders.len(),
            next_row: shape.next_row,
            preprocessed_next_row: shape.preprocessed_next_row,
            ood_grinding: self.parameters.ood_grinding,
        }
    }
}

impl<C: StarkConfig> Committed<C> {
    /// Extends columns and commits to them; each extender takes an equal part of the columns. The extension
    /// goes to `room` if that is as long, which saves the first touch of fresh memory.
    fn new(
        config: &C,
        parameters: &Parameters,
        extenders: &[Extender<C::Val>],
        columns: Columns<C::Val>,
        room: Option<Buffer<C::Val>>,
    ) -> Result<Self> {
        let span = tracing::info_span!("extend").entered();
        let log_blowup = parameters.log_blowup;
        let height = columns.height() << log_blowup;
        let extended_len = columns.values().len() << log_blowup;
        let part = columns.values().len() / extenders.len();
        let values = match room.filter(|room| room.len() == extended_len) {
            Some(mut values) => {
                for (i, extender) in extenders.iter().enumerate() {
                    let columns = &columns.values()[i * part..][..part];
                    let extended = &mut values[(i * part) << log_blowup..][..part << log_blowup];
                    extender.extend::<BitReversed>(columns, extended)?;
                }
                drop(columns);
                values
            }
            // In place: the columns themselves are not needed again, and they are most of the memory.
            None => {
                let mut values = columns.into_buffer().grow(extended_len);
                for (i, extender) in extenders.iter().enumerate().rev() {
                    let (before, room) = values.split_at_mut((i * part) << log_blowup);
                    let extended = &mut room[..part << log_blowup];
                    match i {
                        0 => extender.extend_in_place::<BitReversed>(extended)?,
                        // Behind all columns that are left, for the extension is at least twice as long.
                        _ => {
                            extender.extend::<BitReversed>(&before[i * part..][..part], extended)?
                        }
                    }
                }
                values
            }
        };
        drop(span);
        let _span = tracing::info_span!("hash").entered();
        let columns = Columns::from_buffer(values, height);
        let mut tree = MerkleTree::new(config.hash(), &[&columns], parameters.cap_height as usize)?;
        // For narrow columns they are most of a proof's memory, and few are looked at again.
        tree.forget_leaves();
        Ok(Self { columns, tree })
    }

    /// The rows of queries, each in matrices of `width` columns.
    fn open(
        &self,
        config: &C,
        queries: &[usize],
        width: usize,
    ) -> Result<InputOpening<C::Val, Digest<C>>> {
        let rows = queries.par_iter().map(|&query| {
            let row = self.columns.row(query);
            row.chunks(width.max(1)).map(<[_]>::to_vec).collect()
        });
        Ok(InputOpening {
            rows: rows.collect(),
            siblings: self
                .tree
                .pruned_paths_of(config.hash(), &[&self.columns], queries)?,
        })
    }
}

/// The values of trace, quotient and preprocessed columns in their places.
fn opened<E: ExtensionField>(values: Vec<Vec<Vec<E>>>) -> Opened<E> {
    let mut commitments = values.into_iter();
    let mut rows = || {
        let mut points = commitments.next()?.into_iter();
        Some(OpenedRows {
            local: points.next()?,
            next: points.next(),
        })
    };
    let trace = rows().expect("a commitment opened at a point");
    let quotient = rows().expect("a commitment opened at a point").local;
    Opened {
        trace,
        preprocessed: rows(),
        quotient: quotient.chunks(E::DEGREE).map(<[_]>::to_vec).collect(),
    }
}

fn check_shape<F: SmallField>(
    what: &str,
    columns: &Columns<F>,
    width: usize,
    log_height: u32,
) -> Result<()> {
    if columns.width() != width || columns.height() != 1 << log_height {
        return Err(Error::Argument(format!(
            "{what} of {} columns and {} rows, not of {width} and 2^{log_height}",
            columns.width(),
            columns.height()
        )));
    }
    Ok(())
}
