// What the filter between libssh and an agent lets through, on frames written out by hand; who may
// ask an agent when.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "net/agent_line.hpp"
#include "net/agent_lists.hpp"
#include "net/agent_protocol.hpp"
#include "net/wire.hpp"
#include "net/agent_proxy.hpp"
#include "net/sshd.hpp"

namespace bdsh::net {
namespace {

using namespace std::string_literals;

std::string identities(const std::vector<std::string>& blobs) {
  std::string body = "\x0c\0\0\0"s + static_cast<char>(blobs.size());
  for (const std::string& blob : blobs) body += ssh_string(blob) + ssh_string("comment");
  return body;
}

std::string chosen(const std::vector<std::string>& held, const AgentChoice& choice) {
  const auto result = choose_identities(identities(held), choice);
  return result.ok() ? result->body : result.error().message;
}

TEST(AgentFilter, PassesListsAndSignaturesOnly) {
  EXPECT_TRUE(agent_request_passes("\x0b"));
  EXPECT_TRUE(agent_request_passes("\x0d key and data"));
  EXPECT_FALSE(agent_request_passes("\x11"));  // add a key
  EXPECT_FALSE(agent_request_passes("\x13"));  // remove all keys
  EXPECT_FALSE(agent_request_passes("\x0b and more"));
  EXPECT_FALSE(agent_request_passes(""));
}

TEST(AgentFilter, OffersListedKeysFirstAndTriedOnesNever) {
  EXPECT_EQ(chosen({"a", "b", "c", "d"}, {.listed = {"d", "b"}, .tried = {"a"}}),
            identities({"d", "b", "c"}));
}

TEST(AgentFilter, WithIdentitiesOnlyOffersWhatIsListed) {
  EXPECT_EQ(chosen({"a", "b"}, {.listed = {"b", "x"}, .only_listed = true}), identities({"b"}));
  EXPECT_EQ(chosen({"a", "b"}, {.only_listed = true}), identities({}));
}

TEST(AgentFilter, OffersSoManyAndNoMore) {
  EXPECT_EQ(chosen({"a", "b", "c"}, {.most = 2}), identities({"a", "b"}));
  EXPECT_EQ(choose_identities(identities({"a", "b", "c"}), {.most = 2})->count, 2);
}

TEST(AgentFilter, RefusesWhatIsNoListOfKeys) {
  for (const std::string& body : {""s, "\x05"s, "\x0c"s, "\x0c\0\0\0\x01"s, "\x0c\xff\xff\xff\xff"s,
                                  "\x0c\0\0\0\x01\0\0\0\x09short"s})
    EXPECT_FALSE(choose_identities(body, {}).ok());
}

TEST(AgentFilter, BoundsItsFrames) {
  EXPECT_EQ(agent_frame("abc"),
            "\0\0\0\x03"s
            "abc");
  EXPECT_EQ(agent_frame_length("\0\0\0\x03"s), 3U);
  EXPECT_EQ(agent_frame_length("\0\x04\0\0"s), kMostAgentBytes);
  EXPECT_EQ(agent_frame_length("\0\x04\0\x01"s), 0U);
  EXPECT_EQ(agent_frame_length("\xff\xff\xff\xff"s), 0U);
  EXPECT_EQ(agent_frame_length("\0"s), 0U);
}

TEST(Certificate, IsAboutTheKeyWhoseFieldsItHolds) {
  const std::string key = ssh_string("ssh-ed25519") + ssh_string("public");
  const auto certificate = [](const std::string& type, const std::string& field) {
    return ssh_string(type) + ssh_string("nonce") + ssh_string(field) + "serial and so on";
  };
  EXPECT_TRUE(certifies(certificate("ssh-ed25519-cert-v01@openssh.com", "public"), key));
  EXPECT_FALSE(certifies(certificate("ssh-ed25519-cert-v01@openssh.com", "other!"), key));
  EXPECT_FALSE(certifies(certificate("ssh-rsa-cert-v01@openssh.com", "public"), key));
  EXPECT_FALSE(certifies("", key));
  EXPECT_FALSE(certifies(certificate("ssh-ed25519-cert-v01@openssh.com", "public"), ""));
}

// ---- seats at an agent

TEST(AgentLists, ForgetWhatIsOld) {
  AgentLists lists;
  const AgentLists::Time now{};
  EXPECT_EQ(lists.recent("a", now), nullptr);
  lists.note("a", "keys", now);
  ASSERT_NE(lists.recent("a", now + AgentLists::kFresh), nullptr);
  EXPECT_EQ(*lists.recent("a", now), "keys");
  EXPECT_EQ(lists.recent("b", now), nullptr);
  EXPECT_EQ(lists.recent("a", now + AgentLists::kFresh + std::chrono::seconds(1)), nullptr);
}

// An agent that is a socket in the test's hand, and holds two keys.
class AgentDoor : public ::testing::Test {
 protected:
  AgentDoor() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    lists_->note(path_, identities({"one", "two"}), std::chrono::steady_clock::now());
  }
  ~AgentDoor() override {
    ::close(listener_);
    if (agent_ >= 0) ::close(agent_);
  }
  std::shared_ptr<AgentProxy> open(AgentChoice choice) {
    auto proxy = AgentProxy::open(loop_, path_, std::move(choice), lists_);
    agent_ = ::accept(listener_, nullptr, nullptr);
    return proxy.ok() ? *proxy : nullptr;
  }
  // Whether what libssh writes is with the agent at once, without the loop.
  bool reaches_agent(const AgentProxy& proxy) {
    EXPECT_EQ(::write(proxy.client()->get(), "ask", 3), 3);
    char got[3];
    return ::recv(agent_, got, sizeof got, MSG_DONTWAIT) == 3 && std::memcmp(got, "ask", 3) == 0;
  }

