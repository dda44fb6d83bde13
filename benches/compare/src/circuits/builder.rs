//! Writes an r1cs file constraint by constraint and keeps the witness beside it.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use ark_bn254::Fr;
use ark_ff::{BigInteger, One, PrimeField, Zero};

/// The number of a wire.
pub type Wire = u32;

/// The wire that is always one.
pub const ONE: Wire = 0;

/// A linear combination. Wires may come in any order and repeat.
pub type Terms = Vec<(Wire, Fr)>;

/// Bytes of the container's head, and of a section's.
const HEAD: u64 = 12;

/// A circuit in the making. Every constraint is checked against the witness as it is added.
pub struct Builder {
    r1cs: BufWriter<File>,
    section: u64,
    capacity: usize,
    constraints: usize,
    outputs: u32,
    inputs: u32,
    secrets: u32,
    values: Vec<Fr>,
    entries: usize,
    /// By wire: whether a constraint has it in its A, and in its B.
    used: [Vec<bool>; 2],
}

/// What was written.
#[derive(Debug)]
pub struct Summary {
    /// Constraints.
    pub constraints: usize,
    /// Wires, with the constant one.
    pub wires: usize,
    /// Entries of the matrices A and B, without the rows a setup adds for public signals.
    pub entries: usize,
    /// Share of the wires with the value 0, and 1.
    pub shares: [f64; 2],
    /// Share of the wires that A, and B, never mention: their points in a key are infinity.
    pub absent: [f64; 2],
}

impl Builder {
    /// Begins a circuit that is to fill the domain of size `2^log_size`: wires 0 to `outputs` are
    /// the constant one and the public outputs, then come public `inputs` and private `secrets`.
    pub fn create(
        path: &Path,
        log_size: u32,
        outputs: usize,
        inputs: &[Fr],
        secrets: &[Fr],
    ) -> Result<Self> {
        let public = outputs + inputs.len();
        // A setup takes the smallest power of two above constraints + public signals.
        let capacity = (1usize << log_size).checked_sub(1 + public);
        let capacity = capacity.context("the domain is too small for the public signals")?;

        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut r1cs = BufWriter::new(file);
        r1cs.write_all(b"r1cs")?;
        r1cs.write_all(&1u32.to_le_bytes())?;
        r1cs.write_all(&3u32.to_le_bytes())?;
        write_section_head(&mut r1cs, 2, 0)?; // its length comes at the end

        let mut values = vec![Fr::one()];
        values.resize(1 + outputs, Fr::zero());
        values.extend(inputs.iter().chain(secrets));
        Ok(Self {
            r1cs,
            section: 0,
            capacity,
            constraints: 0,
            outputs: outputs as u32,
            inputs: inputs.len() as u32,
            secrets: secrets.len() as u32,
            used: [vec![false; values.len()], vec![false; values.len()]],
            values,
            entries: 0,
        })
    }

    /// How many constraints still fit.
    pub fn remaining(&self) -> usize {
        self.capacity - self.constraints
    }

    /// The wire of public output `index`.
    pub fn output(&self, index: usize) -> Wire {
        1 + index as Wire
    }

    /// The wire of public input `index`.
    pub fn input(&self, index: usize) -> Wire {
        1 + self.outputs + index as Wire
    }

    /// The wire of private input `index`.
    pub fn secret(&self, index: usize) -> Wire {
        1 + self.outputs + self.inputs + index as Wire
    }

    /// A new wire.
    pub fn wire(&mut self, value: Fr) -> Wire {
        self.values.push(value);
        self.used.iter_mut().for_each(|used| used.push(false));
        (self.values.len() - 1) as Wire
    }

    /// The value of a wire.
    pub fn value(&self, wire: Wire) -> Fr {
        self.values[wire as usize]
    }

    /// The value of a linear combination.
    pub fn evaluate(&self, terms: &[(Wire, Fr)]) -> Fr {
        terms
            .iter()
            .map(|&(wire, coefficient)| self.value(wire) * coefficient)
            .sum()
    }

    /// A new wire that is the product of two combinations.
    pub fn product(&mut self, a: Terms, b: Terms) -> Result<Wire> {
        let wire = self.wire(self.evaluate(&a) * self.evaluate(&b));
        self.constrain(a, b, vec![(wire, Fr::one())])?;
        Ok(wire)
    }

    /// A new wire that equals a combination: a linear constraint, whose A and B are empty.
    pub fn equal(&mut self, terms: Terms) -> Result<Wire> {
        let wire = self.wire(self.evaluate(&terms));
        self.constrain_equal(wire, terms)?;
        Ok(wire)
    }

