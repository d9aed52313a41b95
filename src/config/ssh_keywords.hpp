// The keywords of ssh_config(5), OpenSSH 9.2: how each one's value is written and what becomes of
// it here. Private to this layer's ssh_config code.
#pragma once

#include <cstdint>
#include <string_view>

namespace bdsh::config {

// The keywords whose values are used; all others share `other`.
enum class SshKey : std::uint8_t {
  host,
  match,
  include,
  ignore_unknown,
  host_name,
  user,
  port,
  address_family,
  bind_address,
  identity_file,
  certificate_file,
  identities_only,
  identity_agent,
  user_known_hosts,
  global_known_hosts,
  strict_host_key_checking,
  host_key_alias,
  hash_known_hosts,
  host_key_algorithms,
  kex_algorithms,
  ciphers,
  macs,
  pubkey_algorithms,
  preferred_authentications,
  password_authentication,
  kbdint_authentication,
  pubkey_authentication,
  gssapi_authentication,
  password_prompts,
  batch_mode,
  forward_agent,
  compression,
  connect_timeout,
  alive_interval,
  alive_count_max,
  send_env,
  set_env,
  canonicalize_hostname,
  proxy,  // ProxyJump and ProxyCommand: the first of either counts
  proxy_use_fdpass,
  remote_command,
  request_tty,
  log_level,
  other,
};
constexpr std::size_t kSshKeys = static_cast<std::size_t>(SshKey::other) + 1;

enum class SshValue : std::uint8_t {
  text,    // one word
  words,   // one or more words
  rest,    // the rest of the line, quotes and all
  flag,    // yes/no/true/false
  number,  // 0 or more
  port,
  duration,     // 90, 1m30s, or "none"
  family,       // any, inet, inet6
  strict,       // StrictHostKeyChecking's words
  algorithms,   // a list, perhaps behind '+', '-' or '^'
  assignments,  // NAME=VALUE …
  tty,          // RequestTTY's words
  level,        // LogLevel's words
  unchecked,
};

enum class SshSupport : std::uint8_t {
  used,       // its value is honoured
  pointless,  // changes nothing that this program does: no note
  missing,    // set to something other than `off`: named in a note
};

struct SshKeyword {
  std::string_view name;  // as it is spelled in the manual
  SshKey key;
  SshValue value;
  SshSupport support;
  std::string_view off;  // values that ask for nothing, separated by '|'
};

// By name in any case; null for a word that OpenSSH does not know either.
const SshKeyword* find_ssh_keyword(std::string_view name);

}  // namespace bdsh::config
