// CPU per frame of the split view: 16 hosts that all print, on a user's terminal of 200×60. Snapshots,
// drawing and painting; the hosts' terminals are fed outside of what is timed. Not a test: build with
// -DBDSH_BENCH=ON and run by hand.
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "pty/host_terminal.hpp"
#include "tui/dashboard.hpp"
#include "tui/layout.hpp"
#include "tui/painter.hpp"

namespace {

using namespace bdsh;

constexpr Size kScreen{Rows{60}, Cols{200}};
constexpr int kHosts = 16;
constexpr int kFrames = 400;

double cpu_ms() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// What a host prints before frame `n`.
std::string log_line(int n) {
  return "\x1b[32mNov 22 02:10:03\x1b[m web01 systemd[" + std::to_string(n) + "]: Started \x1b[1mSession " +
         std::to_string(n * 7) + "\x1b[m of User root.\r\n";
}

std::string full_screen(int n) {
  std::string out = "\x1b[?1049h\x1b[H";
  for (int row = 1; row <= 57; ++row)
    out += "\x1b[" + std::to_string(row) + ";1H\x1b[3" + std::to_string(row % 8) + "m" +
           std::to_string(n * row) + "\x1b[m  root  20   0  " + std::to_string(n + row) +
           "  S  0.7  1.2  0:03.21 \x1b[7mprocess-" + std::to_string(n * 31 + row) + "\x1b[m\x1b[K";
  return out + "\x1b[H";  // tiles show what is around the cursor
}

struct Bench {
  CellTables tables;
  tui::Theme theme = tui::Theme::built_in();
  tui::Dashboard dashboard{tables, theme, {}};
  std::unique_ptr<tui::Painter> painter;
  tui::Surface surface{tables, kScreen};
  std::vector<pty::HostTerminal> terminals;
  std::vector<tui::HostView> hosts;
  tui::Model model;
  std::size_t bytes = 0;

  Bench() {
    pty::TerminalOptions options;
    options.size = tui::uniform_host_size(kScreen);
    for (int i = 0; i < kHosts; ++i) {
      terminals.emplace_back(tables, options);
      tui::HostView host;
      host.name = "web" + std::to_string(i);
      host.status.state = HostState::running;
      host.status.step = ConnectStep::live;
      hosts.push_back(host);
    }
    model.hosts = &hosts;
    model.host_size = options.size;
    model.screen_place = [this](HostId host) { return terminals[host.value].place(); };
    model.screen = [this](HostId host, int back, Rect part) {
      return terminals[host.value].snapshot(back, part);
    };
    auto opened = tui::Painter::open({"xterm-256color", false, true}, kScreen);
    if (opened.ok()) painter = std::move(*opened);
    (void)dashboard.handle(Key::character(U's'), model);
  }

  // Milliseconds of CPU per frame.
  double run(std::string (*output)(int)) {
    double spent = 0;
    bytes = 0;
    for (int n = 0; n < kFrames; ++n) {
      for (auto& terminal : terminals) (void)terminal.feed(output(n));
      const double began = cpu_ms();
      dashboard.draw(model, surface);
      bytes += painter->paint(surface).size();
      spent += cpu_ms() - began;
    }
    return spent / kFrames;
  }
};

}  // namespace

int main() {
  Bench bench;
  if (!bench.painter) return std::fprintf(stderr, "no terminfo entry for xterm-256color\n"), 1;
  std::printf("%d busy panes on %dx%d, %d frames each\n", kHosts, kScreen.cols.value, kScreen.rows.value, kFrames);
  const double log = bench.run(log_line);
  std::printf("%-24s %6.2f ms of CPU and %zu bytes a frame\n", "a log line each", log, bench.bytes / kFrames);
  const double screens = bench.run(full_screen);
  std::printf("%-24s %6.2f ms of CPU and %zu bytes a frame\n", "every row of every pane", screens,
              bench.bytes / kFrames);
  return 0;
}
