// The parts of a Comparison that golden files do not show: caching, rounds, raw text, the diff.
#include "consensus/comparison.hpp"

#include <gmock/gmock.h>

namespace bdsh::consensus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

const Progress kDone{Progress::Kind::finished, ExitResult{0, ""}};

Comparison two_hosts(const Lines& first, const Lines& second) {
  Comparison comparison({{"web01"}, {"web02"}}, {});
  comparison.set_lines(HostId{0}, 0, first);
  comparison.set_lines(HostId{1}, 0, second);
  comparison.set_progress(HostId{0}, kDone);
  comparison.set_progress(HostId{1}, kDone);
  return comparison;
}

TEST(Comparison, TheGenerationGrowsOnlyWithChanges) {
  Comparison c = two_hosts({"a", "b"}, {"a"});
  const std::uint64_t start = c.generation();
  c.set_lines(HostId{0}, 0, Lines{"a", "b"});
  c.set_lines(HostId{0}, 1, Lines{"b"});
  c.set_open_line(HostId{0}, "");
  c.set_progress(HostId{0}, kDone);
  c.set_masks(true);
  EXPECT_EQ(c.generation(), start);
  const MergedView* view = &c.merged();
  EXPECT_EQ(view->blocks.data(), c.merged().blocks.data());
  c.set_lines(HostId{0}, 2, Lines{"c"});
  EXPECT_GT(c.generation(), start);
}

TEST(Comparison, TheTailIsRewritten) {
  Comparison c = two_hosts({"a", "b", "c"}, {"a", "x"});
  EXPECT_EQ(c.outcome().agree, 0U);
  c.set_lines(HostId{0}, 1, Lines{"x"});
  EXPECT_EQ(c.line_count(HostId{0}), 2U);
  EXPECT_EQ(c.outcome().agree, 2U);
  c.set_lines(HostId{0}, 4, Lines{"e"});
  EXPECT_THAT(c.transcript(HostId{0}), ElementsAre("a", "x", "", "", "e"));
}

TEST(Comparison, ARoundStartsEmptyAndKeepsProgress) {
  Comparison c = two_hosts({"a"}, {"b"});
  c.set_open_line(HostId{1}, "open");
  c.begin_round("uptime");
  EXPECT_EQ(c.round(), 2);
  EXPECT_EQ(c.command(), "uptime");
  EXPECT_EQ(c.outcome().agree, 2U);
  EXPECT_THAT(c.merged().blocks, IsEmpty());
}

TEST(Comparison, FinishedRoundsKeepTheirTranscripts) {
  Comparison c = two_hosts({"pid 11", "same"}, {"pid 12", "same"});
  c.set_open_line(HostId{1}, "web02$ ");
  c.begin_round("uptime");
  const KeptText& text = c.history().at(0).text;
  EXPECT_EQ(text.stand_in(HostId{1}), HostId{1});
  EXPECT_THAT(text.lines(HostId{0}), ElementsAre("pid 11", "same"));
  EXPECT_THAT(text.lines(HostId{1}), ElementsAre("pid 12", "same", "web02$ "));
  EXPECT_EQ(text.stand_in(HostId{7}), std::nullopt);
}

