//! What is proven.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zkiln::field::small::{Goldilocks, SmallField};
use zkiln::statement::{STATEMENT_WORDS, StatementV1, Word, statement_limbs};

use super::word::{bytes, element, number, word};
use crate::errors::Failure;
use crate::fields::PyFr;
use crate::groth16::{PyPublicInputs, given_witness};
use crate::work;

/// A statement: this program takes the state pre_root by the batch to post_root, proven for this request on this chain, to
/// be paid to this payee.
///
/// Words are 32 bytes, "0x" and 64 lower-case digits, or integers below 2**256; numbers are integers below 2**64, the last item
/// not before the first; states and the batch are elements: Fr, or words below r. Aliases are refused.
///
/// >>> from zkiln import statement
/// >>> s = statement.StatementV1(program=statement.keccak(b"counter"), parameters=15, chain_id=1, context=0,
/// ...     request=7, first_seq=100, last_seq=114, pre_root=1000, post_root=2000, batch=3, payee=0)
/// >>> len(s.words), list(s.signals)[2:] == [1000, 2000, 3, 100, 114]
/// (12, True)
/// >>> s.digest == statement.keccak(b"".join(s.words))
/// True
#[pyclass(module = "zkiln.statement", name = "StatementV1", frozen, eq, hash)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct PyStatementV1(pub(crate) StatementV1);

#[pymethods]
impl PyStatementV1 {
    #[new]
    #[pyo3(signature = (
        *, program, parameters, chain_id, context, request, first_seq, last_seq, pre_root, post_root, batch, payee
    ))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        program: &Bound<'_, PyAny>,
        parameters: &Bound<'_, PyAny>,
        chain_id: &Bound<'_, PyAny>,
        context: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
        first_seq: &Bound<'_, PyAny>,
        last_seq: &Bound<'_, PyAny>,
        pre_root: &Bound<'_, PyAny>,
        post_root: &Bound<'_, PyAny>,
        batch: &Bound<'_, PyAny>,
        payee: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let statement = StatementV1 {
            program: word("program", program)?,
            parameters: word("parameters", parameters)?,
            chain_id: number("chain_id", chain_id)?,
            context: word("context", context)?,
            request: word("request", request)?,
            first_seq: number("first_seq", first_seq)?,
            last_seq: number("last_seq", last_seq)?,
            pre_root: element("pre_root", pre_root)?,
            post_root: element("post_root", post_root)?,
            batch: element("batch", batch)?,
            payee: word("payee", payee)?,
        };
        Self::of_words(&statement.words())
    }

    /// The statement of its twelve words. Raises MalformedError, which names the word: another tag, a number or an element
    /// that is too large.
    #[staticmethod]
    #[pyo3(signature = (words, /))]
    fn from_words(words: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let count = words.len();
        let words: Vec<Word> = (words.iter())
            .map(|value| word("words", value))
            .collect::<PyResult<_>>()?;
        let words: [Word; STATEMENT_WORDS] = words.try_into().map_err(|_| {
            Failure::argument(format!(
                "words: {count}, where a statement has {STATEMENT_WORDS}"
            ))
        })?;
        Self::of_words(&words)
    }

    /// Reads a JSON object of the fields: words as "0x" and 64 digits, numbers as decimal strings. There is no other
    /// spelling.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let statement = StatementV1::from_json(text, "statement");
        Ok(Self(statement.map_err(Failure::from)?))
    }

    /// Reads a file of this JSON.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::alone(py, || StatementV1::open(path)).map(Self)
    }

    /// The JSON object of the fields.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The same with other values of some fields.
    #[pyo3(signature = (**fields))]
    fn replace<'py>(
        slf: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let s = &slf.get().0;
        let all = PyDict::new(py);
        for (name, word) in NAMES.iter().zip(&s.words()[1..]) {
            match word.to_u64() {
                Some(number) => all.set_item(name, number)?,
                None => all.set_item(name, bytes(py, word))?,
            }
        }
        if let Some(fields) = fields {
            all.update(fields.as_mapping())?;
        }
        slf.get_type().call((), Some(&all))
    }

    /// The words: the tag, then the fields in order.
    #[getter]
    fn words<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.0.words().iter().map(|word| bytes(py, word)).collect()
    }

    /// Keccak-256 of the words: keccak256(abi.encode(..)) in Solidity.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.digest())
    }

    /// The seven public signals of a circuit that carries the statement: the high and the low half of the digest, pre_root,
    /// post_root, batch, first_seq, last_seq.
    #[getter]
    fn signals(&self) -> PyPublicInputs {
        PyPublicInputs(self.0.signals().to_vec().into())
    }

    /// The public values of a STARK's constraints that carry the statement: 72 limbs of 16 bits, those of the digest,
    /// pre_root, post_root, batch, first_seq, last_seq.
    #[getter]
    fn limbs(&self) -> Vec<u64> {
        let limbs = statement_limbs::<Goldilocks>(&self.0);
        limbs.iter().map(SmallField::to_u64).collect()
    }

    /// Requires the public signals of a witness to carry the statement, and raises PublicInputsError with the first that
    /// does not.
    fn check_witness(&self, py: Python<'_>, witness: &Bound<'_, PyAny>) -> PyResult<()> {
        let witness = given_witness(py, witness)?;
        let checked = zkiln::statement::check_witness(&self.0, &witness);
        Ok(checked.map_err(Failure::from)?)
    }

    /// The program that makes the transition.
    #[getter]
    fn program<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.program)
    }

    /// The program's parameters, as it says.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.parameters)
    }

    /// The chain.
    #[getter]
    fn chain_id(&self) -> u64 {
        self.0.chain_id
    }

    /// The contract that settles, or what else tells two uses on one chain apart.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.context)
    }

    /// The request that is answered.
    #[getter]
    fn request<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.request)
    }

    /// The number of the batch's first item.
    #[getter]
    fn first_seq(&self) -> u64 {
        self.0.first_seq
    }

    /// The number of the batch's last item.
    #[getter]
    fn last_seq(&self) -> u64 {
        self.0.last_seq
    }

    /// The state before.
    #[getter]
    fn pre_root(&self) -> PyFr {
        PyFr(self.0.pre_root)
    }

    /// The state after.
    #[getter]
    fn post_root(&self) -> PyFr {
        PyFr(self.0.post_root)
    }

    /// A commitment to the batch.
    #[getter]
    fn batch(&self) -> PyFr {
        PyFr(self.0.batch)
    }

    /// Who is to be paid for the proof.
    #[getter]
    fn payee<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.payee)
    }

    /// Pickles as its words.
    #[allow(clippy::type_complexity, reason = "what pickle asks for")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Vec<Bound<'py, PyBytes>>,))> {
        let read = slf.get_type().getattr("from_words")?;
        Ok((read, (slf.get().words(slf.py()),)))
    }

    fn __repr__(&self) -> String {
        format!(
            "<StatementV1 of items {} to {}, digest {}>",
            self.0.first_seq,
            self.0.last_seq,
            self.0.digest()
        )
    }
}

/// The fields, in the order of the words after the tag.
const NAMES: [&str; STATEMENT_WORDS - 1] = [
    "program",
    "parameters",
    "chain_id",
    "context",
    "request",
    "first_seq",
    "last_seq",
    "pre_root",
    "post_root",
    "batch",
    "payee",
];

impl PyStatementV1 {
    fn of_words(words: &[Word; STATEMENT_WORDS]) -> PyResult<Self> {
        let statement = StatementV1::from_words(words, "statement");
        Ok(Self(statement.map_err(Failure::from)?))
    }
}
