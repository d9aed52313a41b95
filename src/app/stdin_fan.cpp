#include "app/stdin_fan.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace bdsh::app {
namespace {

constexpr std::chrono::milliseconds kTick{5};

// A file without a name, on disk: the input may be larger than memory.
int open_spool() {
  const char* directory = std::getenv("TMPDIR");
  const int fd = open(directory != nullptr && *directory == '/' ? directory : "/tmp",
                      O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  return fd >= 0 ? fd : memfd_create("bdsh-stdin", MFD_CLOEXEC);
}

bool write_all(int fd, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = write(fd, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<StdinFan>> StdinFan::open(boost::asio::io_context& loop, int input,
                                                 std::size_t host_count, Source& source) {
  const int spool = open_spool();
  if (spool < 0)
    return Error{ErrorKind::io, std::string("standard input: cannot spool it: ") + std::strerror(errno)};
  return std::unique_ptr<StdinFan>(new StdinFan(loop, input, spool, host_count, source));
}

StdinFan::StdinFan(boost::asio::io_context& loop, int input, int spool, std::size_t host_count,
                   Source& source)
    : timer_(loop), source_(source), input_(input), spool_(spool), offset_(host_count) {
  int ends[2];
  if (input < 0 || pipe2(ends, O_CLOEXEC) != 0) {
    complete_ = true;
    return;
  }
  stop_read_ = ends[0];
  stop_write_ = ends[1];
  reader_ = std::thread([this] { read_input(); });
}

StdinFan::~StdinFan() {
  if (stop_write_ >= 0) close(stop_write_);
  if (reader_.joinable()) reader_.join();
  if (stop_read_ >= 0) close(stop_read_);
  close(spool_);
}

void StdinFan::read_input() {
  std::array<char, 65536> buffer{};
  for (;;) {
    std::array<pollfd, 2> waits{pollfd{input_, POLLIN, 0}, pollfd{stop_read_, POLLIN, 0}};
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) break;
    if (waits[1].revents != 0) break;
    if (waits[0].revents == 0) continue;
    const ssize_t got = read(input_, buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0 || !write_all(spool_, buffer.data(), static_cast<std::size_t>(got))) break;
    spooled_ += static_cast<std::size_t>(got);
  }
  complete_ = true;
}

void StdinFan::host_live(HostId host) {
  offset_[host.value] = 0;
  open_.add(host);
  pump();
}

void StdinFan::host_ended(HostId host) { open_.remove(host); }

void StdinFan::pump() {
  for (const HostId host : open_.to_vector())
    if (!pump_host(host)) open_.remove(host);
  if (!open_.empty() && !armed_) arm();
}

// Returns whether the host still wants more.
bool StdinFan::pump_host(HostId host) {
  std::size_t& offset = offset_[host.value];
  // Read the flag first: what was spooled before it was set is then seen too.
  const bool complete = complete_;
  const std::size_t end = spooled_;
  std::array<char, kSlice> slice{};
  while (offset < end && source_.queued_bytes(host) < kAhead) {
    const ssize_t got = pread(spool_, slice.data(), std::min(kSlice, end - offset),
                              static_cast<off_t>(offset));
    if (got <= 0 || !source_.write(host, {slice.data(), static_cast<std::size_t>(got)})) break;
    offset += static_cast<std::size_t>(got);
  }
  if (!complete || offset < end) return true;
  source_.end_input(host);
  return false;
}

void StdinFan::arm() {
  armed_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    armed_ = false;
    if (!error) pump();
  });
}

}  // namespace bdsh::app
