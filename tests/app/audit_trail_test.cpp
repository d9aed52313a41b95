// What an audit says of a run: the records' fields, and what is never among them.
#include "app/audit_trail.hpp"

#include <gmock/gmock.h>

namespace bdsh::app {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

class Recorder final : public run::AuditSink {
 public:
  explicit Recorder(std::vector<run::AuditRecord>& into) : into_(into) {}
  Status write(const run::AuditRecord& record) override {
    into_.push_back(record);
    return Done{};
  }

 private:
  std::vector<run::AuditRecord>& into_;
};

// "name=value", without what is another at every start of the program.
std::string text(const run::AuditRecord& record) {
  std::string out;
  for (const auto& [name, value] : record.fields) {
    if (name == "uid" || name == "user" || name == "login_uid" || name == "sudo_user" ||
        name == "pid")
      continue;
    out += (out.empty() ? "" : " ") + name + "=";
    if (const auto* words = std::get_if<std::string>(&value)) out += *words;
    if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
    if (const auto* number = std::get_if<double>(&value))
      out += std::to_string(*number).substr(0, 4);
  }
  return out;
}

bool has(const run::AuditRecord& record, const std::string& field) {
  for (const auto& [name, value] : record.fields)
    if (name == field) return true;
  return false;
}

class AuditTrailTest : public ::testing::Test {
 protected:
  AuditTrail& begin(AuditJob job) {
    std::vector<HostSpec> hosts(2);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      hosts[i].name = "web0" + std::to_string(i + 1);
      hosts[i].address = "10.0.0." + std::to_string(i + 1);
      hosts[i].user = "deploy";
    }
    trail_.emplace(audit_, std::move(job), hosts, at(0));
    return *trail_;
  }
  std::vector<std::string> records() {
    audit_.close();
    std::vector<std::string> out;
    for (const run::AuditRecord& record : written_) out.push_back(text(record));
    return out;
  }
  static AuditTrail::WallTime at(int second) { return AuditTrail::WallTime(seconds(second)); }
  static HostStatus status(HostState state, std::optional<ExitResult> exit = {},
                           std::optional<Error> error = {}) {
    HostStatus made;
    made.state = state;
    made.step = exit ? ConnectStep::live : ConnectStep::connect;
    made.exit = std::move(exit);
    made.error = std::move(error);
    return made;
  }

  std::vector<run::AuditRecord> written_;
  boost::asio::io_context loop_;
  Audit audit_{loop_, std::make_unique<Recorder>(written_), [](const Error&) { ADD_FAILURE(); }};
  std::optional<AuditTrail> trail_;
};

constexpr HostId kFirst{0};
constexpr HostId kSecond{1};

TEST_F(AuditTrailTest, HasTheBeginningEachHostsEndAndTheEnd) {
  AuditTrail& trail = begin({"run", "the-run", "uptime", {}});
  trail.status(kFirst, status(HostState::connecting), at(1));
  trail.login(kFirst, {"ssh-ed25519 SHA256:host", "ssh-rsa SHA256:ca (f:1)", "publickey", "ssh-rsa SHA256:key"});
  trail.received(kFirst, 100);
  trail.sent(kFirst, 7);
  trail.status(kFirst, status(HostState::done, ExitResult{0, {}}), at(3));
  trail.status(kFirst, status(HostState::done, ExitResult{0, {}}),
               at(4));  // said twice, ended once
  trail.status(kSecond, status(HostState::failed, {}, Error{ErrorKind::connect, "refused"}), at(4));
  trail.end(at(5));
  EXPECT_THAT(
      records(),
      ElementsAre(
          "time=1970-01-01T00:00:00.000000Z event=begin job=run run=the-run command=uptime "
          "hosts=web[01-02] host_count=2",
          "time=1970-01-01T00:00:03.000000Z event=host job=run run=the-run host=web01 "
          "address=10.0.0.1:22 login=deploy transport=libssh host_key=ssh-ed25519 SHA256:host "
          "host_authority=ssh-rsa SHA256:ca (f:1) method=publickey key=ssh-rsa SHA256:key command=uptime outcome=ok status=0 "
          "received=100 sent=7 seconds=2.00",
          "time=1970-01-01T00:00:04.000000Z event=host job=run run=the-run host=web02 "
          "address=10.0.0.2:22 login=deploy transport=libssh command=uptime "
          "outcome=unreachable error=refused received=0 sent=0 seconds=0.00",
          "time=1970-01-01T00:00:05.000000Z event=end job=run run=the-run ok=1 failed=1 stopped=0 "
          "seconds=5.00"));
  for (const char* field : {"uid", "pid"}) EXPECT_TRUE(has(written_.front(), field)) << field;
  EXPECT_EQ(written_[1].message, "run on web01 as deploy: ok");
}

