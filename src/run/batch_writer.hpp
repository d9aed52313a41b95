// The writer thread's work: batches to files, in an order that a reader of the growing directory
// can rely on. Used by one thread at a time; blocks on the disk.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "run/hand_over.hpp"
#include "run/run_files.hpp"

namespace bdsh::run {

class BatchWriter {
 public:
  using Steady = std::chrono::steady_clock;

  // `report` is called with every error.
  BatchWriter(RunFiles files, std::function<void(const Error&)> report);

  void make_folders();
  void write(Batch& batch);
  // States that are to be written then, unless they pass before.
  std::optional<Steady::time_point> due() const;
  void finish(WallTime now, bool sync);

 private:
  struct Due {
    Steady::time_point at;
    HostId host;
  };
  // How far a share has been written.
  struct Progress {
    std::size_t bytes = 0;
    std::size_t chunks = 0;
  };

  void write_up_to(const Mark& mark, Batch& batch, std::vector<Progress>& done);
  void write_some(const HostShare& share, std::size_t end, Progress& done);
  void write_mark(const Mark& mark);
  void write_meta(HostId host, HostMeta meta);
  void write_due(bool all);
  void check(const Status& status);

  RunFiles files_;
  std::function<void(const Error&)> report_;
  std::vector<std::optional<HostMeta>> lagging_;
  std::deque<Due> due_;  // in order of time; a host whose state has passed since is skipped
};

}  // namespace bdsh::run
