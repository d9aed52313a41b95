// Host expressions: how a user writes many hosts in one line (docs/hosts.md).
//
//   list   = [term] *( op term )          evaluated from left to right
//   op     = "," / blanks  union     "!"  difference     "&"  intersection     "^"  one side only
//   term   = ["ssh://"] [user "@"] host [":" port]  /  "@" [source ":"] group
//          / "-" term        left out of the whole list      / "/" regex "/"  its hosts are kept
//          / "^" path        the hosts of a file: with a "/", "./", "../" or "~/" in front
//   host   = "[" IPv6 "]"  /  IPv6 (then no port)  /  1*( text / set / braces / wildcard )
//   set    = "[" item *( "," item ) "]"
//   item   = number [ "-" number [ "/" step ] ]        web[01-20/2,40]: padding is kept
//   braces = "{" *host *( "," *host ) "}"  /  "{" number ".." number [ ".." step ] "}"
//
// Several sets in a host multiply (the last varies fastest). A wildcard ('*', '?') chooses from the
// hosts that are known; behind "!" and "&", and in -x, from those of the list. Hosts may not begin with '-' nor hold
// white space, quotes or shell metacharacters: names end up in scripts and in ssh(1) arguments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/name_regex.hpp"
#include "core/error.hpp"

namespace bdsh::config {

constexpr std::size_t kMaxHosts = 100'000;  // of one expression, and of a run

struct Target {
  std::string user;  // empty: not given
  std::string host;  // without brackets
  std::optional<std::uint16_t> port;
  friend bool operator==(const Target&, const Target&) = default;
};

// Where the names in an expression are looked up; the errors say what is wrong. What is unset is an
// error to name.
struct HostLookup {
  using Hosts = Result<std::vector<Target>>;
  std::function<Hosts(const std::string& name)> group{};  // "web", "dsh:web", "*": all, "we*"
  std::function<Hosts()> known{};                         // what wildcards choose from
  std::function<Hosts(const std::string& path)> file{};
};

// The hosts, in order, duplicates kept only once. Errors: ErrorKind::config,
// "host expression 'web[1-': column 7: …". Linear in the text and in the hosts.
Result<std::vector<Target>> expand_hosts(std::string_view expression, const HostLookup& lookup = {});

// The expression that stands for this one host: "deploy@[fe80::1]:2222".
std::string expression_of(const Target& target);

// What an expression selects from hosts that are already known (-x, "!", "&").
class HostFilter {
 public:
  static Result<HostFilter> parse(std::string_view expression, const HostLookup& lookup = {});
  // A user or port that the expression does not give matches any.
  bool matches(std::string_view user, std::string_view host,
               std::optional<std::uint16_t> port) const;
  bool matches(const Target& t) const { return matches(t.user, t.host, t.port); }

  void add(Target target);
  void add(NameRegex regex) { regexes_.push_back(std::move(regex)); }

 private:
  struct Wanted {
    std::string user;
    std::optional<std::uint16_t> port;
  };
  static bool admits(const Wanted& wanted, std::string_view user,
                     std::optional<std::uint16_t> port);
  std::unordered_map<std::string, std::vector<Wanted>> exact_;
  std::vector<Target> patterns_;
  std::vector<NameRegex> regexes_;
};

}  // namespace bdsh::config
