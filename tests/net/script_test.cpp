// Sessions and their pool against scripted transports: what is called, when, and what the user sees.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "net/bench.hpp"
#include "net/script.hpp"

namespace bdsh::net::test {
namespace {

const Script kEnters = {"handshake done", "try accepted", "open done"};

Script then(Script first, const Script& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

const Script kSucceeds = then(kEnters, {"pump out hello", "pump exit 0", "pump closed"});
const Script kStaysLive = then(kEnters, {"pump nothing"});

// What waits at it goes on when it is opened; at the latest when it goes away.
class Gate {
 public:
  ~Gate() { open(); }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    opened_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  int waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
  int waiting_ = 0;
};

TEST(Scripted, RunsACommand) {
  Stage stage;
  stage.host("web", {kSucceeds});
  Bench bench({stage.spec("web")}, batch("x"), stage.backend());
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "hello");
  EXPECT_EQ(bench.host().last().exit, (ExitResult{0, ""}));
  stage.expect_played();
}

TEST(Scripted, PacingBoundsConnectionsAndStartsAll) {
  Stage stage;
  std::vector<HostSpec> specs;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "web" + std::to_string(i);
    stage.host(name, {then({"handshake again", "handshake again"}, kSucceeds)});
    specs.push_back(stage.spec(name));
  }
  PoolOptions options = batch("x");
  options.parallel = 3;
  Bench bench(specs, options, stage.backend());
  bench.run_to_end(12);
  EXPECT_EQ(stage.most_connected(), 3);
  for (std::uint32_t i = 0; i < 12; ++i) EXPECT_EQ(bench.host(i).out, "hello") << i;
  stage.expect_played();
}

TEST(Scripted, TurnedAwayTriesAgain) {
  Stage stage;
  stage.host("web", {{"handshake failed"}, {"handshake failed"}, kSucceeds});
  Bench bench({stage.spec("web")}, batch("x"), stage.backend());
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "hello") << bench.host().error();
  stage.expect_played();
}

TEST(Scripted, RetriesAsOftenAsToldAndNoMore) {
  Stage stage;
  std::atomic<int> asked = 0;
  stage.lookup = [&](const std::string&, HostSpec::Family) -> Result<Addresses> {
    ++asked;
    return Error{ErrorKind::resolve, "no such host name"};
  };
  HostSpec spec = stage.spec("web");
  spec.max_retries = 1;
  Bench bench({spec}, batch("x"), stage.backend());
  bench.run_to_end();
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::resolve);
}

TEST(Scripted, UnknownHostKeyIsAskedAboutAndRecorded) {
  Stage stage;
  stage.host("web", {then({"handshake done"}, {"try accepted", "open done", "pump exit 0", "pump closed"})});
  HostSpec spec = stage.spec("web");
  spec.host_key_policy = HostKeyPolicy::ask;
  Bench bench({spec}, batch("x"), stage.backend());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  EXPECT_EQ(bench.host().last().asking->subject, stage.host_key.describe());
  bench.pool().answer(HostId{0}, Secret("yes"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().state, HostState::done) << bench.host().error();
  ASSERT_TRUE(bench.until([&] { return !read_text(spec.user_known_hosts[0]).empty(); }));
  stage.expect_played();
}

TEST(Scripted, RefusedHostKeyEndsIt) {
  Stage stage;
  stage.host("web", {{"handshake done"}});
  HostSpec spec = stage.spec("web");
  spec.host_key_policy = HostKeyPolicy::ask;
  Bench bench({spec}, batch("x"), stage.backend());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  bench.pool().answer(HostId{0}, Secret("no"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
  stage.expect_played();
}

TEST(Scripted, OnePassphraseServesAllAndAWrongOneIsAskedAgain) {
  Stage stage;
  std::vector<HostSpec> specs;
  for (const std::string name : {"a", "b", "c"}) {
    stage.host(name, {kSucceeds});
    specs.push_back(stage.spec(name));
  }
  specs[2].certificate_files = {"one-more"};  // the same key, held with another certificate
  stage.loader = [](const KeySource&, const Secret* passphrase) {
    const bool right = passphrase != nullptr && passphrase->reveal() == "sesame";
    return scripted_key(right ? LoadedKey::State::usable : LoadedKey::State::encrypted);
  };
  Bench bench(specs, batch("x"), stage.backend());
  const auto all_ask = [&](const std::string& text) {
    for (std::uint32_t i = 0; i < 3; ++i)
      if (!bench.host(i).asking() || bench.host(i).last().asking->text != text) return false;
    return true;
  };
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return all_ask("passphrase for key"); }));
  bench.pool().answer(HostId{1}, Secret("wrong"));
  ASSERT_TRUE(bench.until([&] { return all_ask("wrong passphrase, again for key"); }));
  bench.pool().answer(HostId{0}, Secret("sesame"));
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(3); }));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(bench.host(i).out, "hello") << bench.host(i).error();
  stage.expect_played();
}

