// One host's session as the pool sees it, whoever opens it. All calls are on the loop's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/geometry.hpp"
#include "core/host_status.hpp"
#include "core/secret.hpp"
#include "net/launch.hpp"

namespace bdsh::net {

class HostSession {
 public:
  virtual ~HostSession() = default;

  virtual void start() = 0;
  virtual void turn() = 0;  // pacing lets it connect
  virtual void stop() = 0;
  virtual bool active() const = 0;
  virtual const HostStatus& status() const = 0;

  virtual bool write(std::string_view bytes) = 0;  // as Pool's calls of these names
  virtual void interrupt() = 0;
  virtual void end_input() = 0;
  virtual void resize(Size size) = 0;
  virtual void hold(bool held) = 0;
  virtual void flush() = 0;  // hands on what was written
  virtual std::size_t queued_bytes() const = 0;

  // See Pool::open_subsystem.
  using Opened = std::function<void(Result<Fd> stream)>;
  virtual void open_subsystem(const std::string& name, Opened opened) = 0;
};

}  // namespace bdsh::net
