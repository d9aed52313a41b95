#include "config/host_terms.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <span>

#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kMaxText = 4U << 20U;  // of an expression
constexpr std::size_t kMaxDigits = 18;       // fits 64 bits
constexpr int kMaxDepth = 16;                // of braces within braces

bool is_operator(char c) {
  return c == '!' || c == '&' || c == '^';
}
bool is_separator(char c) {
  return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_wildcard(char c) {
  return c == '*' || c == '?';
}

bool host_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80 ||
         std::string_view(".-_+").find(c) != std::string_view::npos;
}

// Names of groups come from files of others: whatever is no part of the grammar.
bool group_char(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7F &&
         std::string_view("[]{},@!&^").find(c) == std::string_view::npos;
}

bool user_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F &&
         std::string_view("'`\";&<>|(){}$").find(c) == std::string_view::npos;
}

// The parser of one term's text, [begin, end) of the expression.
class TermParser {
 public:
  TermParser(const HostTerms& terms, std::string_view text) : terms_(terms), text_(text) {}

  Result<HostTerm> parse(std::size_t begin, std::size_t end) {
    HostTerm term;
    term.column = begin;
    if (text_[begin] == '@') return parse_group(begin + 1, end, std::move(term));
    constexpr std::string_view kScheme = "ssh://";
    if (text_.substr(begin, end - begin).starts_with(kScheme)) {
      begin += kScheme.size();
      if (end > begin && text_[end - 1] == '/') --end;
    }
    const std::size_t sign = text_.substr(begin, end - begin).rfind('@');
    if (sign != text_.npos) {
      term.user = text_.substr(begin, sign);
      if (const auto bad = check_user(begin, term.user); !bad) return bad.error();
      begin += sign + 1;
    }
    if (const auto done = parse_address(begin, end, term); !done) return done.error();
    return term;
  }

 private:
  Error fail(std::size_t offset, const std::string& what) const { return terms_.fail(offset, what); }

  Result<HostTerm> parse_group(std::size_t begin, std::size_t end, HostTerm term) {
    if (begin == end) return fail(begin - 1, "'@' is not followed by a group's name");
    if (text_[begin] == '-') return fail(begin, "a group's name may not begin with '-'");
    term.group = true;
    allowed_ = group_char;
    auto name = parse_pattern(begin, end, 0);
    if (!name) return name.error();
    term.name = std::move(*name);
    term.wildcard = wildcard_;
    return term;
  }

  Status check_user(std::size_t begin, const std::string& user) const {
    if (user.empty()) return fail(begin, "the user is missing");
    if (user.front() == '-') return fail(begin, "a user may not begin with '-'");
    for (std::size_t i = 0; i < user.size(); ++i)
      if (!user_char(user[i])) return fail(begin + i, "a user may not hold this character");
    return Done{};
  }

  Status parse_address(std::size_t begin, std::size_t end, HostTerm& term) {
    if (begin == end) return fail(begin, "a host is missing");
    const std::string_view text = text_.substr(begin, end - begin);
    const std::size_t close = text.find(']');
    if (text[0] == '[' && text.substr(0, close).find(':') != text.npos) {
      if (const auto ok = add_ipv6(begin + 1, begin + close, term); !ok) return ok;
      return parse_port(begin + close + 1, end, term);
    }
    if (colons_outside_sets(text) > 1) return add_ipv6(begin, end, term);
    std::size_t host_end = begin;
    while (host_end < end && text_[host_end] != ':')
      host_end = text_[host_end] == '[' ? text_.find(']', host_end) + 1 : host_end + 1;
    if (const auto ok = parse_host(begin, host_end, term); !ok) return ok;
    return parse_port(host_end, end, term);
  }

  static std::size_t colons_outside_sets(std::string_view text) {
    bool inside = false;
    std::size_t colons = 0;
    for (const char c : text) {
      if (c == '[' || c == ']') inside = c == '[';
      if (c == ':' && !inside) ++colons;
    }
    return colons;
  }

