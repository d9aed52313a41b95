#include "net/agent_proxy.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "net/wire.hpp"

namespace bdsh::net {

namespace {

constexpr std::size_t kListHeader = 5;  // of an identities answer: its kind and how many

}  // namespace

AgentSocket::~AgentSocket() {
  ::close(fd_);
}

Result<std::shared_ptr<AgentProxy>> AgentProxy::open(asio::io_context& loop,
                                                     const std::string& path, AgentChoice choice,
                                                     std::shared_ptr<AgentLists> lists) {
  auto proxy = std::make_shared<AgentProxy>(loop, path, std::move(choice), std::move(lists));
  if (auto status = proxy->connect(); !status) return status.error();
  const std::optional<int> keys = proxy->all_may_pass();
  const Status ready = keys ? proxy->hand_over(*keys) : proxy->stand_between();
  if (!ready) return ready.error();
  return proxy;
}

// How many keys the agent holds when libssh may have it as it is; none when it may not.
std::optional<int> AgentProxy::all_may_pass() {
  const std::string* answer =
      lists_ ? lists_->recent(path_, std::chrono::steady_clock::now()) : nullptr;
  if (answer == nullptr) return {};
  const auto chosen = choose_identities(*answer, choice_);
  if (!chosen.ok() || chosen->body != *answer) return {};
  if (chosen->count == 1) note_key(answer->substr(kListHeader));
  return chosen->count > 1 && choice_.name_key ? std::nullopt : std::optional(chosen->count);
}

// libssh waits for the answers, on a worker: the descriptor blocks.
Status AgentProxy::hand_over(int keys) {
  ErrorCode failed;
  far_.non_blocking(false, failed);
  if (!failed) far_.native_non_blocking(false, failed);
  const int fd = failed ? -1 : far_.release(failed);
  if (failed) return Error{ErrorKind::auth, failed.message()};
  client_ = std::make_shared<AgentSocket>(fd);
  offered_ = keys;
  direct_ = true;
  return Done{};
}

Status AgentProxy::stand_between() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return Error{ErrorKind::auth, std::strerror(errno)};
  client_ = std::make_shared<AgentSocket>(pair[0]);
  near_.assign(asio::local::stream_protocol(), pair[1]);
  await_request();
  return Done{};
}

// Not through Asio: its connect would wait while the agent's queue is full.
Status AgentProxy::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path)
    return Error{ErrorKind::auth, "its socket's path is too long"};
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{ErrorKind::auth, std::strerror(errno)};
  far_.assign(asio::local::stream_protocol(), fd);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return Done{};
  if (errno == EAGAIN) return Error{ErrorKind::timeout, "it is too busy"};
  return Error{ErrorKind::auth, std::strerror(errno)};
}

void AgentProxy::break_off() {
  if (direct_ && client_) ::shutdown(client_->get(), SHUT_RDWR);  // a worker may be reading
  ErrorCode ignored;
  near_.close(ignored);
  far_.close(ignored);
  client_.reset();
}

void AgentProxy::read_frame(Socket& from, Next next) {
  header_.resize(kAgentHeader);
  asio::async_read(from, asio::buffer(header_),
                   [self = shared_from_this(), &from, next](ErrorCode failed, std::size_t) {
                     if (failed) return self->fail("it closed the connection");
                     const std::size_t length = agent_frame_length(self->header_);
                     if (length == 0) return self->fail("it does not speak the agent protocol");
                     self->body_.resize(length);
                     asio::async_read(from, asio::buffer(self->body_),
                                      [self, next](ErrorCode broken, std::size_t) {
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

void AgentProxy::await_request() {
  read_frame(near_, &AgentProxy::request);
}

void AgentProxy::request() {
  if (body_.front() == agent::kSignRequest) note_key(body_.substr(1));
  if (agent_request_passes(body_)) return write_frame(far_, &AgentProxy::await_answer);
  body_ = agent::kFailure;
  write_frame(near_, &AgentProxy::await_request);
}

// Both a list's first entry and a request to sign begin with the key.
void AgentProxy::note_key(std::string_view rest) {
  std::string_view key;
  if (take_string(rest, key)) signed_with_ = key;
}

void AgentProxy::await_answer() {
  read_frame(far_, &AgentProxy::answer);
}

void AgentProxy::answer() {
  if (body_.front() == agent::kIdentitiesAnswer) {
    auto chosen = choose_identities(body_, choice_);
    if (!chosen.ok()) return fail(chosen.error().message);
    if (lists_) lists_->note(path_, body_, std::chrono::steady_clock::now());
    offered_ = chosen->count;
    body_ = std::move(chosen->body);
  }
  write_frame(near_, &AgentProxy::await_request);
}

void AgentProxy::fail(const std::string& problem) {
  if (near_.is_open()) problem_ = problem;
  break_off();
}

std::string AgentProxy::problem() const {
  char byte = 0;
  const bool gone =
      direct_ && client_ && ::recv(client_->get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  return gone ? "it closed the connection" : problem_;
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
