#include "net/agent_proxy.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bdsh::net {

AgentSocket::~AgentSocket() { ::close(fd_); }

Result<std::shared_ptr<AgentProxy>> AgentProxy::open(asio::io_context& loop, const std::string& path,
                                                     AgentChoice choice) {
  auto proxy = std::make_shared<AgentProxy>(loop, std::move(choice));
  if (auto status = proxy->connect(path); !status) return status.error();
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return Error{ErrorKind::auth, std::strerror(errno)};
  proxy->client_ = std::make_shared<AgentSocket>(pair[0]);
  proxy->near_.assign(asio::local::stream_protocol(), pair[1]);
  proxy->await_request();
  return proxy;
}

// Not through Asio: its connect would wait while the agent's queue is full.
Status AgentProxy::connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::auth, "its socket's path is too long"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{ErrorKind::auth, std::strerror(errno)};
  far_.assign(asio::local::stream_protocol(), fd);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return Done{};
  if (errno == EAGAIN) return Error{ErrorKind::timeout, "it is too busy"};
  return Error{ErrorKind::auth, std::strerror(errno)};
}

void AgentProxy::break_off() {
  ErrorCode ignored;
  near_.close(ignored);
  far_.close(ignored);
  client_.reset();
}

void AgentProxy::read_frame(Socket& from, Next next) {
  header_.resize(kAgentHeader);
  asio::async_read(from, asio::buffer(header_), [self = shared_from_this(), &from, next](
                                                    ErrorCode failed, std::size_t) {
    if (failed) return self->fail("it closed the connection");
    const std::size_t length = agent_frame_length(self->header_);
    if (length == 0) return self->fail("it does not speak the agent protocol");
    self->body_.resize(length);
    asio::async_read(from, asio::buffer(self->body_), [self, next](ErrorCode broken, std::size_t) {
      if (broken) return self->fail("it closed the connection");
      (self.get()->*next)();
    });
  });
}

void AgentProxy::write_frame(Socket& to, Next next) {
  body_ = agent_frame(body_);
  asio::async_write(to, asio::buffer(body_),
                    [self = shared_from_this(), next](ErrorCode failed, std::size_t) {
                      if (failed) return self->fail("it closed the connection");
                      (self.get()->*next)();
                    });
}

void AgentProxy::await_request() { read_frame(near_, &AgentProxy::request); }

void AgentProxy::request() {
  if (body_.front() == agent::kSignRequest) note_key();
  if (agent_request_passes(body_)) return write_frame(far_, &AgentProxy::await_answer);
  body_ = agent::kFailure;
  write_frame(near_, &AgentProxy::await_request);
}

// SSH_AGENTC_SIGN_REQUEST begins with the key.
void AgentProxy::note_key() {
  std::string_view rest = std::string_view(body_).substr(1);
  std::string_view key;
  if (take_string(rest, key)) signed_with_ = key;
}

void AgentProxy::await_answer() { read_frame(far_, &AgentProxy::answer); }

void AgentProxy::answer() {
  if (body_.front() == agent::kIdentitiesAnswer) {
    auto chosen = choose_identities(body_, choice_);
    if (!chosen.ok()) return fail(chosen.error().message);
    offered_ = chosen->count;
    body_ = std::move(chosen->body);
  }
  write_frame(near_, &AgentProxy::await_request);
}

void AgentProxy::fail(const std::string& problem) {
  if (near_.is_open()) problem_ = problem;
  break_off();
}

std::string agent_path(const HostSpec& spec) {
  if (spec.identity_agent == "none") return {};
  if (!spec.identity_agent.empty()) return spec.identity_agent;
  const char* path = std::getenv("SSH_AUTH_SOCK");
  return path == nullptr ? "" : path;
}

std::string forwarded_agent(const HostSpec& spec) {
  return spec.forward_agent == "yes" ? agent_path(spec) : spec.forward_agent;
}

}  // namespace bdsh::net
