// Where a record of what runs is kept (docs/audit.md).
#pragma once

#include <string>

#include "core/error.hpp"

namespace bdsh::config {

struct AuditTarget {
  enum class Kind { none, file, journald } kind = Kind::none;
  std::string path{};  // of the file, or of journald's socket when it is not the usual one
  friend bool operator==(const AuditTarget&, const AuditTarget&) = default;
};

// As options say it: "none", "journald", "journald:SOCKET", or a file's path ("./none" is one too).
Result<AuditTarget> parse_audit(const std::string& text);

}  // namespace bdsh::config
