#ifndef CBASES_H
#define CBASES_H

#include <stdbool.h>
#include <stddef.h>

// Functions and not arrays: Swift cannot import an array whose length the header does not give.
#pragma clang assume_nonnull begin

/// The bytes of `Bases/ca-certificates.crt`; `size` becomes how many there are.
const unsigned char *coracle_ca_certificates(size_t *size);

/// The bytes of `Bases/zoneinfo.tar.gz`; `size` becomes how many there are.
const unsigned char *coracle_zoneinfo(size_t *size);

/// The bytes of `Bases/mime.types`; `size` becomes how many there are.
const unsigned char *coracle_media_types(size_t *size);

/// The bytes of `Bases/end-of-life.csv`; `size` becomes how many there are.
const unsigned char *coracle_end_of_life(size_t *size);

/// A file of `Bases/SUITE`.
struct coracle_base_file {
    const char *_Nullable suite;
    const char *_Nullable name;
    const unsigned char *_Nullable bytes;
    size_t size;
};

/// Gives the file with this number, counted from 0; false behind the last.
bool coracle_base_file_at(size_t index, struct coracle_base_file *file);

#pragma clang assume_nonnull end

#endif
