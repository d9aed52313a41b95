// How long folding 10,000 names to ranges takes, regular and irregular ones.
#include <chrono>
#include <cstdio>
#include <random>

#include "core/fold.hpp"

namespace {

std::vector<std::string> names(int kind) {
  std::mt19937 random(3);
  std::vector<std::string> out;
  for (int i = 0; i < 10'000; ++i) {
    std::string name = kind == 0 ? "web" + std::to_string(i) : "";
    for (int at = 0; kind == 1 && at < 12; ++at) name += static_cast<char>('a' + random() % 26);
    for (int at = 0; kind == 2 && at < 12; ++at) name += "0123456789abcdef"[random() % 16];
    if (kind == 3) name = "i-" + std::to_string(random()) + ".zone-" + std::to_string(random() % 9);
    out.push_back(name);
  }
  return out;
}

}  // namespace

int main() {
  constexpr const char* kKinds[] = {"web0 … web9999", "random letters", "random hexadecimal", "i-NUMBER.zone-N"};
  for (int kind = 0; kind < 4; ++kind) {
    const auto list = names(kind);
    const auto before = std::chrono::steady_clock::now();
    const std::size_t bytes = bdsh::fold_names(list).size();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - before;
    std::printf("10,000 x %-20s %6.1f ms, %zu bytes\n", kKinds[kind], taken.count(), bytes);
  }
}
