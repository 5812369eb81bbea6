#include <zlib.h>

// Swift cannot see function-like macros.
static inline int coracle_inflateInit2(z_streamp stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
