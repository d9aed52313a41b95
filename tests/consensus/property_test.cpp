// What must hold for any input: random fleets with a fixed seed each, so that a failure repeats.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "consensus/align.hpp"
#include "consensus/golden.hpp"

namespace bdsh::consensus {
namespace {

using Lines = std::vector<std::string>;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t bound) {
  return random() % bound;
}

struct FleetText {
  std::vector<Lines> lines;
  std::vector<std::string> open;
  std::vector<Progress> progress;
  std::vector<std::string> names;
  std::size_t size() const { return lines.size(); }
};

std::string random_line(Random& random, const std::string& host) {
  static const Lines kLines = {
      "",         "one",         "two",         "three pid 12", "three pid 4711",
      "at 10:00", "at 11:30:01", "load is 3",   "load is 4",    "}",
      "HOST up",  "HOST down",   "tmp/x 5 MiB", "50% done",     "97% done"};
  std::string line = kLines[below(random, kLines.size())];
  if (line.starts_with("HOST")) line.replace(0, 4, host);
  return line;
}

Progress random_progress(Random& random, bool shells) {
  using Kind = Progress::Kind;
  switch (below(random, 8)) {
    case 0:
      return {Kind::absent, std::nullopt};
    case 1:
      return {Kind::running, std::nullopt};
    case 2:
      return {Kind::lost, std::nullopt};
    case 3:
      return {Kind::finished, ExitResult{static_cast<int>(below(random, 2)), ""}};
    default:
      return shells ? Progress{Kind::settled, std::nullopt}
                    : Progress{Kind::finished, ExitResult{0, ""}};
  }
}

// A few base transcripts, and hosts that print one of them with some edits.
FleetText random_fleet(Random& random) {
  const std::size_t hosts = 1 + below(random, 9);
  const bool shells = below(random, 2) == 0;
  FleetText fleet;
  const unsigned base_seed = random();
  for (std::size_t i = 0; i < hosts; ++i) {
    const std::string name = "node" + std::to_string(10 + i);
    Random base(base_seed + static_cast<unsigned>(below(random, 2)));
    Lines lines(below(base, 12));
    for (std::string& line : lines) line = random_line(base, name);
    for (std::size_t edits = below(random, 3); edits > 0 && !lines.empty(); --edits) {
      const auto at = lines.begin() + static_cast<std::ptrdiff_t>(below(random, lines.size()));
      if (below(random, 3) == 0)
        lines.erase(at);
      else if (below(random, 2) == 0)
        lines.insert(at, random_line(random, name));
      else
        *at = random_line(random, name);
    }
    fleet.names.push_back(name);
    fleet.lines.push_back(std::move(lines));
    fleet.open.push_back(below(random, 3) == 0 ? random_line(random, name) : "");
    fleet.progress.push_back(random_progress(random, shells));
  }
  return fleet;
}

std::vector<Lines> words(const FleetText& fleet) {
  std::vector<Lines> all;
  for (const std::string& name : fleet.names) all.push_back({name});
  return all;
}

Comparison at_once(const FleetText& fleet, const Options& options) {
  Comparison comparison(words(fleet), options);
  for (std::uint32_t i = 0; i < fleet.size(); ++i) {
    comparison.set_lines(HostId{i}, 0, fleet.lines[i]);
    comparison.set_open_line(HostId{i}, fleet.open[i]);
    comparison.set_progress(HostId{i}, fleet.progress[i]);
  }
  return comparison;
}

std::string seen(Comparison& comparison, const FleetText& fleet) {
  return golden::print_outcome(comparison.outcome(), fleet.names) +
         golden::print_merged(comparison.merged());
}

// The same fleet in random pieces, with wrong lines that are rewritten later, looked at in between.
Comparison in_pieces(const FleetText& fleet, const Options& options, Random& random) {
  Comparison comparison(words(fleet), options);
  std::vector<std::uint32_t> left;
  for (std::uint32_t i = 0; i < fleet.size(); ++i) left.push_back(i);
  while (!left.empty()) {
    const std::size_t pick = below(random, left.size());
    const HostId host{left[pick]};
    const Lines& lines = fleet.lines[host.value];
    const std::size_t from = below(random, std::min(comparison.line_count(host), lines.size()) + 1);
    const std::size_t count = below(random, lines.size() - from + 1);
    Lines piece(lines.begin() + static_cast<std::ptrdiff_t>(from),
                lines.begin() + static_cast<std::ptrdiff_t>(from + count));
    const bool wrong = below(random, 4) == 0;
    if (wrong) piece.push_back("to be rewritten " + std::to_string(random()));
    comparison.set_lines(host, from, piece);
    comparison.set_progress(host, random_progress(random, true));
    if (below(random, 3) == 0) comparison.merged();
    if (wrong || below(random, 3) != 0) continue;
    comparison.set_lines(host, 0, lines);
    comparison.set_open_line(host, fleet.open[host.value]);
    comparison.set_progress(host, fleet.progress[host.value]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  return comparison;
}

TEST(Property, TheOrderOfArrivalDoesNotCount) {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    Comparison one = at_once(fleet, {});
    Comparison other = in_pieces(fleet, {}, random);
    ASSERT_EQ(seen(one, fleet), seen(other, fleet)) << "seed " << seed;
  }
}

// A view is drawn anew from the one before: it must not show where that was looked at.
TEST(Property, LookingInBetweenChangesNothing) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    Comparison watched = at_once(fleet, {});
    FleetText now = fleet;
    for (int change = 0; change < 12; ++change) {
      const std::size_t host = below(random, fleet.size());
      Lines& lines = now.lines[host];
      const std::size_t at = below(random, lines.size() + 1);
      if (at == lines.size() || below(random, 2) == 0)
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at),
                     random_line(random, fleet.names[host]));
      else
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      watched.set_lines(HostId{static_cast<std::uint32_t>(host)}, 0, lines);
      Comparison fresh = at_once(now, {});
      ASSERT_EQ(seen(watched, now), seen(fresh, now)) << "seed " << seed << " change " << change;
    }
  }
}

