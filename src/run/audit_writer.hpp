// Audit records on their way to a sink, on a thread of their own: a disk that hangs holds nobody
// else. The order is kept. A record that cannot be written is counted, never tried again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "run/audit_record.hpp"
#include "run/audit_sink.hpp"

namespace bdsh::run {

class AuditWriter {
 public:
  // `failed` is called on the writer's thread with the first error; it must only pass it on.
  explicit AuditWriter(
      std::unique_ptr<AuditSink> sink,
      std::function<void(const Error&)> failed = [](const Error&) {});
  ~AuditWriter();  // as close()
  AuditWriter(const AuditWriter&) = delete;
  AuditWriter& operator=(const AuditWriter&) = delete;

  void add(AuditRecord record);

  static constexpr std::chrono::milliseconds kPatience{5'000};
  // Waits until all is written, but not longer than that: then the thread is left behind. The error
  // says how many records are missing and why; nothing when none is.
  std::optional<Error> close(std::chrono::milliseconds patience = kPatience);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace bdsh::run
