#include "consensus/align.hpp"

#include <algorithm>
#include <dtl/dtl.hpp>
#include <type_traits>
#include <unordered_map>

namespace bdsh::consensus {
namespace {

using Ids = std::span<const std::uint32_t>;
using Match = std::pair<std::size_t, std::size_t>;  // indices into a and b

struct Kept {
  std::vector<std::uint32_t> ids;
  std::vector<std::size_t> places;
};

// The elements of a[begin, end) and b[begin, end) that occur on both sides.
std::pair<Kept, Kept> both_sided(Ids a, Ids b, const Hunk& middle) {
  std::unordered_map<std::uint32_t, unsigned> sides;
  for (std::size_t i = middle.a_begin; i < middle.a_end; ++i) sides[a[i]] |= 1U;
  for (std::size_t i = middle.b_begin; i < middle.b_end; ++i) sides[b[i]] |= 2U;
  const auto keep = [&](Ids from, std::size_t begin, std::size_t end) {
    Kept kept;
    for (std::size_t i = begin; i < end; ++i)
      if (sides[from[i]] == 3U) kept.ids.push_back(from[i]), kept.places.push_back(i);
    return kept;
  };
  return {keep(a, middle.a_begin, middle.a_end), keep(b, middle.b_begin, middle.b_end)};
}

Kept part(const Kept& whole, std::size_t begin, std::size_t end) {
  const auto cut = [&](const auto& from) {
    return std::decay_t<decltype(from)>(from.begin() + static_cast<std::ptrdiff_t>(begin),
                                        from.begin() + static_cast<std::ptrdiff_t>(end));
  };
  return {cut(whole.ids), cut(whole.places)};
}

Hunk trimmed(Ids a, Ids b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t front = 0;
  while (front < shorter && a[front] == b[front]) ++front;
  std::size_t back = 0;
  while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back]) ++back;
  return {front, a.size() - back, front, b.size() - back};
}

using Diff = dtl::Diff<std::uint32_t>;

// How many points of the edit graph dtl records for an edit script with `p` deletions (of the
// shorter side): two diagonals more in each of the p + 1 rounds.
std::size_t points(std::size_t p, std::size_t shorter, std::size_t longer) {
  return (p + 1) * (p + longer - shorter + 1);
}

// Whether dtl keeps within its bound. Beyond it dtl 1.20 starts anew on what is left, which may by
// then be the longer side first, and reads outside its arrays: such an input must not reach it.
bool searchable(const Kept& a, const Kept& b) {
  const std::size_t shorter = std::min(a.ids.size(), b.ids.size());
  const std::size_t longer = std::max(a.ids.size(), b.ids.size());
  if (points(shorter, shorter, longer) < dtl::MAX_CORDINATES_SIZE) return true;
  Diff probe(a.ids, b.ids);
  probe.onOnlyEditDistance();  // records nothing, so the bound does not apply
  probe.compose();
  const auto distance = static_cast<std::size_t>(probe.getEditDistance());
  return points((distance - (longer - shorter)) / 2, shorter, longer) < dtl::MAX_CORDINATES_SIZE;
}

constexpr std::size_t kQuickLines = 64;
constexpr int kQuickEdits = 64;

// Whether at most `most` insertions and deletions lead from one to the other: Myers' greedy search,
// given up after so many rounds. O(length + most²).
bool within_edits(Ids a, Ids b, int most) {
  const auto n = static_cast<std::ptrdiff_t>(a.size());
  const auto m = static_cast<std::ptrdiff_t>(b.size());
  std::vector<std::ptrdiff_t> furthest(2 * static_cast<std::size_t>(most) + 3, 0);
  const auto at = [&](int k) -> std::ptrdiff_t& {
    return furthest[static_cast<std::size_t>(k + most + 1)];
  };
  for (int d = 0; d <= most; ++d)
    for (int k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      std::ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
      for (std::ptrdiff_t y = x - k;
           x < n && y < m && y >= 0 &&
           a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(y)];
           ++y)
        ++x;
      at(k) = x;
      if (x >= n && x - k >= m) return true;
    }
  return false;
}