// Groups by host names, and whether they are the reference.
std::set<std::pair<std::set<std::string>, bool>> groups(Comparison& comparison,
                                                        const FleetText& fleet) {
  std::set<std::pair<std::set<std::string>, bool>> all;
  for (const Variant& variant : comparison.outcome().variants) {
    std::set<std::string> names;
    variant.hosts.for_each([&](HostId host) { names.insert(fleet.names[host.value]); });
    all.emplace(names, variant.reference);
  }
  return all;
}

TEST(Property, WhichHostIsFirstDoesNotCount) {
  for (unsigned seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    std::vector<std::size_t> order(fleet.size());
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), random);
    FleetText shuffled;
    for (const std::size_t i : order) {
      shuffled.lines.push_back(fleet.lines[i]);
      shuffled.open.push_back(fleet.open[i]);
      shuffled.progress.push_back(fleet.progress[i]);
      shuffled.names.push_back(fleet.names[i]);
    }
    Comparison one = at_once(fleet, {});
    Comparison other = at_once(shuffled, {});
    ASSERT_EQ(groups(one, fleet), groups(other, shuffled)) << "seed " << seed;
  }
}

Lines reconstructed(const MergedView& view, std::size_t variant) {
  Lines lines;
  const auto add = [&](const std::vector<TextLine>& from) {
    for (const TextLine& line : from) lines.push_back(line.text);
  };
  for (const MergedBlock& block : view.blocks) {
    add(block.lines);
    for (const Side& side : block.sides)
      if (std::find(side.variants.begin(), side.variants.end(), variant) != side.variants.end())
        add(side.lines);
  }
  return lines;
}

TEST(Property, TheMergedViewHoldsEveryVariantExactly) {
  Options unmasked;
  unmasked.masks = false;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    unmasked.align_cap = seed % 5 == 0 ? 2 : 1'000;
    Comparison comparison = at_once(fleet, unmasked);
    const Outcome& outcome = comparison.outcome();
    for (std::size_t v = 0; v < outcome.variants.size(); ++v) {
      const Variant& variant = outcome.variants[v];
      Lines expected = fleet.lines[variant.representative.value];
      if (variant.line_count > expected.size())
        expected.push_back(fleet.open[variant.representative.value]);
      ASSERT_EQ(reconstructed(comparison.merged(), v), expected)
          << "seed " << seed << " variant " << v;
    }
  }
}

