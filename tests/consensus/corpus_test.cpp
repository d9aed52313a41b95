// Real outputs (corpus/make.py) as three and more hosts print them: which differ, and which seem
// to.
#include <gmock/gmock.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "consensus/comparison.hpp"

namespace bdsh::consensus {
namespace {

const std::string kFolder = std::string(BDSH_TEST_DATA) + "/corpus/";

struct CorpusCase {
  std::string name;
  bool second_differs = false;
  std::vector<std::pair<std::string, std::string>> changes;
  std::size_t known_false = 0;
  std::size_t known_missed = 0;
};

std::vector<CorpusCase> read_cases() {
  std::ifstream in(kFolder + "cases.txt");
  std::vector<CorpusCase> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t arrow = line.find(" => ");
    if (line == "b differs")
      cases.back().second_differs = true;
    else if (line == "known false")
      ++cases.back().known_false;
    else if (line == "known missed")
      ++cases.back().known_missed;
    else if (line.starts_with("differs ") && arrow != std::string::npos)
      cases.back().changes.emplace_back(line.substr(8, arrow - 8), line.substr(arrow + 4));
    else
      cases.push_back({line, false, {}, 0, 0});
  }
  return cases;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

std::string as_host(std::string text, std::size_t number) {
  replace_all(text, "web01", "web0" + std::to_string(number));
  replace_all(text, "10.0.0.1", "10.0.0." + std::to_string(number));
  return text;
}

void feed(Comparison& comparison, std::uint32_t host, const std::string& text) {
  std::vector<std::string> lines;
  std::string open;
  std::istringstream in(text);
  while (std::getline(in, open)) lines.push_back(open);
  open = text.empty() || text.back() == '\n' ? "" : lines.back();
  if (!open.empty()) lines.pop_back();
  comparison.set_lines(HostId{host}, 0, lines);
  comparison.set_open_line(HostId{host}, open);
  comparison.set_progress(HostId{host}, {Progress::Kind::finished, ExitResult{0, ""}});
}

// What the hosts print; the first three first.
std::vector<std::string> outputs(const CorpusCase& test) {
  const std::string first = read(kFolder + test.name + ".a");
  const std::string second = read(kFolder + test.name + ".b");
  std::vector<std::string> texts = {first, second.empty() ? as_host(first, 2) : second,
                                    as_host(first, 3)};
  for (const auto& [what, by] : test.changes) {
    std::string changed = first;
    const std::size_t at = changed.find(what);
    if (at == std::string::npos) {
      ADD_FAILURE() << test.name << " does not hold " << what;
      continue;
    }
    changed.replace(at, what.size(), by);
    texts.push_back(as_host(changed, texts.size() + 1));
  }
  return texts;
}

struct Wrong {
  std::size_t false_differences = 0;
  std::size_t missed = 0;
};

Wrong check(const CorpusCase& test) {
  const std::vector<std::string> texts = outputs(test);
  std::vector<std::vector<std::string>> words;
  for (std::size_t i = 1; i <= texts.size(); ++i)
    words.push_back({"web0" + std::to_string(i), "10.0.0." + std::to_string(i)});
  Comparison comparison(words, {});
  for (std::uint32_t i = 0; i < texts.size(); ++i) feed(comparison, i, texts[i]);
  const std::vector<int>& variant = comparison.outcome().variant_of;
  Wrong wrong;
  EXPECT_EQ(variant[2], variant[0]) << test.name << ": only the names differ";
  const bool second_differs = variant[1] != variant[0];
  if (second_differs && !test.second_differs) ++wrong.false_differences;
  if (!second_differs && test.second_differs) ++wrong.missed;
  for (std::size_t i = 3; i < texts.size(); ++i)
    if (variant[i] == variant[0]) ++wrong.missed;
  return wrong;
}

TEST(Corpus, RealOutputsFoldAsExpected) {
  const std::vector<CorpusCase> cases = read_cases();
  EXPECT_GE(cases.size(), 40U);
  std::size_t differing = 0;
  Wrong all;
  for (const CorpusCase& test : cases) {
    const Wrong wrong = check(test);
    EXPECT_EQ(wrong.false_differences, test.known_false) << test.name;
    EXPECT_EQ(wrong.missed, test.known_missed) << test.name;
    differing += test.changes.size() + (test.second_differs ? 1 : 0);
    all.false_differences += wrong.false_differences;
    all.missed += wrong.missed;
    if (wrong.false_differences + wrong.missed > 0)
      std::cout << test.name << ": " << wrong.false_differences << " false, " << wrong.missed
                << " missed\n";
  }
  std::cout << cases.size() << " outputs, " << differing
            << " real differences: " << all.false_differences << " false differences, "
            << all.missed << " missed\n";
}

TEST(Corpus, AHundredThousandLinesAreOneDifference) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line " + std::to_string(i) + "\n";
  Comparison comparison({{"web01"}, {"web02"}, {"web03"}}, {});
  feed(comparison, 0, text);
  feed(comparison, 1, text);
  feed(comparison, 2, "banner\n" + text.substr(0, text.find("line 99999")));
  EXPECT_EQ(comparison.outcome().variants.at(1).distance, 2U);
  EXPECT_EQ(comparison.merged().blocks.size(), 3U);
}

}  // namespace
}  // namespace bdsh::consensus
