#include "net/jump_route.hpp"

#include "core/text.hpp"
#include "net/session.hpp"

namespace bdsh::net {
namespace {

class JumpRoute : public Route {
 public:
  JumpRoute(std::weak_ptr<Session> gateway, const HostSpec& jump, const HostSpec& spec)
      : gateway_(std::move(gateway)), jump_(jump), spec_(spec) {}

  // The name is looked up at the far end.
  void find(Found found) override { found(1); }

  void connect(int, Connected connected) override {
    const auto gateway = gateway_.lock();
    if (!gateway) return connected(Error{ErrorKind::cancelled, "stopped"});
    gateway->open_tunnel(spec_.address, spec_.port,
                         [weak = gateway_, &jump = jump_, &spec = spec_,
                          connected = std::move(connected)](Result<Fd> stream) {
                           if (stream) return connected(std::move(stream));
                           connected(refused(weak, jump, spec, stream.error()));
                         });
  }

  std::optional<Error> trouble() override {
    const auto gateway = gateway_.lock();
    if (!gateway || !gateway->status().error) return {};
    return jump_error(jump_, *gateway->status().error);
  }

 private:
  // Either the jump host is gone, or it says that it cannot reach this one.
  static Error refused(const std::weak_ptr<Session>& weak, const HostSpec& jump,
                       const HostSpec& spec, const Error& error) {
    const auto gateway = weak.lock();
    if (gateway && gateway->status().error) return jump_error(jump, *gateway->status().error);
    return {error.kind, "jump host " + jump.name + " cannot reach " + spec.address + " port " +
                            std::to_string(spec.port) + ": " + error.message};
  }

  std::weak_ptr<Session> gateway_;
  const HostSpec& jump_;
  const HostSpec& spec_;
};

}  // namespace

std::shared_ptr<Route> make_jump_route(std::weak_ptr<Session> gateway, const HostSpec& jump,
                                       const HostSpec& spec) {
  return std::make_shared<JumpRoute>(std::move(gateway), jump, spec);
}

Error jump_error(const HostSpec& jump, const Error& error) {
  // Of a jump host behind another one that failed, only that one is named.
  if (error.kind == ErrorKind::jump) return error;
  return {ErrorKind::jump, "jump host " + sanitised(jump.name) + ": " + error.message};
}

}  // namespace bdsh::net
