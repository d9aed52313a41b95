// The writer thread's side of a run directory: what is written where, with few open files.
// Used by one thread at a time; blocks on the disk.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <span>
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
  // `directory` outlives this object.
  RunFiles(int directory, RunRecord run, Disk disk);

  Status make_folder(HostId host);
  // Log first, then its timing, so that the timing never speaks of bytes that are not there.
  // After an error nothing more is written for this host: a log with a hole would be no log.
  Status append(HostId host, std::string_view bytes, std::span<const Chunk> chunks);
  // How many bytes of the host are in its log.
  std::uint64_t logged(HostId host) const { return hosts_[host.value].logged; }
  Status write_meta(HostId host, const HostMeta& meta);
  Status append_events(std::string_view lines);
  Status append_resizes(std::string_view lines);
  Status append_rounds(std::string_view lines);
  Status write_run();
  Status write_replay(std::string_view script);
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
    std::uint64_t logged = 0;
    std::int64_t last_micros = 0;  // the time the timing has come to
  };

  Result<OpenHost*> open_host(HostId host);
  Status make_directory(const std::string& name);
  Status open_log(OpenHost& open, HostId host);
  std::string timing_lines(HostFiles& files, std::span<const Chunk> chunks,
                           std::size_t written) const;
  std::string path_of(HostId host, const char* file) const;
  void close_oldest();
  // `open()` again with fewer files open as long as the process has no descriptor left.
  template <typename Open>
  auto with_room(Open open) -> decltype(open());

  int directory_;
  RunRecord run_;
  Disk disk_;
  std::vector<HostFiles> hosts_;
  std::list<OpenHost> open_;  // most recently used first
};

}  // namespace bdsh::run
