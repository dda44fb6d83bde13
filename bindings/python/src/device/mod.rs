//! Arrays in a device's memory, ours and those of other libraries.
//!
//! An array of ours is complete: whoever makes one waits until it is. So nobody who is handed one has to wait for
//! a stream of ours. What other libraries do with their views of it, on streams that we do not know, is waited
//! for before we use the array again, and before it is freed.

mod dlpack;
mod ntt;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use numpy::{PyArrayDescr, PyUntypedArray, dtype};
use pyo3::exceptions::{PyAttributeError, PyBufferError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use zkiln::backend::{Backend, Buffer, Device, Kind, Slice, SliceMut, Stream};

use crate::arrays::{self, tuple};
use crate::errors::{Failure, Result};
use crate::machine;
use crate::process::Handle;
use crate::work;
use dlpack::Foreign;

pub(crate) use ntt::transform;

/// An element: four words of 64 bits, the lowest first.
type Element = [u64; 4];

/// The device of a backend, if it is one.
pub(crate) fn of(backend: &Backend) -> Option<&Device> {
    match backend {
        Backend::Device(device) => Some(device),
        _ => None,
    }
}

/// What a device is called.
fn name(device: &Device) -> String {
    let info = device.info();
    match info.kind {
        Kind::Nvidia => format!("cuda:{}", info.ordinal),
        Kind::Emulator => "emulator".into(),
    }
}

/// Memory of a device, shared with whoever has a view of it.
struct Memory {
    buffer: RwLock<Buffer<Element>>,
    /// Whether another library may have a view.
    is_shared: AtomicBool,
}

impl Memory {
    /// Of a buffer on which nothing is at work.
    fn new(buffer: Buffer<Element>) -> Self {
        Self {
            buffer: RwLock::new(buffer),
            is_shared: AtomicBool::new(false),
        }
    }

    fn read<R>(&self, work: impl FnOnce(&Buffer<Element>) -> Result<R>) -> Result<R> {
        let buffer = self.buffer.read().unwrap_or_else(PoisonError::into_inner);
        self.settle(&buffer)?;
        work(&buffer)
    }

    fn write<R>(&self, work: impl FnOnce(&mut Buffer<Element>) -> Result<R>) -> Result<R> {
        let mut buffer = self.buffer.write().unwrap_or_else(PoisonError::into_inner);
        self.settle(&buffer)?;
        work(&mut buffer)
    }

    /// Waits for what other libraries do with it.
    fn settle(&self, buffer: &Buffer<Element>) -> Result<()> {
        if self.is_shared.load(Ordering::Acquire) {
            buffer
                .stream()
                .device()
                .synchronize()
                .map_err(device_failure)?;
        }
        Ok(())
    }

    /// The address, from now on shared.
    fn share(&self) -> u64 {
        self.is_shared.store(true, Ordering::Release);
        let buffer = self.buffer.read().unwrap_or_else(PoisonError::into_inner);
        buffer.address()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // A failure is told to whoever waits for a result.
        let _ = self.read(|_| Ok(()));
    }
}

/// A failure of the device, as the library tells it.
fn device_failure(error: impl Into<zkiln::Error>) -> Failure {
    Failure::Library(error.into())
}

/// An array of field elements in a device's memory, of shape (.., 4) and dtype uint64 as those of NumPy that this
/// package takes.
///
/// It is a copy of an array of NumPy, or of any library that speaks DLPack, on a GPU ("cuda", "cuda:1") or on the
/// emulator ("emulator"). CuPy, PyTorch and others see it where it is, by their from_dlpack or by
/// __cuda_array_interface__. The emulator's memory is the host's, so there NumPy does too:
///
/// >>> import numpy as np, zkiln
/// >>> array = zkiln.DeviceArray(np.ones((2, 4), dtype=np.uint64), "emulator")  # doctest: +SKIP
/// >>> np.from_dlpack(array).shape  # doctest: +SKIP
/// (2, 4)
#[pyclass(module = "zkiln", name = "DeviceArray", frozen)]
pub(crate) struct PyDeviceArray {
    memory: Handle<Memory>,
    shape: Vec<usize>,
    device: Device,
}

impl PyDeviceArray {
    /// Of a buffer on which nothing is at work.
    fn of(buffer: Buffer<Element>, shape: Vec<usize>) -> Self {
        let device = buffer.stream().device().clone();
        Self {
            memory: Handle::new("this DeviceArray", Memory::new(buffer)),
            shape,
            device,
        }
    }

    /// A copy on the same device.
    fn duplicate(&self, py: Python<'_>) -> PyResult<Self> {
        let memory = self.memory.get()?;
        let copy = work::alone(py, || {
            memory.read(|buffer| copied(buffer.as_slice(), buffer.stream()))
        })?;
        Ok(Self::of(copy, self.shape.clone()))
    }

    fn dlpack_device(&self) -> dlpack::Device {
        let info = self.device.info();
        let kind = match info.kind {
            Kind::Nvidia => dlpack::CUDA,
            Kind::Emulator => dlpack::CPU,
        };
        dlpack::Device {
            kind,
            number: info.ordinal as i32,
        }
    }

    fn is_elsewhere(&self) -> String {
        format!(
            "this array is on {}: numpy() copies it to the host",
            name(&self.device)
        )
    }
}

fn copied(source: Slice<'_, Element>, stream: &Stream) -> Result<Buffer<Element>> {
    let mut copy = stream.alloc(source.len()).map_err(device_failure)?;
    let copying = stream.copy(copy.as_mut_slice(), source);
    copying
        .and_then(|()| stream.synchronize())
        .map_err(device_failure)?;
    Ok(copy)
}

fn uploaded(device: &Device, words: &[u64]) -> Result<Buffer<Element>> {
    let stream = device.stream().map_err(device_failure)?;
    let buffer = stream
        .upload(bytemuck::cast_slice(words))
        .map_err(device_failure)?;
    stream.synchronize().map_err(device_failure)?;
    Ok(buffer)
}

#[pymethods]
impl PyDeviceArray {
    #[new]
    #[pyo3(signature = (array, device))]
    fn new(py: Python<'_>, array: &Bound<'_, PyAny>, device: &str) -> PyResult<Self> {
        let Backend::Device(device) = machine::named(py, device)? else {
            return Err(Failure::argument(format!(
                "device: {device:?} is this machine's processor, whose arrays are NumPy's: \
                 \"cuda\", \"cuda:1\" or \"emulator\" is needed"
            ))
            .into());
        };
        const NAME: &str = "array";
        if let Some(input) = Input::find(NAME, array, Some(&device))? {
            let copy = work::alone(py, || input.read(copied))?;
            return Ok(Self::of(copy, input.shape().to_vec()));
        }
        let is_numpy = array.is_instance_of::<PyUntypedArray>();
        if !is_numpy && dlpack::device_of(array)?.is_some() {
            let foreign = Foreign::take(NAME, array, None)?;
            let shape = element_shape(NAME, foreign.shape())?;
            // SAFETY: in the host's memory, or `Input::find` would have taken or refused it.
            let words = unsafe { foreign.words() };
            return Ok(Self::of(
                work::alone(py, || uploaded(&device, words))?,
                shape,
            ));
        }
        let input = arrays::Input::<u64>::new(NAME, array)?;
        let shape = element_shape(NAME, input.shape())?;
        let words = input.words()?;
        Ok(Self::of(
            work::alone(py, || uploaded(&device, words))?,
            shape,
        ))
    }

    /// The lengths of the dimensions; the last is 4.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.shape)
    }

    /// The number of dimensions.
    #[getter]
    fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// The number of bytes.
    #[getter]
    fn nbytes(&self) -> usize {
        size_of::<u64>() * self.shape.iter().product::<usize>()
    }

    /// numpy.dtype("uint64").
    #[getter]
    fn dtype<'py>(&self, py: Python<'py>) -> Bound<'py, PyArrayDescr> {
        dtype::<u64>(py)
    }

    /// Where it is: "cuda:0", or "emulator".
    #[getter]
    fn device(&self) -> String {
        name(&self.device)
    }

    fn __len__(&self) -> usize {
        self.shape[0]
    }

    /// A copy in the host's memory.
    fn numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let memory = self.memory.get()?;
        let mut output = arrays::Output::<u64>::zeros(py, &self.shape)?;
        let words = bytemuck::cast_slice_mut(output.words());
        work::alone(py, || {
            memory.read(|buffer| {
                let read = buffer.stream().read(buffer.as_slice(), words);
                read.map_err(device_failure)
            })
        })?;
        Ok(output.into_array().into_any())
    }

    /// A copy on the same device.
    fn copy(&self, py: Python<'_>) -> PyResult<Self> {
        self.duplicate(py)
    }

    /// Gives the memory back, as soon as nobody else has a view of it. Later calls raise ClosedError.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.memory.close());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!(
            "<DeviceArray of shape {} on {}>",
            tuple(&self.shape),
            self.device()
        )
    }

    /// Refused: NumPy would copy the array without being asked to.
    #[pyo3(signature = (*_args, **_kwargs))]
    fn __array__(
        &self,
        _args: &Bound<'_, PyTuple>,
        _kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        Err(Failure::of_type(self.is_elsewhere()).into())
    }

    /// The kind and the number of the device, as DLPack has them.
    fn __dlpack_device__(&self) -> (i32, i32) {
        let device = self.dlpack_device();
        (device.kind, device.number)
    }

    /// A capsule for from_dlpack of another library, which then reads and writes this array. The array is complete, so
    /// no stream has to wait for it.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<i64>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let device = self.dlpack_device();
        if let Some(number) = stream
            && (device.kind == dlpack::CPU || number == 0 || number < -1)
        {
            return Err(Failure::argument(format!(
                "stream: {number} is no stream for an array on {}: None is one and, for CUDA, -1, 1, 2 and \
                 handles are",
                self.device()
            ))
            .into());
        }
        if dl_device.is_some_and(|wanted| wanted != (device.kind, device.number)) {
            return Err(PyBufferError::new_err(self.is_elsewhere()));
        }
        let is_copied = copy == Some(true);
        let memory = match is_copied {
            true => self.duplicate(py)?.memory.get()?,
            false => self.memory.get()?,
        };
        let export = dlpack::Export {
            address: memory.share(),
            device,
            shape: &self.shape,
            is_copied,
        };
        let is_versioned = max_version.is_some_and(|(major, _)| major >= 1);
        export.capsule(py, Box::new(memory), is_versioned)
    }

    /// The array as CuPy, Numba and PyTorch read it; only on CUDA.
    #[getter]
    fn __cuda_array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if self.device.info().kind != Kind::Nvidia {
            return Err(PyAttributeError::new_err(format!(
                "an array on {} has no __cuda_array_interface__",
                self.device()
            )));
        }
        let interface = PyDict::new(py);
        interface.set_item("shape", self.shape(py)?)?;
        interface.set_item("typestr", "<u8")?;
        interface.set_item("data", (self.memory.get()?.share(), false))?;
        interface.set_item("strides", py.None())?;
        interface.set_item("version", 3)?;
        interface.set_item("stream", py.None())?;
        Ok(interface)
    }
}

