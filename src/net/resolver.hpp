// Host names to addresses, off the loop and cached. Numeric addresses need no look-up.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "net/lifecycle.hpp"
#include "net/workers.hpp"

namespace bdsh::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  std::string numeric;  // "192.0.2.1" or "2001:db8::1"

  Address with_port(std::uint16_t port) const;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

using Addresses = std::vector<Address>;  // in the order the system prefers, without ports
using Lookup = std::function<Result<Addresses>(const std::string& name, HostSpec::Family family)>;

// Blocks: the system's own resolver. `numeric_only` never does.
Result<Addresses> look_up(const std::string& name, HostSpec::Family family, bool numeric_only);

// Answers are kept for a minute, failures are not; equal questions under way are asked once.
class Resolver {
 public:
  using Callback = std::function<void(const Result<Addresses>&)>;

  // `workers` outlives the resolver; `lookup` runs on its threads.
  explicit Resolver(Workers& workers, Lookup lookup = [](const auto& name, auto family) {
    return look_up(name, family, false);
  });

  // Calls back at once for numeric and cached names, later otherwise. A callback that should no
  // longer run has to know so itself.
  void resolve(const std::string& name, HostSpec::Family family, Time now, Callback callback);

 private:
  struct Entry {
    Addresses addresses;
    Time until;
    std::vector<Callback> waiting;  // not empty: a look-up is under way
  };
  using Name = std::pair<std::string, HostSpec::Family>;

  void finished(const Name& name, const Result<Addresses>& result, Time now);

  Workers& workers_;
  Lookup lookup_;
  std::map<Name, Entry> entries_;
};

}  // namespace bdsh::net
