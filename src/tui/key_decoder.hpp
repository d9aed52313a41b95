// Bytes from the user's terminal → Keys. Understands UTF-8, CSI and SS3 keys with modifiers,
// xterm's modifyOtherKeys and CSI u, SGR mouse (1006), focus events and bracketed paste.
// Sources: XTerm Control Sequences (Dickey), ECMA-48; rxvt's and the Linux console's variations.
//
// No clock: while pending(), the caller waits kEscapeDelay without new bytes, then calls
// timeout(), and again as long as pending() stays true.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/key.hpp"

namespace bdsh::tui {

class KeyDecoder {
 public:
  static constexpr std::chrono::milliseconds kEscapeDelay{25};
  // A paste of more bytes comes as several paste Keys in order. `bytes` tells where one stands:
  // the first starts with "\e[200~", the last ends with "\e[201~".
  static constexpr std::size_t kPasteChunk = 1U << 20U;

  std::vector<Key> feed(std::string_view bytes);
  // An unfinished sequence or paste is held.
  bool pending() const { return !held_.empty() || paste_.has_value(); }
  // What is held is what it is: a lone ESC, Alt-[. An unfinished paste ends after a second of
  // silence, since its end may have been lost and every later key would vanish in it.
  std::vector<Key> timeout();

 private:
  struct Paste {
    std::string text;
    bool first = true;
    int silent_timeouts = 0;
  };

  void drain(std::vector<Key>& keys, bool final);
  // Bytes of `held_` used up; 0: more are needed.
  std::size_t take_one(std::vector<Key>& keys, bool final);
  std::size_t take_paste(std::vector<Key>& keys);
  void emit_paste(std::vector<Key>& keys, bool last);

  std::string held_;
  std::optional<Paste> paste_;
};

}  // namespace bdsh::tui
