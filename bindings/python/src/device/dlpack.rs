//! DLPack: arrays from library to library, without a copy.
//!
//! A capsule holds a tensor: an address on a device, a shape and a type, with a function that says that it is
//! no longer needed. The structs are those of `dlpack.h` 1.0, of which capsules called `dltensor_versioned`
//! have the newer one.

use std::ffi::{CStr, c_void};
use std::ptr::{self, NonNull};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::tuple;
use crate::errors::Failure;

/// The name of a capsule, and what it is called once somebody has taken the tensor.
const PLAIN: [&CStr; 2] = [c"dltensor", c"used_dltensor"];
const VERSIONED: [&CStr; 2] = [c"dltensor_versioned", c"used_dltensor_versioned"];

/// kDLCPU, kDLCUDA, kDLCUDAHost.
pub(super) const CPU: i32 = 1;
pub(super) const CUDA: i32 = 2;
pub(super) const CUDA_HOST: i32 = 3;

/// kDLInt, kDLUInt.
const INT: u8 = 0;
const UINT: u8 = 1;

/// DLPACK_FLAG_BITMASK_IS_COPIED.
const IS_COPIED: u64 = 2;

/// `DLDevice`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) kind: i32,
    pub(super) number: i32,
}

/// `DLTensor`.
#[repr(C)]
struct Tensor {
    data: *mut c_void,
    device: Device,
    dimensions: i32,
    code: u8,
    bits: u8,
    lanes: u16,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// `DLManagedTensor`.
#[repr(C)]
struct Plain {
    tensor: Tensor,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Self)>,
}

/// `DLManagedTensorVersioned`.
#[repr(C)]
struct Versioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Self)>,
    flags: u64,
    tensor: Tensor,
}

/// What a managed tensor of ours points to.
struct Context {
    /// Keeps the memory until the tensor is no longer needed.
    _owner: Box<dyn Send + Sync>,
    shape: Vec<i64>,
    strides: Vec<i64>,
}

/// An array of `uint64` in rows, to be given away.
pub(super) struct Export<'a> {
    pub(super) address: u64,
    pub(super) device: Device,
    pub(super) shape: &'a [usize],
    pub(super) is_copied: bool,
}

impl Export<'_> {
    /// A capsule with the array, whose memory `owner` keeps.
    pub(super) fn capsule<'py>(
        self,
        py: Python<'py>,
        owner: Box<dyn Send + Sync>,
        versioned: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Self {
            address,
            device,
            shape,
            is_copied,
        } = self;
        let mut strides = vec![1; shape.len()];
        for i in (1..shape.len()).rev() {
            strides[i - 1] = strides[i] * shape[i] as i64;
        }
        let context = Box::into_raw(Box::new(Context {
            _owner: owner,
            shape: shape.iter().map(|&length| length as i64).collect(),
            strides,
        }));
        // SAFETY: it was just made, and nobody else has it yet.
        let parts = unsafe { &mut *context };
        let tensor = Tensor {
            data: ptr::with_exposed_provenance_mut(address as usize),
            device,
            dimensions: shape.len() as i32,
            code: UINT,
            bits: 64,
            lanes: 1,
            shape: parts.shape.as_mut_ptr(),
            strides: parts.strides.as_mut_ptr(),
            byte_offset: 0,
        };
        let context = context.cast();
        if versioned {
            let managed = Box::new(Versioned {
                major: 1,
                minor: 0,
                context,
                deleter: Some(delete_versioned),
                flags: if is_copied { IS_COPIED } else { 0 },
                tensor,
            });
            capsule(
                py,
                Box::into_raw(managed).cast(),
                VERSIONED[0],
                drop_versioned,
            )
        } else {
            let managed = Box::new(Plain {
                tensor,
                context,
                deleter: Some(delete_plain),
            });
            capsule(py, Box::into_raw(managed).cast(), PLAIN[0], drop_plain)
        }
    }
}

fn capsule<'py>(
    py: Python<'py>,
    pointer: *mut c_void,
    name: &'static CStr,
    destructor: unsafe extern "C" fn(*mut ffi::PyObject),
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the pointer is not null, and the name lives for ever.
    let capsule = unsafe { ffi::PyCapsule_New(pointer, name.as_ptr(), Some(destructor)) };
    // SAFETY: a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, capsule) }
}

unsafe extern "C" fn delete_plain(managed: *mut Plain) {
    // SAFETY: `export` made it, and whoever has it calls this once.
    let managed = unsafe { Box::from_raw(managed) };
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(managed.context.cast::<Context>()) });
}

unsafe extern "C" fn delete_versioned(managed: *mut Versioned) {
    // SAFETY: `export` made it, and whoever has it calls this once.
    let managed = unsafe { Box::from_raw(managed) };
    // SAFETY: as above.
    drop(unsafe { Box::from_raw(managed.context.cast::<Context>()) });
}

/// The destructor of a capsule: its tensor goes with it, if nobody took it.
unsafe extern "C" fn drop_plain(capsule: *mut ffi::PyObject) {
    if let Some(managed) = untaken(capsule, PLAIN[0]) {
        // SAFETY: the capsule is one of `export`.
        unsafe { delete_plain(managed.cast().as_ptr()) };
    }
}

