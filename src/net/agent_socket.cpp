#include "net/agent_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace bdsh::net {

Result<std::shared_ptr<AgentSocket>> AgentSocket::open(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{ErrorKind::auth, "its socket's path is too long"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Error{ErrorKind::auth, std::strerror(errno)};
  auto socket = std::make_shared<AgentSocket>(fd);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  return Error{ErrorKind::auth, errno == EAGAIN ? "it is too busy" : std::strerror(errno)};
}

AgentSocket::~AgentSocket() { ::close(fd_); }

void AgentSocket::break_off() const { ::shutdown(fd_, SHUT_RDWR); }

std::string agent_path(const HostSpec& spec) {
  if (spec.identity_agent == "none") return {};
  if (!spec.identity_agent.empty()) return spec.identity_agent;
  const char* path = std::getenv("SSH_AUTH_SOCK");
  return path == nullptr ? "" : path;
}

}  // namespace bdsh::net
