#include "net/line_pipe.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr int kReadsPerWake = 4;

}  // namespace

void LineCutter::feed(std::string_view bytes, const Line& line) {
  for (const char c : bytes) {
    if (c == '\n' || rest_.size() >= kLongestLine) finish(line);
    if (c != '\n' && c != '\r') rest_ += c;
  }
}

void LineCutter::finish(const Line& line) {
  const std::string whole = std::exchange(rest_, {});
  if (!whole.empty()) line(sanitised(whole, kLongestLine));
}

std::shared_ptr<LinePipe> LinePipe::open(asio::io_context& loop, Fd fd, LineCutter::Line line) {
  const std::shared_ptr<LinePipe> pipe(new LinePipe(loop, std::move(line)));
  pipe->fd_.assign(fd.release());
  pipe->wait();
  return pipe;
}

void LinePipe::wait() {
  fd_.async_wait(asio::posix::stream_descriptor::wait_read,
                 [weak = weak_from_this()](ErrorCode failed) {
                   const auto self = weak.lock();
                   if (!failed && self && self->read()) self->wait();
                 });
}

bool LinePipe::read() {
  const auto keep = shared_from_this();
  std::array<char, 4096> bytes{};
  for (int i = 0; i < kReadsPerWake && fd_.is_open(); ++i) {
    const ssize_t got = ::read(fd_.native_handle(), bytes.data(), bytes.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) {
      cutter_.finish(line_);
      close();
      return false;
    }
    cutter_.feed({bytes.data(), static_cast<std::size_t>(got)}, line_);
  }
  return fd_.is_open();
}

void LinePipe::close() {
  ErrorCode ignored;
  if (fd_.is_open()) fd_.close(ignored);
}

}  // namespace bdsh::net
