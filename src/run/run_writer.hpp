// A run directory while it is written (docs/run-directory.md). Files 0600, directories 0700.
//
// append() and set_status() hand over to a writer thread and never touch the disk themselves; the
// order per host is kept. A disk error is reported once through take_error(); it ends logging for
// the files concerned, never the run.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/geometry.hpp"
#include "core/host_spec.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"
#include "run/files.hpp"

namespace bdsh::run {

using WallTime = std::chrono::system_clock::time_point;

struct RunDescription {
  std::string name;                    // group or first hosts; part of the directory's name
  std::optional<std::string> command;  // nothing: login shells
  std::vector<std::string> commands;   // of each host, where they differ: for its `command` script
  bool pty = true;
  Size size{Rows{24}, Cols{80}};
  WallTime started;
  std::string version;
  std::vector<std::string> arguments;  // of the program, for the record
  std::vector<HostSpec> hosts;
};

class RunWriter {
 public:
  // Creates the directory (`directory`, else a new one below `state_home`/bdsh/runs) with its
  // run.yaml; the hosts' folders follow on the writer thread. An existing directory is refused
  // unless it is empty and the user's own. The error names the path and the reason. `write` stands
  // in for write(2) in tests.
  static Result<std::unique_ptr<RunWriter>> create(
      const RunDescription& description, const std::optional<std::filesystem::path>& directory,
      const std::filesystem::path& state_home, WriteCall write = {});
  ~RunWriter();  // as close()

  const std::filesystem::path& directory() const;

  void append(HostId host, std::string_view bytes, WallTime now);
  void set_status(HostId host, const HostStatus& status, WallTime now);
  void event(const std::string& line, WallTime now);  // events.log, of the run as a whole
  void event(HostId host, const std::string& line, WallTime now);
  void resized(Size size, WallTime now);
  // A round began: for every host, what was appended so far came before it. Call it when the live
  // state begins the round, on the thread that appends.
  void round(int number, const HostSet& participants, WallTime now);
  // The host's session was started again: its part of the round begins anew here.
  void restarted(HostId host, WallTime now);
  std::size_t pending_bytes() const;  // handed over, not yet on disk
  // The disk does not keep up: hold the hosts (net::Pool::hold) until it is false again. Nothing
  // is ever dropped here, so that this is what bounds the memory.
  bool congested() const { return pending_bytes() > kHighWater; }
  static constexpr std::size_t kHighWater = 32U << 20U;
  // What went wrong, once each, as it happens; what the disk refused is tried again.
  std::optional<Error> take_error();
  // After close(): what the directory lacks for good.
  std::vector<Error> losses() const;

  Status set_keep(bool keep);  // creates or removes .keep, at once
  // Whether .keep is there, whoever put it there. A disk that cannot tell keeps.
  bool keep() const;

  // How long the exit waits for a disk that gets nothing done, per call. A slow one is waited for.
  static constexpr std::chrono::milliseconds kPatience{10'000};
  // Drains, ends the files (finish time in run.yaml), and syncs them when they are kept. When the
  // disk gets nothing done for `patience`, it is left to its thread and reported through take_error().
  void close(WallTime now, std::chrono::milliseconds patience = kPatience);
  // Closes, then removes the directory unless .keep is there. Never follows a symbolic link. After
  // a close that was given up the directory stays, and the error says so.
  Status remove_unless_kept(std::chrono::milliseconds patience = kPatience);

 private:
  class Impl;
  explicit RunWriter(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bdsh::run
