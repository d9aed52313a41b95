#include "app/alignment_runner.hpp"

#include <utility>

namespace bdsh::app {

AlignmentRunner::AlignmentRunner(consensus::Comparison& comparison, Execute execute,
                                 std::function<void()> delivered)
    : comparison_(comparison), execute_(std::move(execute)), delivered_(std::move(delivered)) {}

void AlignmentRunner::run() {
  for (auto& job : comparison_.take_jobs()) {
    running_.push_back(job);
    execute_([job] { job->run(); }, [this, job] { deliver(job); });
  }
}

void AlignmentRunner::deliver(const std::shared_ptr<consensus::AlignJob>& job) {
  std::erase(running_, job);
  const std::uint64_t before = comparison_.generation();
  comparison_.deliver(*job);
  if (comparison_.generation() != before) delivered_();
}

void AlignmentRunner::stop() {
  for (const auto& job : running_) job->cancel();
}

}  // namespace bdsh::app
