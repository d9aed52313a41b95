// What masks hide in one line of a round's view, over all hosts that show it. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace bdsh::consensus {

// A line of the view of a round: of a common block, or of a difference's side.
struct LinePlace {
  int round = 0;
  std::size_t block = 0;
  std::optional<std::size_t> side;
  std::size_t line = 0;
  friend bool operator==(const LinePlace&, const LinePlace&) = default;
};

// The values behind one masked token.
struct Spread {
  std::string mask;  // "pid"
  std::size_t hosts = 0;
  std::size_t distinct = 0;      // different values
  std::string low;               // smallest and largest: by number where all are numbers,
  std::string high;              // else by text
  std::optional<double> median;  // where all values are numbers (a unit or sign may follow)
  std::string summary() const;   // "12 values, 812…4411", "1 value, 812"
  std::string numbers() const;   // "min 812, median 2210, max 4411"; empty where they are none
};

}  // namespace bdsh::consensus
