// The writer thread's side of a run directory: what is written where, with few open files.
// Used by one thread at a time; blocks on the disk.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "run/files.hpp"
#include "run/run_yaml.hpp"

namespace bdsh::run {

// Bytes of one host that arrived together.
struct Chunk {
  std::int64_t micros = 0;  // since the run's start
  std::size_t size = 0;
};

class RunFiles {
 public:
  RunFiles(int directory, RunRecord run);  // `directory` outlives this object

  Status make_folder(HostId host);
  // Log first, then its timing, so that the timing never speaks of bytes that are not there.
  // After an error nothing more is written for this host: a log with a hole would be no log.
  Status append(HostId host, std::string_view bytes, const std::vector<Chunk>& chunks);
  Status write_meta(HostId host, const HostMeta& meta);
  Status append_events(std::string_view lines);
  Status append_resizes(std::string_view lines);
  Status write_run();
  Status finish(WallTime now, bool sync);
  // Gives the directory a new modification time: how a viewer learns that something has changed.
  void touch();

  const RunRecord& run() const { return run_; }

 private:
  static constexpr std::size_t kOpenHosts = 64;  // times three descriptors
  struct OpenHost {
    std::size_t host = 0;
    Fd folder;
    Fd log;
    Fd timing;
  };
  struct HostFiles {
    std::list<OpenHost>::iterator open;
    bool is_open = false;
    bool dead = false;
    std::int64_t last_micros = 0;  // the time the timing has come to
  };

  Result<OpenHost*> open_host(HostId host);
  Status open_log(OpenHost& open, HostId host);
  std::string timing_lines(HostFiles& files, const std::vector<Chunk>& chunks,
                           std::size_t written) const;
  std::string path_of(HostId host, const char* file) const;
  void close_oldest();
  // `open()` again with fewer files open as long as the process has no descriptor left.
  template <typename Open>
  auto with_room(Open open) -> decltype(open());

  int directory_;
  RunRecord run_;
  std::vector<HostFiles> hosts_;
  std::list<OpenHost> open_;  // most recently used first
};

}  // namespace bdsh::run