    /// Makes a public output equal a combination.
    pub fn set_output(&mut self, index: usize, terms: Terms) -> Result<()> {
        let wire = self.output(index);
        self.values[wire as usize] = self.evaluate(&terms);
        self.constrain_equal(wire, terms)
    }

    /// `wire = terms`.
    pub fn constrain_equal(&mut self, wire: Wire, mut terms: Terms) -> Result<()> {
        terms.push((wire, -Fr::one()));
        self.constrain(Terms::new(), Terms::new(), terms)
    }

    /// `a b = c`.
    pub fn constrain(&mut self, a: Terms, b: Terms, c: Terms) -> Result<()> {
        ensure!(self.remaining() > 0, "the circuit outgrows its domain");
        let holds = self.evaluate(&a) * self.evaluate(&b) == self.evaluate(&c);
        ensure!(holds, "the witness breaks constraint {}", self.constraints);
        for (index, terms) in [a, b, c].into_iter().enumerate() {
            let terms = merged(terms);
            if let Some(used) = self.used.get_mut(index) {
                self.entries += terms.len();
                terms
                    .iter()
                    .for_each(|&(wire, _)| used[wire as usize] = true);
            }
            self.r1cs.write_all(&(terms.len() as u32).to_le_bytes())?;
            for (wire, coefficient) in &terms {
                self.r1cs.write_all(&wire.to_le_bytes())?;
                self.r1cs.write_all(&bytes(coefficient))?;
            }
            self.section += 4 + 36 * terms.len() as u64;
        }
        self.constraints += 1;
        Ok(())
    }

    /// Completes the r1cs and writes the witness.
    pub fn finish(mut self, wtns: &Path) -> Result<Summary> {
        let wires = self.values.len() as u32;
        let private = self.secrets;

        write_section_head(&mut self.r1cs, 1, 4 + 32 + 16 + 8 + 4)?;
        write_field(&mut self.r1cs)?;
        for count in [wires, self.outputs, self.inputs, private] {
            self.r1cs.write_all(&count.to_le_bytes())?;
        }
        self.r1cs.write_all(&u64::from(wires).to_le_bytes())?;
        self.r1cs
            .write_all(&(self.constraints as u32).to_le_bytes())?;

        write_section_head(&mut self.r1cs, 3, 8 * u64::from(wires))?;
        for label in 0..u64::from(wires) {
            self.r1cs.write_all(&label.to_le_bytes())?;
        }
        self.r1cs.seek(SeekFrom::Start(HEAD))?;
        write_section_head(&mut self.r1cs, 2, self.section)?;
        self.r1cs.flush()?;

        write_witness(wtns, &self.values)
            .with_context(|| format!("cannot write {}", wtns.display()))?;
        let share = |count: usize| count as f64 / self.values.len() as f64;
        let of_value = |v: Fr| share(self.values.iter().filter(|&&w| w == v).count());
        let absent = |used: &[bool]| share(used.iter().filter(|&&used| !used).count());
        Ok(Summary {
            constraints: self.constraints,
            wires: self.values.len(),
            entries: self.entries,
            shares: [of_value(Fr::zero()), of_value(Fr::one())],
            absent: [absent(&self.used[0]), absent(&self.used[1])],
        })
    }
}

/// Sorted by wire, a term per wire, none of them zero: as circom writes combinations.
fn merged(mut terms: Terms) -> Terms {
    terms.sort_unstable_by_key(|&(wire, _)| wire);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms.retain(|(_, coefficient)| !coefficient.is_zero());
    terms
}

/// Plain little-endian, not Montgomery.
fn bytes(value: &Fr) -> Vec<u8> {
    value.into_bigint().to_bytes_le()
}

fn write_section_head(file: &mut impl Write, id: u32, length: u64) -> Result<()> {
    file.write_all(&id.to_le_bytes())?;
    Ok(file.write_all(&length.to_le_bytes())?)
}

/// The size of an element and the modulus.
fn write_field(file: &mut impl Write) -> Result<()> {
    file.write_all(&32u32.to_le_bytes())?;
    Ok(file.write_all(&Fr::MODULUS.to_bytes_le())?)
}

fn write_witness(path: &Path, values: &[Fr]) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"wtns")?;
    file.write_all(&2u32.to_le_bytes())?;
    file.write_all(&2u32.to_le_bytes())?;
    write_section_head(&mut file, 1, 4 + 32 + 4)?;
    write_field(&mut file)?;
    file.write_all(&(values.len() as u32).to_le_bytes())?;
    write_section_head(&mut file, 2, 32 * values.len() as u64)?;
    for value in values {
        file.write_all(&bytes(value))?;
    }
    Ok(file.flush()?)
}
