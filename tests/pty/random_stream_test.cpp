// The terminal under random output. BDSH_PTY_FUZZ_RUNS=20000 for a long run, BDSH_PTY_FUZZ_SEED=n
// to start at a seed that a failure named.
#include "random_stream.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace bdsh::pty {
namespace {

constexpr int kStepsPerRun = 40;

int from_environment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::atoi(value) : otherwise;
}

// The shortest beginning of a failing run, without the steps that do not matter.
std::vector<Step> reduced(Size size, std::vector<Step> steps) {
  for (std::size_t i = steps.size(); i-- > 0;) {
    std::vector<Step> fewer = steps;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (!check_stream(size, fewer).empty()) steps = fewer;
  }
  return steps;
}

std::string script(Size size, const std::vector<Step>& steps) {
  std::string out = "size " + to_string(Step{size}) + "\n";
  for (const Step& step : steps) out += to_string(step) + "\n";
  return out;
}

TEST(RandomStream, LanesAndSplitsAgreeAndPromisesHold) {
  const int first = from_environment("BDSH_PTY_FUZZ_SEED", 1);
  const int runs = from_environment("BDSH_PTY_FUZZ_RUNS", 200);
  for (int seed = first; seed < first + runs; ++seed) {
    RandomStream random(static_cast<std::uint32_t>(seed));
    const Size size = random.size();
    const std::vector<Step> steps = random.steps(kStepsPerRun);
    if (check_stream(size, steps).empty()) continue;
    const std::vector<Step> core = reduced(size, steps);
    FAIL() << "seed " << seed << "\n" << script(size, core) << check_stream(size, core);
  }
}

}  // namespace
}  // namespace bdsh::pty
