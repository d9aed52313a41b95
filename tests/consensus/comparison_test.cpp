#include "consensus/comparison.hpp"

#include <gmock/gmock.h>

namespace bdsh::consensus {
namespace {

TEST(Comparison, SeesTwoVariants) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  const Progress done{Progress::Kind::finished, ExitResult{0, ""}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_lines(HostId{i}, 0, std::vector<std::string>{"a", i == 1 ? "active (failed)" : "active (running)", "host web0" + std::to_string(i + 1) + " is up"});
    c.set_progress(HostId{i}, done);
  }
  EXPECT_EQ(c.outcome().agree, 2U);
  ASSERT_EQ(c.merged().blocks.size(), 3U);
  EXPECT_EQ(c.merged().blocks[2].lines[0].text, "host ‹host› is up");
  EXPECT_EQ(c.merged().blocks[1].sides[1].lines[0].text, "active (failed)");
}

}  // namespace
}  // namespace bdsh::consensus
