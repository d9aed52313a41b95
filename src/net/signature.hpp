// Signatures by SSH keys, checked with libcrypto. Keys and signatures are in wire form:
// RFC 4253 §6.6 and RFC 8332 (RSA with SHA-2), RFC 5656 §3.1 (ECDSA), RFC 8709 (Ed25519),
// OpenSSH's PROTOCOL.u2f (keys on a security token).
#pragma once

#include <string_view>

#include "core/error.hpp"

namespace bdsh::net {

// Fails with why it is not good: another key's, other data, a kind that is too weak (SHA-1, DSA,
// RSA below 1024 bits: what ssh refuses too) or not known.
Status check_signature(std::string_view key, std::string_view signature, std::string_view data);

}  // namespace bdsh::net
