#include "app/line_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "control/messages.hpp"

namespace bdsh::app {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;

union Ancillary {
  cmsghdr align;
  char bytes[CMSG_SPACE(4 * sizeof(int))];
};

// The first descriptor of a message; further ones are closed.
void take_descriptors(msghdr& message, net::Fd& into) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      if (into)
        ::close(fd);
      else
        into.reset(fd);
    }
  }
}

}  // namespace

LineSocket::LineSocket(boost::asio::io_context& loop, net::Fd socket) : socket_(loop) {
  net::set_nonblocking(socket.get());
  socket_.assign(socket.release());
}

void LineSocket::start(Handlers handlers) {
  handlers_ = std::move(handlers);
  await_input();
}

void LineSocket::await_input() {
  socket_.async_wait(Descriptor::wait_read, [this, life = std::weak_ptr(life_)](auto error) {
    if (life.expired() || error) return;
    const bool open = receive();
    deliver();
    if (life.expired() || !socket_.is_open()) return;
    if (open && in_.size() <= control::kLongestLine) return await_input();
    close();
    if (const auto handler = handlers_.closed) handler();
  });
}

bool LineSocket::receive() {
  Ancillary ancillary{};
  iovec part{buffer_.data(), buffer_.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.bytes;
  message.msg_controllen = sizeof ancillary.bytes;
  const ssize_t count =
      ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  take_descriptors(message, passed_);
  in_.append(buffer_.data(), static_cast<std::size_t>(count));
  return count > 0;
}

void LineSocket::deliver() {
  const std::weak_ptr life(life_);
  std::size_t begin = 0;
  for (std::size_t end; (end = in_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = in_.substr(begin, end - begin);
    const auto handler = handlers_.line;  // the socket may get others meanwhile
    handler(line, std::move(passed_));
    if (life.expired() || !socket_.is_open()) return;
  }
  in_.erase(0, begin);
}

void LineSocket::send(std::string_view text) {
  if (!socket_.is_open()) return;
  out_ += text;
  if (!waits_for_room_ && flush() && !out_.empty()) await_room();
}

// Of a peer that is gone the reader hears; what is left for it is dropped.
bool LineSocket::flush() {
  while (!out_.empty()) {
    const ssize_t sent =
        ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0)
      out_.erase(0, static_cast<std::size_t>(sent));
    else if (errno == EAGAIN)
      return true;
    else if (errno != EINTR)
      break;
  }
  const bool all = out_.empty();
  out_.clear();
  return all;
}

void LineSocket::await_room() {
  waits_for_room_ = true;
  socket_.async_wait(Descriptor::wait_write, [this, life = std::weak_ptr(life_)](auto error) {
    if (life.expired() || error) return;
    waits_for_room_ = false;
    if (!flush()) return;
    if (!out_.empty()) return await_room();
    if (const auto handler = handlers_.drained) handler();
  });
}

void LineSocket::finish(std::string_view text, int patience) {
  if (!socket_.is_open()) return;
  out_ += text;
  pollfd wait{socket_.native_handle(), POLLOUT, 0};
  while (flush() && !out_.empty() && ::poll(&wait, 1, patience) > 0) continue;
  close();
}

void LineSocket::stop() {
  handlers_ = {[](const std::string&, net::Fd) {}, {}, {}};
  life_ = std::make_shared<bool>(true);
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.cancel(ignored);
}

void LineSocket::close() {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
}

bool send_line(int socket, std::string_view line, int passed) {
  while (!line.empty()) {
    Ancillary ancillary{};
    iovec part{const_cast<char*>(line.data()), line.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (passed >= 0) {
      message.msg_control = ancillary.bytes;
      message.msg_controllen = CMSG_SPACE(sizeof passed);
      ancillary.align.cmsg_level = SOL_SOCKET;
      ancillary.align.cmsg_type = SCM_RIGHTS;
      ancillary.align.cmsg_len = CMSG_LEN(sizeof passed);
      std::memcpy(CMSG_DATA(&ancillary.align), &passed, sizeof passed);
    }
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    passed = -1;
    line.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace bdsh::app
