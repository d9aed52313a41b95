// ssh_config text made into items that are cheap to evaluate for many hosts: keywords looked up,
// values checked, patterns cut, included files read. Private to this layer's ssh_config code.
//
// As in OpenSSH, a bad value is an error even in a block that does not apply to any host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/environment.hpp"
#include "config/ssh_keywords.hpp"
#include "core/error.hpp"

namespace bdsh::config {

struct SshPattern {
  std::string text;
  bool negated = false;
};
// 1: matches, 0: does not, -1: a negated pattern matches, which ends every search.
int match_patterns(const std::vector<SshPattern>& patterns, std::string_view text);

struct SshLine {
  const SshKeyword* keyword = nullptr;
  std::vector<std::string> arguments;
  std::string place;  // "FILE:LINE"
};
struct SshHostBlock {
  std::vector<SshPattern> patterns;
};
struct SshCriterion {
  enum class Kind { all, final_pass, host, original_host, user, local_user, exec } kind = Kind::all;
  bool negated = false;
  std::vector<SshPattern> patterns;
  std::string command;  // exec
};
struct SshMatchBlock {
  std::vector<SshCriterion> criteria;
  std::string place;
};
struct SshFile;
struct SshInclude {
  std::vector<SshFile> files;
};
using SshItem = std::variant<SshLine, SshHostBlock, SshMatchBlock, SshInclude>;
struct SshFile {
  std::vector<SshItem> items;
};

struct SshReadOptions {
  bool user_file = false;    // relative includes are below ~/.ssh, else below /etc/ssh
  bool must_exist = false;   // -F
  bool check_owner = false;  // as ssh(1): not writable by others, owned by the user or root
};
Result<SshFile> read_ssh_file(const std::string& path, const SshReadOptions& options,
                              const Environment& environment);
Result<SshFile> parse_ssh_text(std::string_view text, const std::string& name, bool user_file,
                               const Environment& environment);
// One -o; Host, Match and Include are refused.
Result<SshLine> parse_ssh_option(const std::string& option);

// Seconds of "90" or "1h30m"; nothing for what is no duration. "none" is not handled here.
std::optional<std::int64_t> parse_ssh_duration(std::string_view text);

}  // namespace bdsh::config
