// A source that records what is asked of it, one line a call: "write web1 ls", "restart web1 web3".
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "app/source.hpp"

namespace bdsh::app {

class FakeSource : public Source {
 public:
  std::vector<std::string> calls;
  HostSet refuses;  // hosts whose queue is full
  bool is_watching = false;
  bool kept = false;

  void start() override { calls.push_back("start"); }
  void stop(std::function<void()> done) override {
    calls.push_back("stop");
    done();
  }
  bool watching() const override { return is_watching; }
  bool ended() const override { return false; }
  bool write(HostId host, std::string_view bytes) override {
    if (refuses.contains(host)) return false;
    calls.push_back("write " + name(host) + " " + std::string(bytes));
    return true;
  }
  void end_input(HostId host) override { calls.push_back("end_input " + name(host)); }
  void interrupt(HostId host) override { calls.push_back("interrupt " + name(host)); }
  void restart(const HostSet& hosts) override {
    std::string call = "restart";
    hosts.for_each([&](HostId host) { call += " " + name(host); });
    calls.push_back(call);
  }
  void round_began(int number, const HostSet& participants) override {
    calls.push_back("round " + std::to_string(number) + " of " + std::to_string(participants.size()));
  }
  void resize(Size size) override { calls.push_back("resize all " + text(size)); }
  void resize(HostId host, Size size) override {
    calls.push_back("resize " + name(host) + " " + text(size));
  }
  void answer(const HostSet& hosts, std::optional<Secret> answer, bool later) override {
    std::string call = "answer";
    hosts.for_each([&](HostId host) { call += " " + name(host); });
    calls.push_back(call + ": " + (answer ? std::string(answer->reveal()) : "-") + (later ? " and later" : ""));
  }
  void set_parallel(int parallel) override { calls.push_back("parallel " + std::to_string(parallel)); }
  int parallel() const override { return 64; }
  std::size_t queued_bytes(HostId) const override { return 0; }
  Status set_keep(bool keep) override {
    if (is_watching) return Error{ErrorKind::usage, "watching"};
    kept = keep;
    return Done{};
  }
  bool keep() const override { return kept; }

 private:
  static std::string name(HostId host) { return "web" + std::to_string(host.value + 1); }
  static std::string text(Size size) {
    return std::to_string(size.rows.value) + "x" + std::to_string(size.cols.value);
  }
};

}  // namespace bdsh::app
