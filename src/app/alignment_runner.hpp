// Takes the alignments that a comparison leaves to others, has them run off the loop, and delivers
// what they come to. A frame is drawn without them meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "consensus/comparison.hpp"

namespace bdsh::app {

class AlignmentRunner {
 public:
  // Runs `job` on another thread, then `done` on the loop, or neither once it is destroyed.
  using Execute = std::function<void(std::function<void()> job, std::function<void()> done)>;

  // `comparison` outlives the runner, and the runner what `execute` runs. `delivered` is called on
  // the loop after each result that somebody waited for.
  AlignmentRunner(consensus::Comparison& comparison, Execute execute,
                  std::function<void()> delivered);
  void run();   // hands over what has come up since the last call
  void stop();  // what has not begun will do nothing

 private:
  void deliver(const std::shared_ptr<consensus::AlignJob>& job);

  consensus::Comparison& comparison_;
  Execute execute_;
  std::function<void()> delivered_;
  std::vector<std::shared_ptr<consensus::AlignJob>> running_;
};

}  // namespace bdsh::app
