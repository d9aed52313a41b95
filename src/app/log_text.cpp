#include "app/log_text.hpp"

#include <fstream>
#include <limits>

#include "core/cell.hpp"
#include "pty/host_terminal.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kPiece = 64U << 10U;

// All lines of one piece, and of what was open before it.
pty::TerminalOptions plain_options() {
  pty::TerminalOptions options;
  options.kind = pty::TerminalOptions::Kind::plain;
  options.scrollback_lines = 2 * kPiece;
  options.scrollback_bytes = std::numeric_limits<std::uint32_t>::max();
  return options;
}

// False: no more are wanted.
bool take_lines(const pty::HostTerminal& terminal, std::uint64_t& next, std::uint64_t end,
                const report::TakeLine& take) {
  for (; next < end; ++next)
    if (!take(terminal.line(next))) return false;
  return true;
}

}  // namespace

report::LineSource log_text(std::filesystem::path log, std::uint64_t from) {
  return [log = std::move(log), from](const report::TakeLine& take) {
    std::ifstream file(log, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(from));
    CellTables tables;
    pty::HostTerminal terminal(tables, plain_options());
    std::string bytes(kPiece, '\0');
    std::uint64_t next = 0;
    while (file.read(bytes.data(), kPiece) || file.gcount() > 0) {
      terminal.feed({bytes.data(), static_cast<std::size_t>(file.gcount())});
      if (!take_lines(terminal, next, terminal.open_line(), take)) return;
    }
    (void)take_lines(terminal, next, terminal.line_end(), take);
  };
}

}  // namespace bdsh::app