/// As [`drop_plain`].
unsafe extern "C" fn drop_versioned(capsule: *mut ffi::PyObject) {
    if let Some(managed) = untaken(capsule, VERSIONED[0]) {
        // SAFETY: the capsule is one of `export`.
        unsafe { delete_versioned(managed.cast().as_ptr()) };
    }
}

/// What is in a capsule, if it still has its first name.
fn untaken(capsule: *mut ffi::PyObject, name: &CStr) -> Option<NonNull<c_void>> {
    // SAFETY: an object, which the function looks at.
    if unsafe { ffi::PyCapsule_IsValid(capsule, name.as_ptr()) } == 0 {
        return None;
    }
    // SAFETY: a capsule of this name.
    NonNull::new(unsafe { ffi::PyCapsule_GetPointer(capsule, name.as_ptr()) })
}

/// Another library's array while it is used here.
pub(super) struct Foreign {
    owner: Owner,
    address: u64,
    shape: Vec<usize>,
    is_read_only: bool,
}

/// What keeps another library's array.
enum Owner {
    Plain(*mut Plain),
    Versioned(*mut Versioned),
    /// The object whose interface was read.
    Object(#[allow(dead_code)] Py<PyAny>),
}

// SAFETY: a managed tensor belongs to no thread: its deleter may be called by any.
unsafe impl Send for Foreign {}
// SAFETY: shared, it is only read.
unsafe impl Sync for Foreign {}

/// What `__dlpack_device__` says, if there is such a method.
pub(super) fn device_of(object: &Bound<'_, PyAny>) -> PyResult<Option<Device>> {
    let Some(method) = object.getattr_opt("__dlpack_device__")? else {
        return Ok(None);
    };
    let (kind, number): (i32, i32) = {
        let pair = method.call0()?;
        // The kind may be an enumeration, which is an integer all the same.
        let part = |i: usize| pair.get_item(i)?.call_method0("__index__")?.extract();
        (part(0)?, part(1)?)
    };
    Ok(Some(Device { kind, number }))
}

impl Foreign {
    /// Takes the array of `uint64` in rows, which errors call `what`, ready for what is queued on `stream`
    /// from now on.
    pub(super) fn take(
        what: &str,
        object: &Bound<'_, PyAny>,
        stream: Option<u64>,
    ) -> PyResult<Self> {
        let py = object.py();
        let arguments = PyDict::new(py);
        arguments.set_item("stream", stream)?;
        arguments.set_item("max_version", (1, 0))?;
        let method = object.getattr("__dlpack__")?;
        let capsule = match method.call((), Some(&arguments)) {
            // Libraries older than DLPack 1.0 do not know the argument.
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                arguments.del_item("max_version")?;
                method.call((), Some(&arguments))?
            }
            other => other?,
        };
        let pointer = capsule.as_ptr();
        let (owner, used) = if let Some(managed) = untaken(pointer, VERSIONED[0]) {
            let managed = managed.cast::<Versioned>().as_ptr();
            // SAFETY: the version comes first in every version.
            let major = unsafe { (*managed).major };
            if major != 1 {
                return Err(Failure::argument(format!(
                    "{what}: a tensor of DLPack {major}, and only 1 is known"
                ))
                .into());
            }
            (Owner::Versioned(managed), VERSIONED[1])
        } else if let Some(managed) = untaken(pointer, PLAIN[0]) {
            (Owner::Plain(managed.cast().as_ptr()), PLAIN[1])
        } else {
            let name = capsule.get_type().name()?;
            return Err(Failure::of_type(format!(
                "{what}: __dlpack__ gave {name}, which is no capsule of a tensor"
            ))
            .into());
        };
        // SAFETY: a valid capsule, and a name that lives for ever.
        if unsafe { ffi::PyCapsule_SetName(pointer, used.as_ptr()) } != 0 {
            return Err(PyErr::fetch(py));
        }
        // From here on dropping it gives the tensor back.
        let mut this = Self {
            owner,
            address: 0,
            shape: Vec::new(),
            is_read_only: false,
        };
        this.read(what)?;
        Ok(this)
    }

    /// The array that a `__cuda_array_interface__` describes.
    pub(super) fn of_interface(
        what: &str,
        object: &Bound<'_, PyAny>,
        interface: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let typestr: String = interface.get_item("typestr")?.extract()?;
        if !matches!(typestr.as_str(), "<u8" | "<i8") {
            return Err(wrong_type(what, &typestr));
        }
        let (address, is_read_only): (u64, bool) = interface.get_item("data")?.extract()?;
        let shape: Vec<usize> = interface.get_item("shape")?.extract()?;
        check_size(what, &shape)?;
        let strides: Option<Vec<i64>> = match interface.call_method1("get", ("strides",))? {
            strides if strides.is_none() => None,
            strides => Some(strides.extract()?),
        };
        if let Some(strides) = strides {
            // In bytes.
            check_strides(what, &shape, strides.iter().copied(), 8)?;
        }
        Ok(Self {
            owner: Owner::Object(object.clone().unbind()),
            address,
            shape,
            is_read_only,
        })
    }

