#include "run/run_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "run/command_script.hpp"

namespace bdsh::run {
namespace {

Status append_to(int directory, const char* name, std::string_view lines) {
  const Fd file = open_append(directory, name);
  if (!file || write_all(file.get(), lines) < lines.size()) return io_error(name, errno);
  return Done{};
}

}  // namespace

RunFiles::RunFiles(int directory, RunRecord run)
    : directory_(directory), run_(std::move(run)), hosts_(run_.folders.size()) {}

std::string RunFiles::path_of(HostId host, const char* file) const {
  return run_.folders[host.value] + "/" + file;
}

Status RunFiles::make_folder(HostId host) {
  const std::string& name = run_.folders[host.value];
  HostFiles& files = hosts_[host.value];
  files.dead = true;
  if (::mkdirat(directory_, name.c_str(), 0700) != 0) return io_error(name, errno);
  ::fchmodat(directory_, name.c_str(), 0700, 0);  // whatever the umask
  files.dead = false;
  Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  const RunDescription& what = run_.description;
  const std::string script = command_script(what.hosts[host.value], what.command, what.pty);
  const int folder = (*open)->folder.get();
  Status made = with_room([&] { return create_file(folder, "command", script); });
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
    return with_room([&] { return open_append(open.folder.get(), file); });
  };
  if (!open.log) open.log = opened("out.log");
  if (!open.log) return io_error(path_of(host, "out.log"), errno);
  if (!open.timing) open.timing = opened("out.timing");
  if (!open.timing) return io_error(path_of(host, "out.timing"), errno);
  return Done{};
}

std::string RunFiles::timing_lines(HostFiles& files, const std::vector<Chunk>& chunks,
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

Status RunFiles::append(HostId host, std::string_view bytes, const std::vector<Chunk>& chunks) {
  HostFiles& files = hosts_[host.value];
  if (files.dead) return Done{};
  files.dead = true;
  const Result<OpenHost*> open = open_host(host);
  if (!open) return open.error();
  OpenHost& to = **open;
  if (Status opened = open_log(to, host); !opened) return opened;
  const std::size_t written = write_all(to.log.get(), bytes);
  const int error = errno;
  const std::string lines = timing_lines(files, chunks, written);
  if (write_all(to.timing.get(), lines) < lines.size())
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
  const Status done = with_room([&] { return replace_file(folder, "meta.yaml", text); });
  return done ? done : Status(done.error().about(run_.folders[host.value]));
}

Status RunFiles::append_events(std::string_view lines) {
  return with_room([&] { return append_to(directory_, "events.log", lines); });
}

Status RunFiles::append_resizes(std::string_view lines) {
  return with_room([&] { return append_to(directory_, "resize.log", lines); });
}

Status RunFiles::write_run() {
  return replace_file(directory_, "run.yaml", to_yaml(run_));
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
