#include "net/agent_relay.hpp"

#include <fcntl.h>

#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <limits>

namespace bdsh::net {

Result<std::shared_ptr<AgentRelay>> AgentRelay::open(asio::io_context& loop, const std::string& agent,
                                                     Hooks hooks) {
  AgentChoice all;
  all.most = std::numeric_limits<std::size_t>::max();
  auto proxy = AgentProxy::open(loop, agent, std::move(all));
  if (!proxy.ok()) return proxy.error();
  const int fd = ::fcntl((*proxy)->client()->get(), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return Error{ErrorKind::auth, std::strerror(errno)};
  auto relay = std::make_shared<AgentRelay>(loop, *proxy, std::move(hooks));
  relay->near_.assign(fd);
  relay->read();
  return relay;
}

AgentRelay::AgentRelay(asio::io_context& loop, std::shared_ptr<AgentProxy> proxy, Hooks hooks)
    : proxy_(std::move(proxy)), near_(loop), hooks_(std::move(hooks)) {}

void AgentRelay::ask(std::string_view bytes) {
  if (asked_.size() + bytes.size() > kMostWaiting) return end();
  asked_ += bytes;
  if (writing_.empty()) write();
}

void AgentRelay::write() {
  writing_.swap(asked_);
  if (writing_.empty()) return;
  asio::async_write(near_, asio::buffer(writing_),
                    [self = shared_from_this()](ErrorCode failed, std::size_t) {
                      if (failed) return self->end();
                      self->writing_.clear();
                      self->write();
                    });
}

void AgentRelay::read() {
  near_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](ErrorCode failed,
                                                                           std::size_t count) {
    if (failed) return self->end();
    self->answers_.append(self->buffer_.data(), count);
    if (self->answers_.size() > kMostWaiting) return self->end();
    self->read();
    if (self->hooks_.came) self->hooks_.came();
  });
}

void AgentRelay::end() {
  const auto ended = std::exchange(hooks_.ended, nullptr);
  close();
  if (ended) ended();
}

void AgentRelay::close() {
  hooks_ = {};
  ErrorCode ignored;
  if (near_.is_open()) near_.close(ignored);
  proxy_->break_off();
}

}  // namespace bdsh::net
