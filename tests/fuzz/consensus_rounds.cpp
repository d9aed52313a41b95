// Foreign text through all of the consensus: masks, rewritten tails, grouping, alignment, views.
// The input is a script: one byte says what to do and to which host, then a line up to LF.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/comparison.hpp"

namespace {

using namespace bdsh;             // NOLINT: one program, one file
using namespace bdsh::consensus;  // NOLINT

constexpr std::uint32_t kHosts = 4;

void check(bool holds) {
  if (!holds) std::abort();
}

// Spans are ascending, disjoint and within their line.
void check_line(const TextLine& line) {
  std::size_t at = 0;
  for (const Span& span : line.spans) {
    check(span.begin >= at && span.begin < span.end && span.end <= line.text.size());
    at = span.end;
  }
}

void check_views(Comparison& comparison) {
  const Outcome& outcome = comparison.outcome();
  std::size_t placed = outcome.behind.size();
  for (const Variant& variant : outcome.variants) placed += variant.hosts.size();
  for (const Place place : outcome.places) placed += place == Place::absent ? 1 : 0;
  check(placed == kHosts);
  for (std::size_t b = 0; b < comparison.merged().blocks.size(); ++b) {
    const MergedBlock& block = comparison.merged().blocks[b];
    for (const TextLine& line : block.lines) check_line(line);
    for (const Side& side : block.sides)
      for (const TextLine& line : side.lines) check_line(line);
    if (!block.lines.empty()) (void)comparison.spreads(b, 0);
  }
  const int round = comparison.round();
  for (const int other : {round, round - 1}) {
    const Diff& diff = comparison.diff({other, HostId{2}}, {round, HostId{3}});
    std::size_t left = 0;
    for (const DiffHunk& hunk : diff.hunks) {
      check(hunk.lines.a_begin >= left && hunk.lines.a_end >= hunk.lines.a_begin);
      check(hunk.lines.a_end <= diff.left_lines && hunk.lines.b_end <= diff.right_lines);
      left = hunk.lines.a_end;
    }
    for (const TextLine& line : comparison.lines(diff.left, 0, diff.left_lines)) check_line(line);
  }
  for (const DiffRow& row : comparison.diff_rows(HostId{0}, HostId{1})) {
    if (row.left) check_line(*row.left);
    if (row.right) check_line(*row.right);
  }
}

void act(Comparison& comparison, unsigned char what, const std::string& line) {
  const HostId host{what % kHosts};
  const std::size_t count = comparison.line_count(host);
  switch (what / kHosts % 8) {
    case 0:
      comparison.set_open_line(host, line);
      break;
    case 1:
      comparison.set_progress(host, {static_cast<Progress::Kind>(line.size() % 5), std::nullopt});
      break;
    case 2:
      comparison.set_lines(host, count - count / 2, std::vector<std::string>{line});
      break;
    case 3:
      comparison.set_masks(!comparison.masks());
      break;
    case 4:
      comparison.set_own_words(host, {line});
      break;
    case 5:
      check_views(comparison);
      break;
    case 6:
      if (line.empty()) comparison.begin_round("next");
      [[fallthrough]];
    default:
      comparison.set_lines(host, comparison.line_count(host), std::vector<std::string>{line});
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Options options;
  options.max_lines = 32;
  options.max_text_bytes = 16'000;
  options.user_masks = {{"job", "job ([0-9]+)"}};
  Comparison comparison({{"web01"}, {"web02", "10.0.0.2"}, {"db"}, {"fe80::1"}}, options);
  for (std::uint32_t i = 0; i < kHosts; ++i)
    comparison.set_progress(HostId{i}, {Progress::Kind::running, std::nullopt});
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto what = static_cast<unsigned char>(rest[0]);
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    act(comparison, what,
        std::string(
            rest.substr(std::min<std::size_t>(1, end), end - std::min<std::size_t>(1, end))));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  check_views(comparison);
  return 0;
}
