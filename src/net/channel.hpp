// A channel beside the session's own, bytes both ways: a connection made by the far end (RFC 4254
// §7.2, direct-tcpip) or a subsystem (§6.5). Destroying it closes it. It must not outlive its
// transport.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::net {

enum class Io { done, again, failed };

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Io open() = 0;  // again until the far end has answered
  // What has arrived, at most `most` bytes; 0: nothing now.
  virtual std::size_t read(char* into, std::size_t most) = 0;
  virtual bool ended() const = 0;  // nothing more will arrive beyond what read() gives
  // How much was taken: 0 while the window is closed or keys are renewed.
  virtual std::size_t write(std::string_view bytes) = 0;
  virtual Error error() const = 0;  // after `failed`
};

}  // namespace bdsh::net
