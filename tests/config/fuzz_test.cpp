// The fuzz targets for a bounded number of mutated seeds, in every test run.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "config/fuzz_text.hpp"
#include "config/support.hpp"

namespace bdsh::config {
namespace {

// A few random edits: bytes replaced, pieces removed, doubled or taken from another seed.
std::string mutated(const std::vector<std::string>& seeds, std::mt19937& random,
                    const std::string& bytes) {
  std::string text = seeds[random() % seeds.size()];
  for (unsigned edit = 0; edit < random() % 6 + 1 && !text.empty(); ++edit) {
    const std::size_t at = random() % text.size();
    const std::size_t length = random() % 12;
    switch (random() % 4) {
      case 0:
        text[at] = bytes[random() % bytes.size()];
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), length));
        break;
      default: {
        const std::string& other = seeds[random() % seeds.size()];
        if (!other.empty()) text.insert(at, other.substr(random() % other.size(), length));
      }
    }
  }
  return text;
}

void run(void (*target)(std::string_view), const std::vector<std::string>& seeds,
         const std::string& bytes, int rounds) {
  std::mt19937 random(20'261'122);
  for (const std::string& seed : seeds) target(seed);
  for (int i = 0; i < rounds; ++i) target(mutated(seeds, random, bytes));
}

std::vector<std::string> case_inputs(const std::string& name) {
  std::vector<std::string> out;
  for (const Case& c : read_cases(name)) out.push_back(c.input);
  return out;
}

std::vector<std::string> pieces(const std::string& name) {
  const std::string text = slurp(std::string(BDSH_TEST_DATA) + "/cases/" + name);
  std::vector<std::string> out;
  for (std::size_t at = text.find("=== "); at != std::string::npos;) {
    const std::size_t begin = text.find('\n', at);
    at = text.find("=== ", begin);
    out.push_back(text.substr(begin + 1, at == std::string::npos ? at : at - begin - 1));
  }
  return out;
}

TEST(Fuzz, HostExpressions) {
  run(fuzz_host_expression, case_inputs("host_expressions.txt"),
      "[]-,:@!&^*?/0123456789azA. \t%\x01\xff", 4000);
}

TEST(Fuzz, Yaml) {
  auto seeds = pieces("yaml_errors.txt");
  seeds.push_back(slurp(std::string(BDSH_TEST_DATA) + "/cases/fleet.yaml"));
  run(fuzz_yaml, seeds,
      "[]{}:-&*!|>'\"%@`#,? \n\t\x01\xff"
      "az$09",
      3000);
}

TEST(Fuzz, SshConfigs) {
  run(fuzz_ssh_config, pieces("ssh_configs.txt"),
      "\"'\\=!*?,#% \n\t\r\x01\xff"
      "az09-",
      4000);
}

}  // namespace
}  // namespace bdsh::config
