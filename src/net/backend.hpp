// What a pool is built on: the system's resolver, libssh and the disk, or a test's own.
#pragma once

#include "net/resolver.hpp"
#include "net/transport.hpp"

namespace bdsh::net {

struct Backend {
  Lookup lookup = [](const std::string& name, HostSpec::Family family) {
    return look_up(name, family, false);
  };
  TransportFactory make_transport = make_libssh_transport;
  KeyLoader load_key = load_private_key;
};

}  // namespace bdsh::net
