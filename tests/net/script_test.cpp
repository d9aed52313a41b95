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
    stage.host(name, {then({"handshake waits"}, kSucceeds)});
    specs.push_back(stage.spec(name));
  }
  PoolOptions options = batch("x");
  options.parallel = 3;
  Bench bench(specs, options, stage.backend());
  bench.pool().start();
  for (std::size_t ended = 3; ended <= 12; ended += 3) {
    ASSERT_TRUE(bench.until([&] { return stage.connected() == 3; }));
    bench.run_for(20);  // a fourth would come now
    EXPECT_EQ(stage.connected(), 3);
    stage.stir_next(3);
    ASSERT_TRUE(bench.until([&] { return bench.all_ended(ended); }));
  }
  stage.hang_up();
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
  bench.pool().answer(HostSet::of(HostId{0}), Secret("yes"));
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
  bench.pool().answer(HostSet::of(HostId{0}), Secret("no"));
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
  bench.pool().answer(HostSet::of(HostId{1}), Secret("wrong"));
  ASSERT_TRUE(bench.until([&] { return all_ask("wrong passphrase, again for key"); }));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("sesame"));
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(3); }));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(bench.host(i).out, "hello") << bench.host(i).error();
  stage.expect_played();
}

Script by_password(std::initializer_list<const char*> calls) {
  Script script{"handshake done", "try denied"};
  for (const char* call : calls) script.emplace_back(call);
  return script;
}
const Script kInside = {"open done", "pump out hello", "pump exit 0", "pump closed"};

class Asked : public ::testing::Test {
 protected:
  // The first hosts ask; `bench` must have them all.
  bool ask(Bench& bench, const std::string& text, std::initializer_list<std::uint32_t> hosts) {
    return bench.until([&] {
      for (const std::uint32_t host : hosts)
        if (!bench.host(host).asking() || bench.host(host).last().asking->text != text) return false;
      return true;
    });
  }
  std::vector<HostSpec> specs(int count) {
    std::vector<HostSpec> specs;
    stage_.methods = "password";
    for (int i = 0; i < count; ++i) specs.push_back(stage_.spec("web" + std::to_string(i)));
    return specs;
  }
  Stage stage_;
};

TEST_F(Asked, OnePasswordServesAllAndReturnsForThoseWhoRefuseIt) {
  stage_.host("web0", {then(by_password({"password right accepted"}), kInside)});
  stage_.host("web1", {then(by_password({"password right denied", "password other accepted"}), kInside)});
  stage_.host("web2", {then(by_password({"password right accepted"}), kInside)});
  PoolOptions options = batch("x");
  options.parallel = 2;  // web2 asks later, when the answer is there already
  Bench bench(specs(3), options, stage_.backend());
  bench.pool().start(HostId{0});
  bench.pool().start(HostId{1});
  ASSERT_TRUE(ask(bench, "password for u", {0, 1}));
  bench.pool().start(HostId{2});
  ASSERT_TRUE(bench.until([&] { return bench.host(2).asking(); }));
  bench.pool().answer(HostSet::first(3), Secret("right"), true);
  ASSERT_TRUE(ask(bench, "wrong password, again for u", {1}));
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended() && bench.host(2).ended(); }));
  bench.pool().answer(HostSet::of(HostId{1}), Secret("other"));
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(3); }));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(bench.host(i).out, "hello") << bench.host(i).error();
  stage_.expect_played();
}

TEST_F(Asked, AHostThatComesLaterGetsTheAnswerUnasked) {
  stage_.host("web0", {then(by_password({"password right again", "password right waits"}), {})});
  stage_.host("web1", {then(by_password({"password right accepted"}), kInside)});
  Bench bench(specs(2), batch("x"), stage_.backend());
  bench.pool().start(HostId{0});
  ASSERT_TRUE(ask(bench, "password for u", {0}));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("right"), true);
  bench.pool().start(HostId{1});
  ASSERT_TRUE(bench.until([&] { return bench.host(1).ended(); }));
  EXPECT_EQ(bench.host(1).out, "hello") << bench.host(1).error();
  EXPECT_EQ(bench.host(1).times(HostState::waiting), 0);
}

