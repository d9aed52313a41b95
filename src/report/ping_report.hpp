// What `bdsh-tui ping` prints: how each host fared and how long each step took.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/host_status.hpp"

namespace bdsh::report {

struct PingLine {
  std::string name;
  HostStatus status;
  std::array<std::optional<double>, 4> seconds;  // resolve, connect, key exchange, login
  std::optional<double> total;
};

std::string ping_report(const std::vector<PingLine>& hosts);
std::string ping_json(const std::vector<PingLine>& hosts);

}  // namespace bdsh::report
