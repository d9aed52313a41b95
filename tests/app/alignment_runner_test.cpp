// The loop is not held by long alignments. Shown by structure: what is searched, and on which
// thread, not how long it takes.
#include "app/alignment_runner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace bdsh::app {
namespace {

using consensus::Comparison;
using consensus::MergedView;

constexpr std::uint32_t kHosts = 1'000;
constexpr int kLines = 150;

// The same lines everywhere, in another order on each host but for the first two: nothing to trim,
// and few lines in common in order.
std::vector<std::string> shuffled_lines(std::uint32_t host) {
  std::vector<std::string> lines;
  for (int i = 0; i < kLines; ++i)
    lines.push_back("entry-" + std::string(1, 'a' + i % 26) + std::to_string(i));
  if (host < 2) return lines;
  std::mt19937 random(host);
  std::shuffle(lines.begin(), lines.end(), random);
  return lines;
}

Comparison comparison_of(bool defer) {
  consensus::Options options;
  options.defer_alignments = defer;
  Comparison comparison(std::vector<std::vector<std::string>>(kHosts), options);
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    comparison.set_lines(HostId{i}, 0, shuffled_lines(i));
    comparison.set_progress(HostId{i}, {consensus::Progress::Kind::finished, ExitResult{0, {}}});
  }
  return comparison;
}

// Collects what is to run elsewhere, and runs it there when the test says so.
struct Elsewhere {
  std::vector<std::pair<std::function<void()>, std::function<void()>>> jobs;
  AlignmentRunner::Execute execute() {
    return [this](std::function<void()> job, std::function<void()> done) {
      jobs.emplace_back(std::move(job), std::move(done));
    };
  }
  void run_all() {
    std::thread([this] {
      for (auto& job : jobs) job.first();
    }).join();
    for (auto& job : std::exchange(jobs, {})) job.second();
  }
};

TEST(AlignmentRunner, AThousandShuffledHostsAreLeftToAnotherThread) {
  Comparison comparison = comparison_of(true);
  Elsewhere elsewhere;
  int delivered = 0;
  AlignmentRunner runner(comparison, elsewhere.execute(), [&] { ++delivered; });
  // The view is there, each variant as one block, without a single search.
  EXPECT_EQ(comparison.outcome().variants.size(), kHosts - 1U);
  const std::size_t pending = comparison.merged().pending_variants;
  EXPECT_GT(pending, 100U);
  runner.run();
  EXPECT_EQ(elsewhere.jobs.size(), pending);
  elsewhere.run_all();
  EXPECT_EQ(delivered, static_cast<int>(pending));
  EXPECT_EQ(comparison.merged().pending_variants, 0U);
  runner.run();
  EXPECT_TRUE(elsewhere.jobs.empty());
}

TEST(AlignmentRunner, ComesToWhatIsComputedAtOnce) {
  Comparison later = comparison_of(true);
  Comparison at_once = comparison_of(false);
  Elsewhere elsewhere;
  AlignmentRunner runner(later, elsewhere.execute(), [] {});
  (void)later.merged();
  runner.run();
  elsewhere.run_all();
  const auto& expected = at_once.outcome().variants;
  ASSERT_EQ(later.outcome().variants.size(), expected.size());
  for (std::size_t v = 0; v < expected.size(); ++v)
    EXPECT_EQ(later.outcome().variants[v].distance, expected[v].distance) << v;
  EXPECT_EQ(later.merged().coarse_variants, at_once.merged().coarse_variants);
  EXPECT_EQ(later.merged().blocks.size(), at_once.merged().blocks.size());
}

// Few edits in much text are no reason to wait: nothing flickers while long output grows.
TEST(AlignmentRunner, LongTextsThatDifferLittleAreAlignedAtOnce) {
  consensus::Options options;
  options.defer_alignments = true;
  options.align_cap = 10'000;
  Comparison comparison(std::vector<std::vector<std::string>>(3), options);
  std::vector<std::string> lines;
  for (int i = 0; i < 5'000; ++i) lines.push_back("entry " + std::to_string(i % 700));
  for (std::uint32_t i = 0; i < 3; ++i) {
    if (i == 2) std::swap(lines[10], lines[4'900]);
    comparison.set_lines(HostId{i}, 0, lines);
    comparison.set_progress(HostId{i}, {consensus::Progress::Kind::finished, ExitResult{0, {}}});
  }
  EXPECT_EQ(comparison.merged().pending_variants, 0U);
  EXPECT_EQ(comparison.outcome().variants.at(1).distance, 2U);
  EXPECT_TRUE(comparison.take_jobs().empty());
}

TEST(AlignmentRunner, WhatNobodyWaitsForAnyMoreIsCancelled) {
  Comparison comparison = comparison_of(true);
  Elsewhere elsewhere;
  int delivered = 0;
  AlignmentRunner runner(comparison, elsewhere.execute(), [&] { ++delivered; });
  (void)comparison.merged();
  runner.run();
  ASSERT_FALSE(elsewhere.jobs.empty());
  comparison.begin_round("next");
  (void)comparison.merged();
  const std::uint64_t generation = comparison.generation();
  elsewhere.run_all();
  EXPECT_EQ(delivered, 0);
  EXPECT_EQ(comparison.generation(), generation);
}

TEST(AlignmentRunner, TheDiffOfTwoHostsIsLeftToAnotherThreadToo) {
  Comparison comparison = comparison_of(true);
  Elsewhere elsewhere;
  AlignmentRunner runner(comparison, elsewhere.execute(), [] {});
  using State = consensus::Diff::State;
  const consensus::TextRef left{1, HostId{5}};
  const consensus::TextRef right{1, HostId{6}};
  EXPECT_EQ(comparison.diff(left, right).state, State::comparing);
  EXPECT_EQ(comparison.diff(left, right).hunks.size(), 1U);
  runner.run();
  ASSERT_EQ(elsewhere.jobs.size(), 1U);
  elsewhere.run_all();
  EXPECT_EQ(comparison.diff(left, right).state, State::ready);
  EXPECT_GT(comparison.diff(left, right).hunks.size(), 1U);
}

}  // namespace
}  // namespace bdsh::app
