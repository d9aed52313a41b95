// The user's keyring between the hosts' questions and the user: scripted hosts, a store of the
// test's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "net/bench.hpp"
#include "net/script.hpp"
#include "net/secret_store.hpp"

namespace bdsh::net::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What is asked of it, in words, from its own thread.
class FakeStore final : public SecretStore {
 public:
  std::map<SecretName, std::string> secrets;  // before and after a run
  std::optional<Error> broken;

  Result<std::optional<Secret>> find(const SecretName& name) override {
    note("find " + name.words());
    if (broken) return *broken;
    const auto at = secrets.find(name);
    return at == secrets.end() ? std::optional<Secret>() : std::optional(Secret(at->second));
  }
  Status keep(const SecretName& name, const Secret& secret) override {
    note("keep " + name.words() + ": " + std::string(secret.reveal()));
    if (broken) return *broken;
    secrets[name] = secret.reveal();
    return Done{};
  }
  std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  void note(std::string call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
  }
  std::mutex mutex_;
  std::vector<std::string> calls_;
};

const Script kInside = {"open done", "pump out hello", "pump exit 0", "pump closed"};

Script logs_in(std::vector<std::string> calls) {
  Script script{"handshake done", "try denied"};
  script.insert(script.end(), calls.begin(), calls.end());
  script.insert(script.end(), kInside.begin(), kInside.end());
  return script;
}

class KeyringTest : public ::testing::Test {
 protected:
  // Hosts "web0" and so on; each is a host of its own to the keyring.
  std::vector<HostSpec> specs(int count) {
    stage_.methods = "password";
    std::vector<HostSpec> specs;
    for (int i = 0; i < count; ++i) specs.push_back(stage_.spec("web" + std::to_string(i)));
    return specs;
  }
  static SecretName password_of(const HostSpec& spec) {
    return {.user = spec.user, .host = spec.address, .port = spec.port};
  }
  Bench& begin(std::vector<HostSpec> hosts) {
    options_.secrets = store_;
    bench_.emplace(std::move(hosts), options_, stage_.backend());
    bench_->pool().start();
    return *bench_;
  }
  bool asks(std::uint32_t host, const std::string& text) {
    return bench_->until([&] {
      return bench_->host(host).asking() && bench_->host(host).last().asking->text == text;
    });
  }
  bool calls_come(std::size_t count) {
    return bench_->until([&] { return store_->calls().size() == count; });
  }
  void locked_key() {
    stage_.loader = [](const KeySource&, const Secret* passphrase) {
      const bool right = passphrase != nullptr && passphrase->reveal() == "sesame";
      return scripted_key(right ? LoadedKey::State::usable : LoadedKey::State::encrypted);
    };
  }

  std::shared_ptr<FakeStore> store_ = std::make_shared<FakeStore>();
  PoolOptions options_ = batch("x");
  Stage stage_;
  std::optional<Bench> bench_;
};

TEST_F(KeyringTest, WhatItKnowsIsNotAskedOfTheUserNorKeptAgain) {
  auto hosts = specs(2);
  stage_.host("web0", {logs_in({"password one accepted"})});
  stage_.host("web1", {logs_in({"password two accepted"})});
  store_->secrets = {{password_of(hosts[0]), "one"}, {password_of(hosts[1]), "two"}};
  Bench& bench = begin(hosts);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(bench.host(i).out, "hello") << bench.host(i).error();
    EXPECT_EQ(bench.host(i).times(HostState::waiting), 0);
  }
  EXPECT_EQ(store_->calls().size(), 2U);
  stage_.expect_played();
}

TEST_F(KeyringTest, WhatTheUserTypedIsKeptOnceItLetAHostInAndForThatHostAlone) {
  auto hosts = specs(2);
  stage_.host("web0", {logs_in({"password wrong denied", "password right accepted"})});
  stage_.host("web1", {Script{"handshake done", "try denied", "password wrong denied"}});
  Bench& bench = begin(hosts);
  ASSERT_TRUE(asks(0, "password for u") && asks(1, "password for u"));
  bench.pool().answer(HostSet::first(2), Secret("wrong"), true);
  ASSERT_TRUE(asks(0, "wrong password, again for u") && asks(1, "wrong password, again for u"));
  EXPECT_EQ(store_->calls().size(), 2U) << "nothing is kept that let nobody in";
  bench.pool().answer(HostSet::of(HostId{0}), Secret("right"));
  bench.pool().answer(HostSet::of(HostId{1}), std::nullopt);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  ASSERT_TRUE(calls_come(3));
  EXPECT_EQ(store_->calls().back(), "keep " + password_of(hosts[0]).words() + ": right");
  EXPECT_EQ(store_->secrets.size(), 1U);
  stage_.expect_played();
}

TEST_F(KeyringTest, OneAnswerOfTheUsersIsKeptForEveryHostItLetIn) {
  auto hosts = specs(2);
  for (const char* name : {"web0", "web1"})
    stage_.host(name, {logs_in({"password right accepted"})});
  Bench& bench = begin(hosts);
  ASSERT_TRUE(asks(0, "password for u") && asks(1, "password for u"));
  bench.pool().answer(HostSet::first(2), Secret("right"), true);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  ASSERT_TRUE(calls_come(4));
  EXPECT_EQ(store_->secrets, (std::map<SecretName, std::string>{{password_of(hosts[0]), "right"},
                                                                {password_of(hosts[1]), "right"}}));
}

