#include "consensus/mask_scanners.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace bdsh::consensus {
namespace {

using View = std::string_view;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}
constexpr bool is_alnum(char c) {
  return is_digit(c) || is_letter(c);
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads forward over a line; each step says whether it matched and moves only then.
class Cursor {
 public:
  Cursor(View text, std::size_t at) : text_(text), at_(at) {}
  std::size_t at() const { return at_; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool literal(char c) { return peek() == c ? (++at_, true) : false; }
  bool literal(View word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  template <typename Is>
  std::size_t run(Is&& is) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return at_ - start;
  }
  bool digits(std::size_t least, std::size_t most) {
    const std::size_t start = at_;
    const std::size_t count = run(is_digit);
    if (count >= least && count <= most) return true;
    at_ = start;
    return false;
  }
  bool one_of(const auto& words) {
    return std::any_of(words.begin(), words.end(), [this](View word) { return literal(word); });
  }
  // Tries `step`; what it consumed is given back when it fails.
  template <typename Step>
  bool optionally(Step&& step) {
    const std::size_t start = at_;
    if (step()) return true;
    at_ = start;
    return false;
  }
  bool ends_word() const { return !is_alnum(peek()) && peek() != '_'; }

 private:
  View text_;
  std::size_t at_;
};

char before(View text, std::size_t at) {
  return at == 0 ? '\0' : text[at - 1];
}

// --- times and dates ----------------------------------------------------------------------------

constexpr std::array<View, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<View, 7> kWeekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

bool zone(Cursor& c) {
  if (c.optionally([&] { return c.literal('Z') && c.ends_word(); })) return true;
  return c.optionally([&] {
    c.literal(' ');
    if (c.literal('+') || c.literal('-')) {
      const bool split =
          c.optionally([&] { return c.digits(2, 2) && c.literal(':') && c.digits(2, 2); });
      return (split || c.digits(4, 4)) && c.ends_word();
    }
    const std::size_t letters = c.run(is_upper);
    return letters >= 3 && letters <= 4 && c.ends_word();  // UTC, CEST
  });
}

// 2:03, 02:03:04, 02:03:04.567, 2:03 PM
bool time_of_day(Cursor& c) {
  const std::size_t start = c.at();
  if (!c.digits(1, 2) || !c.literal(':') || c.peek() > '5' || !c.digits(2, 2)) return false;
  c.optionally([&] { return c.literal(':') && c.digits(2, 2); });
  c.optionally([&] { return (c.literal('.') || c.literal(',')) && c.digits(1, 9); });
  c.optionally(
      [&] { return c.literal(' '), (c.literal("AM") || c.literal("PM")) && c.ends_word(); });
  const bool more = c.peek() == ':' && is_hex(c.peek(1));
  return c.at() > start && !more && !is_digit(c.peek());
}

bool iso_date(Cursor& c) {
  if (!c.digits(4, 4)) return false;
  const char separator = c.peek();
  return (separator == '-' || separator == '/') && c.literal(separator) && c.digits(2, 2) &&
         c.literal(separator) && c.digits(2, 2) && !is_digit(c.peek());
}

bool iso_stamp(Cursor& c) {
  if (!iso_date(c)) return false;
  c.optionally([&] {
    if (!c.literal('T') && !c.literal(' ')) return false;
    return time_of_day(c);
  });
  zone(c);
  return true;
}

// Nov 22 02:29:04 UTC 2026, Nov  2 02:29, Nov 22 2026, Nov 22, 2026
bool month_stamp(Cursor& c) {
  if (!c.one_of(kMonths) || !c.literal(' ')) return false;
  c.literal(' ');
  if (!c.digits(1, 2)) return false;
  c.literal(',');
  const bool day_only = !c.optionally([&] {
    return c.run([](char x) { return x == ' '; }) > 0 && (time_of_day(c) || c.digits(4, 4)) &&
           c.ends_word();
  });
  if (day_only) return false;
  zone(c);
  c.optionally([&] { return c.literal(' ') && c.digits(4, 4) && c.ends_word(); });
  return true;
}

// 22 Nov 2026 02:29:04 +0000, 22/Nov/2026:02:29:04 +0000, 22-Nov-2026
bool day_stamp(Cursor& c) {
  if (!c.digits(1, 2)) return false;
  const char separator = c.peek();
  if (separator != ' ' && separator != '/' && separator != '-') return false;
  c.literal(separator);
  if (!c.one_of(kMonths) || !c.literal(separator) || !c.digits(4, 4)) return false;
  const bool timed =
      c.optionally([&] { return (c.literal(' ') || c.literal(':')) && time_of_day(c); });
  if (timed) zone(c);
  return c.ends_word();
}

bool weekday_stamp(Cursor& c) {
  if (!c.one_of(kWeekdays)) return false;
  c.literal(',');
  if (!c.literal(' ')) return false;
  return c.optionally([&] { return month_stamp(c); }) ||
         c.optionally([&] { return iso_stamp(c); }) || c.optionally([&] { return day_stamp(c); });
}

// --- durations and other values that start with a number -----------------------------------------

constexpr std::array<View, 17> kSureUnits = {
    "ns",  "us",      "µs",     "ms",    "secs", "sec",  "seconds", "second", "mins",
    "min", "minutes", "minute", "hours", "hour", "days", "day",     "weeks"};

struct Quantity {
  bool fraction = false;
  bool short_unit = false;  // s, m, h or d
  char unit = '\0';
  bool space = false;
};

bool quantity(Cursor& c, Quantity& found) {
  if (!c.digits(1, 12)) return false;
  found.fraction = c.optionally([&] { return c.literal('.') && c.digits(1, 12); });
  found.space = c.literal(' ');
  // "sec" must not stop at the first letters of "seconds": the longest unit that ends the word.
  for (const View unit : kSureUnits)
    if (c.optionally([&] { return c.literal(unit) && (c.ends_word() || is_digit(c.peek())); }))
      return true;
  if (found.space) return false;
  found.unit = c.peek();
  found.short_unit = View("smhdw").find(found.unit) != View::npos && found.unit != '\0' &&
                     c.literal(found.unit) && !is_letter(c.peek());
  return found.short_unit;
}

// 3.2s, 12ms, 5 seconds, 1h30m, 2min 3s, 0m1.234s. A whole number right behind "=" is a setting
// (TimeoutSec=30s) and stays; so does a lone 5m, 2h or 3d, which may be a size or a name.
bool duration(Cursor& c, char preceding) {
  int parts = 0;
  bool sure = false;
  bool fraction = false;
  const auto part = [&] {
    Quantity found;
    if (!quantity(c, found)) return false;
    sure = sure || !found.short_unit || found.unit == 's';
    fraction = fraction || found.fraction;
    return true;
  };
  while (c.optionally([&] { return (parts == 0 || (c.literal(' '), true)) && part(); })) ++parts;
  if (parts == 0 || !c.ends_word()) return false;
  const bool ago = c.optionally([&] { return c.literal(" ago") && c.ends_word(); });
  const bool setting = (preceding == '=' || preceding == '"') && !fraction && parts == 1;
  return !setting && (sure || parts > 1 || ago);
}

bool percentage(Cursor& c) {
  if (!c.digits(1, 3)) return false;
  c.optionally([&] { return c.literal('.') && c.digits(1, 6); });
  return c.literal('%') && c.ends_word();
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

// 10.0.0.5:51234, [fe80::1]:51234
bool follows_address(View text, std::size_t at) {
  if (at < 2 || text[at - 1] != ':') return false;
  if (text[at - 2] == ']') return true;
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

Token scan_digit(View text, std::size_t at) {
  Cursor number(text, at);
  const std::size_t digits = number.run(is_digit);
  const char next = number.peek();
  const char preceding = before(text, at);
  if (Token found = scan_time(text, at, digits, next)) return found;
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
  if (is_alnum(before(text, at)) || before(text, at) == ')')
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
