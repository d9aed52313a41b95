// The writer thread's side of a run directory: what is written where, with few open files.
// Used by one thread at a time; blocks on the disk.
//
// What the disk does not take is kept, within bounds, for catch_up(): a full disk that gets room
// again loses nothing.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "run/files.hpp"
#include "run/host_log.hpp"
#include "run/run_yaml.hpp"

namespace bdsh::run {

// Files of lines in the run's directory.
enum class LineFile { events, resizes, rounds };

class RunFiles {
 public:
  // `directory` outlives this object.
  RunFiles(int directory, RunRecord run, Disk disk);

  Status append(HostId host, const Piece& piece);
  Status append(LineFile file, std::string_view lines);
  // Where in the host's log its next byte goes.
  std::uint64_t place(HostId host) const { return hosts_[host.value].log.place(); }

  // The host's folder or bytes of it wait for the disk, or lines do.
  bool behind(HostId host) const { return hosts_[host.value].behind; }
  bool lines_behind() const;
  // What waits, and `more` behind it. For a host that is not behind: makes its folder, when there
  // is none yet.
  Status catch_up(HostId host, const Piece& more = {});
  Status catch_up(LineFile file) { return append(file, {}); }

  Status write_meta(HostId host, const HostMeta& meta);
  Status write_run();
  Status write_replay(std::string_view script);
  // No log is written to any more.
  void close_logs();
  Status finish(WallTime now, bool sync);
  // Gives the directory a new modification time: how a viewer learns that something has changed.
  void touch();

  std::uint64_t total(HostId host) const { return hosts_[host.value].log.total(); }
  // What is not in the host's folder although it should be, as it stands now.
  std::optional<Error> loss(HostId host) const;
  const std::string& trouble(HostId host) const;  // why
  const RunRecord& run() const { return run_; }

 private:
  static constexpr std::size_t kOpenHosts = 1024;          // times two descriptors,
  static constexpr std::size_t kOpenFolders = 64;          // and so many more
  static constexpr std::size_t kMostWaiting = 16U << 20U;  // bytes of all hosts
  static constexpr std::size_t kMostLines = 1U << 20U;     // bytes of a file of lines
  struct OpenHost {
    std::size_t host = 0;
    Fd folder;  // may be closed again
    Fd log;
    Fd timing;
  };
  struct HostFiles {
    std::list<OpenHost>::iterator open;
    bool is_open = false;
    bool made = false;  // the folder, with all that comes first
    bool behind = false;
    HostLog log;
    std::string trouble;   // why it is behind
    std::string at_close;  // what was told when the log was closed
  };

  Status make_folder(HostId host);
  Result<OpenHost*> open_host(HostId host);
  Status make_directory(const std::string& name);
  Status write_command(HostId host);
  Status open_folder(OpenHost& open);
  Result<int> folder_of(HostId host);
  Status open_log(OpenHost& open);
  Status write_log(HostId host, const Piece& more);
  void close_oldest();
  // `open()` again with fewer files open as long as the process has no descriptor left.
  template <typename Open>
  auto with_room(Open open) -> decltype(open());

  int directory_;
  RunRecord run_;
  Disk disk_;
  std::vector<HostFiles> hosts_;
  std::list<OpenHost> open_;          // most recently used first
  std::size_t waiting_ = 0;           // bytes of hosts that are behind
  std::array<std::string, 3> lines_;  // by LineFile: what waits
};

}  // namespace bdsh::run
