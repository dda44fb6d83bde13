//! How many independent proofs it takes.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zkiln::statement::{LaneInfo, Part, PayeeRule, Policy, Word};

use super::lane::{given_info, names};
use super::word::{bytes, word};
use crate::errors::Failure;

/// Which sets of valid proofs are enough: threshold lanes, each two of which are independent. Two lanes are if their classes
/// differ, and they share neither key nor any phase of a setup nor any part of deny_shared ("circuit", "verifier"), nor are a
/// pair of denied. One at least is a proof. All lanes of required must be there.
///
/// Attestations and keys for development have no weight unless count_attestations and count_development say so. payees is
/// "one", if all segments of a range must pay the same, or "each". zero_knowledge refuses lanes whose proofs tell of the witness.
///
/// >>> from zkiln.statement import Policy
/// >>> policy = Policy(2, deny_shared=["circuit"])
/// >>> policy.threshold, policy.deny_shared, len(policy.hash)
/// (2, ['circuit'], 32)
#[pyclass(module = "zkiln.statement", name = "Policy", frozen, eq)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PyPolicy(pub(super) Policy);

#[pymethods]
impl PyPolicy {
    #[new]
    #[pyo3(signature = (
        threshold, *, required=vec![], denied=vec![], deny_shared=vec![], count_attestations=false,
        count_development=false, payees="one", zero_knowledge=false
    ))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        threshold: u32,
        required: Vec<Bound<'_, PyAny>>,
        denied: Vec<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
        deny_shared: Vec<String>,
        count_attestations: bool,
        count_development: bool,
        payees: &str,
        zero_knowledge: bool,
    ) -> PyResult<Self> {
        let mut policy = Policy {
            required: (required.iter())
                .map(|id| word("required", id))
                .collect::<PyResult<_>>()?,
            denied: (denied.iter())
                .map(|(a, b)| sorted_pair(word("denied", a)?, word("denied", b)?))
                .collect::<PyResult<_>>()?,
            deny_shared: (deny_shared.iter())
                .map(|name| part(name))
                .collect::<PyResult<_>>()?,
            count_attestations,
            count_development,
            zero_knowledge,
            payees: match payees {
                "one" => PayeeRule::One,
                "each" => PayeeRule::Each,
                _ => {
                    return Err(Failure::argument(format!(
                        "payees: \"one\" or \"each\" is needed, not {payees:?}"
                    ))
                    .into());
                }
            },
            threshold,
        };
        // The one spelling that there is of a policy.
        policy.required.sort();
        policy.required.dedup();
        policy.denied.sort();
        policy.denied.dedup();
        policy.deny_shared.sort();
        policy.deny_shared.dedup();
        policy.check().map_err(Failure::from)?;
        Ok(Self(policy))
    }

    /// The number of independent lanes that it takes.
    #[getter]
    fn threshold(&self) -> u32 {
        self.0.threshold
    }

    /// The ids of lanes without which nothing is enough.
    #[getter]
    fn required<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.0.required.iter().map(|id| bytes(py, id)).collect()
    }

    /// Pairs of ids of lanes that never count as two.
    #[getter]
    #[allow(clippy::type_complexity, reason = "a list of pairs")]
    fn denied<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let pairs = self.0.denied.iter();
        pairs.map(|[a, b]| (bytes(py, a), bytes(py, b))).collect()
    }

    /// What two lanes that count as two may not share, beside class, key and setup.
    #[getter]
    fn deny_shared(&self) -> Vec<String> {
        names(&self.0.deny_shared)
    }

    /// Whether attestations have weight.
    #[getter]
    fn count_attestations(&self) -> bool {
        self.0.count_attestations
    }

    /// Whether keys that one machine made have weight.
    #[getter]
    fn count_development(&self) -> bool {
        self.0.count_development
    }

    /// Whom the segments of a range pay: "one" or "each".
    #[getter]
    fn payees(&self) -> &'static str {
        match self.0.payees {
            PayeeRule::One => "one",
            PayeeRule::Each => "each",
        }
    }

    /// Whether lanes are refused whose proofs tell of the witness.
    #[getter]
    fn zero_knowledge(&self) -> bool {
        self.0.zero_knowledge
    }

    /// Keccak-256 of the policy in JSON without spaces.
    #[getter]
    fn hash<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        bytes(py, &self.0.hash())
    }

    /// Whether two lanes, or what they say of themselves, count as two.
    fn are_independent(&self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.0.are_independent(&given_info(a)?, &given_info(b)?))
    }

    /// The ids of a largest set of independent lanes among these, all of which have a valid proof. Raises RefusedError if it
    /// is smaller than the threshold, or a required lane is missing.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        lanes: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let lanes: Vec<LaneInfo> = (lanes.iter())
            .map(|lane| Ok(given_info(lane)?))
            .collect::<PyResult<_>>()?;
        let counted = self.0.evaluate(&lanes.iter().collect::<Vec<_>>());
        let counted = counted.map_err(Failure::from)?;
        Ok(counted.iter().map(|id| bytes(py, id)).collect())
    }

    fn __hash__(&self) -> u64 {
        u64::from_le_bytes(*self.0.hash().0.first_chunk().expect("32 bytes"))
    }

    fn __repr__(&self) -> String {
        format!("<Policy of {} independent lanes>", self.0.threshold)
    }
}

fn sorted_pair(a: Word, b: Word) -> PyResult<[Word; 2]> {
    let mut pair = [a, b];
    pair.sort();
    Ok(pair)
}

fn part(name: &str) -> PyResult<Part> {
    let parts = [
        Part::Assumption,
        Part::Setup,
        Part::Key,
        Part::Circuit,
        Part::Verifier,
    ];
    let part = parts.into_iter().find(|part| part.to_string() == name);
    Ok(part.ok_or_else(|| {
        Failure::argument(format!(
            "deny_shared: {name:?} is none of assumption, setup, key, circuit, verifier"
        ))
    })?)
}
