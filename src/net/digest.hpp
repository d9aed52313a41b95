// The few digests and encodings that host keys need. Bytes in, bytes out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bdsh::net {

std::string sha256(std::string_view data);                          // 32 bytes
std::string hmac_sha1(std::string_view key, std::string_view data);  // 20 bytes
// The same of one key and many texts: what depends on the key alone is done once.
class HmacSha1 {
 public:
  explicit HmacSha1(std::string_view key);
  std::array<unsigned char, 20> of(std::string_view data) const;

 private:
  using State = std::array<std::uint32_t, 5>;  // of SHA-1, after the key's block
  State inner_;
  State outer_;
};

std::string random_bytes(std::size_t count);
std::string to_base64(std::string_view bytes, bool padded = true);
// Nothing when it is not canonical base64.
std::optional<std::string> from_base64(std::string_view text);

// "SHA256:…", as ssh-keygen -l prints it, of a public key in its wire form.
std::string fingerprint(std::string_view key_blob);

}  // namespace bdsh::net
