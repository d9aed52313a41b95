#include "run/run_reader.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/text.hpp"
#include "run/files.hpp"
#include "run/host_source.hpp"
#include "run/line_follower.hpp"
#include "run/names.hpp"
#include "run/record_lines.hpp"
#include "run/round_follower.hpp"
#include "run/run_record.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kMostWarnings = 200;
// The directory's modification time says whether anything is new. Writers other than this
// program's do not keep it, so that everything is looked at now and then all the same.
constexpr int kLookAnyway = 16;  // polls

RunRecord reduced(RunRecord run, const std::set<std::string>& only) {
  std::vector<HostSpec> hosts;
  std::vector<std::string> folders;
  for (std::size_t i = 0; i < run.folders.size(); ++i) {
    HostSpec& host = run.description.hosts[i];
    if (!only.contains(host.name)) continue;
    hosts.push_back(std::move(host));
    folders.push_back(std::move(run.folders[i]));
  }
  run.description.hosts = std::move(hosts);
  run.folders = std::move(folders);
  return run;
}

}  // namespace

class RunReader::Impl {
 public:
  Impl(Fd directory, RunRecord run);

  std::vector<Record> poll(std::size_t max_bytes);
  RunRecord run_;
  bool finished_ = false;
  bool keep_ = false;
  std::vector<std::string> warnings_;

 private:
  bool something_new();
  bool run_is_over();
  void read_lines(std::vector<Record>& out);
  bool read_hosts(std::size_t max_bytes, std::vector<Record>& out);
  std::size_t read_host(HostId id, std::size_t max_bytes, std::vector<Record>& out);
  bool arrived(HostId id, bool all_is_there);
  bool pass_round(bool all_is_there, std::vector<Record>& out);
  void read_keep(std::vector<Record>& out);
  void end(std::vector<Record>& out);

  Fd directory_;
  std::vector<HostSource> hosts_;
  std::vector<Resize> resizes_;
  LineFollower events_{"events.log"};
  LineFollower resize_lines_{"resize.log"};
  RoundFollower rounds_;
  std::size_t next_host_ = 0;
  bool unread_ = true;       // the last poll stopped before it had looked at everything
  bool short_logs_ = false;  // said once
  bool over_ = false;        // the run is over; what is on disk now is all there will be
  timespec stamp_{};
  int quiet_polls_ = 0;
  std::uint64_t run_inode_ = 0;
};

RunReader::Impl::Impl(Fd directory, RunRecord run)
    : run_(std::move(run)), directory_(std::move(directory)), rounds_(run_.folders) {
  const std::vector<HostSpec>& specs = run_.description.hosts;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const bool plain = plain_folder(run_.folders[i]);
    if (!plain) warnings_.push_back(specs[i].name + ": run.yaml names no folder inside the run");
    // A folder that cannot exist keeps the host's place.
    hosts_.emplace_back(HostId{static_cast<std::uint32_t>(i)}, specs[i].name,
                        plain ? run_.folders[i] : ".no-folder");
  }
  struct stat info {};
  keep_ = ::fstatat(directory_.get(), ".keep", &info, AT_SYMLINK_NOFOLLOW) == 0;
  over_ = run_.finished.has_value();
}

bool RunReader::Impl::something_new() {
  struct stat info {};
  if (unread_) return true;
  if (::fstat(directory_.get(), &info) != 0) return false;
  const bool touched = info.st_mtim.tv_sec != stamp_.tv_sec ||
                       info.st_mtim.tv_nsec != stamp_.tv_nsec || info.st_nlink == 0;
  if (!touched && ++quiet_polls_ < kLookAnyway) return false;
  stamp_ = info.st_mtim;
  quiet_polls_ = 0;
  return true;
}

// Closed properly, deleted, or nobody holds the lock any more (the program was killed). A file
// system that knows no such locks cannot tell the last.
bool RunReader::Impl::run_is_over() {
  struct stat info {};
  if (::fstat(directory_.get(), &info) != 0 || info.st_nlink == 0) {
    warnings_.push_back("the run directory was deleted");
    return true;
  }
  if (::fstatat(directory_.get(), "run.yaml", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
      std::exchange(run_inode_, info.st_ino) != info.st_ino) {
    const Result<std::string> text = read_file(directory_.get(), "run.yaml", kRunYamlBytes);
    const Result<RunRecord> run = text ? parse_run_yaml(*text) : Result<RunRecord>(text.error());
    if (run && run->finished) run_.finished = run->finished;
  }
  if (run_.finished) return true;
  if (::flock(directory_.get(), LOCK_SH | LOCK_NB) != 0) return false;
  ::flock(directory_.get(), LOCK_UN);
  warnings_.push_back("the run ended without closing its files");
  return true;
}

void RunReader::Impl::read_lines(std::vector<Record>& out) {
  for (const std::string& line : resize_lines_.poll(directory_.get()))
    if (const auto resize = parse_resize(line)) resizes_.push_back(*resize);
  for (const std::string& line : events_.poll(directory_.get())) out.push_back(parse_event(line));
}

// Starts where the last poll stopped, so that one long log does not keep the others waiting.
bool RunReader::Impl::read_hosts(std::size_t max_bytes, std::vector<Record>& out) {
  std::size_t total = 0;
  bool more = false;
  rounds_.poll(directory_.get(), warnings_);
  const bool round_known = rounds_.waiting();
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    if (total >= max_bytes) return true;
    const HostId id{static_cast<std::uint32_t>(next_host_)};
    next_host_ = (next_host_ + 1) % hosts_.size();
    total += read_host(id, max_bytes - total, out);
    more = more || hosts_[id.value].more();
  }
  if (!rounds_.waiting()) return more;
  return pass_round(round_known, out) || more || rounds_.waiting();
}