/// An argument that is in the memory of the device that is to use it.
pub(crate) struct Input(Place);

enum Place {
    /// An array of ours.
    Own(Arc<Memory>, Vec<usize>),
    /// An array of another library, which is kept as long as the buffer.
    Foreign(RwLock<Buffer<Element>>, Foreign),
}

impl Input {
    /// The argument, called `name_of` in errors, if it is an array on `device`; none if it is on the host. Without a
    /// device the processor is to use it.
    ///
    /// # Errors
    /// For an array that is anywhere else, and one that is no array of elements.
    pub(crate) fn find(
        name_of: &str,
        object: &Bound<'_, PyAny>,
        device: Option<&Device>,
    ) -> PyResult<Option<Self>> {
        let here = device.map_or("the processor".into(), name);
        let elsewhere = |place: String| {
            Err(Failure::argument(format!(
                "{name_of}: the array is on {place}, and this is for {here}: copy it there first"
            ))
            .into())
        };
        if object.is_instance_of::<PyUntypedArray>() {
            return Ok(None);
        }
        if let Ok(array) = object.cast::<PyDeviceArray>() {
            let array = array.get();
            if device != Some(&array.device) {
                return elsewhere(array.device());
            }
            return Ok(Some(Self(Place::Own(
                array.memory.get()?,
                array.shape.clone(),
            ))));
        }
        let gpu = device.filter(|device| device.info().kind == Kind::Nvidia);
        if let Some(at) = dlpack::device_of(object)? {
            return match (at.kind, gpu) {
                (dlpack::CPU | dlpack::CUDA_HOST, _) => Ok(None),
                (dlpack::CUDA, Some(gpu)) if at.number as usize == gpu.info().ordinal => {
                    let stream = gpu.stream().map_err(device_failure)?;
                    let foreign = Foreign::take(name_of, object, Some(stream.as_raw()))?;
                    Self::foreign(name_of, foreign, &stream).map(Some)
                }
                (dlpack::CUDA, _) => elsewhere(format!("cuda:{}", at.number)),
                (kind, _) => elsewhere(format!("a device of DLPack's kind {kind}")),
            };
        }
        let Some(interface) = object.getattr_opt("__cuda_array_interface__")? else {
            return Ok(None);
        };
        // It does not say which GPU it is of.
        match gpu {
            Some(gpu) if Device::nvidia_count().is_ok_and(|count| count == 1) => {
                let stream = gpu.stream().map_err(device_failure)?;
                // What its owner has queued, on whatever stream.
                gpu.synchronize().map_err(device_failure)?;
                let foreign = Foreign::of_interface(name_of, object, &interface)?;
                Self::foreign(name_of, foreign, &stream).map(Some)
            }
            Some(_) => Err(Failure::argument(format!(
                "{name_of}: __cuda_array_interface__ does not say which GPU the array is on, and there are \
                 several: hand over something that has __dlpack__"
            ))
            .into()),
            None => elsewhere("a CUDA device".into()),
        }
    }

