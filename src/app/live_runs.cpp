#include "app/live_runs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <tuple>

#include "app/setup.hpp"
#include "core/text.hpp"

namespace bdsh::app {
namespace {

using net::Fd;
namespace fs = std::filesystem;

constexpr int kBacklog = 32;

Error io_error(const std::string& what) {
  return {ErrorKind::io, sanitised(what) + ": " + std::strerror(errno)};
}

// The state directory first: $XDG_RUNTIME_DIR is removed when the user's last session ends, which
// is when a run left behind is needed. It stands in where the state directory holds no sockets.
std::vector<fs::path> directories() {
  std::vector<fs::path> found{state_home() / "bdsh" / "live"};
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/') found.push_back(fs::path(runtime) / "bdsh" / "live");
  return found;
}

// Only what belongs to the user and to nobody else's eyes; a link is none.
Result<Fd> open_private(const fs::path& path) {
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return io_error(path.string());
  struct stat info {};
  if (::fstat(directory.get(), &info) != 0) return io_error(path.string());
  if (info.st_uid != ::geteuid() || (info.st_mode & 077U) != 0)
    return Error{ErrorKind::io,
                 sanitised(path.string()) + ": not the user's own, or open to others"};
  return directory;
}

Result<Fd> make_private(const fs::path& path) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error(path.string());
  return open_private(path);
}

// By way of the open directory, so that no path is too long for a socket's address.
sockaddr_un address_of(const Fd& directory, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + name;
  std::copy_n(path.begin(), std::min(path.size(), sizeof address.sun_path - 1), address.sun_path);
  return address;
}

Fd unix_socket() {
  return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

bool connect_by_name(const Fd& socket, const Fd& directory, const std::string& name) {
  const sockaddr_un address = address_of(directory, name);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::string name_of(pid_t pid, const char* ending) {
  return std::to_string(pid) + ending;
}

void remove_names(const Fd& directory, pid_t pid) {
  ::unlinkat(directory.get(), name_of(pid, ".sock").c_str(), 0);
  ::unlinkat(directory.get(), name_of(pid, ".run").c_str(), 0);
}

std::string link_target(const Fd& directory, const std::string& name) {
  char path[4096];
  const ssize_t size = ::readlinkat(directory.get(), name.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

std::optional<pid_t> socket_pid(std::string_view name) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  const bool whole = error == std::errc() && std::string_view(end) == ".sock" && pid > 0;
  return whole ? std::optional(pid) : std::nullopt;
}

// Nobody listens there any more. (A full backlog says EAGAIN: that one is alive.)
bool stale(const Fd& directory, pid_t pid) {
  Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect_by_name(probe, directory, name_of(pid, ".sock"))) return false;
  return errno == ECONNREFUSED || errno == ENOENT;
}

std::vector<std::string> names_in(const fs::path& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(path.c_str()), ::closedir);
  while (const dirent* entry = list ? ::readdir(list.get()) : nullptr)
    names.emplace_back(entry->d_name);
  return names;
}

void collect(const fs::path& path, std::vector<LiveRun>& runs) {
  const auto directory = open_private(path);
  if (!directory) return;
  for (const std::string& name : names_in(path)) {
    const auto pid = socket_pid(name);
    if (!pid) continue;
    const std::string run = link_target(*directory, name_of(*pid, ".run"));
    if (stale(*directory, *pid))
      remove_names(*directory, *pid);
    else if (!run.empty())
      runs.push_back({*pid, path / name, run});
  }
}

std::string list_of(const std::vector<LiveRun>& runs) {
  std::string text;
  for (const LiveRun& run : runs) text += (text.empty() ? "" : ", ") + sanitised(run.name());
  return text;
}

// How well the words name the run: 0 not at all, 3 exactly.
int match(const LiveRun& run, const std::string& words) {
  std::error_code ignored;
  if (words == run.name() || words == std::to_string(run.pid)) return 3;
  if (words.find('/') != std::string::npos)
    return fs::equivalent(words, run.directory, ignored) ? 3 : 0;
  const std::size_t at = run.name().find(words);
  return at == 0 ? 2 : at != std::string::npos ? 1 : 0;
}

}  // namespace

std::vector<LiveRun> live_runs() {
  std::vector<LiveRun> runs;
  for (const fs::path& path : directories()) collect(path, runs);
  std::sort(runs.begin(), runs.end(), [](const LiveRun& a, const LiveRun& b) {
    return std::make_tuple(a.name(), a.pid) < std::make_tuple(b.name(), b.pid);
  });
  return runs;
}

Result<LiveRun> find_live_run(const std::string& run) {
  return choose_live_run(live_runs(), run);
}

Result<LiveRun> choose_live_run(const std::vector<LiveRun>& runs, const std::string& run) {
  if (runs.empty()) return Error{ErrorKind::usage, "no run is live"};
  std::vector<LiveRun> best;
  int score = 1;
  for (const LiveRun& each : runs) {
    const int now = run.empty() ? 1 : match(each, run);
    if (now > score) best.clear();
    score = std::max(score, now);
    if (now == score) best.push_back(each);
  }
  if (best.size() == 1) return best.front();
  const std::string what = best.empty()  ? "no live run is called '" + sanitised(run) + "'"
                           : run.empty() ? "which run?"
                                         : "'" + sanitised(run) + "' means several runs";
  return Error{ErrorKind::usage, what + ": " + list_of(best.empty() ? runs : best)};
}

Result<Fd> connect_to(const LiveRun& run) {
  const auto directory = open_private(run.socket.parent_path());
  if (!directory) return directory.error();
  Fd socket = unix_socket();
  if (!socket || !connect_by_name(socket, *directory, run.socket.filename().string()))
    return io_error(run.name());
  if (!same_user(socket.get()))
    return Error{ErrorKind::io, sanitised(run.name()) + ": its program is another user's"};
  return socket;
}

bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

namespace {

// The link first: who finds the socket finds the run.
Result<Fd> listen_in(const Fd& directory, const fs::path& run_directory) {
  const std::string name = name_of(::getpid(), ".sock");
  remove_names(directory, ::getpid());
  if (::symlinkat(run_directory.c_str(), directory.get(), name_of(::getpid(), ".run").c_str()) != 0)
    return io_error("a run's name");
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = address_of(directory, name);
  const bool bound = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                                      sizeof address) == 0;
  if (bound && ::fchmodat(directory.get(), name.c_str(), 0600, 0) == 0 &&
      ::listen(socket.get(), kBacklog) == 0)
    return socket;
  const Error error = io_error("a run's socket");
  remove_names(directory, ::getpid());
  return error;
}

}  // namespace

Result<LiveName> LiveName::make(const fs::path& run_directory) {
  Error last{ErrorKind::io, "no directory for sockets"};
  for (const fs::path& path : directories()) {
    auto directory = make_private(path);
    auto socket = directory ? listen_in(*directory, fs::absolute(run_directory))
                            : Result<Fd>(directory.error());
    if (socket) return LiveName(std::move(*directory), std::move(*socket));
    last = socket.error();
  }
  return last;
}

LiveName::~LiveName() {
  if (directory_) remove_names(directory_, ::getpid());
}

}  // namespace bdsh::app
