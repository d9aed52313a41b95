// Which hosts of a run begin when: so many at a time, and no more once too many have failed. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/options.hpp"
#include "core/ids.hpp"

namespace bdsh::app {

struct RolloutRules {
  std::optional<int> serial;   // so many; the next so many when all of them have ended
  std::optional<int> rolling;  // so many at a time
  std::optional<config::MaxFail> max_fail;
  bool fail_fast = false;      // as max_fail 0
  bool any() const { return serial || rolling || max_fail || fail_fast; }
};

class Rollout {
 public:
  Rollout(RolloutRules rules, HostSet hosts)
      : rules_(rules), total_(hosts.size()), waiting_(std::move(hosts)) {}

  // The hosts to start now; they count as running from here on.
  HostSet next();
  void ended(HostId host, bool success);

  bool stopped() const { return failed_ > allowed(); }
  // Those that will not be started, once it has stopped; empty on the next call.
  HostSet take_left();
  std::string reason() const;  // "not started: 3 of 20 hosts failed"

 private:
  std::size_t allowed() const;  // failures

  RolloutRules rules_;
  std::size_t total_;
  HostSet waiting_;
  HostSet running_;
  std::size_t failed_ = 0;
};

}  // namespace bdsh::app
