// run.yaml and meta.yaml: values to text and back (docs/run-directory.md). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/host_status.hpp"
#include "run/run_writer.hpp"

namespace bdsh::run {

constexpr int kFormat = 1;  // of the run directory; written as `format:` in run.yaml

// YAML's end of a document. A run.yaml without it was cut short, though it may still parse.
constexpr std::string_view kEndMark = "...\n";

struct RunRecord {
  RunDescription description;
  std::vector<std::string> folders;  // by HostId
  std::optional<WallTime> finished;
};

// A host's meta.yaml.
struct HostMeta {
  HostStatus status;
  std::optional<WallTime> start;       // when it last began to connect
  std::optional<WallTime> end;         // when it ended; nothing while it has not
  std::optional<std::uint64_t> bytes;  // that it had sent when it ended
  std::string log_error;               // why out.log has fewer

  void apply(const HostStatus& next, WallTime now);
  // Whether `next` would change what the file says; steps of connecting do not.
  bool differs(const HostStatus& next) const;
  // What a log of that size lacks, in a line; nothing when that is not known.
  std::optional<std::string> missing(std::uint64_t log_size) const;
};

std::string to_yaml(const RunRecord& run);
std::string to_yaml(const HostMeta& meta, std::string_view host);

// Errors name the line. Texts in the result are sanitised; folders are as they were written.
Result<RunRecord> parse_run_yaml(const std::string& text);
Result<HostMeta> parse_meta_yaml(const std::string& text);

// A double-quoted YAML scalar; invalid UTF-8 becomes U+FFFD.
std::string yaml_quoted(std::string_view text);

}  // namespace bdsh::run
