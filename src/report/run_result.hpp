// What both reports are made from: a finished run as plain values.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "consensus/comparison.hpp"
#include "consensus/outcome.hpp"
#include "core/host_status.hpp"

namespace bdsh::report {

struct HostResult {
  std::string name;
  std::string endpoint;  // "127.0.0.7:2200", said beside a failure; may be empty
  HostStatus status;
  std::optional<double> seconds;  // from its first connecting to its end
};

// Hands out lines in order until there are none or `take` refuses more.
using TakeLine = std::function<bool(const std::string& line)>;
using LineSource = std::function<void(const TakeLine& take)>;

// A variant's output, by the host that stands for it.
struct VariantText {
  std::vector<std::string> lines;  // as printed, unmasked; of many the first
  // Those that are not in memory: compared by their hashes, and in no diff.
  std::size_t more = 0;
  // All lines, read again from where they are kept; empty: they are out of reach.
  LineSource all{};
  std::vector<consensus::DiffRow> diff{};  // against the reference; empty for the reference
};

struct RunResult {
  std::optional<std::string> command;
  std::vector<HostResult> hosts;  // by HostId
  consensus::Outcome outcome;
  std::vector<VariantText> variants;  // as outcome.variants
};

RunResult gather(std::optional<std::string> command, std::vector<HostResult> hosts,
                 consensus::Comparison& comparison);

std::vector<std::string> names_of(const HostSet& set, const std::vector<HostResult>& hosts);

}  // namespace bdsh::report
