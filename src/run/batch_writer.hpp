// The writer thread's work: batches to files, in an order that a reader of the growing directory
// can rely on. What a disk refuses is tried again, every second and at the end. Used by one thread
// at a time; blocks on the disk.
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

  // `report` is called with every error, also of what may yet succeed.
  BatchWriter(RunFiles files, std::function<void(const Error&)> report);

  void make_folders();
  void write(Batch& batch);
  // When there is something to do without a batch: a state is to be written, unless it passes
  // before, or what was refused is to be tried again.
  std::optional<Steady::time_point> due() const;
  // What the directory lacks in the end.
  std::vector<Error> finish(WallTime now, bool sync);

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
  struct Meta {
    HostMeta last;
    bool lagging = false;  // written when it has lasted
    bool refused = false;  // by the disk, or held back behind bytes that were
  };

  void write_up_to(const Mark& mark, Batch& batch, std::vector<Progress>& done);
  void write_some(const HostShare& share, std::size_t end, Progress& done);
  void write_mark(const Mark& mark);
  void take_meta(HostId host, HostMeta meta);
  void write_meta(HostId host);
  void write_due(bool all);
  void try_again();
  std::vector<Error> losses();
  void check(const Status& status);

  RunFiles files_;
  std::function<void(const Error&)> report_;
  std::vector<Meta> metas_;
  std::deque<Due> due_;  // in order of time; a host whose state has passed since is skipped
  std::optional<Steady::time_point> again_;  // when to try what was refused
};

}  // namespace bdsh::run
