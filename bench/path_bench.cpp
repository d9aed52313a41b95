// Bytes per CPU second of a host's way, in pieces of 32 KiB as SSH packets come: logged, drawn into
// its terminal, marked dirty; and then its lines given to the comparison. What tmux's server does
// with the same bytes is measured beside it by bench/terminal.py, which runs this.
//
//   path_bench DIRECTORY FILE…     DIRECTORY: an existing one, for the logs
//
// Prints per file: bytes, and the CPU seconds of: reading it through a pty as tmux must, the path,
// the path with comparison.
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "app/run_state.hpp"
#include "run/run_writer.hpp"

namespace {

using bdsh::CellTables;
using bdsh::Cols;
using bdsh::HostId;
using bdsh::Rows;
using bdsh::Size;

constexpr Size kSize{Rows{24}, Cols{80}};
constexpr std::size_t kPiece = 32U << 10U;

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

// A program on a pty that writes the file as it is.
class Writer {
 public:
  explicit Writer(const char* path) {
    pid_ = ::forkpty(&fd_, nullptr, nullptr, nullptr);
    if (pid_ < 0) fail("forkpty");
    if (pid_ != 0) return;
    termios raw{};
    ::tcgetattr(0, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(0, TCSANOW, &raw);
    ::execlp("cat", "cat", path, nullptr);
    std::_Exit(127);
  }
  ~Writer() {
    ::close(fd_);
    ::waitpid(pid_, nullptr, 0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Empty at the end: a pty whose program has ended says EIO.
  std::string_view read() {
    const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
    if (count < 0 && errno != EIO) fail("read");
    return {buffer_.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
  }

 private:
  int fd_ = -1;
  pid_t pid_ = 0;
  std::array<char, kPiece> buffer_{};
};

bdsh::run::RunDescription description() {
  bdsh::HostSpec host;
  host.name = host.original = host.address = "subject";
  host.user = "nobody";
  bdsh::run::RunDescription out;
  out.name = "bench";
  out.size = kSize;
  out.started = std::chrono::system_clock::now();
  out.hosts = {host};
  return out;
}

double reading_seconds(const char* path) {
  Writer writer(path);
  const double start = cpu_seconds();
  while (!writer.read().empty()) {
  }
  return cpu_seconds() - start;
}

// Hands the text on in pieces, and an empty one at the end; returns the CPU seconds it took.
template <typename Take>
double timed(std::string_view text, Take take) {
  const double start = cpu_seconds();
  for (std::size_t at = 0; at < text.size(); at += kPiece) take(text.substr(at, kPiece));
  take({});
  return cpu_seconds() - start;
}

std::string content(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::unique_ptr<bdsh::run::RunWriter> new_log(const std::filesystem::path& folder) {
  auto log = bdsh::run::RunWriter::create(description(), folder, {});
  if (log) return std::move(*log);
  std::fprintf(stderr, "%s\n", log.error().message.c_str());
  std::exit(1);
}

double path_seconds(std::string_view text, const std::filesystem::path& folder) {
  CellTables tables;
  bdsh::pty::HostTerminal terminal(tables, {kSize});
  const auto log = new_log(folder);
  std::size_t dirty = 0;
  return timed(text, [&](std::string_view bytes) {
    const auto now = std::chrono::system_clock::now();
    if (bytes.empty()) return log->close(now);
    log->append(HostId{0}, bytes, now);
    dirty += terminal.feed(bytes).damaged ? 1 : 0;
    (void)terminal.take_changed_from();
  });
}

double compared_seconds(std::string_view text, const std::filesystem::path& folder) {
  CellTables tables;
  bdsh::app::RunOptions options;
  options.size = kSize;
  bdsh::app::RunHost host;
  host.name = "subject";
  bdsh::app::RunState state(tables, {host}, options);
  bdsh::HostStatus live;
  live.state = bdsh::HostState::running;
  live.step = bdsh::ConnectStep::live;
  state.set_status(HostId{0}, live, bdsh::app::Clock::now());
  const auto log = new_log(folder);
  return timed(text, [&](std::string_view bytes) {
    const auto now = std::chrono::system_clock::now();
    if (bytes.empty()) return log->close(now);
    log->append(HostId{0}, bytes, now);
    (void)state.feed(HostId{0}, bytes, bdsh::app::Clock::now());
    state.clear_damaged();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "path_bench DIRECTORY FILE…\n");
    return 2;
  }
  const std::filesystem::path logs = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string text = content(argv[i]);
    const double reading = reading_seconds(argv[i]);
    const double path = path_seconds(text, logs / ("path" + std::to_string(i)));
    const double compared = compared_seconds(text, logs / ("compared" + std::to_string(i)));
    std::printf("%s %zu %.4f %.4f %.4f\n", argv[i], text.size(), reading, path, compared);
    std::fflush(stdout);
  }
}
