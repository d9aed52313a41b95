// libFuzzer target: any text as a known_hosts file, then every kind of question to it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/known_hosts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  bdsh::net::KnownHosts hosts;
  hosts.add("fuzz", text);
  const bdsh::net::HostKey key{"ssh-ed25519", std::string("\0\0\0\x0bssh-ed25519", 15)};
  const auto check = hosts.check("host", key);
  const auto types = hosts.known_types("[host]:2222");
  return check.known.size() > hosts.size() || types.size() > hosts.size() ? __builtin_trap(), 0 : 0;
}
