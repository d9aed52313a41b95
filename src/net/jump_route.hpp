// The way through a jump host: a channel of the connection to it.
#pragma once

#include <memory>

#include "core/host_spec.hpp"
#include "net/route.hpp"

namespace bdsh::net {

class Session;

// `gateway` is the session on the jump host, `jump` its spec; `spec` is the host to reach. The
// specs outlive the route.
std::shared_ptr<Route> make_jump_route(std::weak_ptr<Session> gateway, const HostSpec& jump,
                                       const HostSpec& spec);

// What a host behind a jump host says when that failed: "jump host bastion: connection refused …".
Error jump_error(const HostSpec& jump, const Error& error);

}  // namespace bdsh::net
