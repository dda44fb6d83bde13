//! Matrices as NumPy's files: version 1.0 of the format, as `numpy.save` writes it.
//!
//! | bytes | |
//! |--:|---|
//! | 6 | `\x93NUMPY` |
//! | 2 | the version: 1, 0 |
//! | 2 | the length of what follows up to the values, little-endian |
//! | | `{'descr': '<u4', 'fortran_order': False, 'shape': (rows, columns), }`, spaces, a line feed |
//! | | the values, little-endian: row by row, or column by column in Fortran's order |
//!
//! `descr` is `<u4` or `<u8`, `numpy.uint32` or `numpy.uint64`: values are canonical integers, below the
//! modulus, and never Montgomery forms.

use std::io::{self, Write};

use rayon::prelude::*;

use super::Columns;
use crate::field::small::SmallField;
use crate::{Error, Fault, Result};

const MAGIC: [u8; 6] = *b"\x93NUMPY";
const VERSION: [u8; 2] = [1, 0];
/// Values begin at a multiple of it, so that others can map them.
const ALIGNMENT: usize = 64;
/// The columns that a thread reads at a time: of rows of words of 32 bits, a cache line.
const STRIP: usize = 16;

impl<F: SmallField> Columns<F> {
    /// The matrix of canonical integers in a NumPy file of `uint32` or `uint64`, in either order; `origin`
    /// names the bytes in errors. Parallel. Takes as much memory as the values have bytes, or half or twice
    /// as much where the field's words are of the other size.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but version 1.0 of the format, for another number of dimensions than
    /// two or of bytes than the shape says, for a matrix without values, and for values that are not below
    /// the modulus.
    pub fn from_npy(bytes: &[u8], origin: &str) -> Result<Self> {
        let fail =
            |(section, fault, reason): Objection| Error::malformed(origin, section, fault, reason);
        let (header, values) = Header::read(bytes).map_err(fail)?;
        header.check_len(values.len()).map_err(fail)?;
        match header.word {
            Word::U32 => read::<F, 4>(&header, values),
            Word::U64 => read::<F, 8>(&header, values),
        }
        .map_err(fail)
    }

    /// Writes the matrix as a NumPy file in Fortran's order, of `uint32` for fields below 2^32 and of `uint64`
    /// for others: column by column, as it is in memory.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_npy(&self, out: &mut impl Write) -> io::Result<()> {
        let dictionary = format!(
            "{{'descr': '<u{}', 'fortran_order': True, 'shape': ({}, {}), }}",
            F::BYTES,
            self.height(),
            self.width()
        );
        let before = MAGIC.len() + VERSION.len() + 2;
        let len = (before + dictionary.len() + 1).next_multiple_of(ALIGNMENT) - before;
        out.write_all(&MAGIC)?;
        out.write_all(&VERSION)?;
        out.write_all(&(len as u16).to_le_bytes())?;
        out.write_all(format!("{dictionary:<0$}\n", len - 1).as_bytes())?;
        let mut bytes = Vec::new();
        for values in self.values().chunks(1 << 14) {
            bytes.resize(F::BYTES * values.len(), 0);
            for (bytes, value) in bytes.chunks_exact_mut(F::BYTES).zip(values) {
                value.write_canonical(bytes);
            }
            out.write_all(&bytes)?;
        }
        Ok(())
    }
}

/// The part that is wrong, the class of the fault, and the fault in words.
type Objection = (&'static str, Fault, String);

/// The type of values in a file.
#[derive(Clone, Copy)]
enum Word {
    U32,
    U64,
}

/// Which neighbours in a file are neighbours in the matrix.
#[derive(Clone, Copy)]
enum Order {
    Rows,
    Columns,
}

struct Header {
    word: Word,
    order: Order,
    rows: usize,
    columns: usize,
}

impl Header {
    /// The header, and the bytes of the values.
    fn read(bytes: &[u8]) -> core::result::Result<(Self, &[u8]), Objection> {
        let fail = |fault, reason: &str| Err(("header", fault, reason.to_owned()));
        let Some(rest) = bytes.strip_prefix(&MAGIC) else {
            return fail(Fault::Magic, "these bytes are no NumPy file");
        };
        let Some((version, rest)) = rest.split_first_chunk() else {
            return fail(Fault::Truncated, "the bytes end in the version");
        };
        if *version != VERSION {
            let [major, minor] = version;
            let reason = format!("version {major}.{minor}, and only 1.0 is known");
            return fail(Fault::Version, &reason);
        }
        let Some((len, rest)) = rest.split_first_chunk() else {
            return fail(Fault::Truncated, "the bytes end in the header's length");
        };
        let len = usize::from(u16::from_le_bytes(*len));
        let Some((text, values)) = rest.split_at_checked(len) else {
            let reason = format!("{len} bytes of which {} are there", rest.len());
            return fail(Fault::Truncated, &reason);
        };
        let text = core::str::from_utf8(text).ok().filter(|t| t.is_ascii());
        let Some(text) = text.and_then(|text| text.strip_suffix('\n')) else {
            return fail(Fault::Syntax, "not a line of ASCII");
        };
        match (Literal { rest: text }).header() {
            Ok(header) => Ok((header, values)),
            Err((fault, reason)) => fail(fault, &reason),
        }
    }

    fn check_len(&self, bytes: usize) -> core::result::Result<(), Objection> {
        let (rows, columns) = (self.rows, self.columns);
        if rows == 0 || columns == 0 {
            let reason = format!("{rows} rows of {columns} columns: a matrix of nothing");
            return Err(("shape", Fault::Count, reason));
        }
        let size = match self.word {
            Word::U32 => 4,
            Word::U64 => 8,
        };
        let expected = rows.checked_mul(columns).and_then(|n| n.checked_mul(size));
        let fault = match expected {
            Some(expected) if expected == bytes => return Ok(()),
            Some(expected) if expected < bytes => Fault::TrailingBytes,
            _ => Fault::Truncated,
        };
        let reason = format!("{bytes} bytes for {rows} rows of {columns} columns of {size}");
        Err(("values", fault, reason))
    }
}

/// The values, `SIZE` bytes each, of which there are as many as the header says.
fn read<F: SmallField, const SIZE: usize>(
    header: &Header,
    values: &[u8],
) -> core::result::Result<Columns<F>, Objection> {
    let (rows, columns) = (header.rows, header.columns);
    let (values, _) = values.as_chunks::<SIZE>();
    let element = |row: usize, column: usize| {
        let place = match header.order {
            Order::Rows => row * columns + column,
            Order::Columns => column * rows + row,
        };
        let mut word = [0; 8];
        word[..SIZE].copy_from_slice(&values[place]);
        let word = u64::from_le_bytes(word);
        F::from_canonical(word).ok_or_else(|| {
            let modulus = F::MODULUS;
            let reason =
                format!("{word} in row {row}, column {column} is not below the modulus {modulus}");
            ("values", Fault::NotCanonical, reason)
        })
    };
    let fill = |first: usize, strip: &mut [F]| match header.order {
        Order::Columns => {
            for (i, out) in strip.iter_mut().enumerate() {
                *out = element(i % rows, first + i / rows)?;
            }
            Ok(())
        }
        Order::Rows => {
            for row in 0..rows {
                for (i, out) in strip.iter_mut().skip(row).step_by(rows).enumerate() {
                    *out = element(row, first + i)?;
                }
            }
            Ok(())
        }
    };
    let mut matrix = Columns::zeroed(rows, columns);
    let strips = matrix
        .values_mut()
        .par_chunks_mut(rows.saturating_mul(STRIP));
    let fault = strips
        .enumerate()
        .find_map_first(|(i, strip)| fill(STRIP * i, strip).err());
    fault.map_or(Ok(matrix), Err)
}

/// The dictionary, a literal of Python.
struct Literal<'a> {
    rest: &'a str,
}

