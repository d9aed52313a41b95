#include "report/progress.hpp"

#include <gtest/gtest.h>

#include "results.hpp"

namespace bdsh::report {
namespace {

TEST(Progress, EveryHostIsCountedOnce) {
  HostStatus connecting;
  connecting.state = HostState::connecting;
  HostStatus asking = connecting;
  asking.asking = Prompt{};
  const HostStatus running{HostState::running, ConnectStep::live, {}, {}, {}};
  EXPECT_EQ(progress_line({exited(0), exited(0), exited(2), refused(), running, connecting, asking,
                           HostStatus{}}),
            "2/8 done, 2 failed, 1 running, 1 waiting for input, 1 connecting, 1 queued");
  EXPECT_EQ(progress_line({exited(0)}), "1/1 done");
  EXPECT_EQ(progress_line({}), "0/0 done");
}

}  // namespace
}  // namespace bdsh::report