// What each host printed differs only in what masks hide: the representative stands for the rest.
TEST(Comparison, WhatDoesNotFitIsStoodForByItsVariant) {
  Options options;
  options.max_history_bytes = 4 * 2'000;
  Comparison c(std::vector<std::vector<std::string>>(50), options);
  for (std::uint32_t i = 0; i < 50; ++i) {
    const std::string pid = std::to_string(1000 + i);
    c.set_lines(HostId{i}, 0, Lines{"pid " + pid, i == 49 ? "odd one out" : "all alike"});
    c.set_progress(HostId{i}, kDone);
  }
  c.begin_round("next");
  const KeptText& text = c.history().at(0).text;
  EXPECT_LE(text.bytes(), 2'000U);
  EXPECT_EQ(text.stand_in(HostId{49}), HostId{49});
  EXPECT_EQ(text.stand_in(HostId{1}), HostId{1});
  EXPECT_EQ(text.stand_in(HostId{48}), HostId{0});
}

TEST(Comparison, ForgottenRoundsAreCounted) {
  Options options;
  options.max_rounds = 2;
  Comparison c({{"web01"}}, options);
  for (int round = 1; round <= 4; ++round) {
    c.set_lines(HostId{0}, 0, Lines{"a"});
    c.set_progress(HostId{0}, kDone);
    c.begin_round("again");
  }
  EXPECT_EQ(c.forgotten_rounds(), 2U);
  EXPECT_EQ(c.history().front().round, 3);
}

TEST(Comparison, AShellThatTellsNoStatusIsLikeOneThatTellsOfSuccess) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  for (std::uint32_t i = 0; i < 3; ++i) c.set_lines(HostId{i}, 0, Lines{"same"});
  c.set_progress(HostId{0}, {Progress::Kind::settled, std::nullopt});
  c.set_progress(HostId{1}, {Progress::Kind::settled, ExitResult{0, ""}});
  c.set_progress(HostId{2}, {Progress::Kind::settled, ExitResult{3, ""}});
  EXPECT_EQ(c.outcome().agree, 2U);
  EXPECT_TRUE(c.outcome().variants[0].exit->success());
  EXPECT_EQ(c.outcome().variants[1].exit->status, 3);
  EXPECT_TRUE(c.outcome().divergent.contains(HostId{2}));
}

TEST(Comparison, OnlyParticipantsCount) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  c.begin_round("uptime", HostSet::of(HostId{0}).add(HostId{2}));
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_lines(HostId{i}, 0, Lines{i == 2 ? "other" : "same"});
    c.set_progress(HostId{i}, kDone);
  }
  EXPECT_EQ(c.outcome().of, 2U);
  EXPECT_EQ(c.outcome().places[1], Place::absent);
  EXPECT_EQ(c.outcome().variants.size(), 2U);
  c.join_round(HostId{1});
  EXPECT_EQ(c.outcome().of, 3U);
  EXPECT_EQ(c.outcome().agree, 2U);
  c.begin_round("id");
  EXPECT_EQ(c.outcome().of, 3U);
}

TEST(Comparison, APinnedReferenceStaysUntilCleared) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  const auto print = [&](const Lines& lines) {
    for (std::uint32_t i = 0; i < 3; ++i) {
      c.set_lines(HostId{i}, 0, Lines{lines[i]});
      c.set_progress(HostId{i}, kDone);
    }
  };
  print({"same", "same", "odd"});
  c.set_reference(HostId{2});
  EXPECT_EQ(c.outcome().variants[0].hosts, HostSet::of(HostId{2}));
  EXPECT_EQ(c.outcome().agree, 1U);
  EXPECT_EQ(c.outcome().divergent.size(), 2U);
  c.begin_round("next");
  print({"a", "a", "b"});
  EXPECT_EQ(c.outcome().agree, 1U);
  c.set_progress(HostId{2}, {});
  EXPECT_EQ(c.outcome().agree, 2U) << "without a transcript it cannot be the reference";
  c.set_progress(HostId{2}, kDone);
  c.set_reference(std::nullopt);
  EXPECT_EQ(c.outcome().agree, 2U);
}

TEST(Comparison, ThoseWhoPrintedLessThanAPinnedRunningHostAreBehindIt) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  const std::vector<Lines> lines = {{"a", "b"}, {"a"}, {"x"}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_lines(HostId{i}, 0, lines[i]);
    c.set_progress(HostId{i}, {Progress::Kind::running, std::nullopt});
  }
  c.set_reference(HostId{0});
  EXPECT_EQ(c.outcome().behind, HostSet::of(HostId{1}));
  EXPECT_EQ(c.outcome().divergent, HostSet::of(HostId{2}));
}

