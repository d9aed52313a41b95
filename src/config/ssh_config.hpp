// ssh_config(5), evaluated as OpenSSH 9.2 does: read once, then resolved for any number of hosts.
// `ssh -G` is the oracle in the tests. docs/configuration.md lists what is honoured.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/environment.hpp"
#include "core/error.hpp"
#include "core/host_spec.hpp"

namespace bdsh::config {

// What is known of a host before the files are asked.
struct SshQuery {
  std::string host;                 // as the user named it: what Host patterns match
  std::optional<std::string> user;  // these come before -o,
  std::optional<std::uint16_t> port;
  std::optional<std::string> configured_user;  // and these between -o and the files
  std::optional<std::uint16_t> configured_port;
  bool with_options = true;  // -o counts; as for ssh(1), not for jump hosts
};

// What ssh_config says of one host. Optional: not said. Paths are expanded.
struct SshSettings {
  std::string address;
  std::string user;  // the local login when nothing else is said
  std::uint16_t port = 22;
  HostSpec::Family family = HostSpec::Family::any;
  std::string bind_address;
  std::optional<std::vector<std::string>> identity_files;  // empty: "none"
  std::vector<std::string> certificate_files;
  bool identities_only = false;
  std::string identity_agent;  // empty: $SSH_AUTH_SOCK; "none"
  std::vector<std::string> user_known_hosts;
  std::vector<std::string> global_known_hosts;
  std::optional<HostKeyPolicy> host_key_policy;
  std::string host_key_alias;
  bool hash_known_hosts = false;
  // As OpenSSH spells them, with '+', '-' and '^'; empty: not set.
  std::string host_key_algorithms, kex_algorithms, ciphers, macs, pubkey_algorithms;
  std::string preferred_authentications;
  bool gssapi_authentication = false;
  int password_prompts = 3;
  bool batch_mode = false;
  std::string forward_agent;  // "yes", a socket, or empty: no
  bool compression = false;
  std::optional<std::chrono::seconds> connect_timeout;
  std::optional<std::chrono::seconds> alive_interval;
  std::optional<int> alive_count_max;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string remote_command;       // tokens expanded; empty: none
  std::string request_tty = "auto";  // or no, yes, force
  std::string log_level = "INFO";    // as `ssh -G` spells it; what is logged here does not depend on it
  // The first of either, tokens expanded; empty: none. `proxy_set`: even "none" was said.
  std::string proxy_jump;
  std::string proxy_command;
  bool proxy_set = false;
  // Why no session can be opened in the way the configuration asks for.
  std::optional<Error> unusable;
  // Keywords that are set for this host and cannot be honoured: "FILE:LINE: ForwardAgent …".
  std::vector<std::string> notes;
};

class SshConfig {
 public:
  // `options`: -o's "KEY=VALUE", in order. `file`: -F ("none": no file at all); unset: the user's
  // and the system's, absent ones are fine. Errors name file and line.
  static Result<SshConfig> load(const std::vector<std::string>& options,
                                const std::optional<std::string>& file,
                                const Environment& environment);
  ~SshConfig();
  SshConfig(SshConfig&&) noexcept;
  SshConfig& operator=(SshConfig&&) noexcept;

  // Runs the commands of "Match exec" (each different one once per SshConfig); otherwise pure.
  Result<SshSettings> resolve(const SshQuery& query) const;
  // Whether a -o sets this keyword (in any case).
  bool option_given(std::string_view keyword) const;

 private:
  struct Impl;
  explicit SshConfig(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::config