TEST(Property, SwitchingMasksIsLikeStartingWithThem) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    Options without;
    without.masks = false;
    Comparison switched = at_once(fleet, {});
    Comparison fresh = at_once(fleet, without);
    switched.merged();
    switched.set_masks(false);
    ASSERT_EQ(seen(switched, fleet), seen(fresh, fleet)) << "seed " << seed;
    switched.set_masks(true);
    ASSERT_TRUE(switched.set_mask_enabled("pid", false));
    ASSERT_TRUE(switched.set_mask_enabled("host", false));
    Options some;
    some.disabled_masks = {"pid", "host"};
    Comparison fresh_some = at_once(fleet, some);
    ASSERT_EQ(seen(switched, fleet), seen(fresh_some, fleet)) << "seed " << seed;
  }
}

TEST(Property, ATableFullOfRewrittenLinesIsEmptiedAndNothingChanges) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const FleetText fleet = random_fleet(random);
    Options small;
    small.max_text_bytes = 40'000;
    Comparison one = at_once(fleet, {});
    Comparison other = at_once(fleet, small);
    for (int i = 0; i < 2'000; ++i) {
      const HostId host{static_cast<std::uint32_t>(below(random, fleet.size()))};
      other.set_lines(host, fleet.lines[host.value].size(), Lines{"progress " + std::to_string(i)});
      other.set_lines(host, fleet.lines[host.value].size(), {});
    }
    ASSERT_EQ(seen(one, fleet), seen(other, fleet)) << "seed " << seed;
  }
}

TEST(Property, BeyondTheBoundsHostsAgreeAndDifferAllTheSame) {
  Options tight;
  tight.max_lines = 3;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    FleetText fleet = random_fleet(random);
    // A running host may count as behind where nothing is known any more: leave those out.
    for (Progress& progress : fleet.progress)
      if (progress.kind == Progress::Kind::running)
        progress = {Progress::Kind::settled, std::nullopt};
    Comparison one = at_once(fleet, {});
    Comparison other = in_pieces(fleet, tight, random);
    ASSERT_EQ(groups(one, fleet), groups(other, fleet)) << "seed " << seed;
  }
}

// Lines with a host's own names in every spelling and place, names that other hosts print too, and
// control characters that a host should not be able to print.
std::string line_with_names(Random& random, const std::string& own, const std::string& other) {
  static const Lines kLines = {
      "OWN up",        "at OWN:22 and OWN", "OTHER up", "OWN.example.com", "(OWN) from 10.0.0.7",
      "same on all",   "OWN pid 17",        "UPPER up", "\x03! up",        "\x01host\x02 up",
      "OWN saw OTHER", "10.0.0.7 up"};
  std::string line = kLines[below(random, kLines.size())];
  std::string upper = own;
  std::transform(own.begin(), own.end(), upper.begin(), [](char c) { return std::toupper(c); });
  const std::pair<std::string, std::string> parts[] = {
      {"OWN", own}, {"OTHER", other}, {"UPPER", upper}};
  for (const auto& [word, text] : parts)
    for (std::size_t at = 0; (at = line.find(word)) != std::string::npos;)
      line.replace(at, word.size(), text);
  return line;
}

// Equal raw texts, and no others, are one variant without masks; and whatever is learned or
// switched in between, each host's transcript stays what it printed.
TEST(Property, OwnNamesAreWrittenOutAsTheyWerePrinted) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::size_t hosts = 2 + below(random, 5);
    std::vector<Lines> own(hosts);
    std::vector<Lines> printed(hosts);
    for (std::size_t i = 0; i < hosts; ++i) own[i] = {"node" + std::to_string(i), "10.0.0.7"};
    Options options;
    if (below(random, 4) == 0) options.max_text_bytes = 1'500;  // not all fits
    if (below(random, 4) == 0) options.max_lines = 5;
    Comparison comparison(own, options);
    for (int step = 0; step < 40; ++step) {
      const auto i = static_cast<std::uint32_t>(below(random, hosts));
      const std::string& other = own[below(random, hosts)][0];
      switch (below(random, 8)) {
        case 0:
          comparison.set_masks(!comparison.masks());
          break;
        case 1:
          comparison.set_mask_enabled("host", !comparison.mask_enabled("host"));
          break;
        case 2:
          own[i].push_back("alias" + std::to_string(step) + std::to_string(i));
          comparison.set_own_words(HostId{i}, own[i]);
          break;
        default: {
          const std::size_t from = below(random, printed[i].size() + 1);
          printed[i].resize(from);
          printed[i].push_back(line_with_names(random, own[i].back(), other));
          printed[i].push_back(line_with_names(random, own[i].front(), other));
          comparison.set_lines(HostId{i}, from, std::span(printed[i]).subspan(from));
        }
      }
      comparison.outcome();
    }
    for (std::uint32_t i = 0; i < hosts; ++i)
      comparison.set_progress(HostId{i}, {Progress::Kind::finished, ExitResult{0, ""}});
    for (const bool masked : {true, false}) {
      comparison.set_masks(masked);
      for (std::uint32_t i = 0; i < hosts; ++i) {
        const Lines kept = comparison.transcript(HostId{i});
        ASSERT_LE(kept.size(), printed[i].size());
        ASSERT_TRUE(std::equal(kept.begin(), kept.end(), printed[i].begin())) << "seed " << seed;
        const bool bounded = options.max_text_bytes < 2'000 || options.max_lines < 100;
        ASSERT_TRUE(bounded || kept.size() == printed[i].size()) << "seed " << seed;
      }
    }
    const Outcome& raw = comparison.outcome();
    for (std::size_t i = 0; i < hosts; ++i)
      for (std::size_t j = 0; j < i; ++j)
        ASSERT_EQ(raw.variant_of[i] == raw.variant_of[j], printed[i] == printed[j])
            << "seed " << seed << ": " << i << " and " << j;
  }
}

