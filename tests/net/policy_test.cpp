// The small pure parts: pacing, write queue, keepalive, auth plan, judging host keys.
#include <gtest/gtest.h>

#include "net/algorithms.hpp"
#include "net/auth_plan.hpp"
#include "net/host_trust.hpp"
#include "net/jump_plan.hpp"
#include "net/keepalive.hpp"
#include "net/pacing.hpp"
#include "net/write_queue.hpp"

namespace bdsh::net {
namespace {

TEST(Pacing, FirstComeFirstServedWithinTheBound) {
  Pacing pacing(2);
  for (std::uint32_t i = 0; i < 4; ++i) pacing.ask(HostId{i});
  pacing.ask(HostId{0});  // asks once
  EXPECT_EQ(pacing.grant(), HostId{0});
  EXPECT_EQ(pacing.grant(), HostId{1});
  EXPECT_EQ(pacing.grant(), std::nullopt);
  pacing.leave(HostId{2});  // no longer waits
  pacing.leave(HostId{0});
  EXPECT_EQ(pacing.grant(), HostId{3});
  EXPECT_EQ(pacing.in_progress(), 2U);
  EXPECT_EQ(pacing.waiting(), 0U);
}

TEST(Pacing, ALaneWaitsForItsWayAndHasABoundOfItsOwn) {
  Pacing pacing(4, 2);
  for (std::uint32_t i = 0; i < 3; ++i) pacing.put_in_lane(HostId{i}, 0);
  for (std::uint32_t i = 0; i < 5; ++i) pacing.ask(HostId{i});
  EXPECT_EQ(pacing.grant(), HostId{3});  // those in the closed lane keep nobody waiting
  pacing.open_lane(0, true);
  EXPECT_EQ(pacing.grant(), HostId{0});
  EXPECT_EQ(pacing.grant(), HostId{1});
  EXPECT_EQ(pacing.grant(), HostId{4});  // two of the lane are under way
  pacing.leave(HostId{3});
  EXPECT_EQ(pacing.grant(), std::nullopt);
  pacing.leave(HostId{1});
  EXPECT_EQ(pacing.grant(), HostId{2});
  pacing.open_lane(0, false);
  pacing.leave(HostId{2});
  pacing.ask(HostId{2});
  EXPECT_EQ(pacing.grant(), std::nullopt);
}

HostSpec by_way_of(const std::vector<std::string>& jumps) {
  HostSpec host;
  host.address = "host";
  for (const std::string& address : jumps) {
    HostSpec jump;
    jump.name = jump.address = address;
    host.jumps.push_back(jump);
  }
  return host;
}

TEST(JumpPlan, EqualWaysAreShared) {
  std::vector<HostSpec> hosts = {by_way_of({"a"}), by_way_of({}), by_way_of({"a", "b"}),
                                 by_way_of({"b"}), by_way_of({"a", "b"})};
  const JumpPlan plan(hosts);
  // a, b behind a, and b reached directly.
  ASSERT_EQ(plan.gateways().size(), 3U);
  EXPECT_EQ(plan.way_to(HostId{0}), HostId{5});
  EXPECT_EQ(plan.way_to(HostId{1}), std::nullopt);
  EXPECT_EQ(plan.way_to(HostId{2}), plan.way_to(HostId{4}));
  EXPECT_NE(plan.way_to(HostId{2}), plan.way_to(HostId{3}));
  EXPECT_EQ(plan.way_to(*plan.way_to(HostId{2})), HostId{5});
  EXPECT_EQ(plan.hosts_behind(HostId{5}), HostSet().add(HostId{0}).add(HostId{2}).add(HostId{4}));
  EXPECT_TRUE(plan.is_gateway(HostId{5}));
  EXPECT_FALSE(plan.is_gateway(HostId{4}));
}

TEST(JumpPlan, AnotherKeyIsAnotherConnection) {
  std::vector<HostSpec> hosts = {by_way_of({"a"}), by_way_of({"a"})};
  hosts[1].jumps[0].identity_files = {"/k"};
  EXPECT_EQ(JumpPlan(hosts).gateways().size(), 2U);
}

TEST(Pacing, TheBoundMayChange) {
  Pacing pacing(0);  // at least one
  pacing.ask(HostId{0});
  pacing.ask(HostId{1});
  EXPECT_TRUE(pacing.grant());
  EXPECT_FALSE(pacing.grant());
  pacing.set_parallel(2);
  EXPECT_TRUE(pacing.grant());
}

TEST(WriteQueue, IsBoundedAndTakesAllOrNothing) {
  WriteQueue queue(10);
  EXPECT_TRUE(queue.push("12345678"));
  EXPECT_FALSE(queue.push("abc"));
  EXPECT_TRUE(queue.push("90"));
  EXPECT_EQ(queue.front(100), "1234567890");
  EXPECT_EQ(queue.front(3), "123");
  queue.pop(3);
  EXPECT_EQ(queue.bytes(), 7U);
  EXPECT_TRUE(queue.push("abc"));
  EXPECT_EQ(queue.front(100), "4567890abc");
}

TEST(WriteQueue, AnInterruptGoesAheadEvenWhenFull) {
  WriteQueue queue(4);
  queue.push("text");
  queue.push_urgent("\x03");
  EXPECT_EQ(queue.front(100), "\x03");
  queue.pop(1);
  EXPECT_EQ(queue.front(100), "text");
}

TEST(WriteQueue, TheEndComesAfterEverythingAndOnce) {
  WriteQueue queue(10);
  queue.push("x");
  queue.end();
  EXPECT_FALSE(queue.push("y"));
  EXPECT_FALSE(queue.end_due());
  queue.pop(1);
  EXPECT_TRUE(queue.end_due());
  queue.end_sent();
  EXPECT_FALSE(queue.end_due());
  queue.clear();
  EXPECT_TRUE(queue.push("y"));
}

TEST(Keepalive, AsksWhenQuietAndGivesUpAfterTheLastUnanswered) {
  using Do = Keepalive::Do;
  Keepalive keepalive(std::chrono::seconds{15}, 2);
  Time now{};
  keepalive.begin(now, 100);
  EXPECT_EQ(keepalive.tick(now + std::chrono::seconds{14}, 100), Do::nothing);
  EXPECT_EQ(keepalive.tick(now += std::chrono::seconds{15}, 100), Do::send);
  EXPECT_EQ(keepalive.tick(now += std::chrono::seconds{15}, 150), Do::nothing);  // an answer
  EXPECT_EQ(keepalive.tick(now += std::chrono::seconds{15}, 150), Do::send);
  EXPECT_EQ(keepalive.tick(now += std::chrono::seconds{15}, 150), Do::send);
  EXPECT_EQ(keepalive.tick(now += std::chrono::seconds{15}, 150), Do::dead);
}

TEST(Keepalive, ZeroIsOff) {
  Keepalive keepalive(std::chrono::seconds{0}, 3);
  keepalive.begin(Time{}, 0);
  EXPECT_FALSE(keepalive.on());
  EXPECT_EQ(keepalive.tick(Time{} + std::chrono::hours{9}, 0), Keepalive::Do::nothing);
}

using Try = Attempt::Kind;

TEST(AuthPlan, OneKeyIsUsedAtOnce) {
  AuthPlan plan("deploy", {{"id", KeyState::usable, {}}}, false);
  const Attempt attempt = plan.next();
  EXPECT_EQ(attempt.kind, Try::key);
  EXPECT_FALSE(attempt.probe);
  plan.server_takes("publickey,hostbased");
  const Attempt end = plan.next();
  EXPECT_EQ(end.kind, Try::give_up);
  EXPECT_EQ(end.error.message,
            "login as deploy refused: 1 key tried; the server takes publickey,hostbased");
}

TEST(AuthPlan, OneOfSeveralIsProbedFirst) {
  AuthPlan plan("u", {{"a", KeyState::usable, {}}, {"b", KeyState::usable, {}}}, false);
  EXPECT_TRUE(plan.next().probe);
  const Attempt second = plan.next();
  EXPECT_EQ(second.key, 1U);
  EXPECT_FALSE(second.probe);  // nothing else is left to lose
}

TEST(AuthPlan, ReadyKeysThenTheAgentThenEncryptedOnes) {
  AuthPlan plan("u", {{"locked", KeyState::encrypted, {}}, {"id", KeyState::usable, {}}}, true);
  EXPECT_EQ(plan.next().key, 1U);
  const Attempt agent = plan.next();
  EXPECT_EQ(agent.kind, Try::agent);
  EXPECT_EQ(agent.most_keys, 4);
  plan.agent_done(2, {});
  plan.set_state(0, KeyState::encrypted, {}, 0);  // nothing beside it to probe with
  const Attempt ask = plan.next();
  EXPECT_EQ(ask.kind, Try::ask);
  EXPECT_EQ(ask.prompt.subject, "locked");
  EXPECT_EQ(ask.prompt.text, "passphrase for locked");
  EXPECT_EQ(plan.next().prompt.text, "wrong passphrase, again for locked");
  plan.set_state(0, KeyState::usable);
  EXPECT_EQ(plan.next().kind, Try::key);
}

TEST(AuthPlan, NeverMoreThanFiveTries) {
  std::vector<KeyFile> keys;
  for (int i = 0; i < 9; ++i) keys.push_back({std::to_string(i), KeyState::usable, {}});
  AuthPlan plan("u", keys, true);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(plan.next().kind, Try::key);
  plan.server_takes("publickey");
  EXPECT_EQ(plan.next().kind, Try::give_up);
}

TEST(AuthPlan, StopsWhenTheServerTakesNoKeys) {
  AuthPlan plan("u", {{"a", KeyState::usable, {}}, {"b", KeyState::usable, {}}}, true);
  plan.next();
  plan.server_takes("hostbased");
  EXPECT_EQ(plan.next().kind, Try::give_up);
}

TEST(AuthPlan, SaysWhatCouldNotBeTried) {
  AuthPlan plan("u", {{"a", KeyState::broken, "not a private key"}, {"b", KeyState::refused, {}}},
                true);
  EXPECT_EQ(plan.next().kind, Try::agent);
  plan.agent_done(0, "it does not answer");
  plan.server_takes("publickey");
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: no usable key; the server takes publickey; a: not a private key; "
            "b: no passphrase given; agent: it does not answer");
}

TEST(AuthPlan, TriesEachCertificateThenTheKeyItself) {
  AuthPlan plan("u", {{"id", KeyState::missing, {}}}, false);
  plan.set_state(0, KeyState::usable, {}, 2);
  const Attempt certified = plan.next();
  EXPECT_EQ(certified.form, 0U);
  EXPECT_TRUE(certified.probe);
  const Attempt plain = plan.next();
  EXPECT_EQ(plain.form, 1U);
  EXPECT_FALSE(plain.probe);
  plan.server_takes("publickey");
  EXPECT_EQ(plan.next().kind, Try::give_up);
}

TEST(AuthPlan, HonoursPreferredAuthentications) {
  AuthPlan plan("u", {{"a", KeyState::usable, {}}}, true, {.preferred = "hostbased,password"});
  EXPECT_EQ(plan.next().kind, Try::none);
  plan.server_takes("publickey");
  EXPECT_EQ(plan.next().error.message,
            "cannot log in as u: PreferredAuthentications (hostbased,password) leaves out what the "
            "server takes, publickey");
}

TEST(Algorithms, AreReplacedOrChangeTheUsualOnes) {
  EXPECT_EQ(algorithm_list("", "a,b"), "a,b");
  EXPECT_EQ(algorithm_list("x,y", "a,b"), "x,y");
  EXPECT_EQ(algorithm_list("+x,b", "a,b"), "a,b,x");
  EXPECT_EQ(algorithm_list("^b,x", "a,b"), "b,x,a");
  EXPECT_EQ(algorithm_list("-aes*,b", "aes1,aes2,b,c"), "c");
  EXPECT_EQ(algorithm_list("-*", "a,b"), "");
}

HostKey key(const std::string& text) { return {"ssh-ed25519", text}; }

TEST(Judge, EveryPolicyRefusesChangedAndRevokedKeys) {
  for (const auto policy : {HostKeyPolicy::strict, HostKeyPolicy::accept_new, HostKeyPolicy::ask,
                            HostKeyPolicy::off})
    for (const auto verdict : {HostKeyVerdict::changed, HostKeyVerdict::revoked}) {
      const KeyCheck check{verdict, {{key("old"), "/k", 12}}};
      const Judgement judgement = judge(policy, "web", key("new"), check);
      EXPECT_EQ(judgement.kind, Judgement::Kind::refuse);
      EXPECT_NE(judgement.error.message.find("/k:12"), std::string::npos);
    }
}

TEST(Judge, UnknownKeysFollowThePolicy) {
  using Kind = Judgement::Kind;
  const KeyCheck unknown;
  EXPECT_EQ(judge(HostKeyPolicy::strict, "web", key("k"), unknown).kind, Kind::refuse);
  EXPECT_EQ(judge(HostKeyPolicy::accept_new, "web", key("k"), unknown).kind,
            Kind::accept_and_record);
  EXPECT_EQ(judge(HostKeyPolicy::off, "web", key("k"), unknown).kind, Kind::accept_and_record);
  const Judgement ask = judge(HostKeyPolicy::ask, "web", key("k"), unknown);
  EXPECT_EQ(ask.kind, Kind::ask);
  EXPECT_EQ(ask.prompt.subject, key("k").describe());
}

}  // namespace
}  // namespace bdsh::net
