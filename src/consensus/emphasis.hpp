// Which parts of changed lines differ, token by token.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "consensus/outcome.hpp"

namespace bdsh::consensus {

// Pairs lines of `left` with similar ones of `right` in order: indices, ascending on both sides.
std::vector<std::pair<std::size_t, std::size_t>> pair_similar(const std::vector<TextLine>& left,
                                                              const std::vector<TextLine>& right);

// How many pairs of lines pair_similar looks at, at most.
std::size_t emphasis_cost(std::size_t left_lines, std::size_t right_lines);

// Adds Span::changed to both lines of each similar pair. Called with several `right`s, the spans
// of `left` come to cover what differs from any of them.
void emphasise(std::vector<TextLine>& left, std::vector<TextLine>& right);
void emphasise_pair(TextLine& left, TextLine& right);

}  // namespace bdsh::consensus