    /// Where its first value is.
    pub(super) fn address(&self) -> u64 {
        self.address
    }

    /// The lengths of its dimensions.
    pub(super) fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether it must not be changed.
    pub(super) fn is_read_only(&self) -> bool {
        self.is_read_only
    }

    /// The values of an array in the host's memory.
    ///
    /// # Safety
    /// Its device must be the host.
    pub(super) unsafe fn words(&self) -> &[u64] {
        if self.shape.contains(&0) {
            return &[];
        }
        let len = self.shape.iter().product();
        let first = ptr::with_exposed_provenance(self.address as usize);
        // SAFETY: the array is there as long as this, by DLPack's contract; it was checked to be contiguous and no
        // larger than memory can be.
        unsafe { std::slice::from_raw_parts(first, len) }
    }

    /// Fills in the address and the shape, if the array is what it must be.
    fn read(&mut self, what: &str) -> PyResult<()> {
        /// DLPACK_FLAG_BITMASK_READ_ONLY.
        const READ_ONLY: u64 = 1;
        let tensor: *const Tensor = match self.owner {
            // SAFETY: the managed tensor is there until its deleter is called.
            Owner::Plain(managed) => unsafe { &raw const (*managed).tensor },
            Owner::Versioned(managed) => {
                // SAFETY: as above.
                self.is_read_only = unsafe { (*managed).flags } & READ_ONLY != 0;
                // SAFETY: as above.
                unsafe { &raw const (*managed).tensor }
            }
            Owner::Object(_) => return Ok(()),
        };
        // SAFETY: as above.
        let tensor = unsafe { &*tensor };
        if tensor.bits != 64 || tensor.lanes != 1 || !matches!(tensor.code, INT | UINT) {
            let kind = match tensor.code {
                INT => "int",
                UINT => "uint",
                2 | 4 => "float",
                5 => "complex",
                6 => "bool",
                _ => "other",
            };
            return Err(wrong_type(what, &format!("{kind}{}", tensor.bits)));
        }
        let count = usize::try_from(tensor.dimensions).unwrap_or(0);
        let lengths = |values: *const i64| match count {
            0 => &[][..],
            // SAFETY: by DLPack's contract there is one for each dimension.
            _ => unsafe { std::slice::from_raw_parts(values, count) },
        };
        let shape = lengths(tensor.shape)
            .iter()
            .map(|&length| usize::try_from(length));
        self.shape = shape.collect::<Result<_, _>>().map_err(|_| {
            Failure::argument(format!(
                "{what}: a tensor with a dimension of negative length"
            ))
        })?;
        check_size(what, &self.shape)?;
        if !tensor.strides.is_null() {
            check_strides(
                what,
                &self.shape,
                lengths(tensor.strides).iter().copied(),
                1,
            )?;
        }
        self.address = (tensor.data.expose_provenance() as u64).wrapping_add(tensor.byte_offset);
        Ok(())
    }
}

/// Refuses a shape of more values than memory can hold.
fn check_size(what: &str, shape: &[usize]) -> PyResult<()> {
    let bytes = shape
        .iter()
        .try_fold(size_of::<u64>(), |bytes, &length| bytes.checked_mul(length));
    let fits = bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok());
    if fits || shape.contains(&0) {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "{what}: an array of shape {}, which is more than there can be",
        tuple(shape)
    ))
    .into())
}

/// Refuses strides, in units of which a value has `unit`, that are not those of rows without gaps.
fn check_strides(
    what: &str,
    shape: &[usize],
    strides: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator,
    unit: i64,
) -> PyResult<()> {
    let mut expected = unit;
    for (stride, &length) in strides.rev().zip(shape.iter().rev()) {
        if length > 1 && stride != expected {
            return Err(Failure::argument(format!(
                "{what}: the array is not C-contiguous, with row after row in memory: make a copy that is"
            ))
            .into());
        }
        expected = expected.saturating_mul(length as i64);
    }
    Ok(())
}

fn wrong_type(what: &str, found: &str) -> PyErr {
    Failure::of_type(format!(
        "{what}: an array of dtype uint64 is needed, or int64 with the same bits, not {found}"
    ))
    .into()
}

impl Drop for Foreign {
    fn drop(&mut self) {
        match self.owner {
            Owner::Plain(managed) => {
                // SAFETY: the tensor is ours since its capsule was renamed.
                if let Some(deleter) = unsafe { (*managed).deleter } {
                    // SAFETY: once, and nothing of it is used after.
                    unsafe { deleter(managed) };
                }
            }
            Owner::Versioned(managed) => {
                // SAFETY: the tensor is ours since its capsule was renamed.
                if let Some(deleter) = unsafe { (*managed).deleter } {
                    // SAFETY: once, and nothing of it is used after.
                    unsafe { deleter(managed) };
                }
            }
            Owner::Object(_) => {}
        }
    }
}
