#include "pty/sequencer.hpp"

#include <algorithm>

#include "pty/printable.hpp"

namespace bdsh::pty {
namespace {

constexpr unsigned char kBell = 0x07;
constexpr unsigned char kCancel = 0x18;
constexpr unsigned char kSubstitute = 0x1A;
constexpr unsigned char kEscape = 0x1B;
constexpr unsigned char kDelete = 0x7F;
constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kSmallBuffer = 256;

unsigned char first(std::string_view input) {
  return static_cast<unsigned char>(input.front());
}

Unit control(unsigned char byte) {
  return {Unit::Kind::control, byte, {}};
}

}  // namespace

Unit Sequencer::next(std::string_view& input) {
  if (state_ == State::ground && buffer_.capacity() > kSmallBuffer) std::string().swap(buffer_);
  while (!input.empty()) {
    Unit unit;
    switch (state_) {
      case State::ground:
        unit = in_ground(input);
        break;
      case State::utf8:
        unit = in_utf8(input);
        break;
      case State::escape:
        unit = in_escape(input);
        break;
      case State::csi:
      case State::csi_skipped:
        unit = in_csi(input);
        break;
      case State::text:
        unit = in_text(input);
        break;
      case State::text_escape:
        unit = after_text_escape(input);
        break;
    }
    if (unit.kind != Unit::Kind::none) return unit;
  }
  return {};
}

Unit Sequencer::in_ground(std::string_view& input) {
  if (const std::size_t run = printable_run(input); run != 0) {
    const Unit unit{Unit::Kind::ascii, 0, input.substr(0, run)};
    input.remove_prefix(run);
    return unit;
  }
  const unsigned char byte = first(input);
  input.remove_prefix(1);
  if (byte == kEscape) {
    begin(State::escape);
    return whole_csi(input);
  }
  if (byte < 0x20) return control(byte);
  if (byte == kDelete) return {};
  start_utf8(byte);
  return state_ == State::utf8 ? in_utf8(input) : replacement();
}

// The usual case: ESC [ … final is all there, so that nothing needs to be copied.
Unit Sequencer::whole_csi(std::string_view& input) {
  if (input.empty() || input.front() != '[') return {};
  const std::size_t limit = std::min(input.size(), kMaxCsi + 1);
  std::size_t at = 1;
  while (at < limit && input[at] >= 0x20 && input[at] < 0x40) ++at;
  if (at >= limit || input[at] < 0x40 || input[at] >= kDelete) return {};
  const Unit unit{Unit::Kind::csi, 0, input.substr(1, at)};
  input.remove_prefix(at + 1);
  state_ = State::ground;
  return unit;
}

// The table of well-formed sequences of the Unicode standard (table 3-7).
void Sequencer::start_utf8(unsigned char lead) {
  more_ = lead >= 0xC2 && lead < 0xE0   ? 1
          : lead >= 0xE0 && lead < 0xF0 ? 2
          : lead >= 0xF0 && lead < 0xF5 ? 3
                                        : 0;
  if (more_ == 0) return;
  code_ = lead & (0x3FU >> more_);
  second_low_ = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  second_high_ = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  state_ = State::utf8;
}

Unit Sequencer::in_utf8(std::string_view& input) {
  while (!input.empty()) {
    const unsigned char byte = first(input);
    if (byte < second_low_ || byte > second_high_) return replacement();  // `byte` is read again
    input.remove_prefix(1);
    code_ = code_ << 6U | (byte & 0x3FU);
    second_low_ = 0x80;
    second_high_ = 0xBF;
    if (--more_ != 0) continue;
    state_ = State::ground;
    // C1 controls in UTF-8 are not acted on: no program sends them, hostile output does.
    return code_ < 0xA0 ? Unit{} : Unit{Unit::Kind::glyph, code_, {}};
  }
  return {};
}

Unit Sequencer::replacement() {
  state_ = State::ground;
  return {Unit::Kind::glyph, kReplacement, {}};
}

Unit Sequencer::in_escape(std::string_view& input) {
  const unsigned char byte = first(input);
  input.remove_prefix(1);
  if (byte == kEscape) {
    begin(State::escape);
    return {};
  }
  if (byte == kCancel || byte == kSubstitute) return finish(Unit::Kind::none);
  if (byte < 0x20) return control(byte);
  if (byte >= kDelete) return byte == kDelete ? Unit{} : finish(Unit::Kind::none);
  if (byte < 0x30) {
    if (buffer_.size() < 4) buffer_.push_back(static_cast<char>(byte));
    return {};
  }
  if (buffer_.empty() && byte == '[') {
    begin(State::csi);
    return {};
  }
  if (buffer_.empty() &&
      std::string_view("]PX^_k").find(static_cast<char>(byte)) != std::string_view::npos) {
    start_text(static_cast<char>(byte));
    return {};
  }
  buffer_.push_back(static_cast<char>(byte));
  return finish(Unit::Kind::escape);
}

Unit Sequencer::in_csi(std::string_view& input) {
  const unsigned char byte = first(input);
  input.remove_prefix(1);
  if (byte == kEscape) {
    begin(State::escape);
    return {};
  }
  if (byte == kCancel || byte == kSubstitute) return finish(Unit::Kind::none);
  if (byte < 0x20) return control(byte);
  if (byte >= kDelete) return byte == kDelete ? Unit{} : finish(Unit::Kind::none);
  const bool skipped = state_ == State::csi_skipped;
  if (byte >= 0x40) {
    if (!skipped) buffer_.push_back(static_cast<char>(byte));
    return finish(skipped ? Unit::Kind::none : Unit::Kind::csi);
  }
  if (buffer_.size() + 1 >= kMaxCsi) state_ = State::csi_skipped;
  if (!skipped) buffer_.push_back(static_cast<char>(byte));
  return {};
}

void Sequencer::start_text(char introducer) {
  begin(State::text);
  overflow_ = false;
  // X, ^ and _ are SOS, PM and APC; k is screen's title, which ends like them.
  text_kind_ = introducer == ']'   ? Unit::Kind::osc
               : introducer == 'P' ? Unit::Kind::dcs
                                   : Unit::Kind::none;
}

Unit Sequencer::in_text(std::string_view& input) {
  std::size_t at = 0;
  while (at < input.size() && static_cast<unsigned char>(input[at]) >= 0x20) ++at;
  if (text_kind_ != Unit::Kind::none) {
    overflow_ = overflow_ || buffer_.size() + at > kMaxString;
    if (overflow_)
      buffer_.clear();
    else
      buffer_.append(input.substr(0, at));
  }
  input.remove_prefix(at);
  if (input.empty()) return {};
  const unsigned char byte = first(input);
  input.remove_prefix(1);
  if (byte == kEscape) state_ = State::text_escape;
  if (byte == kCancel || byte == kSubstitute) return finish(Unit::Kind::none);
  if (byte == kBell && text_kind_ == Unit::Kind::osc) return end_text();
  return {};  // other controls inside a string mean nothing
}

Unit Sequencer::after_text_escape(std::string_view& input) {
  if (first(input) == '\\') {
    input.remove_prefix(1);
    return end_text();
  }
  begin(State::escape);  // the string was cut off by another sequence
  return {};
}

Unit Sequencer::end_text() {
  return finish(overflow_ ? Unit::Kind::none : text_kind_);
}

void Sequencer::begin(State state) {
  state_ = state;
  buffer_.clear();
}

Unit Sequencer::finish(Unit::Kind kind) {
  state_ = State::ground;
  return {kind, 0, buffer_};
}

}  // namespace bdsh::pty
