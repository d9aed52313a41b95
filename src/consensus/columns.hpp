// Numbers across hosts: for one line that many hosts show, what its columns hold, host by host.
// Columns are words between blanks, matched by place, or by the word before them where the lines
// differ in length; a number may carry a sign, a unit behind it (97%, 1.5G, 12ms)
// or stand behind "name=" or "name:". Pure values; sizes with a binary suffix compare by size.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ids.hpp"

namespace bdsh::consensus {

// One host's form of the line (Comparison::transcript gives it), unmasked.
struct HostLine {
  HostId host;
  std::string text;
};

struct HostValue {
  HostId host;
  double value = 0;
  std::string text;  // as printed: "97%"
};

struct Distribution {
  std::size_t column = 0;  // the word's place, from 0, in the first line that has it
  std::vector<HostValue> values;  // ascending by value, then by host; never empty
  double min = 0;
  double median = 0;  // of an even number of hosts: between the two in the middle
  double max = 0;
  // Beyond 1.5 times the distance of the quartiles outside of these (Tukey's fences).
  HostSet outliers;

  // How many hosts fall into each of `buckets` equal parts of min … max; all in one when equal.
  std::vector<std::size_t> histogram(std::size_t buckets) const;
};

// The number a word stands for; nothing for names, times of day, versions and addresses.
std::optional<double> number_in(std::string_view word);

// Every column that is a number on at least two hosts, and on most of those that have it.
std::vector<Distribution> distributions(const std::vector<HostLine>& lines);

// One character a bucket, ▁ to █ by its share of the fullest; a blank for none.
std::string sparkline(const std::vector<std::size_t>& buckets);

}  // namespace bdsh::consensus
