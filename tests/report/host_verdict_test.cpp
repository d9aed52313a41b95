#include "report/host_verdict.hpp"

#include <gtest/gtest.h>

#include "results.hpp"

namespace bdsh::report {
namespace {

TEST(Verdict, EveryWayToEndHasItsWord) {
  const struct {
    HostStatus status;
    const char* word;
  } table[] = {
      {exited(0), "ok"},
      {exited(1), "failed"},
      {killed("KILL"), "failed"},
      {unsaid(), "failed"},
      {refused(), "unreachable"},
      {broken(ErrorKind::resolve, ConnectStep::resolve), "unreachable"},
      {broken(ErrorKind::protocol, ConnectStep::handshake), "unreachable"},
      {broken(ErrorKind::host_key, ConnectStep::host_key), "unreachable"},
      {broken(ErrorKind::lost, ConnectStep::handshake), "unreachable"},
      {no_auth(), "auth"},
      {broken(ErrorKind::timeout, ConnectStep::connect), "timeout"},
      {broken(ErrorKind::timeout, ConnectStep::live), "timeout"},
      {broken(ErrorKind::channel, ConnectStep::channel), "failed"},
      {broken(ErrorKind::lost, ConnectStep::live), "lost"},
      {broken(ErrorKind::cancelled, ConnectStep::live), "lost"},
      {broken(ErrorKind::cancelled, ConnectStep::none), "unreachable"},
      {HostStatus{}, "unreachable"},
  };
  for (const auto& row : table) EXPECT_STREQ(to_string(verdict(row.status)), row.word);
}

TEST(Verdict, AnErrorCountsMoreThanAnExitStatusOfZero) {
  HostStatus status = exited(0);
  status.error = Error{ErrorKind::lost, "connection reset"};
  EXPECT_EQ(verdict(status), Verdict::lost);
}

TEST(ExitCode, Table) {
  const HostStatus slow_connect = broken(ErrorKind::timeout, ConnectStep::handshake);
  const HostStatus slow_command = broken(ErrorKind::timeout, ConnectStep::live);
  const HostStatus lost = broken(ErrorKind::lost, ConnectStep::live);
  const struct {
    const char* what;
    std::vector<HostStatus> hosts;
    int code;
  } table[] = {
      {"all succeeded", {exited(0), exited(0)}, 0},
      {"no hosts at all", {}, 0},
      {"none connected", {refused(), refused()}, 3},
      {"none connected, some too slow", {refused(), slow_connect}, 3},
      {"the only host refused", {refused()}, 3},
      {"no credential anywhere", {no_auth(), no_auth()}, 4},
      {"all that failed failed to authenticate", {exited(0), no_auth()}, 4},
      {"authentication and another failure", {no_auth(), exited(1)}, 10},
      {"authentication and no connection", {no_auth(), refused()}, 10},
      {"the command failed everywhere", {exited(1), exited(127)}, 5},
      {"killed and failed", {exited(1), killed("KILL")}, 5},
      {"failed and overran", {exited(1), slow_command}, 5},
      {"the session was refused", {broken(ErrorKind::channel, ConnectStep::channel)}, 5},
      {"some failed", {exited(0), exited(1)}, 10},
      {"some not reached", {exited(0), refused()}, 10},
      {"failed and not reached", {exited(1), refused()}, 10},
      {"all lost on the way", {lost, lost}, 10},
  };
  for (const auto& row : table)
    EXPECT_EQ(static_cast<int>(exit_code(row.hosts)), row.code) << row.what;
}

}  // namespace
}  // namespace bdsh::report
