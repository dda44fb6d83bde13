//! Programs as bytes: the format of `docs/air.md`.

use super::check::checked;
use super::program::{MAX_COLUMNS, MAX_INSTRUCTIONS};
use super::{Instruction, Operand, Program, Shape};
use crate::error::Fault;
use crate::field::small::SmallField;
use crate::{Error, Result};

const MAGIC: [u8; 4] = *b"zair";
const VERSION: u32 = 1;

/// The bits of a word that are an index; the kind is above.
const INDEX_BITS: u32 = 28;
const ADD: u32 = 0;
const SUB: u32 = 1;
const MUL: u32 = 2;
const NEG: u32 = 3;
const ASSERT: u32 = 4;

/// The modulus of the field that the program in these bytes is over, which says what `F` is to be of
/// [`Program::from_bytes`]. Reads no further than the header.
///
/// # Errors
/// [`Error::Malformed`] for bytes that do not begin as a program of a known version.
pub fn modulus_of_program(bytes: &[u8], origin: &str) -> Result<u64> {
    let mut reader = Reader { rest: bytes };
    let modulus = reader.modulus();
    modulus.map_err(|(part, fault, reason)| Error::malformed(origin, part, fault, reason))
}

impl<F: SmallField> Program<F> {
    /// The program as bytes, always the same ones for a program.
    pub fn to_bytes(&self) -> Vec<u8> {
        let shape = &self.shape;
        let mut bytes = Vec::with_capacity(64 + 12 * self.instructions.len());
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(F::MODULUS.to_le_bytes());
        let flags = usize::from(shape.next_row) | usize::from(shape.preprocessed_next_row) << 1;
        let counts = [
            flags,
            shape.width,
            shape.preprocessed_width,
            shape.public_values,
            shape.least_degree,
            shape.periodic.len(),
            self.constants.len(),
            self.slots,
            self.instructions.len(),
        ];
        for count in counts {
            bytes.extend((count as u32).to_le_bytes());
        }
        write_elements(&mut bytes, &self.constants);
        for period in &shape.periodic {
            bytes.extend((period.len() as u32).to_le_bytes());
            write_elements(&mut bytes, period);
        }
        for instruction in &self.instructions {
            for word in encode(instruction) {
                bytes.extend(word.to_le_bytes());
            }
        }
        bytes
    }

    /// The program of [`Program::to_bytes`], checked through and through: `origin` names the bytes in
    /// errors. Takes memory in proportion to the bytes.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn from_bytes(bytes: &[u8], origin: &str) -> Result<Self> {
        let objection = |(part, fault, reason): (String, Fault, String)| {
            Error::malformed(origin, part, fault, reason)
        };
        let mut reader = Reader { rest: bytes };
        reader.program().map_err(objection)
    }
}

fn write_elements<F: SmallField>(bytes: &mut Vec<u8>, elements: &[F]) {
    for element in elements {
        let start = bytes.len();
        bytes.resize(start + F::BYTES, 0);
        element.write_canonical(&mut bytes[start..]);
    }
}

/// The unread rest of the bytes.
struct Reader<'a> {
    rest: &'a [u8],
}

type Read<T> = core::result::Result<T, super::check::Objection>;

