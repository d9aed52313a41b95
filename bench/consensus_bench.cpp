// Costs of the consensus engine, in CPU time of this process: the figures of docs/consensus.md.
// Usage: consensus_bench [HOSTS [LINES]]
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "consensus/comparison.hpp"
#include "consensus/screens.hpp"

namespace {

using namespace bdsh;             // NOLINT: one program, one file
using namespace bdsh::consensus;  // NOLINT

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double measure(const std::function<void()>& work) {
  const double start = cpu_ms();
  work();
  return cpu_ms() - start;
}

struct Fleet {
  std::size_t hosts = 1000;
  std::size_t lines = 1000;
  std::string name(std::size_t host) const { return "node" + std::to_string(1000 + host); }
  std::vector<std::vector<std::string>> words() const {
    std::vector<std::vector<std::string>> all;
    for (std::size_t i = 0; i < hosts; ++i)
      all.push_back({name(i), name(i) + ".example.com",
                     "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1)});
    return all;
  }
};

using Lines = std::vector<std::string>;
using Writer = std::function<std::string(std::size_t host, std::size_t line)>;

std::string shared_line(std::size_t, std::size_t line) {
  return "unit-" + std::to_string(line) + ".service loaded active running Some service or other";
}

void feed(Comparison& comparison, const std::vector<Lines>& text) {
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    comparison.set_lines(HostId{i}, 0, text[i]);
    comparison.set_progress(HostId{i}, {Progress::Kind::finished, ExitResult{0, ""}});
  }
}

void fold(const char* title, const Fleet& fleet, const Writer& write, bool masks) {
  std::vector<Lines> text(fleet.hosts);
  for (std::size_t i = 0; i < fleet.hosts; ++i)
    for (std::size_t line = 0; line < fleet.lines; ++line) text[i].push_back(write(i, line));
  Options options;
  options.masks = masks;
  Comparison comparison(fleet.words(), options);
  const double in = measure([&] { feed(comparison, text); });
  const double out = measure([&] { comparison.outcome(); });
  const double view = measure([&] { comparison.merged(); });
  const Outcome& outcome = comparison.outcome();
  std::printf("%-44s %8.1f %8.2f %8.2f   %5zu variants, %zu agree, %zu blocks\n", title, in, out,
              view, outcome.variants.size(), outcome.agree, comparison.merged().blocks.size());
}

// Lines in which only the host's name varies are kept once; without masks they are written out.
void switch_masks(const Fleet& fleet) {
  std::vector<Lines> text(fleet.hosts);
  for (std::size_t i = 0; i < fleet.hosts; ++i)
    for (std::size_t line = 0; line < fleet.lines; ++line)
      text[i].push_back(fleet.name(i) + ": " + shared_line(i, line));
  Comparison comparison(fleet.words(), {});
  feed(comparison, text);
  comparison.merged();
  const double off = measure([&] { comparison.set_masks(false); });
  const double on = measure([&] { comparison.set_masks(true); });
  std::printf("%-44s %8.1f %8.2f\n", "masks off and on, each line with the name", off, on);
}

// One line more on every host, then the view ready to draw; the median of `rounds`.
void live(const Fleet& fleet, std::size_t odd_every) {
  Comparison comparison(fleet.words(), {});
  std::vector<Lines> text(fleet.hosts);
  for (std::size_t i = 0; i < fleet.hosts; ++i)
    for (std::size_t line = 0; line < fleet.lines; ++line)
      text[i].push_back(i % odd_every == 0 && line % 50 == 0 ? "odd " + std::to_string(i % 3)
                                                             : shared_line(i, line));
  for (std::uint32_t i = 0; i < fleet.hosts; ++i) {
    comparison.set_lines(HostId{i}, 0, text[i]);
    comparison.set_progress(HostId{i}, {Progress::Kind::running, std::nullopt});
  }
  comparison.merged();
  std::vector<double> in;
  std::vector<double> out;
  std::vector<double> view;
  for (std::size_t round = 0; round < 41; ++round) {
    std::vector<Lines> more(fleet.hosts);
    for (std::size_t i = 0; i < fleet.hosts; ++i)
      more[i] = {"Nov 22 02:29:" + std::to_string(10 + round % 50) + " " + fleet.name(i) + " app[" +
                 std::to_string(1000 + i) + "]: request " + std::to_string(round) +
                 " done in 12 ms"};
    in.push_back(measure([&] {
      for (std::uint32_t i = 0; i < fleet.hosts; ++i)
        comparison.set_lines(HostId{i}, comparison.line_count(HostId{i}), more[i]);
    }));
    out.push_back(measure([&] { comparison.outcome(); }));
    view.push_back(measure([&] { comparison.merged(); }));
  }
  const auto median = [](std::vector<double> values) {
    std::nth_element(values.begin(),
                     values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
  };
  std::printf("%-44s %8.2f %8.2f %8.2f   %5zu variants\n", "live: one new masked line on each",
              median(in), median(out), median(view), comparison.outcome().variants.size());
  const double idle = measure([&] {
    for (int i = 0; i < 1000; ++i) comparison.merged();
  });
  std::printf("%-44s %26.6f\n", "the same, asked again with nothing changed", idle / 1000);
}

void screens(const Fleet& fleet) {
  constexpr int kRows = 24;
  constexpr int kCols = 80;
  const Size size{Rows{kRows}, Cols{kCols}};
  ScreenVote vote(fleet.hosts);
  std::vector<std::vector<Cell>> cells(fleet.hosts,
                                       std::vector<Cell>(kRows * kCols, Cell{U'x', 0}));
  std::vector<std::vector<std::uint64_t>> hashes(fleet.hosts, std::vector<std::uint64_t>(kRows));
  for (auto& rows : hashes)
    for (int row = 0; row < kRows; ++row)
      rows[static_cast<std::size_t>(row)] = static_cast<std::uint64_t>(row) * 77;
  for (std::uint32_t i = 0; i < fleet.hosts; ++i) vote.set_rows(HostId{i}, size, hashes[i]);
  const auto row_cells = [&](HostId host, int row) {
    return cells[host.value].data() + row * kCols;
  };
  (void)vote.result(row_cells);
  const double frame = measure([&] {
    for (std::uint32_t i = 0; i < fleet.hosts; ++i) {
      const auto row = static_cast<std::size_t>(i % kRows);
      hashes[i][row] = 1'000'000 + i;
      cells[i][row * kCols + i % kCols].glyph = U'y';
      vote.set_rows(HostId{i}, size, hashes[i]);
    }
    (void)vote.result(row_cells);
  });
  std::printf("%-44s %26.2f\n", "screens: one changed row on each host", frame);
}

void masks(const Fleet& fleet) {
  const Lines lines = {
      "Nov 22 02:29:04 node1007 sshd[812]: Accepted publickey for root from 10.9.9.9 port 51234 "
      "ssh2",
      "unit-12.service loaded active running Some service or other",
      "drwxr-xr-x 2 root root 4096 Nov 22 02:29 some-directory",
      "   Active: active (running) since Sun 2026-11-22 02:29:04 UTC; 2h 3min ago"};
  Masks all;
  const OwnWords own(fleet.words()[7]);
  std::vector<MaskHit> hits;
  std::string form;
  for (const std::string& line : lines) {
    constexpr int kTimes = 200'000;
    const double ms = measure([&] {
      for (int i = 0; i < kTimes; ++i) {
        all.find(line, own, hits);
        if (!hits.empty()) all.masked_form(line, hits, form);
      }
    });
    std::printf("mask %4.0f ns  %s\n", ms * 1e6 / kTimes, line.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Fleet fleet;
  if (argc > 1) fleet.hosts = std::stoul(argv[1]);
  if (argc > 2) fleet.lines = std::stoul(argv[2]);
  std::printf("%zu hosts, %zu lines; CPU in ms %15s %8s %8s\n", fleet.hosts, fleet.lines,
              "lines in", "outcome", "view");
  fold("identical", fleet, shared_line, true);
  fold(
      "two groups", fleet,
      [](std::size_t host, std::size_t line) {
        return host % 10 == 0 && line == 7 ? "failed" : shared_line(host, line);
      },
      true);
  const Writer named = [&](std::size_t host, std::size_t line) {
    return fleet.name(host) + ": " + shared_line(host, line) + " pid " +
           std::to_string(host * 7 + line);
  };
  const Writer name_alone = [&](std::size_t host, std::size_t line) {
    return fleet.name(host) + ": " + shared_line(host, line);
  };
  fold("each line holds the name", fleet, name_alone, true);
  fold("each line holds name and pid", fleet, named, true);
  fold("the same, masks off", fleet, named, false);
  const Writer last = [&](std::size_t host, std::size_t line) {
    return line + 1 == fleet.lines ? "total " + std::to_string(host) : shared_line(host, line);
  };
  fold("the last line differs on each", fleet, last, true);
  fold(
      "one host has an extra first line", fleet,
      [&](std::size_t host, std::size_t line) {
        if (host != 3) return shared_line(host, line);
        return line == 0 ? "WARNING" : shared_line(host, line - 1);
      },
      true);
  switch_masks(fleet);
  live(fleet, 100);
  screens(fleet);
  masks(fleet);
}
