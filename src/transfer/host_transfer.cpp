#include "transfer/host_transfer.hpp"

#include <algorithm>
#include <utility>

namespace bdsh::transfer {

void HostTransfer::begin() { runner_.sftp().hello(); }

void HostTransfer::receive(std::string_view bytes) {
  if (ended_) return;
  if (const Status taken = runner_.receive(bytes); !taken) {
    broken_ = taken.error();
    return broke_off();
  }
  go_on();
}

void HostTransfer::go_on() {
  if (!runner_.sftp().ready()) return;
  if (!std::exchange(started_, true)) start();
  runner_.settle();
  while (!aborted_ && start_more()) runner_.settle();
  ended_ = runner_.running() == 0 && (aborted_ || complete());
}

void HostTransfer::broke_off() {
  runner_.clear();
  ended_ = true;
}

void HostTransfer::abort() {
  aborted_ = true;
  runner_.abort();
  if (runner_.running() == 0) ended_ = true;
}

// A server may allow few open files, and one channel of it all of them.
std::size_t HostTransfer::most_jobs() const {
  const auto handles = runner_.sftp().most_handles().value_or(limits_.jobs);
  return std::max<std::size_t>(1, std::min<std::uint64_t>(limits_.jobs, handles));
}

void HostTransfer::note(const std::string& path, const std::optional<Error>& problem) {
  if (!problem) return;
  if (problem_count_++ < kProblemsKept) problems_.push_back({path, problem->message});
}

void HostTransfer::skip(const std::string& path, const std::string& what) {
  if (skipped_.size() < kProblemsKept) skipped_.push_back({path, what});
}

}  // namespace bdsh::transfer
