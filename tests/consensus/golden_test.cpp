#include <gmock/gmock.h>

#include <filesystem>

#include "consensus/golden.hpp"

namespace bdsh::consensus {
namespace {

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsAsWritten) {
  const std::string path = std::string(BDSH_TEST_DATA) + "/golden/" + GetParam();
  const std::vector<golden::Case> cases = golden::read_file(path);
  ASSERT_FALSE(cases.empty());
  for (const golden::Case& test : cases)
    EXPECT_EQ(golden::run(test), test.expected) << path << ":" << test.line << ": " << test.name;
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BDSH_TEST_DATA) + "/golden"))
    if (entry.path().extension() == ".txt") names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(files()), [](const auto& each) {
  return each.param.substr(0, each.param.find('.'));
});

}  // namespace
}  // namespace bdsh::consensus
