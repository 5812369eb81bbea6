#include <lzma.h>

// Swift cannot see macros with casts in them.
static inline lzma_ret coracle_xz_decoder(lzma_stream *stream, uint64_t memory) {
    return lzma_stream_decoder(stream, memory, LZMA_TELL_UNSUPPORTED_CHECK | LZMA_CONCATENATED);
}
