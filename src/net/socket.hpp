// TCP sockets as this program needs them: close-on-exec, non-blocking, with sane options.
#pragma once

#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "net/resolver.hpp"

namespace bdsh::net {

// Begins to connect; the result is a descriptor that becomes writable when it is decided. The
// caller owns it.
Result<int> begin_connect(const HostSpec& spec, const Address& address);
// How it was decided.
Status end_connect(int socket, const HostSpec& spec, const Address& address);

}  // namespace bdsh::net
