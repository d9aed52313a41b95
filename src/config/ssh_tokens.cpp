#include "config/ssh_tokens.hpp"

#include <openssl/evp.h>
#include <pwd.h>

#include <array>

namespace bdsh::config {
namespace {

Error bad(const std::string& what) {
  return {ErrorKind::config, what};
}

std::string short_host_name(const Environment& environment) {
  return environment.host_name.substr(0, environment.host_name.find('.'));
}

// %C: SHA-1 over the connection's four parts, as ssh(1) names its control sockets.
std::string connection_hash(const SshTokens& tokens) {
  const std::string text = tokens.environment->host_name + tokens.host + tokens.port + tokens.user;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4U];
    hex += "0123456789abcdef"[digest[i] & 15U];
  }
  return hex;
}

bool append_token(char token, const SshTokens& tokens, std::string& out) {
  const Environment& local = *tokens.environment;
  switch (token) {
    case '%':
      out += '%';
      return true;
    case 'C':
      out += connection_hash(tokens);
      return true;
    case 'd':
      out += local.passwd_home;
      return true;
    case 'h':
      out += tokens.host;
      return true;
    case 'i':
      out += std::to_string(local.uid);
      return true;
    case 'k':
      out += tokens.host_key_alias.empty() ? tokens.original : tokens.host_key_alias;
      return true;
    case 'L':
      out += short_host_name(local);
      return true;
    case 'l':
      out += local.host_name;
      return true;
    case 'n':
      out += tokens.original;
      return true;
    case 'p':
      out += tokens.port;
      return true;
    case 'r':
      out += tokens.user;
      return true;
    case 'u':
      out += local.user;
      return true;
    default:
      return false;
  }
}

// `at` is behind "${" and is moved behind "}".
Status append_variable(std::string_view text, std::size_t& at, const Environment& local,
                       std::string& out) {
  const std::size_t close = text.find('}', at);
  if (close == text.npos) return bad("'${' has no closing '}'");
  const std::string name(text.substr(at, close - at));
  const std::string* value = local.find(name);
  if (value == nullptr) return bad("the variable ${" + name + "} is not set");
  out += *value;
  at = close + 1;
  return Done{};
}

}  // namespace

Result<std::string> expand_ssh_tokens(std::string_view text, const SshTokens& tokens) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '$' && at < text.size() && text[at] == '{') {
      if (const auto ok = append_variable(text, ++at, *tokens.environment, out); !ok)
        return ok.error();
    } else if (c == '%') {
      if (at == text.size()) return bad("'%' stands at the end");
      if (!append_token(text[at], tokens, out))
        return bad(std::string("unknown token %") + text[at]);
      ++at;
    } else {
      out += c;
    }
  }
  return out;
}

Result<std::string> expand_command_tokens(std::string_view text, const SshTokens& tokens) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
    } else if (++at == text.size() || !append_token(text[at], tokens, out)) {
      return bad("unknown token " + std::string(text.substr(at - 1, 2)));
    }
  }
  return out;
}

Result<std::string> expand_proxy_tokens(std::string_view text, const SshTokens& tokens) {
  constexpr std::string_view kAllowed = "%hknpr";
  constexpr std::string_view kForShells = "'`\"$\\;&<>|(){}*?[]~#!\t\r\n ";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    if (++at == text.size()) return bad("'%' stands at the end");
    std::string value;
    if (kAllowed.find(text[at]) == kAllowed.npos || !append_token(text[at], tokens, value))
      return bad(std::string("unknown token %") + text[at]);
    if (value.find_first_of(kForShells) != value.npos || value.starts_with('-'))
      return bad(std::string("what %") + text[at] + " stands for is not fit for a shell");
    out += value;
  }
  return out;
}

Result<std::string> expand_ssh_tilde(const std::string& path, const Environment& environment) {
  if (path.empty() || path[0] != '~') return path;
  const std::size_t slash = path.find('/');
  const std::string user = path.substr(1, slash == path.npos ? path.npos : slash - 1);
  const std::string rest = slash == path.npos ? "" : path.substr(slash);
  if (user.empty()) return environment.passwd_home + rest;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) return bad("there is no user '" + user + "' (~" + user + ")");
  return entry->pw_dir + rest;
}

}  // namespace bdsh::config