  test::TempDir dir_;
  const std::string path_ = dir_.path("agent");
  const int listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int agent_ = -1;
  asio::io_context loop_;
  std::shared_ptr<AgentLists> lists_ = std::make_shared<AgentLists>();
};

TEST_F(AgentDoor, StandsOpenWhereNothingIsFiltered) {
  const auto proxy = open({});
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->offered(), 2);
  EXPECT_TRUE(reaches_agent(*proxy));
  EXPECT_EQ(proxy->problem(), "");
  ::close(std::exchange(agent_, -1));
  EXPECT_EQ(proxy->problem(), "it closed the connection");
}

TEST_F(AgentDoor, IsGuardedWhereAKeyIsHeldBack) {
  AgentChoice choice;
  choice.tried = {"one"};
  const auto proxy = open(choice);
  ASSERT_TRUE(proxy);
  EXPECT_FALSE(reaches_agent(*proxy));
  proxy->break_off();
}

TEST_F(AgentDoor, IsGuardedWhereTheKeyIsToBeNamed) {
  AgentChoice choice;
  choice.name_key = true;
  auto proxy = open(choice);
  ASSERT_TRUE(proxy);
  EXPECT_FALSE(reaches_agent(*proxy));
  proxy->break_off();
  ::close(std::exchange(agent_, -1));
  lists_->note(path_, identities({"one"}), std::chrono::steady_clock::now());
  proxy = open(choice);
  ASSERT_TRUE(proxy);
  EXPECT_TRUE(reaches_agent(*proxy));
  EXPECT_EQ(proxy->signed_with(), "one");
}

TEST_F(AgentDoor, LetsAWorkerGoThatWaits) {
  const auto proxy = open({});
  ASSERT_TRUE(proxy);
  ssize_t got = -1;
  std::thread worker([&got, client = proxy->client()] {
    char byte = 0;
    got = ::read(client->get(), &byte, 1);
  });
  proxy->break_off();
  worker.join();
  EXPECT_EQ(got, 0);
}

TEST(AgentLine, AFewAtATimeInTheOrderTheyCame) {
  AgentLine line(2);
  for (std::uint32_t i = 0; i < 4; ++i) line.ask(HostId{i}, "a");
  line.ask(HostId{0}, "a");  // once
  EXPECT_EQ(line.grant(), HostId{0});
  EXPECT_EQ(line.grant(), HostId{1});
  EXPECT_EQ(line.grant(), std::nullopt);
  line.leave(HostId{2});  // no longer waits
  line.leave(HostId{0});
  EXPECT_EQ(line.grant(), HostId{3});
}

TEST(AgentLine, EachAgentHasALineOfItsOwn) {
  AgentLine line(1);
  line.ask(HostId{0}, "a");
  line.ask(HostId{1}, "b");
  EXPECT_TRUE(line.grant());
  EXPECT_TRUE(line.grant());
}

TEST(AgentLine, NobodyWaitsForASilentAgent) {
  AgentLine line(1);
  for (std::uint32_t i = 0; i < 3; ++i) line.ask(HostId{i}, "a");
  EXPECT_EQ(line.grant(), HostId{0});
  EXPECT_EQ(line.silent("a"), (std::vector<HostId>{HostId{1}, HostId{2}}));
  EXPECT_TRUE(line.is_silent("a"));
  line.leave(HostId{0});
  EXPECT_EQ(line.grant(), std::nullopt);
  line.forget_silence();
  EXPECT_FALSE(line.is_silent("a"));
}

}  // namespace
}  // namespace bdsh::net
