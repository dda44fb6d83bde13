//! NumPy arrays as slices, without a copy.
//!
//! An array is taken as it lies in memory, or refused in words that name the argument: its type, its shape, its
//! order, its elements. While a call works on an array, [`numpy`] refuses calls that would write what another
//! reads; what Python code does to it from another thread is its own affair, as with NumPy itself.

use numpy::prelude::*;
use numpy::{
    BorrowError, Element, PyArrayDyn, PyReadonlyArrayDyn, PyReadwriteArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use rayon::prelude::*;
use zkiln::field::small::{BabyBear, Goldilocks, KoalaBear, SmallField};
use zkiln::field::{Field, Fq, Fr, Int, PrimeField};

use crate::errors::{Failure, Result};

/// How an element of a field lies in an array.
pub(crate) trait Stored: Field {
    /// The words of the array.
    type Word: Element + bytemuck::Pod + Send + Sync;
    /// The dimensions of one element, the last ones of the array: none for elements of one word.
    const DIMENSIONS: &'static [usize];
    /// The field's name, for messages.
    const NAME: &'static str;
    /// The modulus' name, for messages.
    const MODULUS_NAME: &'static str;

    /// Whether the words of one element, as a canonical integer, are below the modulus.
    fn is_canonical(element: &Self) -> bool;
    /// The element of canonical words, which lie where an element does.
    fn from_words(words: Self) -> Self;
    /// The canonical words, where an element does.
    fn to_words(self) -> Self;
}

macro_rules! stored_in_limbs {
    ($($F:ident $modulus:literal)+) => {
        $(impl Stored for $F {
            type Word = u64;
            const DIMENSIONS: &'static [usize] = &[4];
            const NAME: &'static str = stringify!($F);
            const MODULUS_NAME: &'static str = $modulus;

            fn is_canonical(element: &Self) -> bool {
                bytemuck::cast::<Self, Int<4>>(*element) < Self::MODULUS
            }
            fn from_words(words: Self) -> Self {
                Self::from(bytemuck::cast::<Self, Int<4>>(words))
            }
            fn to_words(self) -> Self {
                bytemuck::cast(self.to_canonical())
            }
        })+
    };
}

stored_in_limbs!(Fr "r" Fq "q");

macro_rules! stored_in_word {
    ($($F:ident $Word:ty;)+) => {
        $(impl Stored for $F {
            type Word = $Word;
            const DIMENSIONS: &'static [usize] = &[];
            const NAME: &'static str = stringify!($F);
            const MODULUS_NAME: &'static str = "p";

            fn is_canonical(element: &Self) -> bool {
                u64::from(bytemuck::cast::<Self, $Word>(*element)) < Self::MODULUS
            }
            fn from_words(words: Self) -> Self {
                Self::from(u64::from(bytemuck::cast::<Self, $Word>(words)))
            }
            fn to_words(self) -> Self {
                // Words of the type hold every number below the modulus.
                bytemuck::cast(self.to_u64() as $Word)
            }
        })+
    };
}

stored_in_word!(KoalaBear u32; BabyBear u32; Goldilocks u64;);

/// The form of the elements of an array: the argument `form`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Canonical,
    Montgomery,
}

/// Below this many elements a pass over them is not worth the threads.
const SERIAL: usize = 1 << 13;

impl Form {
    pub(crate) fn named(name: &str) -> Result<Self> {
        match name {
            "canonical" => Ok(Self::Canonical),
            "montgomery" => Ok(Self::Montgomery),
            _ => Err(Failure::argument(format!(
                "form: \"canonical\" or \"montgomery\" is needed, not {name:?}"
            ))),
        }
    }

    /// Refuses elements that are not below the modulus. Parallel.
    pub(crate) fn check<F: Stored>(self, name: &str, elements: &[F]) -> Result<()> {
        let refused = |element: &F| match self {
            Self::Canonical => !F::is_canonical(element),
            Self::Montgomery => !element.is_reduced(),
        };
        let elements = elements.par_iter().with_min_len(SERIAL);
        match elements.position_first(refused) {
            None => Ok(()),
            Some(i) => Err(Failure::argument(format!(
                "{name}: element {i} is not below the modulus {} of {}",
                F::MODULUS_NAME,
                F::NAME
            ))),
        }
    }