TEST(Comparison, FinishedRoundsAreKept) {
  using Clock = std::chrono::system_clock;
  Comparison c = two_hosts({"a"}, {"a"});
  c.set_command("first");
  c.set_times({Clock::time_point(std::chrono::seconds(5)), std::nullopt});
  c.begin_round("second");
  EXPECT_EQ(c.command(), "second");
  c.set_lines(HostId{0}, 0, Lines{"b"});
  ASSERT_EQ(c.history().size(), 1U);
  const RoundRecord& first = c.history()[0];
  EXPECT_EQ(first.round, 1);
  EXPECT_EQ(first.command, "first");
  EXPECT_EQ(first.outcome.agree, 2U);
  EXPECT_EQ(first.times.started, Clock::time_point(std::chrono::seconds(5)));
  EXPECT_FALSE(first.times.ended.has_value());
  ASSERT_NE(c.view(1), nullptr);
  EXPECT_EQ(c.view(1)->blocks[0].lines[0].text, "a");
  EXPECT_EQ(c.view(2), &c.merged());
  EXPECT_EQ(c.view(3), nullptr);
}

TEST(Comparison, ARoundInWhichNoHostTookPartIsNotKept) {
  Comparison c({{"web01"}}, {});
  c.begin_round("second");
  EXPECT_THAT(c.history(), IsEmpty());
}

TEST(Comparison, TranscriptsAreRaw) {
  Comparison c = two_hosts({"web01 pid 7\t|"}, {"web02 pid 8"});
  c.set_open_line(HostId{0}, "web01> ");
  EXPECT_THAT(c.transcript(HostId{0}), ElementsAre("web01 pid 7\t|", "web01> "));
}

TEST(Comparison, TheSameTextOfTwoHostsHasItsOwnMaskedFormEach) {
  Comparison c = two_hosts({"I am web01"}, {"I am web01"});
  EXPECT_FALSE(c.outcome().reference.has_value());
  c.set_masks(false);
  EXPECT_EQ(c.outcome().agree, 2U);
}

TEST(Comparison, WordsLearnedLaterCount) {
  Comparison c = two_hosts({"I am alpha7"}, {"I am beta8"});
  EXPECT_EQ(c.outcome().agree, 0U);
  c.set_own_words(HostId{0}, {"web01", "alpha7"});
  c.set_own_words(HostId{1}, {"web02", "beta8"});
  EXPECT_EQ(c.outcome().agree, 2U);
}

std::string row_text(const DiffRow& row) {
  static const char kSigns[] = {' ', '~', '-', '+'};
  return std::string(1, kSigns[static_cast<int>(row.kind)]) + (row.left ? row.left->text : "") +
         "|" + (row.right ? row.right->text : "");
}

TEST(Comparison, TheDiffIsAligned) {
  Comparison c = two_hosts({"one", "value 5", "gone", "end"}, {"new", "one", "value 6", "end"});
  Lines rows;
  for (const DiffRow& row : c.diff_rows(HostId{0}, HostId{1})) rows.push_back(row_text(row));
  EXPECT_THAT(rows, ElementsAre("+|new", " one|one", "~value 5|value 6", "-gone|", " end|end"));
}

Lines texts(const std::vector<TextLine>& lines) {
  Lines all;
  for (const TextLine& line : lines) all.push_back(line.text);
  return all;
}

TEST(Comparison, TwoRoundsAreComparedUnderTheMasksOfNow) {
  Comparison c = two_hosts({"pid 11", "up", "release 12"}, {"pid 21", "up", "release 12"});
  c.begin_round("again");
  c.set_lines(HostId{0}, 0, Lines{"pid 12", "up", "release 13"});
  c.set_lines(HostId{1}, 0, Lines{"pid 22", "up", "release 12"});
  const Diff& diff = c.diff({1, HostId{0}}, {2, HostId{0}});
  ASSERT_EQ(diff.state, Diff::State::ready);
  ASSERT_EQ(diff.hunks.size(), 1U);
  EXPECT_EQ(diff.hunks[0].lines, (Hunk{2, 3, 2, 3}));
  EXPECT_EQ(row_text(diff.hunks[0].rows.at(0)), "~release 12|release 13");
  EXPECT_THAT(texts(c.lines({1, HostId{0}}, 0, 2)), ElementsAre("pid ‹pid›", "up"));
  // Across hosts and rounds, and with what the masks hid shown.
  EXPECT_TRUE(c.diff({1, HostId{0}}, {2, HostId{1}}).equal());
  c.set_masks(false);
  EXPECT_EQ(c.diff({1, HostId{0}}, {2, HostId{1}}).hunks.size(), 1U);
  EXPECT_THAT(texts(c.lines({1, HostId{0}}, 0, 1)), ElementsAre("pid 11"));
}