TEST_F(KeyringTest, AnAnswerThatIsNoLongerRightIsAskedForAndReplaced) {
  auto hosts = specs(1);
  stage_.host("web0", {logs_in({"password old denied", "password new accepted"})});
  store_->secrets = {{password_of(hosts[0]), "old"}};
  Bench& bench = begin(hosts);
  ASSERT_TRUE(asks(0, "wrong password, again for u"));
  EXPECT_THAT(bench.recorder().run_events, HasSubstr("keyring: its password of u on web0.test"));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("new"));
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(1); }));
  ASSERT_TRUE(calls_come(2));
  EXPECT_EQ(store_->secrets[password_of(hosts[0])], "new");
}

TEST_F(KeyringTest, AnswersWhereNobodyCanBeAsked) {
  auto hosts = specs(2);
  stage_.host("web0", {logs_in({"password one accepted"})});
  stage_.host("web1", {Script{"handshake done", "try denied"}});
  store_->secrets = {{password_of(hosts[0]), "one"}};
  options_.mute = "no terminal";
  Bench& bench = begin(hosts);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  EXPECT_EQ(bench.host(0).out, "hello") << bench.host(0).error();
  EXPECT_THAT(bench.host(1).error(), HasSubstr("nobody to ask: no terminal"));
  for (std::uint32_t i = 0; i < 2; ++i) EXPECT_EQ(bench.host(i).times(HostState::waiting), 0);
}

TEST_F(KeyringTest, WithNobodyToAskARefusedAnswerIsTheEndOfIt) {
  auto hosts = specs(1);
  stage_.host("web0", {Script{"handshake done", "try denied", "password old denied"}});
  store_->secrets = {{password_of(hosts[0]), "old"}};
  options_.mute = "no terminal";
  Bench& bench = begin(hosts);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(1); }));
  EXPECT_THAT(bench.host(0).error(), HasSubstr("nobody to ask: no terminal"));
  EXPECT_EQ(bench.host(0).times(HostState::waiting), 0);
}

TEST_F(KeyringTest, APassphraseIsFoundOnceForAllHosts) {
  locked_key();
  auto hosts = specs(3);
  for (const char* name : {"web0", "web1", "web2"})
    stage_.host(name, {Script{"handshake done", "try accepted", "open done", "pump exit 0",
                              "pump closed"}});
  const std::string key = hosts[0].identity_files.front();
  store_->secrets = {{{.key = key}, "sesame"}};
  Bench& bench = begin(hosts);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(3); }));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(bench.host(i).error(), "");
  EXPECT_THAT(store_->calls(), ElementsAre("find passphrase of " + key));
}

TEST_F(KeyringTest, APassphraseIsKeptWhenItsKeyLetAHostIn) {
  locked_key();
  auto hosts = specs(2);
  stage_.host("web0", {Script{"handshake done", "try denied"}});
  stage_.host("web1", {Script{"handshake done", "try accepted", "open done", "pump exit 0",
                              "pump closed"}});
  const std::string key = hosts[0].identity_files.front();
  hosts[0].password_prompts = 0;
  options_.secrets = store_;
  Bench bench(hosts, options_, stage_.backend());
  bench.pool().start(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host(0).asking(); }));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("sesame"));
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended(); }));
  EXPECT_THAT(store_->calls(), ElementsAre("find passphrase of " + key))
      << "this host did not take the key";
  bench.pool().start(HostId{1});
  ASSERT_TRUE(bench.until([&] { return bench.host(1).ended(); }));
  ASSERT_TRUE(bench.until([&] { return store_->calls().size() == 2; }));
  EXPECT_EQ(store_->calls().back(), "keep passphrase of " + key + ": sesame");
}

TEST_F(KeyringTest, CodesAreTheUsersAndAPasswordGivenBeforehandStaysWhereItIs) {
  auto hosts = specs(2);
  stage_.host("web0", {logs_in({"interactive asks", "challenge echo Code:", "answers 111",
                                "interactive accepted"})});
  stage_.host("web1", {logs_in({"password file accepted"})});
  options_.secrets = store_;
  stage_.methods = "keyboard-interactive";
  {
    Bench bench({hosts[0]}, options_, stage_.backend());
    bench.pool().start();
    ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
    bench.pool().answer(HostSet::of(HostId{0}), Secret("111"));
    ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
    EXPECT_EQ(bench.host().out, "hello") << bench.host().error();
  }
  stage_.methods = "password";
  Bench bench({hosts[1]}, options_, stage_.backend());
  bench.pool().preset_password(Secret("file"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "hello") << bench.host().error();
  EXPECT_THAT(store_->calls(), ElementsAre());
}

TEST_F(KeyringTest, OneThatFailsIsSaidOnceAndTheUserIsAsked) {
  auto hosts = specs(2);
  for (const char* name : {"web0", "web1"})
    stage_.host(name, {logs_in({"password right accepted"})});
  store_->broken = Error{ErrorKind::io, "it is locked"};
  Bench& bench = begin(hosts);
  ASSERT_TRUE(asks(0, "password for u") && asks(1, "password for u"));
  bench.pool().answer(HostSet::first(2), Secret("right"), true);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  ASSERT_TRUE(calls_come(4));
  bench.run_for(20);
  const std::string& said = bench.recorder().run_events;
  EXPECT_THAT(said, HasSubstr("keyring: it is locked"));
  EXPECT_EQ(said.find("it is locked"), said.rfind("it is locked"));
}

}  // namespace
}  // namespace bdsh::net::test
