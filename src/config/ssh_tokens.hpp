// The %-tokens and ${VARIABLES} of ssh_config(5), and its "~".
#pragma once

#include <string>
#include <string_view>

#include "config/environment.hpp"

namespace bdsh::config {

struct SshTokens {
  const Environment* environment = nullptr;
  std::string original;        // %n
  std::string host;            // %h
  std::string host_key_alias;  // %k, or the original name when empty
  std::string user;            // %r
  std::string port;            // %p
};

// Tokens %% %C %d %h %i %k %L %l %n %p %r %u and ${NAME}. Errors name the token or variable.
Result<std::string> expand_ssh_tokens(std::string_view text, const SshTokens& tokens);
// The same tokens without the variables: RemoteCommand's are the host's.
Result<std::string> expand_command_tokens(std::string_view text, const SshTokens& tokens);
// A ProxyCommand's or ProxyJump's: %% %h %k %n %p %r; variables are left to the shell. An error also
// when a name or user to be put in holds what a shell would act on.
Result<std::string> expand_proxy_tokens(std::string_view text, const SshTokens& tokens);
// "~/…" and "~user/…" by the password database, as ssh(1) does it.
Result<std::string> expand_ssh_tilde(const std::string& path, const Environment& environment);

}  // namespace bdsh::config