std::vector<Match> search(const Kept& a, const Kept& b) {
  std::vector<Match> matches;
  if (a.ids.empty() || b.ids.empty()) return matches;
  Diff diff(a.ids, b.ids);
  diff.compose();
  std::size_t i = 0;
  std::size_t j = 0;
  for (const auto& step : diff.getSes().getSequence()) {
    if (step.second.type == dtl::SES_COMMON) matches.emplace_back(a.places[i], b.places[j]);
    if (step.second.type != dtl::SES_ADD) ++i;
    if (step.second.type != dtl::SES_DELETE) ++j;
  }
  return matches;
}

// The gaps between matches are the hunks.
void add_gaps(const std::vector<Match>& matches, const Hunk& middle, std::vector<Hunk>& hunks) {
  std::size_t a = middle.a_begin;
  std::size_t b = middle.b_begin;
  const auto gap = [&](std::size_t a_end, std::size_t b_end) {
    if (a < a_end || b < b_end) hunks.push_back({a, a_end, b, b_end});
  };
  for (const auto& [at_a, at_b] : matches) {
    gap(at_a, at_b);
    a = at_a + 1;
    b = at_b + 1;
  }
  gap(middle.a_end, middle.b_end);
}

// What is left for the search.
std::pair<Kept, Kept> core_of(Ids a, Ids b) {
  const auto [left, right] = both_sided(a, b, trimmed(a, b));
  const Hunk core = trimmed(left.ids, right.ids);
  return {part(left, core.a_begin, core.a_end), part(right, core.b_begin, core.b_end)};
}

}  // namespace

bool quick_to_align(Ids a, Ids b) {
  const Hunk middle = trimmed(a, b);
  if (std::max(middle.a_end - middle.a_begin, middle.b_end - middle.b_begin) <= kQuickLines)
    return true;
  const auto [left, right] = core_of(a, b);
  return std::max(left.ids.size(), right.ids.size()) <= kQuickLines ||
         within_edits(left.ids, right.ids, kQuickEdits);
}

std::size_t Alignment::distance() const {
  std::size_t sum = 0;
  for (const Hunk& hunk : hunks)
    sum += std::max(hunk.a_end - hunk.a_begin, hunk.b_end - hunk.b_begin);
  return sum;
}

Alignment align(Ids a, Ids b, std::size_t cap) {
  Alignment result;
  const Hunk middle = trimmed(a, b);
  if (middle.a_begin == middle.a_end || middle.b_begin == middle.b_end) {
    add_gaps({}, middle, result.hunks);
    return result;
  }
  result.middle = middle.a_end - middle.a_begin + middle.b_end - middle.b_begin;
  if (cap == 0) {
    result.coarse = true;
    add_gaps({}, middle, result.hunks);
    return result;
  }
  const auto [left, right] = both_sided(a, b, middle);
  // Without the lines of one side only, what was shifted stands side by side: no search for it.
  const Hunk core = trimmed(left.ids, right.ids);
  const Kept core_left = part(left, core.a_begin, core.a_end);
  const Kept core_right = part(right, core.b_begin, core.b_end);
  result.coarse = std::max(core_left.ids.size(), core_right.ids.size()) > cap ||
                  !searchable(core_left, core_right);
  std::vector<Match> matches;
  for (std::size_t i = 0; i < core.a_begin; ++i)
    matches.emplace_back(left.places[i], right.places[i]);
  if (!result.coarse)
    for (const Match& match : search(core_left, core_right)) matches.push_back(match);
  for (std::size_t i = core.a_end, k = core.b_end; i < left.ids.size(); ++i, ++k)
    matches.emplace_back(left.places[i], right.places[k]);
  add_gaps(matches, middle, result.hunks);
  return result;
}

}  // namespace bdsh::consensus
