//! What `python/zkiln/bench.py` measures by itself.

use pyo3::prelude::*;
use zkiln::field::product_nanoseconds;

use crate::errors::Failure;
use crate::work;

/// Nanoseconds for each product of elements of Fr while all threads multiply.
#[pyfunction]
fn _product_nanoseconds(py: Python<'_>) -> PyResult<f64> {
    work::run(py, || Ok::<_, Failure>(product_nanoseconds()))
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(_product_nanoseconds, m)?)
}
