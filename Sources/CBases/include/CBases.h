#ifndef CBASES_H
#define CBASES_H

#include <stddef.h>

// Functions and not arrays: Swift cannot import an array whose length the header does not give.
#pragma clang assume_nonnull begin

/// The bytes of `Bases/ca-certificates.crt`; `size` becomes how many there are.
const unsigned char *coracle_ca_certificates(size_t *size);

/// The bytes of `Bases/zoneinfo.tar.gz`; `size` becomes how many there are.
const unsigned char *coracle_zoneinfo(size_t *size);

#pragma clang assume_nonnull end

#endif