TEST(Comparison, ADiffIsMadeAgainOnlyWhenASideChanged) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_progress(HostId{i}, kDone);
    c.set_lines(HostId{i}, 0, Lines{"a", "b" + std::to_string(i)});
  }
  const TextRef left{1, HostId{0}};
  const TextRef right{1, HostId{1}};
  const DiffHunk* hunks = c.diff(left, right).hunks.data();
  c.set_lines(HostId{2}, 2, Lines{"more"});
  EXPECT_EQ(c.diff(left, right).hunks.data(), hunks);
  c.set_lines(HostId{1}, 1, Lines{"b0"});
  EXPECT_TRUE(c.diff(left, right).equal());
}

TEST(Comparison, ADiffWithWhatIsNotKeptSaysSo) {
  Options options;
  options.max_rounds = 0;
  Comparison c({{"web01"}, {"web02"}}, options);
  c.set_lines(HostId{0}, 0, Lines{"a"});
  c.set_progress(HostId{0}, kDone);
  EXPECT_EQ(c.diff({1, HostId{0}}, {1, HostId{1}}).state, Diff::State::missing);
  c.begin_round("next");
  EXPECT_EQ(c.diff({1, HostId{0}}, {2, HostId{0}}).state, Diff::State::missing);
  EXPECT_EQ(c.diff({2, HostId{0}}, {2, HostId{9}}).state, Diff::State::missing);
  EXPECT_THAT(c.lines({1, HostId{0}}, 0, 1), IsEmpty());
}

TEST(Comparison, SpreadsOfADifferencesSideAndOfAnEarlierRound) {
  Comparison c({{}, {}, {}, {}}, {});
  for (std::uint32_t i = 0; i < 4; ++i) {
    Lines lines{"first"};
    if (i == 3) lines.push_back("pid 900 failed");
    lines.push_back("pid " + std::to_string(100 * (i + 1)) + " runs");
    c.set_lines(HostId{i}, 0, lines);
    c.set_progress(HostId{i}, kDone);
  }
  const auto summary = [&](const LinePlace& place) {
    const std::vector<Spread> spreads = c.spreads(place);
    return spreads.empty() ? std::string("none") : spreads[0].summary();
  };
  ASSERT_EQ(c.merged().blocks.size(), 3U);
  const LinePlace inserted{1, 1, 1, 0};
  const LinePlace common{1, 2, std::nullopt, 0};
  EXPECT_EQ(summary(inserted), "1 value, 900");
  EXPECT_EQ(summary(common), "4 values, 100…400");
  EXPECT_EQ(summary({1, 2, 0, 0}), "none");
  EXPECT_EQ(summary({1, 1, 7, 0}), "none");
  c.begin_round("next");
  EXPECT_EQ(summary(inserted), "1 value, 900");
  EXPECT_EQ(summary(common), "4 values, 100…400");
  EXPECT_EQ(summary({5, 2, std::nullopt, 0}), "none");
}

TEST(Comparison, SpreadsSayWhatMasksHide) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_lines(HostId{i}, 0,
                Lines{"pid " + std::to_string(100 * (i + 1)) + " at 10:0" + std::to_string(i)});
    c.set_progress(HostId{i}, kDone);
  }
  const std::vector<Spread> spreads = c.spreads(0, 0);
  ASSERT_EQ(spreads.size(), 2U);
  EXPECT_EQ(spreads[0].mask, "pid");
  EXPECT_EQ(spreads[0].summary(), "3 values, 100…300");
  EXPECT_EQ(spreads[0].median, 200);
  EXPECT_EQ(spreads[1].summary(), "3 values, 10:00…10:02");
  EXPECT_FALSE(spreads[1].median.has_value());
  EXPECT_THAT(c.spreads(7, 0), IsEmpty());
  EXPECT_THAT(c.spreads(0, 7), IsEmpty());
}

