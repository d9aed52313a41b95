#include "run/run_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "run/command_script.hpp"

namespace bdsh::run {
RunFiles::RunFiles(int directory, RunRecord run, Disk disk)
    : directory_(directory),
      run_(std::move(run)),
      disk_(std::move(disk)),
      hosts_(run_.folders.size()) {}

std::string RunFiles::path_of(HostId host, const char* file) const {
  return run_.folders[host.value] + "/" + file;
}

// The first folder tells whether the umask leaves the owner's bits alone; then no mode is set by
// hand any more, which halves the system calls for a new file.
Status RunFiles::make_directory(const std::string& name) {
  struct stat info {};
  if (::mkdirat(directory_, name.c_str(), 0700) != 0) return io_error(name, errno);
  if (!disk_.fix_modes || ::fstatat(directory_, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return Done{};
  disk_.fix_modes = (info.st_mode & 0777U) != 0700;
  if (disk_.fix_modes && ::fchmodat(directory_, name.c_str(), 0700, 0) != 0) return io_error(name, errno);
  return Done{};
}

Status RunFiles::make_folder(HostId host) {
  const std::string& name = run_.folders[host.value];
  HostFiles& files = hosts_[host.value];
  files.dead = true;
  if (Status made = make_directory(name); !made) return made;
  files.dead = false;
  Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  const RunDescription& what = run_.description;
  const auto command = what.commands.empty() ? what.command : std::optional(what.commands[host.value]);
  const std::string script = command_script(what.hosts[host.value], command, what.pty);
  const int folder = (*open)->folder.get();
  Status made = with_room([&] { return create_file(disk_, folder, "command", script); });
  return made ? made : Status(made.error().about(name));
}

void RunFiles::close_oldest() {
  hosts_[open_.back().host].is_open = false;
  open_.pop_back();
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
  const std::string& name = run_.folders[host.value];
  Fd folder = with_room([&] { return open_directory(directory_, name.c_str()); });
  if (!folder) return io_error(name, errno);
  open_.push_front({host.value, std::move(folder), Fd(), Fd()});
  files.open = open_.begin();
  files.is_open = true;
  return &open_.front();
}

Status RunFiles::open_log(OpenHost& open, HostId host) {
  const auto opened = [&](const char* file) {
    return with_room([&] { return open_append(disk_, open.folder.get(), file); });
  };
  if (!open.log) open.log = opened("out.log");
  if (!open.log) return io_error(path_of(host, "out.log"), errno);
  if (!open.timing) open.timing = opened("out.timing");
  if (!open.timing) return io_error(path_of(host, "out.timing"), errno);
  return Done{};
}

std::string RunFiles::timing_lines(HostFiles& files, std::span<const Chunk> chunks,
                                   std::size_t written) const {
  std::string lines;
  std::array<char, 64> line{};
  for (const Chunk& chunk : chunks) {
    if (chunk.size > written) break;
    written -= chunk.size;
    const std::int64_t delay = std::max<std::int64_t>(0, chunk.micros - files.last_micros);
    files.last_micros += delay;
    const int size = std::snprintf(line.data(), line.size(), "%lld.%06lld %zu\n",
                                   static_cast<long long>(delay / 1'000'000),
                                   static_cast<long long>(delay % 1'000'000), chunk.size);
    lines.append(line.data(), static_cast<std::size_t>(size));
  }
  return lines;
}

Status RunFiles::append(HostId host, std::string_view bytes, std::span<const Chunk> chunks) {
  HostFiles& files = hosts_[host.value];
  if (files.dead) return Done{};
  files.dead = true;
  const Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  OpenHost& to = **open;
  if (Status opened = open_log(to, host); !opened) return opened;
  const std::size_t written = write_all(disk_, to.log.get(), bytes);
  const int error = errno;
  files.logged += written;
  const std::string lines = timing_lines(files, chunks, written);
  if (write_all(disk_, to.timing.get(), lines) < lines.size())
    return io_error(path_of(host, "out.timing"), errno);
  if (written < bytes.size()) return io_error(path_of(host, "out.log"), error);
  files.dead = false;
  return Done{};
}

Status RunFiles::write_meta(HostId host, const HostMeta& meta) {
  const Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  const std::string& name = run_.description.hosts[host.value].name;
  const std::string text = to_yaml(meta, name);
  const int folder = (*open)->folder.get();
  const Status done = with_room([&] { return replace_file(disk_, folder, "meta.yaml", text); });
  return done ? done : Status(done.error().about(run_.folders[host.value]));
}

Status RunFiles::append_events(std::string_view lines) {
  return with_room([&] { return append_lines(disk_, directory_, "events.log", lines); });
}

Status RunFiles::append_resizes(std::string_view lines) {
  return with_room([&] { return append_lines(disk_, directory_, "resize.log", lines); });
}

Status RunFiles::append_rounds(std::string_view lines) {
  return with_room([&] { return append_lines(disk_, directory_, "rounds.log", lines); });
}

Status RunFiles::write_replay(std::string_view script) {
  return create_file(disk_, directory_, "replay", script);
}

Status RunFiles::write_run() {
  return replace_file(disk_, directory_, "run.yaml", to_yaml(run_));
}

// One sync for all files at once: an fsync for each of thousands would take longer than the run.
Status RunFiles::finish(WallTime now, bool sync) {
  open_.clear();
  for (HostFiles& files : hosts_) files.is_open = false;
  run_.finished = now;
  if (Status written = write_run(); !written) return written;
  if (sync && ::syncfs(directory_) != 0) return io_error("sync", errno);
  return Done{};
}

void RunFiles::touch() {
  ::futimens(directory_, nullptr);
}

}  // namespace bdsh::run
