// Where audit records go: the end of a file, or journald. Used by one thread at a time; may block
// on the disk. Errors are of ErrorKind::io and name the file or the socket.
#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"
#include "run/audit_record.hpp"
#include "run/files.hpp"

namespace bdsh::run {

class AuditSink {
 public:
  virtual ~AuditSink() = default;
  virtual Status write(const AuditRecord& record) = 0;
};

inline constexpr const char* kJournalSocket = "/run/systemd/journal/socket";

// Appends (O_APPEND); a new file gets mode 0600, one that is there keeps its own. No link is
// followed in the last component, and it must be a regular file. A file that was moved away is
// made anew, as log rotation expects. `path` is absolute. `write` stands in for write(2) in tests.
Result<std::unique_ptr<AuditSink>> open_audit_file(const std::string& path,
                                                   WriteCall write = system_write());
Result<std::unique_ptr<AuditSink>> open_journal(const std::string& socket = kJournalSocket);

}  // namespace bdsh::run
