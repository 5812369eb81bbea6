#pragma once

#include <stddef.h>
#include <stdint.h>

// The few things of swift-nio-ssl's BoringSSL that signatures need: ECDSA on the curve P-256, with SHA-256, what key
// files are encrypted with, and RSA for those of packages. A public key is its point, 65 bytes (SEC 1 § 2.3.3, uncompressed); a private key is the number,
// 32 bytes. Functions that return `int` return 1, or 0 for what cannot be done.
#pragma clang assume_nonnull begin

/// What a key is, as far as it was understood.
enum coracle_key_kind {
    /// Nothing that is known; also of an encrypted key to which the password does not belong.
    coracle_key_unreadable = 0,
    coracle_key_p256 = 1,
    coracle_key_other_curve = 2,
    coracle_key_rsa = 3,
    coracle_key_ed25519 = 4,
    coracle_key_other = 5,
};

/// How a private key is encoded.
enum coracle_key_form {
    /// PrivateKeyInfo (RFC 5958).
    coracle_form_pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5958).
    coracle_form_encrypted_pkcs8,
    /// ECPrivateKey (RFC 5915), which names its curve.
    coracle_form_sec1,
};

/// Reads a SubjectPublicKeyInfo (RFC 5280 § 4.1), of which nothing may be left over. `point` is set if it is on P-256.
enum coracle_key_kind coracle_read_public_key(const uint8_t *der, size_t size, uint8_t *point);

/// Reads a private key. `secret` and `point` are set if it is on P-256.
enum coracle_key_kind coracle_read_private_key(
    enum coracle_key_form form, const uint8_t *der, size_t size, const uint8_t *password, size_t password_size,
    uint8_t *secret, uint8_t *point);

/// Makes a key pair.
int coracle_make_key(uint8_t *secret, uint8_t *point);

/// Signs the SHA-256 of a message. The signature is DER (RFC 3279 § 2.2.3) and has 72 bytes at most.
int coracle_sign(
    const uint8_t *secret, const uint8_t *point, const uint8_t *message, size_t size, uint8_t *signature,
    size_t *signature_size);

/// Whether `signature` is one of the message's SHA-256.
int coracle_verify(
    const uint8_t *point, const uint8_t *message, size_t size, const uint8_t *signature, size_t signature_size);

/// What is signed of a message.
enum coracle_hash {
    coracle_hash_sha1 = 1,
    coracle_hash_sha256 = 256,
    coracle_hash_sha512 = 512,
};

/// The size of the RSA key in a SubjectPublicKeyInfo, in bits; 0 if it is not an RSA key.
int coracle_rsa_bits(const uint8_t *der, size_t size);

/// Whether `signature` is one of the message's hash by the RSA key in a SubjectPublicKeyInfo: PKCS #1 v1.5 (RFC 8017 § 8.2).
int coracle_verify_rsa(
    const uint8_t *der, size_t der_size, enum coracle_hash hash, const uint8_t *message, size_t size,
    const uint8_t *signature, size_t signature_size);

/// scrypt (RFC 7914) with at most 129 MiB of memory.
int coracle_scrypt(
    const uint8_t *password, size_t password_size, const uint8_t *salt, size_t salt_size, uint64_t n, uint64_t r,
    uint64_t p, uint8_t *key, size_t key_size);

/// Poly1305 (RFC 8439 § 2.5): a key of 32 bytes, a tag of 16.
void coracle_poly1305(const uint8_t *key, const uint8_t *message, size_t size, uint8_t *tag);

/// Random bytes for keys.
void coracle_random(uint8_t *bytes, size_t size);

/// Whether bytes are the same, in a time that does not depend on them.
int coracle_same(const uint8_t *left, const uint8_t *right, size_t size);

/// Overwrites bytes; no compiler leaves that out.
void coracle_cleanse(void *bytes, size_t size);

#pragma clang assume_nonnull end