std::string shown(const std::vector<HostLine>& lines) {
  std::string text;
  for (const HostLine& line : lines)
    text += std::to_string(line.host.value) + "[" + line.text + "] ";
  return text;
}

TEST(Comparison, HostLinesAreWhatEachHostPrintedThere) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}, {"web04"}}, {});
  c.set_lines(HostId{0}, 0, Lines{"up 10:00:01", "vda 5G", "end web01", "last"});
  c.set_lines(HostId{1}, 0, Lines{"up 10:00:02", "vda 5G", "end web02", "last"});
  c.set_lines(HostId{2}, 0, Lines{"extra", "up 10:00:03", "vda 9G", "end web03", "last"});
  c.set_lines(HostId{3}, 0, Lines{"up 10:00:04", "vda 7G", "vdb 8G", "end web04", "last"});
  for (std::uint32_t i = 0; i < 4; ++i) c.set_progress(HostId{i}, kDone);
  ASSERT_EQ(c.merged().blocks.size(), 4U);
  EXPECT_EQ(shown(c.host_lines({1, 0, 1, 0})), "2[extra] ");
  EXPECT_EQ(shown(c.host_lines({1, 1, std::nullopt, 0})),
            "0[up 10:00:01] 1[up 10:00:02] 2[up 10:00:03] 3[up 10:00:04] ");
  // A side of one line more: its counterpart is the line that begins with the same word.
  const std::string disks = "0[vda 5G] 1[vda 5G] 2[vda 9G] 3[vda 7G] ";
  for (std::size_t side = 0; side < 3; ++side) EXPECT_EQ(shown(c.host_lines({1, 2, side, 0})), disks);
  EXPECT_EQ(shown(c.host_lines({1, 3, std::nullopt, 0})), "0[end web01] 1[end web02] 2[end web03] 3[end web04] ");
  EXPECT_EQ(shown(c.host_lines({1, 3, std::nullopt, 2})), "");
  EXPECT_EQ(shown(c.host_lines({1, 9, std::nullopt, 0})), "");
  EXPECT_EQ(shown(c.host_lines({1, 2, 9, 0})), "");
}

TEST(Comparison, LeftOutHostsAreInNoCount) {
  Comparison c({{"web01"}, {"web02"}, {"web03"}}, {});
  for (std::uint32_t i = 0; i < 3; ++i) {
    c.set_lines(HostId{i}, 0, Lines{i == 2 ? "odd" : "even"});
    c.set_progress(HostId{i}, kDone);
  }
  const std::uint64_t before = c.generation();
  c.set_excluded(HostSet::of(HostId{2}));
  EXPECT_GT(c.generation(), before);
  EXPECT_EQ(c.outcome().of, 2U);
  EXPECT_EQ(c.outcome().variants.size(), 1U);
  EXPECT_EQ(c.outcome().places[2], Place::absent);
  EXPECT_TRUE(c.participants().contains(HostId{2}));
  c.begin_round("next");
  c.set_lines(HostId{2}, 0, Lines{"odd"});
  EXPECT_EQ(c.outcome().of, 2U);
  c.set_excluded({});
  EXPECT_EQ(c.outcome().of, 3U);
}

TEST(Comparison, LettersGoOn) {
  EXPECT_EQ(variant_letter(0), "A");
  EXPECT_EQ(variant_letter(25), "Z");
  EXPECT_EQ(variant_letter(26), "AA");
  EXPECT_EQ(variant_letter(701), "ZZ");
  EXPECT_EQ(variant_letter(702), "AAA");
}

TEST(Comparison, ChecksTheConfigurationsMasks) {
  EXPECT_TRUE(check_masks({{"job", "job [0-9]+"}}).ok());
  EXPECT_FALSE(check_masks({{"job", "job ["}}).ok());
}

}  // namespace
}  // namespace bdsh::consensus
