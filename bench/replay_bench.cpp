// A run directory played again: how long it takes to open, to index and to jump, and the memory.
// bench/make_run.py writes one of any size. The index is made when there is none.
//
//   replay_bench DIR [JUMPS]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "app/replay_deck.hpp"
#include "app/replay_indexer.hpp"
#include "app/setup.hpp"

namespace {

using namespace bdsh;
using Steady = std::chrono::steady_clock;
constexpr std::uint64_t kSeed = 0x5EED;
constexpr std::size_t kFillBytes = 1U << 20U;  // as the dashboard does with each jump

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double ms_since(Steady::time_point begin) {
  return std::chrono::duration<double, std::milli>(Steady::now() - begin).count();
}

long memory_mib(const char* what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what))
      return std::atol(line.c_str() + line.find_first_of("0123456789")) / 1024;
  return 0;
}

app::RunOptions options_of(const run::RunDescription& run) {
  app::RunOptions options{run.name, run.command, run.pty, run.size, 10'000, {}, run.started};
  options.compare.seed = kSeed;
  options.compare.defer_alignments = true;
  return options;
}

std::optional<run::ReplayIndex> read_index(const run::RunTape& tape) {
  const auto options = options_of(tape.description());
  const auto hosts = app::run_hosts(tape.description());
  return run::read_replay_index(tape.directory(), tape.fingerprint(),
                                app::options_fingerprint(options.compare, hosts),
                                tape.host_count());
}

void index_anew(const std::string& directory, const run::RunTape& tape) {
  auto own = run::RunTape::open(directory);
  app::IndexProgress progress;
  const auto begin = Steady::now();
  const auto made = app::make_replay_index(**own, app::run_hosts(tape.description()),
                                           options_of(tape.description()), progress);
  std::size_t points = 0;
  for (const auto& of_host : made->points) points += of_host.size();
  (void)run::write_replay_index(tape.directory(), *made);
  std::printf(
      "index made and written   %8.0f ms   %zu points, %zu MiB, hosts diverge at %.3f s\n",
      ms_since(begin), points, points * sizeof(run::ReplayPoint) >> 20U,
      made->first_difference ? static_cast<double>(made->first_difference->count()) / 1e6 : -1);
}

void jump_about(run::RunTape& tape, const run::ReplayIndex& index, int jumps) {
  CellTables tables;
  app::RunState state(tables, app::run_hosts(tape.description()), options_of(tape.description()));
  app::EventLog events;
  app::ReplayDeck deck(tape, state, &events);
  deck.set_index(&index);
  std::mt19937_64 random(7);
  std::vector<double> times;
  std::vector<double> cpu;
  std::vector<double> filled;
  for (int i = 0; i < jumps; ++i) {
    const run::Micros to(
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(tape.end().count())));
    const auto begin = Steady::now();
    const double cpu_begin = cpu_ms();
    deck.jump(to);
    (void)state.comparison().outcome();
    times.push_back(ms_since(begin));
    cpu.push_back(cpu_ms() - cpu_begin);
    deck.fill({}, kFillBytes);
    (void)state.comparison().merged();
    filled.push_back(ms_since(begin));
    if (i == 0 || i == jumps / 2)
      std::printf("  at %7.2f s: %zu of %zu agree, %zu variants, %zu behind\n",
                  static_cast<double>(to.count()) / 1e6, state.comparison().outcome().agree,
                  state.comparison().outcome().of, state.comparison().outcome().variants.size(),
                  state.comparison().outcome().behind.size());
  }
  std::sort(times.begin(), times.end());
  std::sort(filled.begin(), filled.end());
  std::sort(cpu.begin(), cpu.end());
  const std::size_t last = times.size() - 1;
  std::printf("jump                     %8.0f ms median, %.0f ms 95 %%, %.0f ms longest of %d\n",
              times[last / 2], times[last * 95 / 100], times[last], jumps);
  std::printf("  CPU time of it         %8.0f ms median, %.0f ms 95 %%, %.0f ms longest\n",
              cpu[last / 2], cpu[last * 95 / 100], cpu[last]);
  std::printf("jump and whole reference %8.0f ms median, %.0f ms 95 %%, %.0f ms longest\n",
              filled[last / 2], filled[last * 95 / 100], filled[last]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int jumps = argc > 2 ? std::atoi(argv[2]) : 100;
  auto begin = Steady::now();
  auto tape = run::RunTape::open(argv[1]);
  if (!tape) return std::fprintf(stderr, "%s\n", tape.error().message.c_str()), 1;
  std::printf("%zu hosts, %.0f MB, %.0f s\n", (*tape)->host_count(),
              static_cast<double>((*tape)->bytes()) / 1e6,
              static_cast<double>((*tape)->end().count()) / 1e6);
  std::printf("opened                   %8.0f ms   %ld MiB\n", ms_since(begin),
              memory_mib("VmRSS"));
  if (!read_index(**tape)) {
    index_anew(argv[1], **tape);
    std::printf("                                       %ld MiB at most\n", memory_mib("VmHWM"));
  }
  begin = Steady::now();
  const auto index = read_index(**tape);
  if (!index) return std::fprintf(stderr, "the index is not read\n"), 1;
  std::printf("index read               %8.0f ms\n", ms_since(begin));
  jump_about(**tape, *index, jumps);
  std::printf("memory                   %8ld MiB\n", memory_mib("VmRSS"));
  return 0;
}