TEST_F(Asked, CodesAreAskedForEachHost) {
  for (const std::string name : {"web0", "web1"})
    stage_.host(name, {then({"handshake done", "try denied", "interactive asks", "challenge echo Code:",
                             name == "web0" ? "answers 111" : "answers 222", "interactive accepted"},
                            kInside)});
  auto hosts = specs(2);
  stage_.methods = "keyboard-interactive";
  Bench bench(hosts, batch("x"), stage_.backend());
  bench.pool().start();
  ASSERT_TRUE(ask(bench, "answer for u", {0, 1}));
  EXPECT_EQ(bench.host(0).last().asking->says, "Code:");
  EXPECT_FALSE(bench.host(0).last().asking->shared);
  bench.pool().answer(HostSet::of(HostId{0}), Secret("111"), true);
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended(); }));
  EXPECT_TRUE(bench.host(1).asking());
  bench.pool().answer(HostSet::of(HostId{1}), Secret("222"), true);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  EXPECT_EQ(bench.host(1).out, "hello") << bench.host(1).error();
  stage_.expect_played();
}

TEST_F(Asked, NoAnswerFailsTheHostWithTheReason) {
  stage_.host("web0", {by_password({})});
  Bench bench(specs(1), batch("x"), stage_.backend());
  bench.pool().start();
  ASSERT_TRUE(ask(bench, "password for u", {0}));
  bench.pool().answer(HostSet::of(HostId{0}), std::nullopt);
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended(); }));
  EXPECT_EQ(bench.host(0).error(),
            "login as u refused: 1 key tried, no password given; the server takes password");
}

TEST_F(Asked, APasswordGivenBeforehandIsTriedUnaskedAndWithNobodyToAskThatIsAll) {
  stage_.host("web0", {then(by_password({"password file accepted"}), kInside)});
  stage_.host("web1", {by_password({"password file denied"})});
  PoolOptions options = batch("x");
  options.mute = "no terminal";
  Bench bench(specs(2), options, stage_.backend());
  bench.pool().preset_password(Secret("file"));
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).out, "hello") << bench.host(0).error();
  EXPECT_EQ(bench.host(1).error(),
            "login as u refused: 1 key tried, nobody to ask: no terminal; the server takes password");
  stage_.expect_played();
}

TEST_F(Asked, AnAnswerOutlivesTheServersPatience) {
  stage_.host("web0", {by_password({"password right failed"}),
                       then({"handshake done", "password right accepted"}, kInside)});
  Bench bench(specs(1), batch("x"), stage_.backend());
  bench.pool().start();
  ASSERT_TRUE(ask(bench, "password for u", {0}));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("right"));
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended(); }));
  EXPECT_EQ(bench.host(0).out, "hello") << bench.host(0).error();
  stage_.expect_played();
}

// Not with real sshd: libssh 0.10 leaks what it prepared when there is no ticket.
TEST_F(Asked, WithoutATicketKerberosIsPassedBy) {
  ::setenv("KRB5CCNAME", "FILE:/nonexistent", 1);  // there might be one
  stage_.host("web0", {then({"handshake done", "gssapi denied", "try accepted"}, kInside)});
  auto hosts = specs(1);
  hosts[0].gssapi_authentication = true;
  stage_.methods = "";  // nothing was sent
  Bench bench(hosts, batch("x"), stage_.backend());
  ::unsetenv("KRB5CCNAME");
  bench.run_to_end();
  EXPECT_EQ(bench.host(0).out, "hello") << bench.host(0).error();
  stage_.expect_played();
}

TEST_F(Asked, AServerMayWantAKeyAndAPassword) {
  stage_.host("web0", {then({"handshake done", "try partial", "password right accepted"}, kInside)});
  Bench bench(specs(1), batch("x"), stage_.backend());
  bench.pool().preset_password(Secret("right"));
  bench.run_to_end();
  EXPECT_EQ(bench.host(0).out, "hello") << bench.host(0).error();
  stage_.expect_played();
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