  Status add_ipv6(std::size_t begin, std::size_t end, HostTerm& term) const {
    bool zone = false;
    for (std::size_t i = begin; i < end; ++i) {
      const char c = text_[i];
      const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (c == '%' && !zone && i > begin)
        zone = true;
      else if (zone ? !host_char(c) : !(hex || c == ':' || c == '.'))
        return fail(i, "this is no IPv6 address");
    }
    if (end - begin > kMaxHostName) return fail(begin, "the address is too long");
    term.name.push_back({std::string(text_.substr(begin, end - begin)), {}, {}});
    return Done{};
  }

  Status parse_port(std::size_t begin, std::size_t end, HostTerm& term) const {
    if (begin == end) return Done{};
    if (text_[begin] != ':') return fail(begin, "':PORT' or the end of the host is expected here");
    unsigned port = 0;
    const char* last = text_.data() + end;
    const auto [stop, error] = std::from_chars(text_.data() + begin + 1, last, port);
    if (error != std::errc() || stop != last || port < 1 || port > 65535)
      return fail(begin + 1, "a port is a number from 1 to 65535");
    term.port = static_cast<std::uint16_t>(port);
    return Done{};
  }

  Status parse_host(std::size_t begin, std::size_t end, HostTerm& term) {
    if (begin == end) return fail(begin, "a host is missing");
    if (text_[begin] == '-') return fail(begin, "a host may not begin with '-'");
    auto name = parse_pattern(begin, end, 0);
    if (!name) return name.error();
    term.name = std::move(*name);
    term.wildcard = wildcard_;
    return Done{};
  }

  // Texts, sets and braces, one behind the other.
  Result<NamePattern> parse_pattern(std::size_t begin, std::size_t end, int depth) {
    NamePattern pattern;
    for (std::size_t i = begin; i < end;) {
      NamePiece piece;
      std::size_t stop = std::min(end, text_.substr(0, end).find_first_of("[{}", i));
      if (stop > i) {
        if (const auto ok = parse_literal(i, stop, piece); !ok) return ok.error();
      } else if (text_[i] == '[') {
        const std::size_t close = text_.find(']', i);
        if (const auto ok = parse_set(i + 1, close, piece); !ok) return ok.error();
        stop = close + 1;
      } else {
        const auto closed = parse_braces(i, end, depth, piece);
        if (!closed) return closed.error();
        stop = *closed;
      }
      pattern.push_back(std::move(piece));
      i = stop;
    }
    return pattern;
  }

  Status parse_literal(std::size_t begin, std::size_t end, NamePiece& piece) {
    for (std::size_t i = begin; i < end; ++i) {
      if (!is_wildcard(text_[i]) && !allowed_(text_[i]))
        return fail(i, allowed_ == host_char ? "a host may not hold this character"
                                             : "a group's name may not hold this character");
      wildcard_ = wildcard_ || is_wildcard(text_[i]);
    }
    piece.text = text_.substr(begin, end - begin);
    return Done{};
  }

  // "{a,b{1,2}}" or "{01..12..3}" at `open`; returns what is behind the closing brace.
  Result<std::size_t> parse_braces(std::size_t open, std::size_t end, int depth, NamePiece& piece) {
    if (text_[open] == '}') return fail(open, "'}' without '{'");
    if (depth == kMaxDepth) return fail(open, "braces are nested too deeply");
    const std::string_view rest = text_.substr(0, end);
    const std::size_t first = rest.find_first_of(",{}", open + 1);
    if (rest.substr(0, first).find("..", open) != rest.npos && first < end && text_[first] == '}') {
      auto range = parse_range(open + 1, first, "..", "..");
      if (!range) return range.error();
      piece.numbers.push_back(*range);
      return first + 1;
    }
    int inside = 0;
    std::size_t begin = open + 1;
    for (std::size_t i = begin; i < end; ++i) {
      const char c = text_[i];
      if (c == '[') i = text_.find(']', i);
      if (c == '{') ++inside;
      if (inside == 0 && (c == ',' || c == '}')) {
        auto choice = parse_pattern(begin, i, depth + 1);
        if (!choice) return choice.error();
        piece.choices.push_back(std::move(*choice));
        begin = i + 1;
        if (c == '}') return i + 1;
      }
      if (c == '}') --inside;
    }
    return fail(open, "'{' is not closed");
  }

