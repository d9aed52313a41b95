// A source that nobody types into: what is typed, asked for or resized does nothing.
#pragma once

#include "app/source.hpp"

namespace bdsh::app {

class UntypedSource : public Source {
 public:
  bool write(HostId, std::string_view) override { return false; }
  void end_input(HostId) override {}
  void interrupt(HostId) override {}
  void restart(const HostSet&) override {}
  void round_began(int, const HostSet&) override {}
  void resize(Size) override {}
  void resize(HostId, Size) override {}
};

// What is on disk: it asks nothing and connects to nothing either.
class RecordedSource : public UntypedSource {
 public:
  bool watching() const override { return true; }
  void answer(const HostSet&, std::optional<Secret>, bool) override {}
  void set_parallel(int) override {}
  int parallel() const override { return 0; }
  std::size_t queued_bytes(HostId) const override { return 0; }
};

}  // namespace bdsh::app
