#include "CSigning.h"

#include <CNIOBoringSSL.h>

/// Takes point and number out of `key`, as far as it is on P-256.
static enum coracle_key_kind take(EC_KEY *key, uint8_t *secret, uint8_t *point) {
    const EC_GROUP *group = EC_KEY_get0_group(key);
    if (group == NULL || EC_GROUP_get_curve_name(group) != NID_X9_62_prime256v1) return coracle_key_other_curve;
    const EC_POINT *public = EC_KEY_get0_public_key(key);
    if (!EC_KEY_check_key(key) || public == NULL
        || EC_POINT_point2oct(group, public, POINT_CONVERSION_UNCOMPRESSED, point, 65, NULL) != 65) {
        return coracle_key_unreadable;
    }
    if (secret != NULL && (EC_KEY_get0_private_key(key) == NULL || EC_KEY_priv2oct(key, secret, 32) != 32)) {
        return coracle_key_unreadable;
    }
    return coracle_key_p256;
}

/// Why a key could not be parsed.
static enum coracle_key_kind failure(void) {
    // The first says most: what called the function that failed adds less to it.
    uint32_t error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);
    ERR_clear_error();
    if (ERR_GET_LIB(error) == ERR_LIB_EVP && reason == EVP_R_UNSUPPORTED_ALGORITHM) return coracle_key_other;
    if (ERR_GET_LIB(error) == ERR_LIB_EC && reason == EC_R_UNKNOWN_GROUP) return coracle_key_other_curve;
    return coracle_key_unreadable;
}

/// Takes the numbers out of what was parsed, and frees it.
static enum coracle_key_kind take_parsed(EVP_PKEY *parsed, const CBS *rest, uint8_t *secret, uint8_t *point) {
    if (parsed == NULL) return failure();
    enum coracle_key_kind kind = coracle_key_unreadable;
    if (CBS_len(rest) == 0) {
        switch (EVP_PKEY_id(parsed)) {
        case EVP_PKEY_EC: kind = take(EVP_PKEY_get0_EC_KEY(parsed), secret, point); break;
        case EVP_PKEY_RSA: kind = coracle_key_rsa; break;
        case EVP_PKEY_ED25519: kind = coracle_key_ed25519; break;
        default: kind = coracle_key_other;
        }
    }
    EVP_PKEY_free(parsed);
    ERR_clear_error();
    return kind;
}

enum coracle_key_kind coracle_read_public_key(const uint8_t *der, size_t size, uint8_t *point) {
    CBS rest;
    CBS_init(&rest, der, size);
    EVP_PKEY *parsed = EVP_parse_public_key(&rest);
    return take_parsed(parsed, &rest, NULL, point);
}

enum coracle_key_kind coracle_read_private_key(
    enum coracle_key_form form, const uint8_t *der, size_t size, const uint8_t *password, size_t password_size,
    uint8_t *secret, uint8_t *point) {
    CBS rest;
    CBS_init(&rest, der, size);
    if (form == coracle_form_sec1) {
        EC_KEY *parsed = EC_KEY_parse_private_key(&rest, NULL);
        if (parsed == NULL) return failure();
        enum coracle_key_kind kind = CBS_len(&rest) == 0 ? take(parsed, secret, point) : coracle_key_unreadable;
        EC_KEY_free(parsed);
        ERR_clear_error();
        return kind;
    }
    EVP_PKEY *parsed = form == coracle_form_pkcs8
        ? EVP_parse_private_key(&rest)
        : PKCS8_parse_encrypted_private_key(&rest, (const char *)password, password_size);
    return take_parsed(parsed, &rest, secret, point);
}

int coracle_make_key(uint8_t *secret, uint8_t *point) {
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    int is_made = key != NULL && EC_KEY_generate_key(key) && take(key, secret, point) == coracle_key_p256;
    EC_KEY_free(key);
    ERR_clear_error();
    return is_made;
}

/// The key of a point, and of a number if there is one; NULL if they are not a key.
static EC_KEY *key_of(const uint8_t *secret, const uint8_t *point) {
    EC_KEY *key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    if (key != NULL && EC_KEY_oct2key(key, point, 65, NULL) && (secret == NULL || EC_KEY_oct2priv(key, secret, 32))) {
        return key;
    }
    EC_KEY_free(key);
    return NULL;
}