  Status parse_set(std::size_t begin, std::size_t end, NamePiece& piece) const {
    for (std::size_t item = begin;;) {
      const std::size_t stop = std::min(end, text_.find(',', item));
      auto range = parse_range(item, stop, "-", "/");
      if (!range) return range.error();
      piece.numbers.push_back(*range);
      if (stop == end) return Done{};
      item = stop + 1;
    }
  }

  // FIRST, FIRST `to` LAST, or FIRST `to` LAST `by` STEP.
  Result<NumberRange> parse_range(std::size_t at, std::size_t end, std::string_view to,
                                  std::string_view by) const {
    NumberRange range;
    const std::size_t begin = at;
    if (const auto ok = number(at, end, range.first); !ok) return ok.error();
    const std::size_t digits = at - begin;
    range.width = text_[begin] == '0' ? digits : 1;
    range.last = range.first;
    if (skip(at, end, to)) {
      const std::size_t last = at;
      if (const auto ok = number(at, end, range.last); !ok) return ok.error();
      if (range.last < range.first) return fail(last, "the range runs backwards");
      if (text_[last] == '0' && at - last > 1 && at - last != digits)
        return fail(last, "the ends of the range are padded differently");
      const std::size_t step = at + by.size();
      if (skip(at, end, by)) {
        if (const auto ok = number(at, end, range.step); !ok) return ok.error();
        if (range.step == 0) return fail(step, "the step is 0");
      }
    }
    if (at < end) return fail(at, "a number, '-', ',' or ']' is expected here");
    return range;
  }

  bool skip(std::size_t& at, std::size_t end, std::string_view sign) const {
    if (!text_.substr(at, end - at).starts_with(sign)) return false;
    at += sign.size();
    return true;
  }

  Status number(std::size_t& at, std::size_t end, std::uint64_t& value) const {
    const std::size_t begin = at;
    while (at < end && is_digit(text_[at])) ++at;
    if (at == begin) return fail(begin, "a number is expected here");
    if (at - begin > kMaxDigits) return fail(begin, "the number has more than 18 digits");
    std::from_chars(text_.data() + begin, text_.data() + at, value);
    return Done{};
  }

  const HostTerms& terms_;
  std::string_view text_;
  bool (*allowed_)(char) = host_char;
  bool wildcard_ = false;
};

// Cuts an expression into terms and their operators.
class Cutter {
 public:
  Cutter(const HostTerms& terms, std::string_view text) : terms_(terms), text_(text) {}

  Result<std::vector<HostTerm>> terms() {
    if (text_.size() > kMaxText) return terms_.fail(0, "is longer than 4 MiB");
    std::vector<HostTerm> out;
    while (true) {
      char op = skip_operators();
      if (at_ == text_.size()) {
        if (op != ',') return terms_.fail(at_, std::string("nothing follows '") + op + "'");
        return out;
      }
      // As pdsh has it: "-web3" and "-/regex/" leave hosts out of the whole list.
      if (op == ',' && text_[at_] == '-' && at_ + 1 < text_.size() && !is_separator(text_[at_ + 1])) {
        op = '-';
        ++at_;
      }
      auto term = next_term(op);
      if (!term) return term.error();
      term->op = op;
      out.push_back(std::move(*term));
    }
  }

 private:
  char skip_operators() {
    char op = ',';
    for (; at_ < text_.size(); ++at_) {
      if (is_operator(text_[at_]))
        op = text_[at_];
      else if (!is_separator(text_[at_]))
        break;
    }
    return op;
  }

  Result<HostTerm> next_term(char& op) {
    // As pdsh has it: "^/FILE", which no name can begin with.
    const bool caret = op == '^' || (op == '-' && text_[at_] == '^');
    const std::size_t path = text_[at_] == '^' ? at_ + 1 : at_;
    if (caret && begins_path(text_.substr(path))) {
      if (op == '^') op = ',';
      return file_term(path);
    }
    if (text_[at_] == '/') return regex_term();
    const auto end = term_end();
    if (!end) return end.error();
    auto term = TermParser(terms_, text_).parse(at_, *end);
    at_ = *end;
    return term;
  }

  static bool begins_path(std::string_view text) {
    return text.starts_with("/") || text.starts_with("./") || text.starts_with("../") ||
           text.starts_with("~/");
  }

