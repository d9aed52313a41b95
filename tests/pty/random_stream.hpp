// Random terminal output by a grammar: text, controls and sequences in the proportions that find
// faults, with the inputs that are known to have crashed terminals among them.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "stream_check.hpp"

namespace bdsh::pty {

class RandomStream {
 public:
  explicit RandomStream(std::uint32_t seed) : random_(seed) {}
  Size size();
  std::vector<Step> steps(int count);

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  std::string one_of(const std::vector<std::string>& choices);
  std::string number();
  std::string params(int most);
  std::string text();
  std::string lines();
  std::string csi();
  std::string mode();
  std::string sgr();
  std::string string_sequence();
  std::string item();

  std::mt19937 random_;
};

}  // namespace bdsh::pty