type Parsed<T> = core::result::Result<T, (Fault, String)>;

impl<'a> Literal<'a> {
    fn header(&mut self) -> Parsed<Header> {
        let (mut word, mut order, mut shape) = (None, None, None);
        self.expect("{")?;
        while !self.eat("}") {
            let key = self.text()?;
            self.expect(":")?;
            let repeated = match key {
                "descr" => word.replace(self.word()?).is_some(),
                "fortran_order" => order.replace(self.order()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                other => {
                    let reason =
                        format!("the key {:?}, which is none of the format", some_of(other));
                    return Err((Fault::Value, reason));
                }
            };
            if repeated {
                return Err((Fault::SectionRepeated, format!("{key:?} is there twice")));
            }
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        if !self.rest.trim_start_matches(' ').is_empty() {
            return Err((
                Fault::Syntax,
                "there is something after the dictionary".into(),
            ));
        }
        let missing = |key: &str| (Fault::SectionMissing, format!("{key:?} is not there"));
        let (rows, columns) = shape.ok_or_else(|| missing("shape"))?;
        Ok(Header {
            word: word.ok_or_else(|| missing("descr"))?,
            order: order.ok_or_else(|| missing("fortran_order"))?,
            rows,
            columns,
        })
    }

    fn word(&mut self) -> Parsed<Word> {
        match self.text()? {
            "<u4" => Ok(Word::U32),
            "<u8" => Ok(Word::U64),
            other => {
                let reason = format!(
                    "values of type {:?}, which must be '<u4' or '<u8', uint32 or uint64 (little-endian)",
                    some_of(other)
                );
                Err((Fault::Value, reason))
            }
        }
    }

    fn order(&mut self) -> Parsed<Order> {
        if self.eat("False") {
            Ok(Order::Rows)
        } else if self.eat("True") {
            Ok(Order::Columns)
        } else {
            Err(self.unexpected("True or False"))
        }
    }

    fn shape(&mut self) -> Parsed<(usize, usize)> {
        self.expect("(")?;
        let mut lengths = Vec::new();
        while !self.eat(")") {
            lengths.push(self.number()?);
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        match lengths[..] {
            [rows, columns] => Ok((rows, columns)),
            _ => {
                let reason = format!(
                    "{} dimensions, which must be two: rows and columns",
                    lengths.len()
                );
                Err((Fault::Count, reason))
            }
        }
    }

    fn number(&mut self) -> Parsed<usize> {
        self.skip_spaces();
        let len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(len);
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return Err(self.unexpected("a number"));
        }
        self.rest = rest;
        let too_long = |_| (Fault::Count, format!("a length of {} digits", digits.len()));
        digits.parse().map_err(too_long)
    }

    /// A string in single or double quotes, without escapes.
    fn text(&mut self) -> Parsed<&'a str> {
        self.skip_spaces();
        let quote = self.rest.chars().next().filter(|c| ['\'', '"'].contains(c));
        let inside = quote.and_then(|quote| self.rest[1..].split_once(quote));
        match inside {
            Some((text, rest)) if !text.contains('\\') => {
                self.rest = rest;
                Ok(text)
            }
            _ => Err(self.unexpected("a string")),
        }
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) {
            return Ok(());
        }
        Err(self.unexpected(&format!("{token:?}")))
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn unexpected(&self, expected: &str) -> (Fault, String) {
        let reason = format!("{:?} where {expected} is due", some_of(self.rest));
        (Fault::Syntax, reason)
    }
}

/// The beginning of what may be long.
fn some_of(text: &str) -> String {
    text.chars().take(24).collect()
}
