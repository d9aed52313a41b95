#include "app/output_search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdsh::app {
namespace {

using testing::ElementsAre;

class OutputSearchTest : public testing::Test {
 protected:
  OutputSearchTest() {
    std::vector<RunHost> hosts;
    for (const char* name : {"web1", "web2", "web3"}) hosts.push_back({name, "web", false, {name}, name});
    RunOptions options;
    options.size = {Rows{5}, Cols{40}};
    options.scrollback_lines = 20;
    state_.emplace(tables_, std::move(hosts), options);
  }
  void print(std::uint32_t host, std::string_view text) {
    state_->feed(HostId{host}, text, Clock::time_point());
    if (search_) search_->update(HostSet::of(HostId{host}));
  }
  void search(const std::string& text, std::optional<HostId> host = {}) {
    search_.emplace(*state_, tui::SearchAsk{text, 0, host});
  }
  std::vector<std::string> hits() const {
    std::vector<std::string> lines;
    for (const tui::SearchHit& hit : search_->found().hits)
      lines.push_back(state_->info(hit.host).name + ":" + std::to_string(hit.line) + ": " + hit.text);
    return lines;
  }
  std::size_t matches() const { return search_->found().matches; }
  std::size_t hosts() const { return search_->found().hosts.size(); }

  CellTables tables_;
  std::optional<RunState> state_;
  std::optional<OutputSearch> search_;
};

TEST_F(OutputSearchTest, FindsWhatIsThereInTheOrderOfHostsAndLines) {
  print(1, "all is well\r\nOOM killer\r\n");
  print(0, "oom here\r\nfine\r\n");
  search("oom");
  EXPECT_THAT(hits(), ElementsAre("web1:0: oom here", "web2:1: OOM killer"));
  EXPECT_EQ(matches(), 2U);
  EXPECT_EQ(hosts(), 2U);
}

TEST_F(OutputSearchTest, AnUpperCaseLetterMakesCaseCount) {
  print(0, "oom here\r\nOOM there\r\n");
  search("OOM");
  EXPECT_THAT(hits(), ElementsAre("web1:1: OOM there"));
}

TEST_F(OutputSearchTest, KeepsUpWithOutput) {
  search("error");
  EXPECT_EQ(matches(), 0U);
  print(2, "error 1\r\n");
  print(0, "no\r\nerror 2\r\n");
  print(2, "error 3\r\n");
  EXPECT_THAT(hits(), ElementsAre("web1:1: error 2", "web3:0: error 1", "web3:1: error 3"));
}

TEST_F(OutputSearchTest, AnUnfinishedLineCountsForWhatItHoldsNow) {
  search("50%");
  print(0, "copying 50%");
  EXPECT_EQ(matches(), 1U);
  print(0, "\rcopying 60%");
  EXPECT_EQ(matches(), 0U);
  EXPECT_EQ(hosts(), 0U);
}

TEST_F(OutputSearchTest, ALineIsCountedOnceHoweverItArrived) {
  search("word");
  for (const char* piece : {"wo", "rd", " and ", "word", "\r\n", "next"}) print(0, piece);
  EXPECT_THAT(hits(), ElementsAre("web1:0: word and word"));
  EXPECT_EQ(matches(), 1U);
}

TEST_F(OutputSearchTest, OneHostAlone) {
  print(0, "error\r\n");
  print(1, "error\r\n");
  search("error", HostId{1});
  print(0, "error\r\n");
  print(1, "error\r\n");
  EXPECT_THAT(hits(), ElementsAre("web2:0: error", "web2:1: error"));
}

TEST_F(OutputSearchTest, LinesThatAreNotKeptAnyMoreAreNoHits) {
  search("error");
  print(0, "error\r\n");
  for (int i = 0; i < 100; ++i) print(0, "fine\r\n");
  EXPECT_EQ(matches(), 0U);
  EXPECT_TRUE(hits().empty());
}

TEST_F(OutputSearchTest, AfterAClearedScreenAllIsLookedAtAgain) {
  search("error");
  print(0, "error\r\none\r\ntwo\r\n");
  print(0, "\x1b[H\x1b[J$ ");
  EXPECT_EQ(matches(), hits().size());
  print(0, "echo error\r\n");
  EXPECT_EQ(matches(), hits().size());
  EXPECT_GE(matches(), 1U);
}

TEST_F(OutputSearchTest, CountsWhatItDoesNotKeep) {
  RunOptions options;
  options.size = {Rows{5}, Cols{40}};
  options.scrollback_lines = 50'000;
  state_.emplace(tables_, std::vector<RunHost>{{"web1", "web", false, {}, "web1"}}, options);
  search("x");
  std::string many;
  for (std::size_t i = 0; i < OutputSearch::kMaxHits + 500; ++i) many += "x\r\n";
  print(0, many);
  EXPECT_EQ(search_->found().hits.size(), OutputSearch::kMaxHits);
  EXPECT_EQ(matches(), OutputSearch::kMaxHits + 500);
}

}  // namespace
}  // namespace bdsh::app