int coracle_sign(
    const uint8_t *secret, const uint8_t *point, const uint8_t *message, size_t size, uint8_t *signature,
    size_t *signature_size) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    unsigned int length = 0;
    SHA256(message, size, digest);
    EC_KEY *key = key_of(secret, point);
    int is_signed = key != NULL && ECDSA_size(key) <= 72 && ECDSA_sign(0, digest, sizeof digest, signature, &length, key);
    EC_KEY_free(key);
    ERR_clear_error();
    *signature_size = length;
    return is_signed;
}

int coracle_verify(
    const uint8_t *point, const uint8_t *message, size_t size, const uint8_t *signature, size_t signature_size) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(message, size, digest);
    EC_KEY *key = key_of(NULL, point);
    int is_valid = key != NULL && ECDSA_verify(0, digest, sizeof digest, signature, signature_size, key) == 1;
    EC_KEY_free(key);
    ERR_clear_error();
    return is_valid;
}

/// The RSA key of a SubjectPublicKeyInfo; NULL if it is not one.
static EVP_PKEY *rsa_of(const uint8_t *der, size_t size) {
    CBS rest;
    CBS_init(&rest, der, size);
    EVP_PKEY *parsed = EVP_parse_public_key(&rest);
    if (parsed != NULL && CBS_len(&rest) == 0 && EVP_PKEY_id(parsed) == EVP_PKEY_RSA) return parsed;
    EVP_PKEY_free(parsed);
    return NULL;
}

int coracle_rsa_bits(const uint8_t *der, size_t size) {
    EVP_PKEY *key = rsa_of(der, size);
    int bits = key != NULL ? EVP_PKEY_bits(key) : 0;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return bits;
}

int coracle_verify_rsa(
    const uint8_t *der, size_t der_size, enum coracle_hash hash, const uint8_t *message, size_t size,
    const uint8_t *signature, size_t signature_size) {
    uint8_t digest[SHA512_DIGEST_LENGTH];
    int name;
    size_t length;
    switch (hash) {
    case coracle_hash_sha1: SHA1(message, size, digest); name = NID_sha1; length = SHA_DIGEST_LENGTH; break;
    case coracle_hash_sha256: SHA256(message, size, digest); name = NID_sha256; length = SHA256_DIGEST_LENGTH; break;
    case coracle_hash_sha512: SHA512(message, size, digest); name = NID_sha512; length = SHA512_DIGEST_LENGTH; break;
    default: return 0;
    }
    EVP_PKEY *key = rsa_of(der, der_size);
    int is_valid = key != NULL
        && RSA_verify(name, digest, length, signature, signature_size, EVP_PKEY_get0_RSA(key)) == 1;
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_valid;
}

int coracle_scrypt(
    const uint8_t *password, size_t password_size, const uint8_t *salt, size_t salt_size, uint64_t n, uint64_t r,
    uint64_t p, uint8_t *key, size_t key_size) {
    // The default limit is below what the key files of cosign need: 128 MiB for n = 131072, and a little more.
    const size_t memory = (size_t)129 << 20;
    int is_done =
        EVP_PBE_scrypt((const char *)password, password_size, salt, salt_size, n, r, p, memory, key, key_size);
    ERR_clear_error();
    return is_done;
}

void coracle_poly1305(const uint8_t *key, const uint8_t *message, size_t size, uint8_t *tag) {
    poly1305_state state;
    CRYPTO_poly1305_init(&state, key);
    CRYPTO_poly1305_update(&state, message, size);
    CRYPTO_poly1305_finish(&state, tag);
    OPENSSL_cleanse(&state, sizeof state);
}

void coracle_random(uint8_t *bytes, size_t size) { RAND_bytes(bytes, size); }

int coracle_same(const uint8_t *left, const uint8_t *right, size_t size) { return CRYPTO_memcmp(left, right, size) == 0; }

void coracle_cleanse(void *bytes, size_t size) { OPENSSL_cleanse(bytes, size); }
