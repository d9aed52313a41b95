#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/pool.hpp"

namespace bdsh::net {
namespace {

// Bounds what the kernel holds of a flooding host that is not read.
constexpr int kReceiveBuffer = 128 * 1024;
// Two files of the run directory for each host; beside the hosts whatever else is open.
constexpr std::size_t kLogFiles = 2;
constexpr std::size_t kOtherDescriptors = 128;

std::size_t descriptors_of(const HostSpec& spec) {
  constexpr std::size_t kTerminalAndPipes = 7;
  constexpr std::size_t kSocketAndDuplicate = 2;  // libssh's
  constexpr std::size_t kCommand = 2;             // its errors and its life
  if (spec.transport != HostSpec::Transport::libssh) return kLogFiles + kTerminalAndPipes;
  return kLogFiles + kSocketAndDuplicate + (spec.jumps.empty() ? 0 : 1) +
         (spec.proxy_command.empty() ? 0 : kCommand);
}

void set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

void set_options(int socket, const HostSpec& spec) {
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  if (spec.keepalive_interval.count() == 0) return;
  const auto patience = std::chrono::milliseconds(spec.keepalive_interval) *
                        std::max(1, spec.keepalive_count_max);
  set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(patience.count()));
}

std::string where(const HostSpec& spec, const Address& address) {
  return address.numeric + " port " + std::to_string(spec.port);
}

Error connect_error(const HostSpec& spec, const Address& address, int code) {
  // Out of descriptors, every address fails the same way.
  if (code == EMFILE || code == ENFILE)
    return {ErrorKind::internal, "too many open files: raise the limit (ulimit -n)"};
  if (code == ECONNREFUSED)
    return {ErrorKind::connect, "connection refused by " + where(spec, address)};
  return {code == ETIMEDOUT ? ErrorKind::timeout : ErrorKind::connect,
          "cannot connect to " + where(spec, address) + ": " + std::strerror(code)};
}

Status bind_to(int socket, const HostSpec& spec) {
  if (spec.bind_address.empty()) return Done{};
  const auto own = look_up(spec.bind_address, spec.family, true);
  if (!own) return Error{ErrorKind::config, "BindAddress " + spec.bind_address + " is no address"};
  const Address& address = own->front();
  if (::bind(socket, address.get(), address.length) == 0) return Done{};
  return Error{ErrorKind::connect,
               "cannot use BindAddress " + spec.bind_address + ": " + std::strerror(errno)};
}

}  // namespace

Result<int> begin_connect(const HostSpec& spec, const Address& address) {
  const int socket =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return connect_error(spec, address, errno);
  set_options(socket, spec);
  if (auto status = bind_to(socket, spec); !status) {
    ::close(socket);
    return status.error();
  }
  const Address target = address.with_port(spec.port);
  if (::connect(socket, target.get(), target.length) == 0 || errno == EINPROGRESS) return socket;
  const int code = errno;
  ::close(socket);
  return connect_error(spec, address, code);
}

Status end_connect(int socket, const HostSpec& spec, const Address& address) {
  int code = 0;
  socklen_t length = sizeof code;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length) != 0) code = errno;
  if (code == 0) return Done{};
  return connect_error(spec, address, code);
}

Status raise_descriptor_limit(const std::vector<HostSpec>& hosts, std::size_t more) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return Done{};
  rlim_t needed = kOtherDescriptors + more;
  for (const HostSpec& host : hosts) needed += descriptors_of(host);
  if (limit.rlim_cur >= needed) return Done{};
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= needed) return Done{};
  return Error{ErrorKind::config,
               std::to_string(hosts.size()) + " hosts need " + std::to_string(needed) +
                   " open files, the hard limit is " + std::to_string(limit.rlim_max) +
                   ": raise it (ulimit -Hn, or LimitNOFILE of the service)"};
}

}  // namespace bdsh::net
