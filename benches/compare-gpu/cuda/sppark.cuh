// What both halves of sppark's face share: how a failure comes back.
#pragma once

#include <cstdio>
#include <exception>

#include <util/exception.cuh>
#include <util/rusterror.h>

/// A failure's sentence, cut to its room; empty if there is none.
struct Status {
    char text[256];
};

template <class Work>
Status guarded(Work work) {
    Status status = {};
    try {
        work();
    } catch (const std::exception& error) {
        snprintf(status.text, sizeof status.text, "%s", error.what());
    }
    return status;
}

/// Throws what sppark returned, if it is a failure.
inline void check(RustError error) {
    if (error.code != 0) {
        char text[256];
        snprintf(text, sizeof text, "%s", error.message ? error.message : "sppark failed");
        free(error.message);
        throw cuda_error{error.code, std::string(text)};
    }
}
