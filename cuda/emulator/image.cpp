#include "image.h"

#include <link.h>

namespace zkiln_emulator {
namespace {

__thread Image found;
__thread bool is_found;

/// Describes the object that contains this function.
int visit(dl_phdr_info* info, size_t, void*) {
    const uintptr_t here = reinterpret_cast<uintptr_t>(&visit);
    Image image = {};
    image.base = info->dlpi_addr;
    bool is_here = false;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const auto& header = info->dlpi_phdr[i];
        const Image::Range range = {info->dlpi_addr + header.p_vaddr, header.p_memsz};
        is_here |= header.p_type == PT_LOAD && range.contains(here, 1);
        // Relocated constants are written once, before the program begins.
        if ((header.p_type == PT_LOAD && (header.p_flags & PF_W) == 0) ||
            header.p_type == PT_GNU_RELRO) {
            if (image.constants_count < sizeof image.constants / sizeof image.constants[0]) {
                image.constants[image.constants_count++] = range;
            }
        }
        if (header.p_type == PT_TLS && info->dlpi_tls_data != nullptr) {
            image.thread_locals = {reinterpret_cast<uintptr_t>(info->dlpi_tls_data),
                                   header.p_memsz};
        }
    }
    if (is_here) {
        found = image;
    }
    return is_here;
}

} // namespace

bool Image::has_constants(uintptr_t from, size_t bytes) const {
    for (size_t i = 0; i < constants_count; i++) {
        if (constants[i].contains(from, bytes)) {
            return true;
        }
    }
    return false;
}

bool Image::has_thread_locals(uintptr_t from, size_t bytes) const {
    return thread_locals.contains(from, bytes);
}

const Image& image() {
    if (!is_found) {
        dl_iterate_phdr(visit, nullptr);
        is_found = true;
    }
    return found;
}

} // namespace zkiln_emulator
