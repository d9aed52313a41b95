// The one way into Boost.Asio for this layer: Asio 1.74 needs <utility> before its awaitable
// headers, and only the parts that are used keep compile times bearable.
#pragma once

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace bdsh::net {
namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
}  // namespace bdsh::net
