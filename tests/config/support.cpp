#include "config/support.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bdsh::config {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bdsh-config-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

std::vector<Case> read_cases(const std::string& name) {
  std::istringstream in(slurp(std::string(BDSH_TEST_DATA) + "/cases/" + name));
  std::vector<Case> out;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const bool fails = line.find(" !! ") != std::string::npos;
    const std::size_t arrow = line.find(fails ? " !! " : " =>");
    if (arrow == std::string::npos) throw std::runtime_error(name + ": no '=>' in: " + line);
    const std::string right = line.substr(std::min(line.size(), arrow + 4));
    out.push_back({number, line.substr(0, arrow), right, fails});
  }
  return out;
}

Environment quiet_environment(const TemporaryFolder& folder) {
  Environment environment;
  environment.passwd_home = folder.path() + "/home";
  environment.variables["HOME"] = environment.passwd_home;
  environment.user = "amy";
  environment.host_name = "desk.example.com";
  environment.uid = 1000;
  environment.ssh_system_directory = folder.path() + "/etc-ssh";
  environment.system_directory = folder.path() + "/etc";
  environment.output = output_of;
  return environment;
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace bdsh::config
