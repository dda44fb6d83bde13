//! Calls of kernels.

use core::ffi::c_void;

use bytemuck::Pod;

use crate::driver::Extent;
use crate::{Buffer, Error, Result, Slice, SliceMut, Stream};

/// A call of a kernel, in the making:
///
/// ```ignore
/// let call = stream.call("field_mul_fr").blocks(n.div_ceil(256)).threads(256);
/// let call = call.arg(&a).arg(&b).arg(&mut product).arg(n as u32);
/// // SAFETY: three buffers of n elements, as the kernel takes them.
/// unsafe { call.launch()? };
/// ```
#[derive(Debug)]
#[must_use]
pub struct Call<'a> {
    stream: &'a Stream,
    kernel: &'static str,
    extent: Extent,
    grid: [usize; 3],
    /// Each argument begins at a word of its own.
    words: Vec<u64>,
    /// The first word and the size in bytes of each argument.
    arguments: Vec<(usize, usize)>,
    /// The first error of the arguments.
    outcome: Result<()>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(stream: &'a Stream, kernel: &'static str) -> Self {
        Self {
            stream,
            kernel,
            extent: Extent {
                grid: [1; 3],
                block: 32,
                shared: 0,
            },
            grid: [1; 3],
            words: Vec::new(),
            arguments: Vec::new(),
            outcome: Ok(()),
        }
    }

    /// The number of blocks in the first dimension.
    pub fn blocks(mut self, blocks: usize) -> Self {
        self.grid[0] = blocks;
        self
    }

    /// The number of blocks in the second dimension.
    pub fn rows(mut self, rows: usize) -> Self {
        self.grid[1] = rows;
        self
    }

    /// The number of threads in a block: a multiple of 32.
    pub fn threads(mut self, threads: u32) -> Self {
        self.extent.block = threads;
        self
    }

    /// Bytes of dynamic shared memory.
    pub fn shared(mut self, bytes: usize) -> Self {
        match u32::try_from(bytes) {
            Ok(bytes) => self.extent.shared = bytes,
            Err(_) => self.fail(format!("{bytes} bytes of shared memory")),
        }
        self
    }

    /// The next argument.
    pub fn arg(mut self, argument: impl Argument) -> Self {
        argument.bind(&mut self);
        self
    }

    /// Queues the call. One of no blocks does nothing.
    ///
    /// # Errors
    /// [`Error::Call`] if there is no such kernel, or it has other parameters; [`Error::Argument`] for a
    /// buffer of another device; [`Error::Driver`].
    ///
    /// # Safety
    /// The arguments must be what the kernel takes, and buffers as long as it takes for granted. What it
    /// writes to must be given as `&mut`.
    pub unsafe fn launch(mut self) -> Result<()> {
        self.outcome.clone()?;
        if self.grid.contains(&0) {
            return Ok(());
        }
        for dimension in 0..3 {
            let limit = if dimension == 0 {
                i32::MAX as usize
            } else {
                65_535
            };
            if self.grid[dimension] > limit {
                return Err(self.error(format!("a grid of {:?} blocks", self.grid)));
            }
            self.extent.grid[dimension] = self.grid[dimension] as u32;
        }
        let device = self.stream.device();
        let kernel = device.kernel(self.kernel)?;
        if let Some(parameters) = &kernel.parameters {
            let given = self.arguments.iter().map(|&(_, size)| size as u32);
            if !given.clone().eq(parameters.iter().copied()) {
                return Err(self.error(format!(
                    "its parameters have {parameters:?} bytes, it was given {:?}",
                    given.collect::<Vec<_>>()
                )));
            }
        }
        let words = self.words.as_mut_ptr();
        let mut pointers: Vec<*mut c_void> = self
            .arguments
            .iter()
            .map(|&(word, _)| words.wrapping_add(word).cast())
            .collect();
        // SAFETY: each pointer is that of an argument's words; the rest is the caller's obligation.
        unsafe {
            device
                .driver()
                .launch(&kernel, self.extent, &mut pointers, self.stream.handle())
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let first = self.words.len();
        self.words.resize(first + bytes.len().div_ceil(8), 0);
        bytemuck::cast_slice_mut(&mut self.words[first..])[..bytes.len()].copy_from_slice(bytes);
        self.arguments.push((first, bytes.len()));
    }

    fn push_address(&mut self, address: u64, noted: Result<()>) {
        if let (Err(error), true) = (noted, self.outcome.is_ok()) {
            self.outcome = Err(error);
        }
        self.push(&address.to_ne_bytes());
    }

    fn fail(&mut self, reason: String) {
        if self.outcome.is_ok() {
            self.outcome = Err(self.error(reason));
        }
    }

    fn error(&self, reason: String) -> Error {
        Error::Call {
            kernel: self.kernel.into(),
            reason,
        }
    }
}

/// What a kernel can be called with: buffers and their parts, as addresses; integers; structs, as
/// [`ByValue`].
pub trait Argument {
    /// Appends it to the arguments of `call`.
    fn bind(self, call: &mut Call<'_>);
}

impl<T: Pod> Argument for &Buffer<T> {
    fn bind(self, call: &mut Call<'_>) {
        self.as_slice().bind(call);
    }
}

impl<T: Pod> Argument for &mut Buffer<T> {
    fn bind(self, call: &mut Call<'_>) {
        self.as_mut_slice().bind(call);
    }
}

impl<T> Argument for Slice<'_, T> {
    fn bind(self, call: &mut Call<'_>) {
        let noted = self.note_use(call.stream);
        call.push_address(self.address(), noted);
    }
}

impl<T> Argument for SliceMut<'_, T> {
    fn bind(self, call: &mut Call<'_>) {
        let noted = self.note_use(call.stream);
        call.push_address(self.address(), noted);
    }
}

/// An optional buffer: its address, or null.
impl<T> Argument for Option<Slice<'_, T>> {
    fn bind(self, call: &mut Call<'_>) {
        match self {
            Some(slice) => slice.bind(call),
            None => call.push_address(0, Ok(())),
        }
    }
}

impl Argument for u32 {
    fn bind(self, call: &mut Call<'_>) {
        call.push(&self.to_ne_bytes());
    }
}

impl Argument for u64 {
    fn bind(self, call: &mut Call<'_>) {
        call.push(&self.to_ne_bytes());
    }
}

/// A struct, as it stands in memory.
#[derive(Clone, Copy, Debug)]
pub struct ByValue<T>(pub T);

impl<T: Pod> Argument for ByValue<T> {
    fn bind(self, call: &mut Call<'_>) {
        call.push(bytemuck::bytes_of(&self.0));
    }
}
