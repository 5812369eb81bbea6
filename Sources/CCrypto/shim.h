// The functions for SHA-256 and SHA-1 alone: OpenSSL 3 calls them deprecated, and what it recommends in their place brings 3 MB of
// everything else that libcrypto can do into a static program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
