#include "tui/key_decoder.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

constexpr char kEsc = '\x1b';
constexpr std::size_t kMaxSequence = 64;  // longer ones are not keys
constexpr int kPasteSilence = 40;         // timeouts of 25 ms: a second

// What a reader makes of the front of the bytes: how many it used (0: it needs more) and the key.
struct Taken {
  std::size_t used = 0;
  Key key;
};

Key plain(KeyCode code, Mods mods = {}) {
  Key key;
  key.code = code;
  key.mods = mods;
  return key;
}

Key text_key(char32_t ch, Mods mods = {}) {
  Key key = plain(KeyCode::text, mods);
  key.ch = ch;
  return key;
}

Key control_key(unsigned char byte) {
  switch (byte) {
    case 0x00: return text_key(U' ', {false, false, true});
    case 0x09: return plain(KeyCode::tab);
    case 0x0D: return plain(KeyCode::enter);
    case 0x1B: return plain(KeyCode::escape);
    case 0x7F: return plain(KeyCode::backspace);
    default: break;
  }
  const char32_t letter = byte <= 0x1A ? byte + U'a' - 1 : byte + U'@';
  return text_key(letter, {false, false, true});
}

std::size_t utf8_length(unsigned char lead) {
  if (lead < 0xC2 || lead > 0xF4) return 1;
  return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

Taken read_character(std::string_view bytes, bool final) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x20 || lead == 0x7F) return {1, control_key(lead)};
  const std::size_t length = utf8_length(lead);
  const bool cut = bytes.size() < length &&
                   std::all_of(bytes.begin() + 1, bytes.end(), [](char c) {
                     return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
                   });
  if (cut && !final) return {};
  std::size_t used = 0;
  const char32_t ch = decode_utf8(bytes, used);
  return {used, text_key(ch)};
}

// ---- CSI and SS3 ------------------------------------------------------------------------------

struct Csi {
  char prefix = 0;  // '<', '?', … or none
  std::array<int, 4> params{};
  int count = 0;  // of the parameters given; those beyond the fourth are counted only
  char final = 0;
  std::size_t length = 0;  // 0: unfinished
};

bool is_final(char c) { return c >= 0x40 && c <= 0x7E; }

// A parameter's first number; sub-parameters (kitty's ':') are left out.
int first_number(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    value = std::min(value * 10 + (c - '0'), 0x11'0000);
  }
  return value;
}

