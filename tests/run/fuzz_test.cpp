// A bounded, repeatable share of the fuzzing: true files with a few bytes changed.
#include <gtest/gtest.h>

#include <random>

#include "fuzz_formats.hpp"
#include "run/run_yaml.hpp"
#include "runs.hpp"

namespace bdsh::run {
namespace {

std::vector<std::string> seeds() {
  RunRecord run{some_run({"web01", "web02"}), {"web01", "web02"}, after_ms(500)};
  HostMeta meta{exited(3), after_ms(1), after_ms(2), 70'016, "out.log: File too large"};
  meta.status.error = Error{ErrorKind::lost, "reset"};
  return {'\0' + to_yaml(run), '\1' + to_yaml(meta, "web01"),
          "\2"
          "0.250000 5\n1.000000 16\n0.000001 70000\n",
          "\3"
          "0.250000 round 2 web01:17 web02:0 others web03:5\n1.000000 restart web01:99\n"};
}

TEST(Fuzz, ChangedFilesBreakNothing) {
  static constexpr std::string_view kSpice = "\n\"'{}[]:,-&*!|>%@`#\\ \xff\xC2\x9B?0.~";
  std::mt19937 random(20260301);
  for (const std::string& seed : seeds()) {
    fuzz_formats(seed);
    for (int i = 0; i < 1500; ++i) {
      std::string bytes = seed;
      for (unsigned k = 0; k < 1 + random() % 4; ++k) {
        const std::size_t at = 1 + random() % (bytes.size() - 1);
        const char spice = kSpice[random() % kSpice.size()];
        if (random() % 3 == 0)
          bytes.insert(at, random() % 30, spice);
        else if (random() % 2 == 0)
          bytes.erase(at, 1 + random() % 10);
        else
          bytes[at] = spice;
        if (bytes.size() < 2) bytes = seed;
      }
      fuzz_formats(bytes);
    }
  }
}

}  // namespace
}  // namespace bdsh::run
