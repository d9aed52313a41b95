#include "fuzz_formats.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/text.hpp"
#include "run/round_lines.hpp"
#include "run/run_yaml.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

bool safe(const std::string& text) {
  return sanitised(text, text.size()) == text;
}

// What was read must be safe to show, and read again as the same when it is written.
void fuzz_run(const std::string& text) {
  const auto run = parse_run_yaml(text);
  if (!run) return require(safe(run.error().message), "the error is safe");
  for (const HostSpec& host : run->description.hosts)
    require(safe(host.name) && safe(host.address), "hosts are safe");
  require(safe(run->description.command.value_or("")), "the command is safe");
  const auto again = parse_run_yaml(to_yaml(*run));
  require(again.ok(), "what is written can be read");
  require(again->description.command == run->description.command, "the command survives");
  require(again->description.hosts.size() == run->description.hosts.size(), "hosts survive");
}

void fuzz_meta(const std::string& text) {
  const auto meta = parse_meta_yaml(text);
  if (!meta) return require(safe(meta.error().message), "the error is safe");
  const auto again = parse_meta_yaml(to_yaml(*meta, "web01"));
  require(again.ok() && again->status == meta->status, "the status survives");
  require(again->start == meta->start && again->end == meta->end, "the times survive");
}

void fuzz_timing(std::string_view text) {
  TimingCursor cursor;
  std::uint64_t offset = 0;
  std::chrono::microseconds last{0};
  for (int i = 0; i < 1000 && offset < 1'000'000; ++i) {
    const auto stretch = cursor.stretch(offset, 1'000'000, text);
    require(stretch.end > offset && stretch.end <= 1'000'000, "stretches go forward");
    require(stretch.at >= last, "time goes forward");
    offset = stretch.end;
    last = stretch.at;
  }
}

void fuzz_rounds(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto round = parse_round_line(line);
    if (!round) continue;
    const std::string written = to_text(*round);
    require(parse_round_line(std::string_view(written).substr(0, written.size() - 1)) == round,
            "a round survives");
  }
}

}  // namespace

void fuzz_formats(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::string rest(bytes.substr(1));
  switch (bytes.front() % 4) {
    case 0:
      return fuzz_run(rest);
    case 1:
      return fuzz_meta(rest);
    case 2:
      return fuzz_timing(rest);
    default:
      return fuzz_rounds(rest);
  }
}

}  // namespace bdsh::run
