#include "CBases.h"

// Bases/ as part of the program: one file to install, and nothing beside it to be lost or changed.
// The compiler lists the files among what this one depends on: a build after one of them has changed has the new one.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char ca_certificates[] = {
#embed "../../Bases/ca-certificates.crt"
};

static const unsigned char zoneinfo[] = {
#embed "../../Bases/zoneinfo.tar.gz"
};

static const unsigned char media_types[] = {
#embed "../../Bases/mime.types"
};

static const unsigned char end_of_life[] = {
#embed "../../Bases/end-of-life.csv"
};

const unsigned char *coracle_ca_certificates(size_t *size) {
    *size = sizeof ca_certificates;
    return ca_certificates;
}

const unsigned char *coracle_zoneinfo(size_t *size) {
    *size = sizeof zoneinfo;
    return zoneinfo;
}

const unsigned char *coracle_media_types(size_t *size) {
    *size = sizeof media_types;
    return media_types;
}

const unsigned char *coracle_end_of_life(size_t *size) {
    *size = sizeof end_of_life;
    return end_of_life;
}
