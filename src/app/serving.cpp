#include "app/serving.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "app/handed_environment.hpp"
#include "app/setup.hpp"
#include "app/terminal_client.hpp"

namespace bdsh::app {
namespace {

// What was printed to a descriptor's file, the end of it when that is much.
std::string printed(int fd) {
  constexpr off_t kMost = 256 << 10;
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - kMost);
  std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), from);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return text;
}

// A server that lives for weeks must not hold what its starter happened to have open.
void close_others(const std::vector<int>& kept) {
  std::vector<int> open;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc/self/fd"), ::closedir);
  while (const dirent* entry = list ? ::readdir(list.get()) : nullptr) {
    const int fd = std::atoi(entry->d_name);
    const bool wanted =
        fd <= STDERR_FILENO || std::find(kept.begin(), kept.end(), fd) != kept.end();
    if (!wanted && fd != ::dirfd(list.get())) open.push_back(fd);
  }
  for (const int fd : open) ::close(fd);
}

Result<net::Fd> memory_file() {
  net::Fd file(::memfd_create("bdsh-printed", MFD_CLOEXEC));
  if (!file)
    return Error{ErrorKind::internal, std::string("a file in memory: ") + std::strerror(errno)};
  // Two processes and libraries of all kinds append to it.
  ::fcntl(file.get(), F_SETFL, O_APPEND);
  return file;
}

int serve_here(net::Fd client, const ServingChild& streams, const ServeOptions& options,
               const std::function<int(Serving&)>& serve) {
  ::setsid();
  ::dup2(streams.out.get(), STDOUT_FILENO);
  ::dup2(streams.err.get(), STDERR_FILENO);
  close_others({client.get(), options.keep, streams.out.get(), streams.err.get()});
  prepare_environment();
  Serving serving(std::move(client), options.detached);
  const int code = serve(serving);
  serving.finish(code);
  return code;
}

}  // namespace

Serving::Serving(net::Fd client, bool detached)
    : loop_(1), seats_(loop_), server_(loop_, seats_), detached_(detached) {
  server_.welcome_first(std::move(client));
}

void Serving::close_input() {
  const net::Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing) ::dup2(nothing.get(), STDIN_FILENO);
}

void Serving::say_detached(const std::string& name) {
  server_.release_first(name + "\n",
                        "it goes on without a terminal: bdsh-tui attach " + name + "\n");
}

void Serving::finish(int code) {
  std::fflush(nullptr);
  server_.finish(code, printed(STDOUT_FILENO), printed(STDERR_FILENO));
}

int serve(const ServeOptions& options, const std::function<int(Serving&)>& serve) {
  auto pair = net::make_stream_pair();
  auto out = memory_file();
  auto err = memory_file();
  for (const Status& made :
       {pair ? Status(Done{}) : Status(pair.error()), out ? Status(Done{}) : Status(out.error()),
        err ? Status(Done{}) : Status(err.error())})
    if (!made) return report_error(made.error());
  ServingChild child{-1, std::move(*out), std::move(*err)};
  std::fflush(nullptr);
  child.pid = ::fork();
  if (child.pid < 0)
    return report_error({ErrorKind::internal, std::string("fork: ") + std::strerror(errno)});
  if (child.pid == 0) return serve_here(std::move(pair->ours), child, options, serve);
  pair->ours.reset();
  TerminalClient client(std::move(pair->theirs), std::move(child));
  return options.detached ? client.wait_detached() : client.attach(false);
}

}  // namespace bdsh::app
