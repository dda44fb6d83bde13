namespace zkiln {
template <class T> __device__ __forceinline__ T warp_sum(T v) {
    for (int d = 16; d > 0; d /= 2) v += __shfl_down_sync(0xffffffff, v, d);
    return v;
}
struct P { uint32_t a; uint64_t b; };
}
KERNEL __launch_bounds__(256, 2) add(const uint32_t* a, const uint32_t* b, uint32_t* c, uint32_t n) {
    const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}
KERNEL __launch_bounds__(256) sum(const uint32_t* a, uint32_t* out, uint32_t n) {
    SHARED_MEMORY(uint32_t, tile);
    uint32_t s = 0;
    for (uint32_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) s += a[i];
    s = zkiln::warp_sum(s);
    if (threadIdx.x % 32 == 0) tile[threadIdx.x / 32] = s;
    __syncthreads();
    if (threadIdx.x == 0) { uint32_t t = 0; for (uint32_t w = 0; w < blockDim.x / 32; w++) t += tile[w]; atomicAdd(out, t); }
}
KERNEL spin(uint32_t n) { for (uint32_t i = 0; i < n; i++) __syncwarp(); }
KERNEL spinb(uint32_t n) { for (uint32_t i = 0; i < n; i++) __syncthreads(); }
KERNEL empty(zkiln::P p) { if (p.a == 1000000) __syncthreads(); }
KERNEL bad() { if (threadIdx.x != 5) __syncthreads(); }
KERNEL bad2() { if (threadIdx.x != 5) __syncwarp(); else __syncthreads(); }
KERNEL nothing() {}
KERNELS(emulator, add, sum, spin, spinb, empty, bad, bad2,
  nothing);
