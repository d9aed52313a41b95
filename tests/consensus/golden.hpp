// Golden files of the consensus: hosts' lines in, what is seen of them out, in one text file.
// tests/consensus/golden/README.md describes the format.
#pragma once

#include <string>
#include <vector>

#include "consensus/comparison.hpp"

namespace bdsh::consensus::golden {

struct Case {
  std::string name;
  int line = 0;  // of its title in the file
  std::vector<std::string> script;
  std::string expected;
};

std::vector<Case> read_file(const std::string& path);
// Runs the script and prints the outcome and the merged view.
std::string run(const Case& test);
std::string print_outcome(const Outcome& outcome, const std::vector<std::string>& names);
std::string print_merged(const MergedView& view);

}  // namespace bdsh::consensus::golden