    /// Turns words of this form, which were checked, into elements, in place. Parallel.
    pub(crate) fn decode<F: Stored>(self, elements: &mut [F]) {
        if self == Self::Canonical {
            let elements = elements.par_iter_mut().with_min_len(SERIAL);
            elements.for_each(|element| *element = F::from_words(*element));
        }
    }

    /// Turns elements into words of this form, in place. Parallel.
    pub(crate) fn encode<F: Stored>(self, elements: &mut [F]) {
        if self == Self::Canonical {
            let elements = elements.par_iter_mut().with_min_len(SERIAL);
            elements.for_each(|element| *element = element.to_words());
        }
    }
}

/// An array that is read, of any shape.
pub(crate) struct Input<'py, W: Element> {
    array: PyReadonlyArrayDyn<'py, W>,
    name: &'static str,
}

/// An array that is read and written, of any shape.
pub(crate) struct Output<'py, W: Element> {
    array: PyReadwriteArrayDyn<'py, W>,
}

impl<'py, W: Element> Input<'py, W> {
    /// The argument `name`, if it is an array of `W`.
    pub(crate) fn new(name: &'static str, object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let array = typed::<W>(name, object)?;
        let array = array.try_readonly().map_err(|_| {
            Failure::argument(format!("{name}: another call is writing to this array"))
        })?;
        Ok(Self { array, name })
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// The shape without the last dimensions, which must be `inner`.
    pub(crate) fn outer(&self, inner: &[usize]) -> Result<&[usize]> {
        outer(self.name, self.shape(), inner)
    }

    /// All words, row after row.
    pub(crate) fn words(&self) -> Result<&[W]> {
        if !self.array.is_c_contiguous() {
            return Err(not_contiguous(self.name));
        }
        self.array.as_slice().map_err(|_| misaligned(self.name))
    }

    /// All words of an array that is stored column by column.
    pub(crate) fn words_by_column(&self) -> Option<&[W]> {
        let array = &self.array;
        (array.is_fortran_contiguous() && !array.is_c_contiguous())
            .then(|| array.as_slice().ok())
            .flatten()
    }
}

impl<W: Element + bytemuck::Pod> Input<'_, W> {
    /// All elements, whose last dimensions must be those of one; not checked for being below the modulus.
    pub(crate) fn elements<F: Stored<Word = W>>(&self) -> Result<&[F]> {
        self.outer(F::DIMENSIONS)?;
        Ok(bytemuck::cast_slice(self.words()?))
    }
}

impl<'py, W: Element> Output<'py, W> {
    /// The argument `name`, if it is a contiguous array of `W` that can be written.
    pub(crate) fn new(name: &'static str, object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let array = typed::<W>(name, object)?;
        let mut array = array.try_readwrite().map_err(|error| {
            Failure::argument(match error {
                BorrowError::NotWriteable => format!("{name}: the array is read-only"),
                _ => format!(
                    "{name}: the array overlaps another argument, or another call is using it"
                ),
            })
        })?;
        if !array.is_c_contiguous() {
            return Err(not_contiguous(name).into());
        }
        array.as_slice_mut().map_err(|_| misaligned(name))?;
        Ok(Self { array })
    }

    /// A new array of zeros.
    pub(crate) fn zeros(py: Python<'py>, shape: &[usize]) -> PyResult<Self> {
        require_room::<W>(shape)?;
        Ok(Self {
            array: PyArrayDyn::zeros(py, shape, false).readwrite(),
        })
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.array.shape()
    }

    /// All words, row after row.
    pub(crate) fn words(&mut self) -> &mut [W] {
        self.array
            .as_slice_mut()
            .expect("contiguous, as every output is checked for")
    }

    pub(crate) fn into_array(self) -> Bound<'py, PyArrayDyn<W>> {
        (**self.array).clone()
    }
}

