// The audit of one start of the program (docs/audit.md): who started it, and the writer that all
// its trails share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "config/audit_target.hpp"
#include "core/error.hpp"
#include "run/audit_record.hpp"
#include "run/audit_writer.hpp"

namespace bdsh::app {

// Null for AuditTarget::Kind::none. To be called before anything runs: what cannot be recorded must
// not be begun.
Result<std::unique_ptr<run::AuditSink>> open_audit(const config::AuditTarget& target);

class Audit {
 public:
  using Failed = std::function<void(const Error&)>;

  // `sink` may be null: then nothing is recorded. `failed` is called on the loop with the first
  // error, if that comes while the loop runs. `loop` outlives the audit.
  Audit(boost::asio::io_context& loop, std::unique_ptr<run::AuditSink> sink, Failed failed);

  bool on() const { return writer_ != nullptr; }
  // With the time and the user in front of its fields.
  void add(run::AuditRecord record, std::chrono::system_clock::time_point now);
  // Drains, and says on stderr what was lost.
  void close();

 private:
  run::AuditRecord user_;  // the fields that say who
  std::unique_ptr<run::AuditWriter> writer_;
};

}  // namespace bdsh::app