void read_params(std::string_view text, Csi& csi) {
  if (!text.empty() && text[0] >= '<' && text[0] <= '?') {
    csi.prefix = text[0];
    text.remove_prefix(1);
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    if (csi.count < 4) csi.params[static_cast<std::size_t>(csi.count)] = first_number(text.substr(0, end));
    ++csi.count;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// `bytes` starts with ESC [.
Csi read_csi(std::string_view bytes) {
  Csi csi;
  for (std::size_t i = 2; i < bytes.size(); ++i) {
    // A control or a second ESC inside: a broken sequence ends before it.
    if (static_cast<unsigned char>(bytes[i]) < 0x20 || i >= kMaxSequence) {
      csi.length = i;
      return csi;
    }
    if (!is_final(bytes[i])) continue;
    csi.final = bytes[i];
    csi.length = i + 1;
    read_params(bytes.substr(2, i - 2), csi);
    return csi;
  }
  return csi;
}

Mods mods_of(int param) {
  const unsigned bits = param > 1 ? static_cast<unsigned>(param - 1) : 0;
  // Meta (8) is Alt to every program.
  return {(bits & 1U) != 0, (bits & 10U) != 0, (bits & 4U) != 0};
}

KeyCode letter_code(char final) {
  switch (final) {
    case 'A': return KeyCode::up;
    case 'B': return KeyCode::down;
    case 'C': return KeyCode::right;
    case 'D': return KeyCode::left;
    case 'F': return KeyCode::end;
    case 'H': return KeyCode::home;
    case 'P': return KeyCode::f1;
    case 'Q': return KeyCode::f2;
    case 'R': return KeyCode::f3;
    case 'S': return KeyCode::f4;
    case 'M': return KeyCode::enter;  // SS3 M: the keypad's
    default: return KeyCode::unknown;
  }
}

KeyCode tilde_code(int number) {
  switch (number) {
    case 1: case 7: return KeyCode::home;
    case 2: return KeyCode::insert;
    case 3: return KeyCode::del;
    case 4: case 8: return KeyCode::end;
    case 5: return KeyCode::page_up;
    case 6: return KeyCode::page_down;
    case 11: return KeyCode::f1;
    case 12: return KeyCode::f2;
    case 13: return KeyCode::f3;
    case 14: return KeyCode::f4;
    case 15: return KeyCode::f5;
    case 17: return KeyCode::f6;
    case 18: return KeyCode::f7;
    case 19: return KeyCode::f8;
    case 20: return KeyCode::f9;
    case 21: return KeyCode::f10;
    case 23: return KeyCode::f11;
    case 24: return KeyCode::f12;
    default: return KeyCode::unknown;
  }
}

// A key that a terminal reported by its code point (CSI u, modifyOtherKeys). Hosts expect the
// bytes that a plain terminal would have sent, so those become its bytes.
Key reported_key(int code, Mods mods) {
  switch (code) {
    case 9: return Key::special(KeyCode::tab, mods);
    case 13: return Key::special(KeyCode::enter);
    case 27: return Key::special(KeyCode::escape);
    case 8: case 127: return Key::special(KeyCode::backspace);
    default: break;
  }
  if (code < 0x20 || code > 0x10'FFFF || (code >= 0xD800 && code < 0xE000)) return {};
  auto ch = static_cast<char32_t>(code);
  if (mods.ctrl && ch >= U'A' && ch <= U'Z') ch += U'a' - U'A';
  if (!mods.ctrl && mods.shift && ch >= U'a' && ch <= U'z') ch -= U'a' - U'A';
  // Signs that have no control byte are sent without; a host that asked for it is told of the Ctrl.
  const bool has_control = ch == U' ' || ch == U'?' || (ch >= U'@' && ch < 0x7F);
  Key key = Key::character(ch, {false, mods.alt, mods.ctrl && has_control});
  key.mods.ctrl = mods.ctrl;
  return key;
}

Key mouse_key(const Csi& csi) {
  const int bits = csi.params[0];
  Key key = plain(KeyCode::mouse, {(bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0});
  key.mouse.at = {std::max(0, csi.params[2] - 1), std::max(0, csi.params[1] - 1)};
  if ((bits & 64) != 0) {
    key.mouse.kind = (bits & 1) != 0 ? MouseEvent::Kind::wheel_down : MouseEvent::Kind::wheel_up;
    return key;
  }
  key.mouse.button = (bits & 3) == 3 ? 0 : (bits & 3) + 1;
  if ((bits & 32) != 0) key.mouse.kind = MouseEvent::Kind::move;
  else key.mouse.kind = csi.final == 'm' ? MouseEvent::Kind::release : MouseEvent::Kind::press;
  return key;
}

Key csi_key(const Csi& csi) {
  if (csi.prefix == '<' && (csi.final == 'M' || csi.final == 'm') && csi.count >= 3)
    return mouse_key(csi);
  if (csi.prefix != 0) return {};
  const Mods mods = mods_of(csi.params[1]);
  switch (csi.final) {
    case '~':
      if (csi.params[0] == 27 && csi.count >= 3) return reported_key(csi.params[2], mods);
      return plain(tilde_code(csi.params[0]), mods);
    case 'u': return reported_key(csi.params[0], mods);
    case 'Z': return plain(KeyCode::tab, {true, false, false});
    case 'I': return plain(csi.count == 0 ? KeyCode::focus_in : KeyCode::unknown);
    case 'O': return plain(csi.count == 0 ? KeyCode::focus_out : KeyCode::unknown);
    case 'M': return {};
    default: return plain(letter_code(csi.final), mods);
  }
}

Taken read_csi_key(std::string_view bytes, bool final) {
  // The Linux console's F1…F5: ESC [ [ A … E.
  if (bytes.size() >= 3 && bytes[2] == '[') {
    if (bytes.size() < 4 && !final) return {};
    if (bytes.size() >= 4 && bytes[3] >= 'A' && bytes[3] <= 'E')
      return {4, plain(static_cast<KeyCode>(static_cast<int>(KeyCode::f1) + bytes[3] - 'A'))};
  }
  const Csi csi = read_csi(bytes);
  if (csi.length == 0) {
    if (!final) return {};
    if (bytes.size() == 2) return {2, text_key(U'[', {false, true, false})};
    return {bytes.size(), {}};
  }
  if (csi.length == 2) return {2, text_key(U'[', {false, true, false})};
  return {csi.length, csi_key(csi)};
}

// The numeric keypad in application mode: SS3 j … y are the signs from * on, X is =.
std::optional<Key> keypad_key(char final) {
  constexpr std::string_view kSigns = "*+,-./0123456789";
  char sign = final == 'X' ? '=' : 0;
  if (final >= 'j' && final <= 'y') sign = kSigns[static_cast<std::size_t>(final - 'j')];
  if (sign == 0) return std::nullopt;
  Key key = Key::character(static_cast<char32_t>(sign));
  key.keypad = true;
  return key;
}

Taken read_ss3_key(std::string_view bytes, bool final) {
  if (bytes.size() < 3) {
    if (final) return {2, text_key(U'O', {false, true, false})};
    return {};
  }
  if (auto key = keypad_key(bytes[2])) return {3, std::move(*key)};
  const KeyCode code = letter_code(bytes[2]);
  if (code == KeyCode::unknown && static_cast<unsigned char>(bytes[2]) < 0x20)
    return {2, text_key(U'O', {false, true, false})};
  return {3, plain(code)};
}

Taken read_key(std::string_view bytes, bool final);

Taken read_escape(std::string_view bytes, bool final) {
  if (bytes.size() == 1) return final ? Taken{1, plain(KeyCode::escape)} : Taken{};
  if (bytes[1] == '[') return read_csi_key(bytes, final);
  if (bytes[1] == 'O') return read_ss3_key(bytes, final);
  // ESC ESC: rxvt puts a second one before a key with Alt; three in a row are Escape pressed again.
  if (bytes[1] == kEsc && bytes.size() > 2 && bytes[2] == kEsc) return {1, plain(KeyCode::escape)};
  if (bytes[1] == kEsc && bytes.size() == 2)
    return final ? Taken{1, plain(KeyCode::escape)} : Taken{};
  Taken rest = read_key(bytes.substr(1), final);
  if (rest.used == 0) return {};
  if (rest.key.code == KeyCode::mouse || rest.key.code == KeyCode::focus_in ||
      rest.key.code == KeyCode::focus_out || rest.key.code == KeyCode::unknown)
    return {1, plain(KeyCode::escape)};
  rest.key.mods.alt = true;
  ++rest.used;
  return rest;
}

Taken read_key(std::string_view bytes, bool final) {
  return bytes[0] == kEsc ? read_escape(bytes, final) : read_character(bytes, final);
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// How many bytes at the end of `text` may be the beginning of the paste's end.
std::size_t partial_end(std::string_view text) {
  for (std::size_t n = std::min(text.size(), kPasteEnd.size() - 1); n > 0; --n)
    if (text.substr(text.size() - n) == kPasteEnd.substr(0, n)) return n;
  return 0;
}

// The largest cut ≤ `limit` that does not split a UTF-8 character.
std::size_t character_cut(std::string_view text, std::size_t limit) {
  std::size_t cut = limit;
  for (int i = 0; i < 3 && cut > 0; ++i, --cut)
    if ((static_cast<unsigned char>(text[cut]) & 0xC0U) != 0x80U) return cut;
  return cut > 0 ? cut : limit;
}

}  // namespace

std::vector<Key> KeyDecoder::feed(std::string_view bytes) {
  std::vector<Key> keys;
  // In slices, so that a paste of any size needs memory for one chunk only.
  for (std::size_t at = 0; at < bytes.size(); at += kPasteChunk) {
    held_ += bytes.substr(at, kPasteChunk);
    if (paste_) paste_->silent_timeouts = 0;
    drain(keys, false);
  }
  return keys;
}

std::vector<Key> KeyDecoder::timeout() {
  std::vector<Key> keys;
  if (paste_) {
    if (++paste_->silent_timeouts < kPasteSilence) return keys;
    paste_->text += std::exchange(held_, {});
    emit_paste(keys, true);
    return keys;
  }
  drain(keys, true);
  return keys;
}

void KeyDecoder::drain(std::vector<Key>& keys, bool final) {
  std::string bytes = std::exchange(held_, {});
  std::string_view rest = bytes;
  while (!rest.empty()) {
    held_ = rest.substr(0, paste_ ? rest.size() : std::min(rest.size(), 2 * kMaxSequence));
    const std::size_t used = paste_ ? take_paste(keys) : take_one(keys, final);
    if (used == 0) break;
    rest.remove_prefix(used);
  }
  held_ = rest;
}

std::size_t KeyDecoder::take_one(std::vector<Key>& keys, bool final) {
  if (starts_with(held_, kPasteBegin)) {
    paste_ = Paste{};
    return kPasteBegin.size();
  }
  Taken taken = read_key(held_, final);
  if (taken.used == 0) return 0;
  if (taken.key.bytes.empty()) taken.key.bytes = held_.substr(0, taken.used);
  keys.push_back(std::move(taken.key));
  return taken.used;
}

std::size_t KeyDecoder::take_paste(std::vector<Key>& keys) {
  const std::size_t end = held_.find(kPasteEnd);
  const bool ends = end != std::string::npos;
  const std::size_t take = ends ? end : held_.size() - partial_end(held_);
  paste_->text.append(held_, 0, take);
  while (paste_->text.size() > kPasteChunk) {
    const std::size_t cut = character_cut(paste_->text, kPasteChunk);
    std::string rest = paste_->text.substr(cut);
    paste_->text.resize(cut);
    emit_paste(keys, false);
    paste_->text = std::move(rest);
  }
  if (!ends) return take;
  emit_paste(keys, true);
  return take + kPasteEnd.size();
}

void KeyDecoder::emit_paste(std::vector<Key>& keys, bool last) {
  Key key = plain(KeyCode::paste);
  key.text = std::exchange(paste_->text, {});
  key.bytes = (paste_->first ? std::string(kPasteBegin) : std::string()) + key.text +
              (last ? std::string(kPasteEnd) : std::string());
  paste_->first = false;
  if (last) paste_.reset();
  keys.push_back(std::move(key));
}

}  // namespace bdsh::tui
