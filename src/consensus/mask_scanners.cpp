#include "consensus/mask_scanners.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "consensus/mask_cursor.hpp"
#include "consensus/scan_times.hpp"

namespace bdsh::consensus {
namespace {

char before(View text, std::size_t at) {
  return at == 0 ? '\0' : text[at - 1];
}

bool percentage(Cursor& c) {
  if (!c.digits(1, 3)) return false;
  c.optionally([&] { return c.literal('.') && c.digits(1, 6); });
  return c.literal('%') && c.ends_word();
}

bool blanks(Cursor& c) {
  return c.run([](char x) { return x == ' '; }) > 0;
}

// 45.4 GB/s, 950 kB/s: bytes that were measured. Bits are what interfaces are set to.
bool rate(Cursor& c) {
  if (!c.digits(1, 12)) return false;
  c.optionally([&] { return c.literal('.') && c.digits(1, 6); });
  if (!c.literal(' ')) return false;
  c.optionally([&] { return View("kKMGTP").find(c.peek()) != View::npos && c.literal(c.peek()); });
  c.optionally([&] { return c.literal('i'); });
  return c.literal("B/s") && c.ends_word();
}

// All of /proc/loadavg: "6.34 26.44 22.17 4/109 28165"
bool load_file(Cursor& c) {
  for (int i = 0; i < 3; ++i)
    if (!c.digits(1, 6) || !c.literal('.') || !c.digits(2, 2) || !c.literal(' ')) return false;
  return c.digits(1, 10) && c.literal('/') && c.digits(1, 10) && c.literal(' ') && c.digits(1, 10) &&
         c.peek() == '\0';
}

// What `ps aux` measures, from %CPU to RSS, known by the terminal that follows:
// "0.0  0.1   4360  3088 pts/0 "
bool process_usage(Cursor& c) {
  for (int i = 0; i < 2; ++i)
    if (!c.digits(1, 4) || !c.literal('.') || !c.digits(1, 1) || !blanks(c)) return false;
  if (!c.digits(1, 15) || !blanks(c) || !c.digits(1, 15)) return false;
  Cursor terminal = c;
  if (!blanks(terminal)) return false;
  return terminal.literal("? ") || terminal.literal("pts/") || terminal.literal("tty");
}

// Ports that the kernel gives to clients (Linux: 32768 and above): others are configuration.
bool client_port(Cursor& c) {
  int value = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    if (!is_digit(c.peek(i))) return false;
    value = value * 10 + (c.peek(i) - '0');
  }
  return value >= 32768 && value <= 65535 && c.digits(5, 5) && c.ends_word();
}

// 10.0.0.5:51234, [fe80::1]:51234; also a mark, which stands for a host's own address or name
bool follows_address(View text, std::size_t at) {
  if (at < 2 || text[at - 1] != ':') return false;
  if (text[at - 2] == ']' || text[at - 2] == kCloseMask) return true;
  std::size_t dots = 0;
  for (std::size_t i = at - 1; i-- > 0 && (is_digit(text[i]) || text[i] == '.');)
    dots += text[i] == '.';
  return dots == 3;
}

// --- hexadecimal
// ----------------------------------------------------------------------------------

bool uuid(Cursor& c) {
  for (const std::size_t group : {8U, 4U, 4U, 4U, 12U}) {
    if (group != 8 && !c.literal('-')) return false;
    if (c.run(is_hex) != group) return false;
  }
  return c.ends_word();
}

bool mac(Cursor& c) {
  for (int group = 0; group < 6; ++group) {
    if (group > 0 && !c.literal(':')) return false;
    if (c.run(is_hex) != 2) return false;
  }
  return c.ends_word() && c.peek() != ':';
}

// Seven or more hexadecimal digits of one case, with a digit and a letter among them; or 0x….
bool hash(Cursor& c) {
  const bool prefixed = c.literal("0x");
  bool digit = false;
  bool lower = false;
  bool upper = false;
  const std::size_t length = c.run([&](char x) {
    if (!is_hex(x)) return false;
    (is_digit(x) ? digit : is_lower(x) ? lower : upper) = true;
    return true;
  });
  return length >= 7 && c.ends_word() && (prefixed || (digit && lower != upper));
}

// --- names of temporary files
// ----------------------------------------------------------------------

bool looks_random(View word) {
  if (word.size() < 6) return false;
  if (word.starts_with("tmp") && word.size() == 11) return true;  // Python's tempfile
  const bool digit = std::any_of(word.begin(), word.end(), is_digit);
  const bool letter = std::any_of(word.begin(), word.end(), is_letter);
  const bool inner_upper = std::any_of(word.begin() + 1, word.end(), is_upper);
  const bool lower = std::any_of(word.begin(), word.end(), is_lower);
  return (digit && letter) || (inner_upper && lower);
}

bool in_tmp_path(View text, std::size_t at) {
  const std::size_t start = text.find_last_of(" \t'\"=:(", at == 0 ? 0 : at - 1);
  const View path =
      text.substr(start == View::npos ? 0 : start + 1, at - (start == View::npos ? 0 : start + 1));
  return path.find("/tmp/") != View::npos;
}

bool tmp_name(Cursor& c, View text) {
  const std::size_t start = c.at();
  if (start == 0 || View("/.-").find(text[start - 1]) == View::npos) return false;
  c.run([](char x) { return is_alnum(x) || x == '_'; });
  return looks_random(text.substr(start, c.at() - start)) && in_tmp_path(text, start);
}

// --- what a word introduces
// -----------------------------------------------------------------------

template <typename Match>
Token token_if(View text, std::size_t at, Mask mask, Match&& match) {
  Cursor c(text, at);
  return match(c) ? Token{at, c.at(), mask} : Token{};
}

Token value_after(View text, std::size_t at, Mask mask, auto&& value) {
  Cursor c(text, at);
  if (c.run([](char x) { return x == ' ' || x == ':' || x == '='; }) == 0) return {};
  return token_if(text, c.at(), mask, value);
}

bool process_id(Cursor& c) {
  return c.digits(1, 10) && c.ends_word() && c.peek() != '.';
}

// "up 3 days,  4:05,  2 users": whatever is between "up" and the number of users.
Token uptime(View text, std::size_t at) {
  Cursor c(text, at);
  if (c.run([](char x) { return x == ' '; }) == 0 || !is_digit(c.peek())) return {};
  const std::size_t begin = c.at();
  const std::size_t user = text.find(" user", begin);
  if (user == View::npos) return {};
  const std::size_t comma = text.rfind(',', user);
  return comma == View::npos || comma < begin ? Token{} : Token{begin, comma, Mask::duration};
}

// "load average: 0.16, 0.05, 0.01"
Token load(View text, std::size_t at) {
  Cursor c(text, at);
  if (!c.literal(" average: ")) return {};
  return token_if(text, c.at(), Mask::load, [](Cursor& values) {
    for (int i = 0; i < 3; ++i) {
      if (i > 0 && !values.literal(", ")) return false;
      if (!values.digits(1, 6) || !values.literal('.') || !values.digits(1, 3)) return false;
    }
    return true;
  });
}

Token introduced(View text, std::size_t at, View word) {
  const std::size_t end = at + word.size();
  if (word == "pid" || word == "PID" || word == "ppid" || word == "PPID")
    return value_after(text, end, Mask::pid, process_id);
  if (word == "Process")
    return value_after(text, end, Mask::pid, [&](Cursor& c) {
      return process_id(c) && text.substr(c.at(), 5) == " Exec";
    });
  if (word == "port") return value_after(text, end, Mask::port, client_port);
  if (word == "up") return uptime(text, end);
  if (word == "load") return load(text, end);
  return {};
}

// The gates below ask one or two characters before a scanner is tried: most words pass none.

bool may_be_name_of_day(View text, std::size_t at) {
  return at + 3 < text.size() && is_upper(text[at]) && is_lower(text[at + 1]) &&
         is_lower(text[at + 2]) && (text[at + 3] == ' ' || text[at + 3] == ',');
}

Token scan_letter(View text, std::size_t at) {
  if (may_be_name_of_day(text, at)) {
    if (Token found = token_if(text, at, Mask::time, weekday_stamp)) return found;
    if (Token found = token_if(text, at, Mask::time, month_stamp)) return found;
  }
  if (View("pPul").find(text[at]) == View::npos) return {};
  Cursor c(text, at);
  c.run(is_letter);
  return introduced(text, at, text.substr(at, c.at() - at));
}

Token scan_hex(View text, std::size_t at) {
  const char preceding = before(text, at);
  if (preceding == '/' || preceding == '.' || preceding == '-')
    if (Token found = token_if(text, at, Mask::tmp, [&](Cursor& c) { return tmp_name(c, text); }))
      return found;
  if (!is_hex(text[at])) return {};
  Cursor c(text, at);
  const bool prefixed = c.literal("0x");
  const std::size_t length = c.run(is_hex);
  if (length == 2 && c.peek() == ':' && preceding != ':') return token_if(text, at, Mask::mac, mac);
  if (length < 7) return {};
  if (length == 8 && c.peek() == '-' && !prefixed)
    if (Token found = token_if(text, at, Mask::uuid, uuid)) return found;
  return token_if(text, at, Mask::hash, hash);
}

Token scan_time(View text, std::size_t at, std::size_t digits, char next) {
  const char preceding = before(text, at);
  if (digits == 4 && (next == '-' || next == '/')) return token_if(text, at, Mask::time, iso_stamp);
  if (digits > 2) return {};
  if (next == ' ' || next == '/' || next == '-') return token_if(text, at, Mask::time, day_stamp);
  if (next != ':' || preceding == '.' || preceding == ',' || preceding == ':') return {};
  return token_if(text, at, Mask::time,
                  [](Cursor& c) { return time_of_day(c) && (zone(c), true); });
}

Token scan_measured(View text, std::size_t at, char next) {
  if (next != '.' && next != ' ') return {};
  if (next == '.') {
    if (at == 0)
      if (Token found = token_if(text, at, Mask::load, load_file)) return found;
    if (before(text, at) == ' ')
      if (Token found = token_if(text, at, Mask::usage, process_usage)) return found;
  } else if (before(text, at) == ' ') {  // the process whose usage follows
    const auto pid = [](Cursor& c) {
      if (!c.digits(1, 10)) return false;
      Cursor rest = c;
      return blanks(rest) && process_usage(rest);
    };
    if (Token found = token_if(text, at, Mask::pid, pid)) return found;
  }
  return token_if(text, at, Mask::rate, rate);
}

Token scan_digit(View text, std::size_t at) {
  Cursor number(text, at);
  const std::size_t digits = number.run(is_digit);
  const char next = number.peek();
  const char preceding = before(text, at);
  if (Token found = scan_time(text, at, digits, next)) return found;
  if (Token found = scan_measured(text, at, next)) return found;
  if (preceding != '.' && (next == '%' || next == '.'))
    if (Token found = token_if(text, at, Mask::percent, percentage)) return found;
  const bool unit =
      next == '.' || is_lower(next) || next == '\xC2' || (next == ' ' && is_lower(number.peek(1)));
  if (unit && preceding != '.' && preceding != ',')
    if (Token found =
            token_if(text, at, Mask::duration, [&](Cursor& c) { return duration(c, preceding); }))
      return found;
  if (digits == 5 && preceding == ':' && follows_address(text, at))
    return token_if(text, at, Mask::port, client_port);
  return {};
}

// sshd[812]: and the kernel's [   12.345678], [####    ], [|]
Token scan_bracket(View text, std::size_t at) {
  const std::size_t inside = at + 1;
  const char preceding = before(text, at);
  if (is_alnum(preceding) || preceding == ')' || preceding == kCloseMask)
    return token_if(text, inside, Mask::pid, [](Cursor& c) {
      return c.digits(1, 10) && c.peek() == ']' && (c.peek(1) == ':' || c.peek(1) == '\0');
    });
  const auto closed = [](auto&& step) {
    return [step](Cursor& c) { return step(c) && c.peek() == ']'; };
  };
  if (Token found = token_if(text, inside, Mask::time, closed([](Cursor& c) {
                               c.run([](char x) { return x == ' '; });
                               return c.digits(1, 10) && c.literal('.') && c.digits(6, 6);
                             })))
    return found;
  if (Token found = token_if(text, inside, Mask::spinner, closed([](Cursor& c) {
                               return View("|/-\\").find(c.peek()) != View::npos &&
                                      c.peek() != '\0' && c.literal(c.peek());
                             })))
    return found;
  return token_if(text, inside, Mask::percent, closed([](Cursor& c) {
                    const std::size_t done = c.run([](char x) { return x == '#' || x == '='; });
                    const std::size_t rest =
                        c.run([](char x) { return x == '>' || x == '.' || x == ' ' || x == '-'; });
                    return done + rest >= 5 && (done > 0 || c.peek() == ']');
                  }));
}

// Box-drawing before a process in a control group ("├─812 nginx"), and braille spinners.
Token scan_utf8(View text, std::size_t at) {
  if (text.substr(at, 3) == "─" && is_digit(at + 3 < text.size() ? text[at + 3] : '\0'))
    return token_if(text, at + 3, Mask::pid,
                    [](Cursor& c) { return c.digits(1, 10) && c.peek() == ' '; });
  const bool braille =
      text.size() >= at + 3 && text[at] == '\xE2' && (text[at + 1] & '\xFC') == '\xA0';
  const bool alone =
      braille && (at == 0 || text[at - 1] == ' ') && (at + 3 == text.size() || text[at + 3] == ' ');
  return alone ? Token{at, at + 3, Mask::spinner} : Token{};
}

constexpr std::array<bool, 256> starting_characters() {
  std::array<bool, 256> starts{};
  for (int c = 0; c < 128; ++c)
    starts[static_cast<std::size_t>(c)] = is_alnum(static_cast<char>(c));
  starts['['] = true;
  starts[0xE2] = true;
  return starts;
}

}  // namespace

bool may_start_token(char c) {
  static constexpr std::array<bool, 256> kStarts = starting_characters();
  return kStarts[static_cast<unsigned char>(c)];
}

Token scan_token(View text, std::size_t at) {
  const char c = text[at];
  if (c == '[') return scan_bracket(text, at);
  if (c == '\xE2') return scan_utf8(text, at);
  if (is_digit(c)) {
    if (Token found = scan_digit(text, at)) return found;
  } else if (Token found = scan_letter(text, at)) {
    return found;
  }
  return scan_hex(text, at);
}

}  // namespace bdsh::consensus
