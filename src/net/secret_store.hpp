// Where passwords and passphrases are kept between runs: the user's keyring.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "core/secret.hpp"

namespace bdsh::net {

// What a secret is of: a login at a host, or a private key's file.
struct SecretName {
  std::string user{};  // of a password
  std::string host{};
  std::uint16_t port = 0;
  std::string key{};  // of a passphrase: the file's path; the rest is empty then
  friend auto operator<=>(const SecretName&, const SecretName&) = default;

  std::string words()
      const;  // "password of deploy on web01:22", "passphrase of /home/deploy/.ssh/id"
};

// Calls may block, for as long as the user takes to unlock the keyring: on a worker only, one at a
// time. Errors are of ErrorKind::io.
class SecretStore {
 public:
  virtual ~SecretStore() = default;
  virtual Result<std::optional<Secret>> find(const SecretName& name) = 0;
  virtual Status keep(const SecretName& name, const Secret& secret) = 0;  // in place of an old one
};

// The Secret Service of the session's D-Bus (GNOME Keyring, KWallet, KeePassXC …). The error says
// why there is none; waits for it at most 5 s. Not before a fork(): its library has threads.
Result<std::shared_ptr<SecretStore>> open_secret_service();

}  // namespace bdsh::net
