// The low-level SHA-1 functions are deprecated in favour of EVP, which costs five times as much per
// call: with 10,000 hashed known_hosts lines and 1,000 hosts that is the difference.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "net/digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <initializer_list>
#include <stdexcept>

namespace bdsh::net {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sha1(std::initializer_list<std::string_view> parts) {
  SHA_CTX context;
  SHA1_Init(&context);
  for (const std::string_view part : parts) SHA1_Update(&context, part.data(), part.size());
  std::string out(SHA_DIGEST_LENGTH, '\0');
  SHA1_Final(reinterpret_cast<unsigned char*>(out.data()), &context);
  return out;
}

}  // namespace

std::string sha256(std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned length = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("libcrypto refuses SHA-256");
  return {reinterpret_cast<const char*>(out.data()), length};
}

namespace {

using Digest = std::array<unsigned char, SHA_DIGEST_LENGTH>;

std::array<std::uint32_t, 5> after_key(std::string_view key, unsigned char pad) {
  std::array<unsigned char, SHA_CBLOCK> block{};
  for (std::size_t i = 0; i < block.size(); ++i)
    block[i] = pad ^ (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
  return {context.h0, context.h1, context.h2, context.h3, context.h4};
}

Digest finish(const std::array<std::uint32_t, 5>& state, const void* data, std::size_t size) {
  SHA_CTX context{};
  context.h0 = state[0];
  context.h1 = state[1];
  context.h2 = state[2];
  context.h3 = state[3];
  context.h4 = state[4];
  context.Nl = SHA_CBLOCK * 8;  // bits hashed so far
  SHA1_Update(&context, data, size);
  Digest out;
  SHA1_Final(out.data(), &context);
  return out;
}

}  // namespace

HmacSha1::HmacSha1(std::string_view key) {
  const std::string short_key = key.size() > SHA_CBLOCK ? sha1({key}) : std::string(key);
  inner_ = after_key(short_key, 0x36);
  outer_ = after_key(short_key, 0x5C);
}

std::array<unsigned char, 20> HmacSha1::of(std::string_view data) const {
  const Digest inner = finish(inner_, data.data(), data.size());
  return finish(outer_, inner.data(), inner.size());
}

std::string hmac_sha1(std::string_view key, std::string_view data) {
  const auto digest = HmacSha1(key).of(data);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("libcrypto has no random bytes");
  return out;
}

std::string to_base64(std::string_view bytes, bool padded) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  if (!padded)
    while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return {};
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                      static_cast<int>(text.size())) < 0)
    return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  out.resize(out.size() - padding);
  // EVP_DecodeBlock skips blanks and accepts '=' anywhere; a round trip does not.
  if (to_base64(out) != text) return {};
  return out;
}

std::string fingerprint(std::string_view key_blob) {
  return "SHA256:" + to_base64(sha256(key_blob), false);
}

}  // namespace bdsh::net