TEST_F(AuditTrailTest, AHostThatIsStartedAgainEndsAgain) {
  AuditTrail& trail = begin({"run", "r", "false", {}});
  for (int round = 0; round < 2; ++round) {
    trail.status(kFirst, status(HostState::connecting), at(10 * round));
    trail.received(kFirst, 5);
    trail.status(kFirst, status(HostState::failed, ExitResult{1, {}}), at(10 * round + 1));
  }
  const auto all = records();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[2],
              ::testing::HasSubstr("outcome=failed status=1 received=5 sent=0 seconds=1.00"));
}

TEST_F(AuditTrailTest, ATemplateIsRecordedAsWhatItBecame) {
  AuditTrail& trail =
      begin({"run", "r", ":restart nginx", {"restart nginx on web01", "restart nginx on web02"}});
  trail.status(kSecond, status(HostState::done, ExitResult{{}, "KILL"}), at(1));
  const auto all = records();
  EXPECT_THAT(all[0], ::testing::HasSubstr("command=:restart nginx "));
  EXPECT_THAT(all[1],
              ::testing::HasSubstr("command=restart nginx on web02 outcome=failed signal=KILL"));
}

TEST_F(AuditTrailTest, WhatTheUserEndedIsStopped) {
  AuditTrail& trail = begin({"run", "r", std::nullopt, {}});
  trail.status(kFirst, status(HostState::disconnected, {}, Error{ErrorKind::cancelled, "stopped"}),
               at(1));
  trail.end(at(2));
  const auto all = records();
  EXPECT_THAT(all[0], ::testing::Not(::testing::HasSubstr("command")));
  EXPECT_THAT(all[1], ::testing::HasSubstr("outcome=stopped error=stopped"));
  EXPECT_THAT(all[2], ::testing::HasSubstr("ok=0 failed=0 stopped=1"));
}

TEST_F(AuditTrailTest, BytesOfATransferAreItsFiles) {
  AuditTrail& trail = begin({"upload", "r", "upload a /tmp", {}});
  trail.status(kFirst, status(HostState::connecting), at(0));
  trail.moved(kFirst, 1 << 30);
  trail.status(kFirst, status(HostState::done, ExitResult{0, {}}), at(1));
  EXPECT_THAT(records()[1], ::testing::HasSubstr("received=0 sent=1073741824"));
}

TEST(Audit, WithoutATargetNothingIsMade) {
  const auto sink = open_audit({});
  ASSERT_TRUE(sink);
  EXPECT_EQ(*sink, nullptr);
  boost::asio::io_context loop;
  Audit audit(loop, nullptr, [](const Error&) { ADD_FAILURE(); });
  AuditTrail trail(audit, {"run", "r", "x", {}}, std::vector<HostSpec>(1), {});
  trail.status(HostId{0}, {}, {});
  trail.end({});
  EXPECT_FALSE(audit.on());
}

class Full final : public run::AuditSink {
 public:
  Status write(const run::AuditRecord&) override { return Error{ErrorKind::io, "disk full"}; }
};

TEST(Audit, AFailureReachesTheLoopOnce) {
  boost::asio::io_context loop;
  std::vector<std::string> told;
  Audit audit(loop, std::make_unique<Full>(),
              [&](const Error& error) { told.push_back(error.message); });
  for (int i = 0; i < 2; ++i) audit.add({}, {});
  ::testing::internal::CaptureStderr();
  audit.close();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "bdsh-tui: audit: 2 records lost: disk full\n");
  loop.run();
  EXPECT_THAT(told, ElementsAre("audit: disk full"));
}

}  // namespace
}  // namespace bdsh::app
