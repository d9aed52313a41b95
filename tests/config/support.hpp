// What the tests of this layer share: an environment of their own, files, and case files in which
// each line is one case.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/environment.hpp"

namespace bdsh::config {

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string write(const std::string& name, const std::string& text) const;  // returns the path
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Case {
  int line = 0;
  std::string input;
  std::string expected;
  bool fails = false;  // "!!": `expected` is a part of the error
};
// Lines "INPUT => EXPECTED" and "INPUT !! ERROR" of cases/NAME.
std::vector<Case> read_cases(const std::string& name);

std::string slurp(const std::string& path);
std::vector<std::string> words(const std::string& text);
// A user "amy" (home below `folder`) with no variables and no files of the real machine.
Environment quiet_environment(const TemporaryFolder& folder);
void replace_all(std::string& text, const std::string& what, const std::string& with);

}  // namespace bdsh::config
