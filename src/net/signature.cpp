#include "net/signature.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>

#include "core/text.hpp"
#include "net/digest.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

constexpr int kLeastRsaBits = 1024;  // RequiredRSASize of ssh_config(5)
constexpr std::size_t kMostRsaBytes = 2048;

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> number(std::string_view mpint) {
  return Owned<BIGNUM>(BN_bin2bn(bytes_of(mpint), static_cast<int>(mpint.size()), nullptr));
}

Owned<EVP_PKEY> make_key(const char* kind, OSSL_PARAM_BLD* fields) {
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(fields));
  EVP_PKEY* key = nullptr;
  if (!context || !parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return {};
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> rsa_key(std::string_view fields) {
  std::string_view e;
  std::string_view n;
  if (!take_string(fields, e) || !take_string(fields, n) || n.size() > kMostRsaBytes ||
      e.size() > 8)
    return {};
  const Owned<BIGNUM> exponent = number(e);
  const Owned<BIGNUM> modulus = number(n);
  const Owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return {};
  Owned<EVP_PKEY> key = make_key("RSA", build.get());
  return key && EVP_PKEY_get_bits(key.get()) >= kLeastRsaBits ? std::move(key) : Owned<EVP_PKEY>();
}

struct Curve {
  std::string_view name;  // of SSH
  const char* group;      // of libcrypto
  const EVP_MD* (*digest)();
};
constexpr Curve kCurves[] = {{"nistp256", "P-256", EVP_sha256},
                             {"nistp384", "P-384", EVP_sha384},
                             {"nistp521", "P-521", EVP_sha512}};

const Curve* curve_of(std::string_view type) {
  if (type == "sk-ecdsa-sha2-nistp256@openssh.com") return &kCurves[0];
  for (const Curve& curve : kCurves)
    if (type == "ecdsa-sha2-" + std::string(curve.name)) return &curve;
  return nullptr;
}

Owned<EVP_PKEY> ec_key(const Curve& curve, std::string_view fields) {
  std::string_view name;
  std::string_view point;
  if (!take_string(fields, name) || !take_string(fields, point) || name != curve.name) return {};
  const Owned<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return {};
  return make_key("EC", build.get());
}

Owned<EVP_PKEY> ed25519_key(std::string_view fields) {
  std::string_view point;
  if (!take_string(fields, point)) return {};
  return Owned<EVP_PKEY>(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(point), point.size()));
}

// r and s as libcrypto takes them: DER.
std::string der_of(std::string_view signature) {
  std::string_view r;
  std::string_view s;
  constexpr std::size_t kMost = 67;  // a P-521 number with its sign
  if (!take_string(signature, r) || !take_string(signature, s) || r.size() > kMost ||
      s.size() > kMost)
    return {};
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  if (ECDSA_SIG_set0(pair.get(), number(r).release(), number(s).release()) != 1) return {};
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

bool is_good(EVP_PKEY* key, const EVP_MD* digest, std::string_view signature,
             std::string_view data) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(data),
                          data.size()) == 1;
}

// What a token signs in place of the data: its digest, between that of the application and what the
// token adds (flags and a counter). Empty when something is missing.
std::string token_data(std::string_view application_field, std::string_view added,
                       std::string_view data) {
  std::string_view application;
  constexpr std::size_t kFlagsAndCounter = 5;
  if (!take_string(application_field, application) || added.size() != kFlagsAndCounter) return {};
  return sha256(application).append(added).append(sha256(data));
}

struct Parts {
  std::string_view key_type;
  std::string_view fields;  // of the key, after its type
  std::string_view kind;    // of the signature
  std::string_view signature;
  std::string_view added;  // after the signature: of tokens only
};

bool check_rsa(const Parts& parts, std::string_view data) {
  const Owned<EVP_PKEY> key = rsa_key(parts.fields);
  if (!key) return false;
  const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  if (parts.signature.size() > size) return false;
  // Some signers leave leading zeros away.
  const std::string padded =
      std::string(size - parts.signature.size(), '\0').append(parts.signature);
  return is_good(key.get(), parts.kind == "rsa-sha2-512" ? EVP_sha512() : EVP_sha256(), padded,
                 data);
}

std::string_view after_strings(std::string_view fields, int count) {
  std::string_view skipped;
  while (count-- > 0)
    if (!take_string(fields, skipped)) return {};
  return fields;
}

bool check(const Parts& parts, std::string_view data) {
  if (parts.key_type == "ssh-rsa") return check_rsa(parts, data);
  const bool token = parts.key_type.starts_with("sk-");
  const Curve* curve = curve_of(parts.key_type);
  const std::string signed_by_token =
      token ? token_data(after_strings(parts.fields, curve ? 2 : 1), parts.added, data) : "";
  if (token ? signed_by_token.empty() : !parts.added.empty()) return false;
  const std::string_view message = token ? std::string_view(signed_by_token) : data;
  if (curve)
    return is_good(ec_key(*curve, parts.fields).get(), curve->digest(), der_of(parts.signature),
                   message);
  return is_good(ed25519_key(parts.fields).get(), nullptr, parts.signature, message);
}

bool fits(const Parts& parts) {
  if (parts.key_type == "ssh-rsa")
    return parts.kind == "rsa-sha2-256" || parts.kind == "rsa-sha2-512";
  const bool known = curve_of(parts.key_type) || parts.key_type == "ssh-ed25519" ||
                     parts.key_type == "sk-ssh-ed25519@openssh.com";
  return known && parts.kind == parts.key_type;
}

}  // namespace

Status check_signature(std::string_view key, std::string_view signature, std::string_view data) {
  Parts parts;
  parts.fields = key;
  parts.added = signature;
  if (!take_string(parts.fields, parts.key_type) || !take_string(parts.added, parts.kind) ||
      !take_string(parts.added, parts.signature))
    return Error{ErrorKind::host_key, "its signature is broken"};
  if (!fits(parts))
    return Error{ErrorKind::host_key, "its signature is of a kind that is not accepted (" +
                                          sanitised(parts.kind, 64) + ")"};
  if (!check(parts, data)) return Error{ErrorKind::host_key, "its signature is wrong"};
  return Done{};
}

}  // namespace bdsh::net