// The size of the log is seen before the rounds are read: a round that is not in the file by then
// lies behind that size.
std::size_t RunReader::Impl::read_host(HostId id, std::size_t max_bytes, std::vector<Record>& out) {
  HostSource& host = hosts_[id.value];
  host.look(directory_.get());
  if (host.log_grew()) rounds_.poll(directory_.get(), warnings_);
  std::size_t total = 0;
  for (;;) {
    total += host.poll(directory_.get(), resizes_, rounds_.limit(id),
                       max_bytes - std::min(total, max_bytes), out, warnings_);
    if (!rounds_.take_restart(id, host.offset())) return total;
    out.push_back(LoggedRestart{id});
    host.repeat_status();
  }
}

// A log that is shorter than its round says was damaged: nothing more will come of it, and the
// others must not wait for it. That holds once it was looked at after the round was known.
// A restart at the end of a log may have become known after that log was looked at: it comes first.
bool RunReader::Impl::arrived(HostId id, bool all_is_there) {
  const HostSource& host = hosts_[id.value];
  if (rounds_.restart_due(id, host.offset())) return false;
  return host.offset() >= rounds_.round_offset(id) || (all_is_there && !host.more());
}

bool RunReader::Impl::pass_round(bool all_is_there, std::vector<Record>& out) {
  bool complete = true;
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    if (!arrived(HostId{i}, all_is_there)) return false;
    complete = complete && hosts_[i].offset() >= rounds_.round_offset(HostId{i});
  }
  if (!complete && !std::exchange(short_logs_, true))
    warnings_.emplace_back("a log is shorter than rounds.log says");
  RoundFollower::Passed round = rounds_.pass();
  out.push_back(LoggedRound{round.number, std::move(round.participants), round.at});
  return true;
}

void RunReader::Impl::read_keep(std::vector<Record>& out) {
  struct stat info {};
  const bool keep = ::fstatat(directory_.get(), ".keep", &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (keep != std::exchange(keep_, keep)) out.push_back(KeepChanged{keep});
}

void RunReader::Impl::end(std::vector<Record>& out) {
  for (HostSource& host : hosts_) host.end_of_run(out, warnings_);
  finished_ = true;
}

std::vector<Record> RunReader::Impl::poll(std::size_t max_bytes) {
  std::vector<Record> out;
  if (finished_ || !something_new()) return out;
  // Whether the run is over is decided before the files are read: what came before is all there.
  const bool over = over_ || run_is_over();
  read_keep(out);
  read_lines(out);
  const bool more_lines = events_.more() || resize_lines_.more();
  unread_ = read_hosts(max_bytes, out) || more_lines || over != over_;
  over_ = over;
  if (over_ && !unread_) end(out);
  if (warnings_.size() > kMostWarnings) warnings_.resize(kMostWarnings);
  return out;
}

Result<std::unique_ptr<RunReader>> RunReader::open(const std::filesystem::path& path,
                                                   const std::set<std::string>& only) {
  const std::string where = sanitised(path.string());
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return io_error(where, errno);
  std::vector<std::string> warnings;
  Result<RunRecord> run = read_run_record(directory.get(), where, warnings);
  if (!run) return run.error();
  if (!only.empty()) *run = reduced(std::move(*run), only);
  auto impl = std::make_unique<Impl>(std::move(directory), std::move(*run));
  impl->warnings_.insert(impl->warnings_.begin(), warnings.begin(), warnings.end());
  return std::unique_ptr<RunReader>(new RunReader(std::move(impl)));
}

RunReader::RunReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunReader::~RunReader() = default;

const RunDescription& RunReader::description() const {
  return impl_->run_.description;
}
bool RunReader::keep() const {
  return impl_->keep_;
}
bool RunReader::finished() const {
  return impl_->finished_;
}
std::vector<std::string> RunReader::warnings() const {
  return impl_->warnings_;
}
std::vector<Record> RunReader::poll(std::size_t max_bytes) {
  return impl_->poll(max_bytes);
}

}  // namespace bdsh::run