impl Reader<'_> {
    fn modulus(&mut self) -> Read<u64> {
        if self.take("header", 4)? != MAGIC {
            let reason = "these bytes are no program of constraints".into();
            return Err(("header".into(), Fault::Magic, reason));
        }
        let version = self.word("header")?;
        if version != VERSION {
            let reason = format!("version {version}, and only {VERSION} is known");
            return Err(("header".into(), Fault::Version, reason));
        }
        let low = self.word("header")?;
        Ok(u64::from(self.word("header")?) << 32 | u64::from(low))
    }

    fn program<F: SmallField>(&mut self) -> Read<Program<F>> {
        let modulus = self.modulus()?;
        if modulus != F::MODULUS {
            let reason = format!("a field of {modulus} elements, not {}", F::MODULUS);
            return Err(("header".into(), Fault::WrongField, reason));
        }
        let flags = self.count("flags", 3)?;
        let width = self.count("columns", MAX_COLUMNS)?;
        let preprocessed_width = self.count("preprocessed columns", MAX_COLUMNS)?;
        let public_values = self.count("public values", MAX_COLUMNS)?;
        let least_degree = self.count("least degree", u32::MAX as usize)?;
        let periodic = self.count("periodic columns", MAX_COLUMNS)?;
        let constants = self.count("constants", MAX_INSTRUCTIONS)?;
        let slots = self.count("slots", MAX_INSTRUCTIONS)?;
        let instructions = self.count("instructions", MAX_INSTRUCTIONS)?;

        let constants = self.elements::<F>("constants", constants)?;
        let mut periods = Vec::new();
        for i in 0..periodic {
            let what = format!("periodic column {i}");
            let len = self.count(&what, u32::MAX as usize)?;
            periods.push(self.elements::<F>(&what, len)?);
        }
        let words = self.take("instructions", 12 * instructions)?;
        let mut code = Vec::with_capacity(instructions);
        for (i, words) in words.as_chunks::<12>().0.iter().enumerate() {
            let word =
                |k: usize| u32::from_le_bytes([words[k], words[k + 1], words[k + 2], words[k + 3]]);
            let instruction = decode([word(0), word(4), word(8)]);
            code.push(
                instruction.map_err(|reason| (format!("instruction {i}"), Fault::Value, reason))?,
            );
        }
        if !self.rest.is_empty() {
            let reason = format!("{} bytes after the last instruction", self.rest.len());
            return Err(("end".into(), Fault::TrailingBytes, reason));
        }
        let shape = Shape {
            width,
            next_row: flags & 1 != 0,
            preprocessed_width,
            preprocessed_next_row: flags & 2 != 0,
            periodic: periods,
            public_values,
            least_degree,
        };
        checked(shape, constants, code, slots)
    }

    fn take(&mut self, what: &str, len: usize) -> Read<&[u8]> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => {
                let reason = format!("{len} bytes are needed and {} are left", self.rest.len());
                Err((what.into(), Fault::Truncated, reason))
            }
        }
    }

    fn word(&mut self, what: &str) -> Read<u32> {
        let bytes = self.take(what, 4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn count(&mut self, what: &str, most: usize) -> Read<usize> {
        let count = self.word(what)? as usize;
        if count > most {
            let reason = format!("{count}, and at most {most} is allowed");
            return Err((what.into(), Fault::Count, reason));
        }
        Ok(count)
    }

    fn elements<F: SmallField>(&mut self, what: &str, count: usize) -> Read<Vec<F>> {
        let bytes = self.take(what, count * F::BYTES)?;
        let elements = bytes.chunks_exact(F::BYTES).enumerate();
        elements
            .map(|(i, bytes)| {
                F::read_canonical(bytes).ok_or_else(|| {
                    let reason = format!("value {i} is not below the modulus");
                    (what.into(), Fault::NotCanonical, reason)
                })
            })
            .collect()
    }
}

fn encode(instruction: &Instruction) -> [u32; 3] {
    match *instruction {
        Instruction::Add(slot, a, b) => [tag(ADD, slot), word(a), word(b)],
        Instruction::Sub(slot, a, b) => [tag(SUB, slot), word(a), word(b)],
        Instruction::Mul(slot, a, b) => [tag(MUL, slot), word(a), word(b)],
        Instruction::Neg(slot, a) => [tag(NEG, slot), word(a), 0],
        Instruction::Assert(a) => [tag(ASSERT, 0), word(a), 0],
    }
}

fn decode([first, a, b]: [u32; 3]) -> core::result::Result<Instruction, String> {
    let (operation, slot) = (first >> INDEX_BITS, first & ((1 << INDEX_BITS) - 1));
    let unused = |what: &str, word: u32| match word {
        0 => Ok(()),
        _ => Err(format!("{word} stands where {what} and must be zero")),
    };
    match operation {
        ADD => Ok(Instruction::Add(slot, operand(a)?, operand(b)?)),
        SUB => Ok(Instruction::Sub(slot, operand(a)?, operand(b)?)),
        MUL => Ok(Instruction::Mul(slot, operand(a)?, operand(b)?)),
        NEG => {
            unused("a negation has no second operand", b)?;
            Ok(Instruction::Neg(slot, operand(a)?))
        }
        ASSERT => {
            unused("an assertion has no slot", slot)?;
            unused("an assertion has no second operand", b)?;
            Ok(Instruction::Assert(operand(a)?))
        }
        _ => Err(format!("there is no operation {operation}")),
    }
}

fn tag(kind: u32, index: u32) -> u32 {
    kind << INDEX_BITS | index
}

fn word(operand: Operand) -> u32 {
    match operand {
        Operand::Slot(i) => tag(0, i),
        Operand::Main(i) => tag(1, i),
        Operand::MainNext(i) => tag(2, i),
        Operand::Preprocessed(i) => tag(3, i),
        Operand::PreprocessedNext(i) => tag(4, i),
        Operand::Periodic(i) => tag(5, i),
        Operand::Public(i) => tag(6, i),
        Operand::Constant(i) => tag(7, i),
        Operand::FirstRow => tag(8, 0),
        Operand::LastRow => tag(8, 1),
        Operand::Transition => tag(8, 2),
    }
}

fn operand(word: u32) -> core::result::Result<Operand, String> {
    let (kind, index) = (word >> INDEX_BITS, word & ((1 << INDEX_BITS) - 1));
    Ok(match (kind, index) {
        (0, i) => Operand::Slot(i),
        (1, i) => Operand::Main(i),
        (2, i) => Operand::MainNext(i),
        (3, i) => Operand::Preprocessed(i),
        (4, i) => Operand::PreprocessedNext(i),
        (5, i) => Operand::Periodic(i),
        (6, i) => Operand::Public(i),
        (7, i) => Operand::Constant(i),
        (8, 0) => Operand::FirstRow,
        (8, 1) => Operand::LastRow,
        (8, 2) => Operand::Transition,
        _ => {
            return Err(format!(
                "there is no operand of kind {kind} and index {index}"
            ));
        }
    })
}