// --- alignment
// --------------------------------------------------------------------------------------

using Ids = std::vector<std::uint32_t>;

Ids random_ids(Random& random, std::size_t length, std::size_t alphabet) {
  Ids ids(length);
  for (std::uint32_t& id : ids) id = static_cast<std::uint32_t>(below(random, alphabet));
  return ids;
}

std::size_t longest_common(const Ids& a, const Ids& b) {
  std::vector<std::vector<std::size_t>> best(a.size() + 1,
                                             std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      best[i][j] = a[i] == b[j] ? best[i + 1][j + 1] + 1 : std::max(best[i + 1][j], best[i][j + 1]);
  return best[0][0];
}

// Checks that everything between hunks is equal, one to one; returns how much that is.
std::size_t common_checked(const Ids& a, const Ids& b, const Alignment& alignment) {
  std::size_t at = 0;
  std::size_t at_b = 0;
  std::size_t common = 0;
  const auto walk = [&](std::size_t end, std::size_t end_b) {
    EXPECT_EQ(end - at, end_b - at_b);
    for (; at < end; ++at, ++at_b, ++common) EXPECT_EQ(a[at], b[at_b]);
  };
  for (const Hunk& hunk : alignment.hunks) {
    EXPECT_TRUE(hunk.a_begin < hunk.a_end || hunk.b_begin < hunk.b_end);
    walk(hunk.a_begin, hunk.b_begin);
    at = hunk.a_end;
    at_b = hunk.b_end;
  }
  walk(a.size(), b.size());
  return common;
}

TEST(Align, IsExactAndShortest) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    Random random(seed);
    const std::size_t alphabet = 1 + below(random, 8);
    const Ids a = random_ids(random, below(random, 24), alphabet);
    const Ids b = random_ids(random, below(random, 24), alphabet);
    ASSERT_EQ(common_checked(a, b, align(a, b)), longest_common(a, b)) << "seed " << seed;
  }
}

TEST(Align, TakesTheMiddleAsOneBlockBeyondTheCap) {
  Random random(7);
  const Ids a = random_ids(random, 60, 30);
  const Ids b = random_ids(random, 60, 30);
  const Alignment alignment = align(a, b, 10);
  EXPECT_TRUE(alignment.coarse);
  EXPECT_EQ(alignment.hunks.size(), 1U);
  common_checked(a, b, alignment);
}

// dtl 1.20 would start anew in the middle of these, and read outside its arrays.
TEST(Align, SurvivesWhatTheSearchCannotHold) {
  Random random(11);
  Ids a(3'000);
  std::iota(a.begin(), a.end(), 0U);
  Ids b = a;
  std::shuffle(b.begin(), b.end(), random);
  const Alignment shuffled = align(a, b);
  EXPECT_TRUE(shuffled.coarse);
  common_checked(a, b, shuffled);
  b.resize(300);
  const Alignment shorter = align(a, b);
  EXPECT_FALSE(shorter.coarse);
  common_checked(a, b, shorter);
}

}  // namespace
}  // namespace bdsh::consensus
