// The handles as C++17 values: destroyed by themselves, errors as exceptions.
//
//     raii circuit.zkey witness.wtns

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "zkiln.h"

namespace zkiln {

// What a call that failed said.
class Error : public std::runtime_error {
public:
    explicit Error(zkiln_status status) : std::runtime_error(zkiln_last_error()), status(status) {}

    const zkiln_status status;
};

inline void check(zkiln_status status) {
    if (status != ZKILN_OK)
        throw Error(status);
}

// Destroys a handle with the function that belongs to its type.
template <auto Destroy> struct Destroyer {
    template <typename T> void operator()(T *handle) const noexcept { Destroy(handle); }
};

template <typename T, auto Destroy> using Handle = std::unique_ptr<T, Destroyer<Destroy>>;

using Context = Handle<zkiln_context, zkiln_context_destroy>;
using Key = Handle<zkiln_groth16_key, zkiln_groth16_key_destroy>;
using VerifyingKey = Handle<zkiln_groth16_vkey, zkiln_groth16_vkey_destroy>;
using Witness = Handle<zkiln_groth16_witness, zkiln_groth16_witness_destroy>;

// make<Key>(zkiln_groth16_key_open, context, path, nullptr): calls a function that makes a handle.
template <typename Owner, typename Make, typename Parent, typename... Args>
Owner make(Make function, const Parent *parent, Args... args) {
    typename Owner::pointer handle = nullptr;
    check(function(parent, &handle, args...));
    return Owner(handle);
}

} // namespace zkiln

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "raii ZKEY WTNS\n");
        return 2;
    }
    try {
        zkiln_context *made = nullptr;
        zkiln::check(zkiln_context_create(&made, nullptr));
        const zkiln::Context context(made);

        using zkiln::make;
        const auto key = make<zkiln::Key>(zkiln_groth16_key_open, context.get(), argv[1], nullptr);
        const auto witness =
            make<zkiln::Witness>(zkiln_groth16_witness_open, context.get(), argv[2]);
        const auto vkey = make<zkiln::VerifyingKey>(zkiln_groth16_key_get_vkey, key.get());

        zkiln_groth16_proof proof;
        std::vector<zkiln_u256> inputs(zkiln_groth16_vkey_n_public(vkey.get()));
        zkiln::check(zkiln_groth16_prove(key.get(), &proof, inputs.data(), inputs.size(),
                                         witness.get(), nullptr));
        zkiln::check(
            zkiln_groth16_verify(vkey.get(), &proof, inputs.data(), inputs.size()));
        std::printf("proven, with %zu public inputs\n", inputs.size());
    } catch (const zkiln::Error &error) {
        std::fprintf(stderr, "%s: %s\n", zkiln_status_name(error.status), error.what());
        return 1;
    }
    return 0;
}