// A server may send at any time (RFC 8308, EXT_INFO): no key is at hand then.
TEST(Scripted, ASocketThatStirsWhileKeysAreReadCallsNothing) {
  Stage stage;
  Gate gate;
  stage.host("web", {then({"handshake again", "handshake again"}, kSucceeds)});
  stage.loader = [&gate](const KeySource&, const Secret*) {
    gate.pass();
    return scripted_key(LoadedKey::State::usable);
  };
  Bench bench({stage.spec("web")}, batch("x"), stage.backend());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return gate.waiting() == 1; }));
  stage.stir();
  bench.run_for(50);  // the script fails every call that comes now
  gate.open();
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "hello") << bench.host().error();
  stage.expect_played();
  stage.hang_up();
}

TEST(Scripted, HeldHostIsNotReadUntilItIsLetGo) {
  Stage stage;
  stage.host("web", {then(kStaysLive, {"pump out late", "pump exit 0", "pump closed"})});
  Bench bench({stage.spec("web")}, shell(), stage.backend());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  bench.pool().hold(HostId{0}, true);
  // One wait was armed before: it ends without reading.
  stage.stir();
  bench.run_for(50);
  EXPECT_EQ(bench.host().out, "");
  bench.pool().hold(HostId{0}, false);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "late");
  stage.expect_played();
  stage.hang_up();
}

TEST(Scripted, WritesInPartsAndRefusesBeyondTheBound) {
  Stage stage;
  stage.host("web", {then(kStaysLive, {"write 3", "write 0", "pump out ok", "pump nothing", "write 9",
                                       "eof"})});
  PoolOptions options = shell();
  options.write_queue_bytes = 8;
  Bench bench({stage.spec("web")}, options, stage.backend());
  EXPECT_FALSE(bench.pool().write(HostId{0}, "early"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  EXPECT_TRUE(bench.pool().write(HostId{0}, "12345678"));
  EXPECT_FALSE(bench.pool().write(HostId{0}, "9"));
  ASSERT_TRUE(bench.until([&] { return stage.written("web") == "123"; }));
  EXPECT_EQ(bench.pool().queued_bytes(HostId{0}), 5U);
  stage.stir();  // a packet in, and with it the window
  ASSERT_TRUE(bench.until([&] { return stage.written("web") == "12345678"; }));
  EXPECT_EQ(bench.pool().queued_bytes(HostId{0}), 0U);
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return stage.written("web") == "12345678(eof)"; }));
  EXPECT_FALSE(bench.pool().write(HostId{0}, "late"));
  stage.hang_up();
}

TEST(Scripted, LostConnectionAfterOutputDeliversItFirst) {
  Stage stage;
  stage.host("web", {then(kEnters, {"pump out half", "pump failed"})});
  Bench bench({stage.spec("web")}, batch("x"), stage.backend());
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "half");
  EXPECT_EQ(bench.host().last().state, HostState::disconnected);
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::lost);
}

// Stopped at each step: nothing is called any more, and nothing is left open (Bench looks).
struct StopCase {
  const char* name;
  ConnectStep step;
  Script script;
  bool block_lookup = false;
  bool block_key = false;
  HostKeyPolicy policy = HostKeyPolicy::accept_new;
};

class StopAt : public ::testing::TestWithParam<StopCase> {};

TEST_P(StopAt, EndsAtOnceAndCleanly) {
  const StopCase& stop = GetParam();
  Gate gate;
  Stage stage;
  if (!stop.script.empty()) stage.host("web", {stop.script});
  if (stop.block_lookup)
    stage.lookup = [&gate](const std::string&, HostSpec::Family family) {
      gate.pass();
      return look_up("127.0.0.1", family, true);
    };
  if (stop.block_key)
    stage.loader = [&gate](const KeySource&, const Secret*) {
      gate.pass();
      return scripted_key(LoadedKey::State::usable);
    };
  HostSpec spec = stage.spec("web");
  spec.host_key_policy = stop.policy;
  Bench bench({spec}, shell(), stage.backend());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] {
    return !bench.host().statuses.empty() && bench.host().last().step == stop.step;
  }));
  ASSERT_TRUE(bench.until([&] { return stop.script.empty() || stage.connected() == 1; }));
  ASSERT_TRUE(bench.until([&] { return !(stop.block_lookup || stop.block_key) || gate.waiting() > 0; }));
  bool done = false;
  const auto began = Clock::now();
  bench.pool().stop(Millis{1'000}, [&] { done = true; });
  EXPECT_EQ(stage.connected(), 0);
  ASSERT_TRUE(bench.until([&] { return done; }));
  EXPECT_LT(Clock::now() - began, Millis{500});
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::cancelled);
  gate.open();
  stage.expect_played();
}

INSTANTIATE_TEST_SUITE_P(
    Steps, StopAt,
    ::testing::Values(StopCase{.name = "resolve", .step = ConnectStep::resolve, .script = {}, .block_lookup = true},
                      StopCase{.name = "handshake", .step = ConnectStep::handshake, .script = {"handshake waits"}},
                      StopCase{.name = "host_key", .step = ConnectStep::host_key, .script = {"handshake done"}, .policy = HostKeyPolicy::ask},
                      StopCase{.name = "auth", .step = ConnectStep::auth, .script = {"handshake done"}, .block_key = true},
                      StopCase{.name = "live", .step = ConnectStep::live, .script = kStaysLive}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace bdsh::net::test
