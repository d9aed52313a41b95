// Runs each script of golden/: lines of what the script says, each followed by what it showed
// ("> " in front). BDSH_UPDATE_GOLDEN=1 writes the files anew; read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tui/scene.hpp"

namespace bdsh::tui {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string as_output(const std::string& output) {
  std::istringstream in(output);
  std::string text;
  for (std::string line; std::getline(in, line);) text += line.empty() ? ">\n" : "> " + line + "\n";
  return text;
}

// The script with what it really shows in place of what it expected.
std::string replayed(const std::string& golden) {
  SceneScript script;
  std::istringstream in(golden);
  std::string text;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.rfind(">", 0) == 0) continue;
    std::string output;
    try {
      script.run(line, output);
    } catch (const std::exception& error) {
      output = "line " + std::to_string(number) + ": " + error.what() + "\n";
      ADD_FAILURE() << output;
    }
    text += line + "\n" + as_output(output);
  }
  return text;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, ShowsWhatTheFileSays) {
  const std::string golden = read(GetParam());
  const std::string now = replayed(golden);
  if (std::getenv("BDSH_UPDATE_GOLDEN") != nullptr) std::ofstream(GetParam()) << now;
  else EXPECT_EQ(golden, now) << GetParam();
  EXPECT_NE(now.find("\n> "), std::string::npos) << "a script that shows nothing tests nothing";
}

std::vector<fs::path> scripts() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(fs::path(BDSH_TEST_DATA) / "golden"))
    if (entry.path().extension() == ".txt") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string script_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Scripts, Golden, testing::ValuesIn(scripts()), script_name);

}  // namespace
}  // namespace bdsh::tui
