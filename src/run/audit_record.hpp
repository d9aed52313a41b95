// One thing that an audit trail says, and how it is written: as a line of JSON, or as a message of
// journald's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bdsh::run {

struct AuditRecord {
  using Value = std::variant<std::string, std::int64_t, double>;
  std::string message;                                // for people; journald's MESSAGE
  std::vector<std::pair<std::string, Value>> fields;  // in the order in which they are written

  void add(std::string name, Value value) {
    fields.emplace_back(std::move(name), std::move(value));
  }
};

// With its line end; bytes that are not UTF-8 become U+FFFD.
std::string audit_line(const AuditRecord& record);
// Fields are named BDSH_… there. Values may hold anything.
std::string journal_message(const AuditRecord& record);

}  // namespace bdsh::run