    fn foreign(name_of: &str, foreign: Foreign, stream: &Stream) -> PyResult<Self> {
        let shape = element_shape(name_of, foreign.shape())?;
        let elements = shape.iter().product::<usize>() / 4;
        // SAFETY: an array of so many elements on the stream's device, by the protocol that it came by. The
        // protocol has also made it complete for this stream; it is kept until the buffer is dropped, for it comes
        // after it, and whoever reads or writes the buffer waits for the end.
        let buffer = unsafe { Buffer::from_raw(stream, foreign.address(), elements) };
        let buffer = buffer.map_err(device_failure)?;
        Ok(Self(Place::Foreign(RwLock::new(buffer), foreign)))
    }

    /// The lengths of the dimensions; the last is 4.
    pub(crate) fn shape(&self) -> &[usize] {
        match &self.0 {
            Place::Own(_, shape) => shape,
            Place::Foreign(_, foreign) => foreign.shape(),
        }
    }

    /// Reads the elements, on a stream that goes with them. `work` must not return before its work is done.
    pub(crate) fn read<R>(
        &self,
        work: impl FnOnce(Slice<'_, Element>, &Stream) -> Result<R>,
    ) -> Result<R> {
        let work = |buffer: &Buffer<Element>| work(buffer.as_slice(), buffer.stream());
        match &self.0 {
            Place::Own(memory, _) => memory.read(work),
            Place::Foreign(buffer, _) => {
                work(&buffer.read().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }

    /// Changes the elements, likewise.
    ///
    /// # Errors
    /// [`Failure::Argument`] for an array of which its owner says that it must not be changed; those of `work`.
    pub(crate) fn write<R>(
        &self,
        work: impl FnOnce(SliceMut<'_, Element>, &Stream) -> Result<R>,
    ) -> Result<R> {
        let work = |buffer: &mut Buffer<Element>| {
            let stream = buffer.stream().clone();
            work(buffer.as_mut_slice(), &stream)
        };
        match &self.0 {
            Place::Own(memory, _) => memory.write(work),
            Place::Foreign(_, foreign) if foreign.is_read_only() => {
                Err(Failure::argument("out: the array is read-only"))
            }
            Place::Foreign(buffer, _) => {
                work(&mut buffer.write().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

/// The shape of an array of elements.
fn element_shape(name_of: &str, shape: &[usize]) -> PyResult<Vec<usize>> {
    match shape {
        [_, .., 4] => Ok(shape.to_vec()),
        _ => Err(Failure::argument(format!(
            "{name_of}: an array of shape (.., 4) is needed, not {}",
            tuple(shape)
        ))
        .into()),
    }
}

/// Adds what is here to the module.
pub(crate) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<PyDeviceArray>()
}
