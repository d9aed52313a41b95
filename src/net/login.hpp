// How a host showed who it is and how it let us in, for those who keep a record of it.
#pragma once

#include <string>

namespace bdsh::net {

struct Login {
  std::string host_key;        // "ssh-ed25519 SHA256:…"
  std::string host_authority;  // that certified it, as host_key with "(FILE:LINE)"; empty: none
  // As RFC 4252 names them, in order: "publickey", "publickey,keyboard-interactive"; empty: not in
  // yet.
  std::string method;
  std::string key;  // that logged in, as host_key; empty: none did, or it is not known
  friend bool operator==(const Login&, const Login&) = default;
};

}  // namespace bdsh::net