/// Refuses a shape that this process cannot allocate, where NumPy's C interface would end in a panic.
pub(crate) fn require_room<W>(shape: &[usize]) -> Result<()> {
    let bytes = shape
        .iter()
        .try_fold(size_of::<W>(), |bytes, &len| bytes.checked_mul(len));
    let can = |bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    match bytes {
        Some(bytes) if can(bytes) => Ok(()),
        _ => Err(Failure::Memory(format!(
            "this process cannot have memory for an array of shape {shape:?}"
        ))),
    }
}

/// A new array of these words.
pub(crate) fn array<'py, W: Element>(
    py: Python<'py>,
    words: Vec<W>,
    shape: &[usize],
) -> PyResult<Bound<'py, PyArrayDyn<W>>> {
    numpy::PyArray1::from_vec(py, words).reshape(shape)
}

/// The shape without the last dimensions, which must be `inner`.
fn outer<'a>(name: &str, shape: &'a [usize], inner: &[usize]) -> Result<&'a [usize]> {
    let at = shape.len().checked_sub(inner.len());
    match at {
        Some(at) if shape[at..] == *inner => Ok(&shape[..at]),
        _ => {
            let inner: Vec<String> = inner.iter().map(|len| format!(", {len}")).collect();
            Err(Failure::argument(format!(
                "{name}: an array of shape (..{}) is needed, not {}",
                inner.concat(),
                tuple(shape)
            )))
        }
    }
}

/// A shape as Python writes it.
pub(crate) fn tuple(shape: &[usize]) -> String {
    match shape {
        [len] => format!("({len},)"),
        _ => {
            let lens: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("({})", lens.join(", "))
        }
    }
}

fn not_contiguous(name: &str) -> Failure {
    Failure::argument(format!(
        "{name}: the array is not C-contiguous, with row after row in memory; numpy.ascontiguousarray \
         makes a copy that is"
    ))
}

fn misaligned(name: &str) -> Failure {
    Failure::argument(format!(
        "{name}: the array is misaligned; numpy.require(.., requirements=\"A\") makes a copy that is not"
    ))
}

/// `object` as an array of `W`, or why it is none.
fn typed<'py, W: Element>(
    name: &str,
    object: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArrayDyn<W>>> {
    let wanted = numpy::dtype::<W>(object.py());
    let Ok(array) = object.cast::<PyUntypedArray>() else {
        return Err(Failure::of_type(format!(
            "{name}: a NumPy array of {wanted} is needed, not {}",
            described(object)?
        ))
        .into());
    };
    match array.cast::<PyArrayDyn<W>>() {
        Ok(array) => Ok(array.clone()),
        Err(_) => Err(Failure::of_type(format!(
            "{name}: an array of dtype {wanted} is needed, not {}",
            dtype_name(array)?
        ))
        .into()),
    }
}

fn dtype_name(array: &Bound<'_, PyUntypedArray>) -> PyResult<String> {
    let dtype = array.dtype();
    // "uint64" of the other byte order would read as if it were the right one.
    if dtype.byteorder() == b'>' {
        return Ok(format!("{} of big-endian words", dtype.str()?));
    }
    Ok(dtype.str()?.to_string())
}

/// What an argument is that is no array of NumPy's.
fn described(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let class = object.get_type().fully_qualified_name()?;
    if let Ok(place) = object.call_method0("__dlpack_device__")
        && let Ok((kind, ordinal)) = place.extract::<(i32, i32)>()
        && kind != CPU
    {
        return Ok(format!(
            "{class} on device {ordinal} of DLPack's kind {kind}: copy it to the host first"
        ));
    }
    if object.hasattr("__cuda_array_interface__")? {
        return Ok(format!("{class} on a GPU: copy it to the host first"));
    }
    if object.hasattr("__array__")? || object.hasattr("__dlpack__")? {
        return Ok(format!(
            "{class}: numpy.asarray or numpy.from_dlpack shows it as an array without a copy"
        ));
    }
    Ok(class.to_string())
}

/// The processor's memory, in DLPack's numbers.
const CPU: i32 = 1;
