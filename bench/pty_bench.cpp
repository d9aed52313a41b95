// Bytes per CPU second of a host's terminal, with and without the express lane, and what a
// terminal costs in memory. Not a test: build with -DBDSH_BENCH=ON and run by hand.
//
//   pty_bench [FILE…]     FILE: a recorded stream, repeated to the same amount
//   pty_bench --memory
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pty/host_terminal.hpp"

namespace {

using bdsh::CellTables;
using bdsh::Cols;
using bdsh::Rows;
using bdsh::Size;
using bdsh::pty::HostTerminal;
using bdsh::pty::TerminalOptions;

constexpr std::size_t kAmount = 16U << 20U;
constexpr std::size_t kChunk = 32U << 10U;

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

std::string repeated(const std::string& piece) {
  std::string out;
  while (out.size() < kAmount) out += piece;
  return out;
}

std::string log_text() {
  std::string out;
  for (int i = 0; i < 1000; ++i)
    out += "Nov 22 02:" + std::to_string(10 + i % 50) + ":03 web01 systemd[" + std::to_string(i) +
           "]: Started Session " + std::to_string(i * 7) +
           " of User root, unit file changed on disk.\r\n";
  return out;
}

std::string colours(bool direct) {
  std::string out;
  for (int i = 0; i < 4000; ++i) {
    const std::string n = std::to_string(i % 256);
    out += direct ? "\x1b[38;2;" + n + ";120;" + std::to_string((i / 16) % 256) + "m#"
                  : "\x1b[38;5;" + n + "mword ";
    if (i % 60 == 59) out += "\x1b[m\r\n";
  }
  return out;
}

std::string unicode() {
  std::string out;
  for (int i = 0; i < 500; ++i) out += "└─ größe 漢字テスト – naïve café ✓ ελληνικά русский\r\n";
  return out;
}

double rate(const std::string& data, Size size, bool lane) {
  CellTables tables;
  HostTerminal terminal(tables, {size, 10'000, TerminalOptions::Kind::pty, lane});
  const double start = cpu_seconds();
  for (std::size_t at = 0; at < data.size(); at += kChunk)
    terminal.feed(std::string_view(data).substr(at, kChunk));
  return static_cast<double>(data.size()) / 1e6 / (cpu_seconds() - start);
}

void measure(const std::string& name, const std::string& piece) {
  const std::string data = repeated(piece);
  constexpr Size kSmall{Rows{24}, Cols{80}};
  constexpr Size kLarge{Rows{50}, Cols{200}};
  std::printf("%-16s %8.0f %8.0f %12.0f\n", name.c_str(), rate(data, kSmall, true),
              rate(data, kLarge, true), rate(data, kSmall, false));
}

std::size_t heap() {
  return mallinfo2().uordblks;
}

// With the allocator's own overhead; tab-separated for bench/terminal.py.
void measure_memory(const char* name, const std::string& fed, std::size_t count = 1000) {
  CellTables tables;
  const std::size_t before = heap();
  std::vector<std::unique_ptr<HostTerminal>> terminals;
  for (std::size_t i = 0; i < count; ++i) {
    terminals.push_back(std::make_unique<HostTerminal>(tables, TerminalOptions{}));
    for (std::size_t at = 0; at < fed.size(); at += kChunk)
      terminals.back()->feed(std::string_view(fed).substr(at, kChunk));
  }
  const double each = static_cast<double>(heap() - before) / static_cast<double>(count);
  std::printf("%s\t%.1f\t%.1f\n", name, each / 1024,
              (each - static_cast<double>(terminals[0]->memory_bytes())) / 1024);
}

std::string coloured_screen() {
  std::string out = "\x1b[?1049h\x1b[H\x1b[2J";
  for (int row = 1; row <= 24; ++row) {
    out += "\x1b[" + std::to_string(row) + "H";
    for (int i = 0; i < 8; ++i)
      out += "\x1b[" + std::to_string(31 + (row + i) % 7) + ";4" + std::to_string(i) +
             "m12345678  ";
  }
  return out;
}

void memory_table() {
  std::string scrollback;
  for (int i = 0; i < 10; ++i) scrollback += log_text();
  measure_memory("idle", "");
  measure_memory("a prompt", "root@web01:~# ");
  measure_memory("a screen full of log text", log_text().substr(0, 2000));
  measure_memory("a full-screen program in colours, a prompt below",
                 "root@web01:~# vim" + coloured_screen());
  measure_memory("10,000 lines of log text", scrollback, 100);
}

std::string read(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--memory") {
    memory_table();
    return 0;
  }
  std::printf("MB/s of CPU         80x24   200x50  80x24 no lane\n");
  measure("log text", log_text());
  measure("256 colours", colours(false));
  measure("truecolor", colours(true));
  measure("unicode", unicode());
  measure("5 kB lines", std::string(5000, 'x') + "\r\n");
  measure("y", "y\r\n");
  for (int i = 1; i < argc; ++i) measure(argv[i], read(argv[i]));
  memory_table();
}
