// Host expressions: how a user writes many hosts in one line.
//
//   list  = [term] *( op term )          evaluated from left to right
//   op    = "," / blanks  union     "!"  difference     "&"  intersection     "^"  one side only
//   term  = ["ssh://"] [user "@"] host [":" port]  /  "@" group
//   host  = "[" IPv6 "]"  /  IPv6 (then no port)  /  1*( text / set / wildcard )
//   set   = "[" item *( "," item ) "]"
//   item  = number [ "-" number [ "/" step ] ]        web[01-20/2,40]: padding is kept
//
// Several sets in a host multiply (the last varies fastest). Wildcards ('*', '?') only select: they
// stand on the right of "!" and "&", and in exclusions. Hosts may not begin with '-' nor hold
// white space, quotes or shell metacharacters: names end up in scripts and in ssh(1) arguments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"

namespace bdsh::config {

constexpr std::size_t kMaxHosts = 100'000;  // of one expression, and of a run

struct Target {
  std::string user;  // empty: not given
  std::string host;  // without brackets
  std::optional<std::uint16_t> port;
  friend bool operator==(const Target&, const Target&) = default;
};

// The hosts of a group, or an Error that names what is wrong. Unset: "@group" is an error.
using GroupLookup = std::function<Result<std::vector<Target>>(const std::string& group)>;

// The hosts, in order, duplicates kept only once. Errors: ErrorKind::config,
// "host expression 'web[1-': column 7: …". Linear in the text and in the hosts.
Result<std::vector<Target>> expand_hosts(std::string_view expression,
                                         const GroupLookup& groups = {});

// The expression that stands for this one host: "deploy@[fe80::1]:2222".
std::string expression_of(const Target& target);

// What an expression selects from hosts that are already known (-x, "!", "&").
class HostFilter {
 public:
  static Result<HostFilter> parse(std::string_view expression, const GroupLookup& groups = {});
  // A user or port that the expression does not give matches any.
  bool matches(std::string_view user, std::string_view host,
               std::optional<std::uint16_t> port) const;
  bool matches(const Target& t) const { return matches(t.user, t.host, t.port); }

  void add(Target target);

 private:
  struct Wanted {
    std::string user;
    std::optional<std::uint16_t> port;
  };
  static bool admits(const Wanted& wanted, std::string_view user,
                     std::optional<std::uint16_t> port);
  std::unordered_map<std::string, std::vector<Wanted>> exact_;
  std::vector<Target> patterns_;
};

}  // namespace bdsh::config
