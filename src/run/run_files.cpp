#include "run/run_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "run/command_script.hpp"

namespace bdsh::run {
namespace {

const char* name_of(LineFile file) {
  constexpr std::array<const char*, 3> kNames{"events.log", "resize.log", "rounds.log"};
  return kNames[static_cast<std::size_t>(file)];
}

}  // namespace

RunFiles::RunFiles(int directory, RunRecord run, Disk disk)
    : directory_(directory),
      run_(std::move(run)),
      disk_(std::move(disk)),
      hosts_(run_.folders.size()) {}

// The first folder tells whether the umask leaves the owner's bits alone; then no mode is set by
// hand any more, which halves the system calls for a new file.
Status RunFiles::make_directory(const std::string& name) {
  struct stat info {};
  if (::mkdirat(directory_, name.c_str(), 0700) != 0 && errno != EEXIST)
    return io_error("its folder", errno);
  if (!disk_.fix_modes || ::fstatat(directory_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return Done{};
  disk_.fix_modes = (info.st_mode & 0777U) != 0700;
  if (disk_.fix_modes && ::fchmodat(directory_, name.c_str(), 0700, 0) != 0)
    return io_error("its folder", errno);
  return Done{};
}

Status RunFiles::make_folder(HostId host) {
  if (Status made = make_directory(run_.folders[host.value]); !made) return made;
  if (Status written = write_command(host); !written) return written;
  hosts_[host.value].made = true;
  return Done{};
}

Status RunFiles::write_command(HostId host) {
  const Result<int> folder = folder_of(host);
  if (!folder) return folder.error();
  const RunDescription& what = run_.description;
  const auto command =
      what.commands.empty() ? what.command : std::optional(what.commands[host.value]);
  const std::string script = command_script(what.hosts[host.value], command, what.pty);
  Status made = with_room([&] { return create_file(disk_, *folder, "command", script); });
  // A second try finds what the first one left.
  if (!made && errno == EEXIST) made = replace_file(disk_, *folder, "command", script);
  return made;
}

// What is told when a log is closed is told of its host: bytes that were taken may not be there.
void RunFiles::close_oldest() {
  OpenHost& oldest = open_.back();
  HostFiles& files = hosts_[oldest.host];
  for (Fd* fd : {&oldest.log, &oldest.timing})
    if (const int error = *fd ? fd->close() : 0; error != 0)
      files.at_close = io_error("when it was closed", error).message;
  files.is_open = false;
  open_.pop_back();
}

void RunFiles::close_logs() {
  while (!open_.empty()) close_oldest();
}

template <typename Open>
auto RunFiles::with_room(Open open) -> decltype(open()) {
  errno = 0;
  auto result = open();
  while (!result && (errno == EMFILE || errno == ENFILE) && open_.size() > 1) {
    close_oldest();
    errno = 0;
    result = open();
  }
  return result;
}

Result<RunFiles::OpenHost*> RunFiles::open_host(HostId host) {
  HostFiles& files = hosts_[host.value];
  if (files.is_open) {
    open_.splice(open_.begin(), open_, files.open);
    return &open_.front();
  }
  if (open_.size() >= kOpenHosts) close_oldest();
  OpenHost fresh{host.value, Fd(), Fd(), Fd()};
  if (Status opened = open_folder(fresh); !opened) return opened.error();
  open_.push_front(std::move(fresh));
  files.open = open_.begin();
  files.is_open = true;
  return &open_.front();
}

Status RunFiles::open_folder(OpenHost& open) {
  const std::string& name = run_.folders[open.host];
  open.folder = with_room([&] { return open_directory(directory_, name.c_str()); });
  return open.folder ? Status(Done{}) : io_error("its folder", errno);
}

Result<int> RunFiles::folder_of(HostId host) {
  const Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  if (!(*open)->folder)
    if (Status opened = open_folder(**open); !opened) return opened.error();
  return (*open)->folder.get();
}

Status RunFiles::open_log(OpenHost& open) {
  if (open.log && open.timing) return Done{};
  const auto opened = [&](const char* file) {
    return with_room([&] { return open_append(disk_, open.folder.get(), file); });
  };
  if (!open.log) open.log = opened("out.log");
  if (!open.log) return io_error("out.log", errno);
  if (!open.timing) open.timing = opened("out.timing");
  if (!open.timing) return io_error("out.timing", errno);
  if (open_.size() > kOpenFolders) open.folder.close();
  return Done{};
}

Status RunFiles::write_log(HostId host, const Piece& more) {
  const Result<OpenHost*> open = open_host(host);
  const Status opened = open ? open_log(**open) : Status(open.error());
  HostLog& log = hosts_[host.value].log;
  if (opened) return log.write(disk_, (*open)->log.get(), (*open)->timing.get(), more);
  log.add(more);
  return opened;
}

Status RunFiles::append(HostId host, const Piece& piece) {
  HostFiles& files = hosts_[host.value];
  const bool full = files.behind && waiting_ + piece.bytes.size() > kMostWaiting;
  if (full || files.log.dropped()) {
    files.log.drop(piece.bytes.size());
    return Done{};
  }
  if (!files.behind) return catch_up(host, piece);
  files.log.add(piece);
  waiting_ += piece.bytes.size();
  return Done{};
}

Status RunFiles::catch_up(HostId host, const Piece& more) {
  HostFiles& files = hosts_[host.value];
  if (files.behind) waiting_ -= std::min(waiting_, files.log.size());
  Status done = files.made ? Status(Done{}) : make_folder(host);
  if (!done) files.log.add(more);
  if (done && (files.log.waiting() || !more.bytes.empty())) done = write_log(host, more);
  files.behind = !done;
  if (files.behind) waiting_ += files.log.size();
  if (done) return done;
  files.trouble = done.error().message;
  return done.error().about(run_.folders[host.value]);
}

const std::string& RunFiles::trouble(HostId host) const {
  const HostFiles& files = hosts_[host.value];
  return files.at_close.empty() ? files.trouble : files.at_close;
}

std::optional<Error> RunFiles::loss(HostId host) const {
  const HostFiles& files = hosts_[host.value];
  const std::uint64_t missing = files.log.missing();
  const auto lost = [&](const std::string& what) {
    return Error{ErrorKind::io, what + " (" + trouble(host) + ")"}.about(run_.folders[host.value]);
  };
  if (missing > 0)
    return lost("the last " + std::to_string(missing) + " bytes of out.log are missing");
  if (!files.at_close.empty()) return lost("the end of out.log may be missing");
  if (files.log.waiting()) return lost("the end of out.timing is missing");
  return files.behind ? std::optional(lost("files are missing")) : std::nullopt;
}

Status RunFiles::append(LineFile file, std::string_view lines) {
  std::string& waiting = lines_[static_cast<std::size_t>(file)];
  if (lines.empty() && waiting.empty()) return Done{};
  const bool room = waiting.size() + lines.size() <= kMostLines;
  if (room) waiting += lines;
  const char* name = name_of(file);
  Status done = with_room([&] { return append_lines(disk_, directory_, name, waiting); });
  if (done) waiting.clear();
  if (!room) return Error{ErrorKind::io, std::string(name) + ": lines were left out"};
  return done;
}

bool RunFiles::lines_behind() const {
  return std::any_of(lines_.begin(), lines_.end(), [](const auto& text) { return !text.empty(); });
}

Status RunFiles::write_meta(HostId host, const HostMeta& meta) {
  const std::string& folder = run_.folders[host.value];
  const Result<int> fd = folder_of(host);
  if (!fd) return fd.error().about(folder);
  const std::string text = to_yaml(meta, run_.description.hosts[host.value].name);
  const Status done = with_room([&] { return replace_file(disk_, *fd, "meta.yaml", text); });
  return done ? done : Status(done.error().about(folder));
}

Status RunFiles::write_replay(std::string_view script) {
  return create_file(disk_, directory_, "replay", script);
}

Status RunFiles::write_run() {
  return replace_file(disk_, directory_, "run.yaml", to_yaml(run_));
}

// One sync for all files at once: an fsync for each of thousands would take longer than the run.
// Nothing comes later that could write run.yaml: a failure is tried again at once.
Status RunFiles::finish(WallTime now, bool sync) {
  close_logs();
  run_.finished = now;
  struct stat info {};
  if (::fstat(directory_, &info) == 0 && info.st_nlink == 0)
    return Error{ErrorKind::io, "the directory was removed while the run went on"};
  Status written = write_run();
  if (!written) written = write_run();
  if (!written) return written;
  if (sync && ::syncfs(directory_) != 0) return io_error("sync", errno);
  return Done{};
}

void RunFiles::touch() {
  ::futimens(directory_, nullptr);
}

}  // namespace bdsh::run
