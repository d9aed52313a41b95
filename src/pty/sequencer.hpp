// Cuts a host's byte stream into complete, bounded units. Pure: how the stream was split over
// feeds makes no difference to the units, and no input makes it keep more than kMaxString bytes.
//
// The states follow ECMA-48 and Paul Williams' VT500 parser, with UTF-8 in the ground state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bdsh::pty {

struct Unit {
  enum class Kind : std::uint8_t {
    none,     // the input is used up
    ascii,    // `text`: a run of U+0020…U+007E
    glyph,    // `code`: one code point from U+00A0 on; U+FFFD for invalid UTF-8
    control,  // `code`: one C0 control
    escape,   // `text`: intermediates and final byte
    csi,      // `text`: what follows ESC [, with the final byte last
    osc,      // `text`: the payload
    dcs,      // `text`: the payload
  };
  Kind kind = Kind::none;
  char32_t code = 0;
  std::string_view text;  // into the input or the sequencer; valid until the next call
};

class Sequencer {
 public:
  static constexpr std::size_t kMaxCsi = 256;      // a longer one is skipped
  static constexpr std::size_t kMaxString = 4096;  // a longer OSC or DCS is skipped

  // Takes bytes from the front of `input` until a unit is complete, or all of them.
  Unit next(std::string_view& input);
  bool at_rest() const { return state_ == State::ground; }  // nothing is unfinished

 private:
  enum class State : std::uint8_t {
    ground,
    utf8,         // inside a multi-byte character
    escape,       // after ESC
    csi,          // after ESC [
    csi_skipped,  // a CSI that is malformed or too long, up to its final byte
    text,         // OSC or DCS payload
    text_escape,  // ESC inside it: the terminator, if a backslash follows
  };

  Unit in_ground(std::string_view& input);
  Unit in_utf8(std::string_view& input);
  Unit in_escape(std::string_view& input);
  Unit in_csi(std::string_view& input);
  Unit in_text(std::string_view& input);
  Unit after_text_escape(std::string_view& input);
  Unit whole_csi(std::string_view& input);
  void start_utf8(unsigned char lead);
  void begin(State state);
  void start_text(char introducer);
  Unit finish(Unit::Kind kind);
  Unit end_text();
  Unit replacement();

  State state_ = State::ground;
  Unit::Kind text_kind_ = Unit::Kind::none;  // osc, dcs, or none for a string to be skipped
  bool overflow_ = false;                    // the string outgrew kMaxString
  std::uint8_t more_ = 0;                    // continuation bytes to come
  unsigned char second_low_ = 0x80;          // bounds of the next continuation byte
  unsigned char second_high_ = 0xBF;
  char32_t code_ = 0;
  std::string buffer_;
};

}  // namespace bdsh::pty
