//! Parsing.

use super::{Builder, FORMAT, R1cs, Rows, WireCounts, id};
use crate::error::{Error, Fault, Result};
use crate::field::{Field, Fr, Int, PrimeField};
use crate::groth16::container::{Container, Cursor, Place, Section, read_limbs};

/// The bytes of a term: wire and coefficient.
const TERM: usize = 4 + Fr::BYTES;
/// The fewest bytes of a constraint: three lengths.
const MIN_CONSTRAINT: usize = 3 * 4;
const LABEL: usize = 8;

/// The content of section 1.
struct Header {
    wires: WireCounts,
    n_labels: u64,
    n_constraints: usize,
}

pub(super) fn read(bytes: &[u8], origin: &str) -> Result<R1cs> {
    let container = Container::parse(bytes, origin, &FORMAT)?;
    if let Some(gates) = id::CUSTOM_GATES
        .into_iter()
        .find_map(|id| container.optional_section(id))
    {
        let reason = "custom gates cannot be proven with Groth16: compile without them";
        return Err(gates.place.error(Fault::Version, reason));
    }
    let header = Header::parse(container.section(id::HEADER)?)?;
    let labels = read_labels(container.section(id::LABELS)?, &header)?;
    let [a, b, c] = read_constraints(container.section(id::CONSTRAINTS)?, &header)?;
    Ok(R1cs {
        wires: header.wires,
        a,
        b,
        c,
        labels,
        n_labels: header.n_labels,
    })
}

impl Header {
    fn parse(section: Section<'_>) -> Result<Self> {
        let mut cursor = section.cursor();
        cursor.prime::<Fr>("r")?;
        let mut count = |what| Ok::<_, Error>(cursor.u32(what)? as usize);
        let wires = WireCounts {
            total: count("the number of wires")?,
            outputs: count("the number of outputs")?,
            public_inputs: count("the number of public inputs")?,
            private_inputs: count("the number of private inputs")?,
        };
        let n_labels = cursor.u64("the number of labels")?;
        let n_constraints = cursor.u32("the number of constraints")? as usize;
        cursor.finish()?;
        if let Some(reason) = wires.contradiction() {
            return Err(section.place.error(Fault::Count, reason));
        }
        Ok(Self {
            wires,
            n_labels,
            n_constraints,
        })
    }
}

fn read_labels(section: Section<'_>, header: &Header) -> Result<Vec<u64>> {
    section.expect_items(header.wires.total, LABEL, "the header's number of wires")?;
    let labels: Vec<u64> = section.bytes.chunks_exact(LABEL).map(read_limbs).collect();
    match labels.iter().position(|&label| label >= header.n_labels) {
        None => Ok(labels),
        Some(wire) => Err(section.place.error(
            Fault::Index,
            format!(
                "wire {wire} has label {} of {}",
                labels[wire], header.n_labels
            ),
        )),
    }
}

fn read_constraints(section: Section<'_>, header: &Header) -> Result<[Rows; 3]> {
    let possible = section.bytes.len() / MIN_CONSTRAINT;
    if header.n_constraints > possible {
        return Err(section.place.error(
            Fault::SectionLength,
            format!(
                "the header announces {} constraints, but there is room for {possible} at most",
                header.n_constraints
            ),
        ));
    }
    let mut cursor = section.cursor();
    let mut matrices = [(); 3].map(|()| Builder::new());
    for constraint in 0..header.n_constraints {
        for matrix in &mut matrices {
            read_row(&mut cursor, section.place, header, constraint, matrix)?;
        }
    }
    cursor.finish()?;
    Ok(matrices.map(Builder::finish))
}

/// Reads one linear combination into a new row.
fn read_row(
    cursor: &mut Cursor<'_>,
    place: Place<'_>,
    header: &Header,
    constraint: usize,
    matrix: &mut Builder,
) -> Result<()> {
    let n_terms = cursor.u32(format_args!("a number of terms of constraint {constraint}"))?;
    let terms = cursor.take_u64(
        u64::from(n_terms) * TERM as u64,
        format_args!("{n_terms} terms of constraint {constraint}"),
    )?;
    if !matrix.has_room(n_terms as usize) {
        let reason = format!("constraint {constraint}: 2^32 terms or more in a matrix");
        return Err(place.error(Fault::Count, reason));
    }
    for term in terms.chunks_exact(TERM) {
        let (wire, coefficient) = term.split_at(4);
        let wire = u32::from_le_bytes(wire.try_into().expect("four bytes"));
        if wire as usize >= header.wires.total {
            return Err(place.error(
                Fault::Index,
                format!(
                    "constraint {constraint}: wire {wire} of {}",
                    header.wires.total
                ),
            ));
        }
        let coefficient: Int<4> = read_limbs(coefficient);
        let Some(coefficient) = Fr::from_canonical(coefficient) else {
            return Err(place.error(
                Fault::NotCanonical,
                format!(
                    "constraint {constraint}: the coefficient {coefficient} is not below r = {}",
                    Fr::MODULUS
                ),
            ));
        };
        matrix.push(wire, coefficient);
    }
    matrix.end_row();
    Ok(())
}
