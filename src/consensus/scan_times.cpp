#include "consensus/scan_times.hpp"

#include <algorithm>
#include <array>

namespace bdsh::consensus {
namespace {

constexpr std::array<View, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<View, 7> kWeekdays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

bool iso_date(Cursor& c) {
  if (!c.digits(4, 4)) return false;
  const char separator = c.peek();
  return (separator == '-' || separator == '/') && c.literal(separator) && c.digits(2, 2) &&
         c.literal(separator) && c.digits(2, 2) && !is_digit(c.peek());
}

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
  // "0.0011 s" was measured; "5 s" may be set.
  if (found.space && !found.fraction) return false;
  if (found.space && (c.peek() != 's' || is_alnum(c.peek(1)))) return false;
  found.unit = c.peek();
  found.short_unit = View("smhdw").find(found.unit) != View::npos && found.unit != '\0' &&
                     c.literal(found.unit) && !is_letter(c.peek());
  return found.short_unit;
}

}  // namespace

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

bool iso_stamp(Cursor& c) {
  if (!iso_date(c)) return false;
  c.optionally([&] {
    if (!c.literal('T') && !c.literal(' ')) return false;
    return time_of_day(c);
  });
  zone(c);
  return true;
}

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

}  // namespace bdsh::consensus
