#include "core/error.hpp"

namespace bdsh {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage: return "usage";
    case ErrorKind::config: return "configuration";
    case ErrorKind::io: return "input/output";
    case ErrorKind::resolve: return "name resolution";
    case ErrorKind::connect: return "connect";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::protocol: return "protocol";
    case ErrorKind::jump: return "jump host";
    case ErrorKind::host_key: return "host key";
    case ErrorKind::auth: return "authentication";
    case ErrorKind::channel: return "channel";
    case ErrorKind::lost: return "connection lost";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::internal: return "internal error";
  }
  return "error";
}

}  // namespace bdsh
