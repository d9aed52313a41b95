#include "tui/glyphs.hpp"

namespace bdsh::tui {
namespace {

constexpr Glyphs kUtf8{
    true,
    "○", "◐", "◑", "⌨", "●", "✗", "⨯",
    "≠", "▸", "*", "▸", "▾", "…", "→", "┄", "♪", "⇣", "◆",
    "·", "•", "━", "─", "┃",
    "─", "│", "┌", "┐", "└", "┘", "┬", "┴"};

constexpr Glyphs kAscii{
    false,
    "o", "c", "r", "?", "*", "X", "x",
    "!=", ">", "+", ">", "v", "~", "->", "-", "!", "=", "^",
    "-", "*", "#", "-", "#",
    "-", "|", "+", "+", "+", "+", "+", "+"};

}  // namespace

std::string_view Glyphs::state(HostState state) const {
  switch (state) {
    case HostState::queued: return queued;
    case HostState::connecting: return connecting;
    case HostState::running: return running;
    case HostState::waiting: return waiting;
    case HostState::done: return done;
    case HostState::failed: return failed;
    case HostState::disconnected: return disconnected;
  }
  return done;
}

const Glyphs& utf8_glyphs() { return kUtf8; }
const Glyphs& ascii_glyphs() { return kAscii; }

}  // namespace bdsh::tui
