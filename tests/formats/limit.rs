//! An allocator that refuses large requests: whatever a small file claims, memory must be earned by
//! bytes. A breach ends the test program.

use std::alloc::{GlobalAlloc, Layout, System};

/// Many times the largest file of the tests.
const LIMIT: usize = 64 << 20;

struct Limited;

// SAFETY: every request goes to the system's allocator unchanged or gets the null of a failed one.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LIMIT {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promises about `layout` are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `System` by `alloc` above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static LIMITED: Limited = Limited;
