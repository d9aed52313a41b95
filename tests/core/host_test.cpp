// HostSpec, HostStatus, Error and Result.
#include <gmock/gmock.h>

#include "core/fold.hpp"
#include "core/host_spec.hpp"
#include "core/host_status.hpp"

namespace bdsh {
namespace {

using testing::ElementsAre;

TEST(HostSpec, OwnWordsAreNamedOnceAndNeverEmpty) {
  HostSpec host;
  host.name = host.original = "web01";
  EXPECT_THAT(host.own_words(), ElementsAre("web01"));
  host.address = "10.0.0.1";
  EXPECT_THAT(host.own_words(), ElementsAre("web01", "10.0.0.1"));
}

TEST(HostStatus, ShortReasons) {
  HostStatus status;
  EXPECT_EQ(short_reason(status), "");
  EXPECT_FALSE(status.ended());
  status.step = ConnectStep::live;
  EXPECT_TRUE(status.live());
  status.exit = ExitResult{0, ""};
  EXPECT_EQ(short_reason(status), "");
  EXPECT_TRUE(status.ended());
  EXPECT_FALSE(status.live());
  status.exit = ExitResult{3, ""};
  EXPECT_EQ(short_reason(status), "exit 3");
  status.exit = ExitResult{{}, "KILL"};
  EXPECT_EQ(short_reason(status), "signal KILL");
  status.exit = ExitResult{};
  EXPECT_EQ(short_reason(status), "no exit status");
  status.error = Error{ErrorKind::lost, "reset"};
  EXPECT_EQ(short_reason(status), "lost");
}

TEST(HostStatus, ErrorsHaveShortWordsBesideTheHost) {
  const auto reason = [](ErrorKind kind, const char* message) {
    HostStatus status;
    status.error = Error{kind, message};
    return short_reason(status);
  };
  EXPECT_EQ(reason(ErrorKind::connect, "10.0.0.9 port 22: connection refused"), "refused");
  EXPECT_EQ(reason(ErrorKind::connect, "10.0.0.9 port 22: no route to host"), "connect");
  EXPECT_EQ(reason(ErrorKind::timeout, "no answer in 10 s"), "timeout");
  EXPECT_EQ(reason(ErrorKind::resolve, "no address"), "dns");
  EXPECT_EQ(reason(ErrorKind::host_key, "changed"), "host key");
  EXPECT_EQ(reason(ErrorKind::auth, "no key was accepted"), "auth");
  EXPECT_EQ(reason(ErrorKind::protocol, "no banner"), "no ssh");
  EXPECT_EQ(reason(ErrorKind::channel, "pty refused"), "channel");
  EXPECT_EQ(reason(ErrorKind::cancelled, "by the user"), "stopped");
}

TEST(Error, IsSaidOfAThing) {
  const Error error{ErrorKind::io, "No such file or directory"};
  EXPECT_EQ(error.about("run.yaml").message, "run.yaml: No such file or directory");
  EXPECT_EQ(error.about("x").kind, ErrorKind::io);
}

TEST(Result, HoldsOneOfTheTwo) {
  Result<int> good = 3;
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, 3);
  const Result<int> bad = Error{ErrorKind::usage, "no"};
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "no");
}

TEST(FoldNames, MakesRanges) {
  EXPECT_EQ(fold_names({"web01", "web02", "web03", "web07"}), "web[01-03,07]");
  EXPECT_EQ(fold_names({}), "");
  EXPECT_EQ(fold_names({"a", "a"}), "a");
  EXPECT_EQ(fold_names({"::1", "[::1]:22"}), "::1,[::1]:22");
}

}  // namespace
}  // namespace bdsh
