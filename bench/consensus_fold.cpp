// What a folding peer does, with the consensus engine: reads "host: line" from standard input, as
// clubak(1) and dshbak(1) do, and prints who agrees and every variant's distance and size.
// consensus_peers.py runs it beside them. Usage: consensus_fold HOSTS_FILE < LINES
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "consensus/comparison.hpp"

namespace {

using namespace bdsh;             // NOLINT: one program, one file
using namespace bdsh::consensus;  // NOLINT

// Hands each host's lines to the comparison as they come, in pieces, as a dashboard would.
class Feeder {
 public:
  Feeder(Comparison& comparison, const std::vector<std::vector<std::string>>& names)
      : comparison_(comparison) {
    for (std::uint32_t i = 0; i < names.size(); ++i) ids_.emplace(names[i].front(), HostId{i});
  }

  void line(std::string_view text) {
    const std::size_t colon = text.find(": ");
    if (colon == std::string_view::npos) return;
    const std::string_view name = text.substr(0, colon);
    if (name != name_ || count_ == kPiece) change_host(name);
    if (lines_.size() == count_) lines_.emplace_back();
    lines_[count_++].assign(text.substr(colon + 2));
  }

  void flush() {
    if (count_ == 0) return;
    comparison_.set_lines(host_, comparison_.line_count(host_), {lines_.data(), count_});
    count_ = 0;
  }

 private:
  static constexpr std::size_t kPiece = 64;

  void change_host(std::string_view name) {
    flush();
    if (name == name_) return;
    name_ = name;
    host_ = ids_.at(name_);
  }

  Comparison& comparison_;
  std::unordered_map<std::string, HostId> ids_;
  std::string name_;
  HostId host_;
  std::vector<std::string> lines_;  // the first count_ of them
  std::size_t count_ = 0;
};

void feed_input(Feeder& feeder) {
  std::vector<char> buffer(1U << 18U);
  std::size_t used = 0;
  for (std::size_t got = 0;
       (got = std::fread(buffer.data() + used, 1, buffer.size() - used, stdin)) > 0;) {
    std::string_view text(buffer.data(), used + got);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
      feeder.line(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    used = text.size();
    std::copy(text.begin(), text.end(), buffer.begin());
    if (used == buffer.size()) buffer.resize(2 * used);
  }
  feeder.flush();
}

void print(Comparison& comparison) {
  const Outcome& outcome = comparison.outcome();
  std::size_t differences = 0;
  for (const MergedBlock& block : comparison.merged().blocks)
    differences += block.kind == MergedBlock::Kind::difference ? 1 : 0;
  std::printf("agree %zu of %zu, %zu variants, %zu differences\n", outcome.agree, outcome.of,
              outcome.variants.size(), differences);
  for (const Variant& variant : outcome.variants)
    std::printf("%zu hosts, distance %zu\n", variant.hosts.size(), variant.distance);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::vector<std::string>> names;
  std::ifstream in(argc > 1 ? argv[1] : "/dev/null");
  for (std::string name; std::getline(in, name);) names.push_back({name});
  Comparison comparison(names, {});
  Feeder feeder(comparison, names);
  feed_input(feeder);
  for (std::uint32_t i = 0; i < names.size(); ++i)
    comparison.set_progress(HostId{i}, {Progress::Kind::finished, ExitResult{0, ""}});
  print(comparison);
}