  Result<HostTerm> file_term(std::size_t begin) {
    HostTerm term;
    term.column = begin;
    at_ = begin;
    while (at_ < text_.size() && !is_separator(text_[at_])) ++at_;
    term.file = text_.substr(begin, at_ - begin);
    return term;
  }

  // "/REGEX/" up to the next separator; the slash at its end may be left out.
  Result<HostTerm> regex_term() {
    HostTerm term;
    term.column = at_;
    const std::size_t begin = at_ + 1;
    std::size_t end = begin;
    while (end < text_.size() && text_[end] != '/' && !is_separator(text_[end])) ++end;
    term.regex = text_.substr(begin, end - begin);
    at_ = end < text_.size() && text_[end] == '/' ? end + 1 : end;
    if (term.regex.empty()) return terms_.fail(term.column, "the regular expression is empty");
    if (at_ < text_.size() && !is_separator(text_[at_]) && !is_operator(text_[at_]))
      return terms_.fail(at_, "',' is expected behind the regular expression");
    return term;
  }

  // The end of the term at at_: the next operator or separator outside brackets and braces.
  Result<std::size_t> term_end() const {
    std::size_t open = text_.npos;
    std::size_t braces = 0;
    std::size_t end = at_;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '[') {
        if (open != text_.npos) return terms_.fail(end, "'[' inside of '['");
        open = end;
      } else if (c == ']') {
        if (open == text_.npos) return terms_.fail(end, "']' without '['");
        open = text_.npos;
      } else if (c == '{' || c == '}') {
        if (open != text_.npos) return terms_.fail(end, "a brace inside of '['");
        if (c == '{') ++braces;
        if (c == '}' && braces > 0) --braces;
      } else if (open == text_.npos && braces == 0 && (is_operator(c) || is_separator(c))) {
        break;
      }
    }
    if (open != text_.npos) return terms_.fail(open, "'[' is not closed");
    return end;
  }

  const HostTerms& terms_;
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string padded(std::uint64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

using Emit = std::function<void(const std::string&)>;

void expand(std::span<const NamePiece> pieces, const std::string& before, const Emit& emit) {
  if (pieces.empty()) return emit(before);
  const NamePiece& piece = pieces.front();
  const auto rest = pieces.subspan(1);
  for (const NamePattern& choice : piece.choices)
    expand(choice, before, [&](const std::string& text) { expand(rest, text, emit); });
  for (const NumberRange& range : piece.numbers)
    for (std::uint64_t i = 0, value = range.first; i < range.count(); ++i, value += range.step)
      expand(rest, before + padded(value, range.width), emit);
  if (piece.choices.empty() && piece.numbers.empty()) expand(rest, before + piece.text, emit);
}

}  // namespace

std::uint64_t count_of(const NamePattern& pattern) {
  std::uint64_t product = 1;
  for (const NamePiece& piece : pattern) {
    if (piece.choices.empty() && piece.numbers.empty()) continue;
    std::uint64_t sum = 0;
    for (const NumberRange& range : piece.numbers) sum = saturating_sum(sum, range.count());
    for (const NamePattern& choice : piece.choices) sum = saturating_sum(sum, count_of(choice));
    product = saturating_product(product, sum);
  }
  return product;
}

std::vector<std::string> names_of(const NamePattern& pattern) {
  std::vector<std::string> names;
  expand(pattern, "", [&](const std::string& name) { names.push_back(name); });
  return names;
}

Result<std::vector<HostTerm>> HostTerms::parse() const {
  return Cutter(*this, text_).terms();
}

Error HostTerms::fail(std::size_t offset, const std::string& what) const {
  // A long text is shown around the place, so that the error stays one readable line.
  constexpr std::size_t kShown = 60;
  const std::size_t from = offset > kShown / 2 ? offset - kShown / 2 : 0;
  const bool cut = text_.size() > kShown;
  const std::string_view part = cut ? text_.substr(from, kShown) : text_;
  return {ErrorKind::config, "host expression '" + std::string(cut && from > 0 ? "…" : "") +
                                 sanitised(part) + (cut && from + kShown < text_.size() ? "…" : "") +
                                 "': column " + std::to_string(offset + 1) + ": " + what};
}

}  // namespace bdsh::config
