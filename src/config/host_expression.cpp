#include "config/host_expression.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "config/wildcard.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kMaxText = 4U << 20U;  // of an expression
constexpr std::size_t kMaxHostName = 255;    // RFC 1035 §2.3.4
constexpr std::size_t kMaxSelections = 100;  // "!", "&" and "^" steps: each passes over all hosts
constexpr std::size_t kMaxDigits = 18;       // fits 64 bits

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t step = 1;
  std::size_t width = 1;  // padded with zeros to this
  std::uint64_t count() const { return (last - first) / step + 1; }
};

struct Segment {
  std::string text;
  std::vector<Range> set;  // empty: `text` stands for itself
};

struct Term {
  char op = ',';
  std::size_t column = 0;
  std::string group;  // not empty: "@group", and nothing else is set
  std::string user;
  std::vector<Segment> host;
  std::optional<std::uint16_t> port;
  bool wildcard = false;
};

bool is_operator(char c) {
  return c == '!' || c == '&' || c == '^';
}
bool is_separator(char c) {
  return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool host_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte >= 0x80 ||
         std::string_view(".-_+").find(c) != std::string_view::npos;
}

bool user_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F &&
         std::string_view("'`\";&<>|(){}$").find(c) == std::string_view::npos;
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

// How many hosts a term stands for; saturates.
std::uint64_t count_of(const Term& term) {
  std::uint64_t product = 1;
  for (const Segment& segment : term.host) {
    if (segment.set.empty()) continue;
    std::uint64_t sum = 0;
    for (const Range& range : segment.set)
      if (__builtin_add_overflow(sum, range.count(), &sum)) sum = UINT64_MAX;
    product = saturating_product(product, sum);
  }
  return product;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

// Turns text into terms. One pass; `failed` keeps the first error.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Term>> terms() {
    if (text_.size() > kMaxText) return fail(0, "is longer than 4 MiB");
    std::vector<Term> out;
    while (true) {
      const char op = skip_operators();
      if (at_ == text_.size()) {
        if (op != ',') return fail(at_, std::string("nothing follows '") + op + "'");
        return out;
      }
      const auto end = term_end();
      if (!end) return end.error();
      auto term = parse_term(at_, *end);
      if (!term) return term.error();
      term->op = op;
      out.push_back(std::move(*term));
      at_ = *end;
    }
  }

  Error fail(std::size_t offset, const std::string& what) const {
    // A long text is shown around the place, so that the error stays one readable line.
    constexpr std::size_t kShown = 60;
    const std::size_t from = offset > kShown / 2 ? offset - kShown / 2 : 0;
    const bool cut = text_.size() > kShown;
    const std::string_view part = cut ? text_.substr(from, kShown) : text_;
    return {ErrorKind::config, "host expression '" + std::string(cut && from > 0 ? "…" : "") +
                                   sanitised(part) +
                                   (cut && from + kShown < text_.size() ? "…" : "") + "': column " +
                                   std::to_string(offset + 1) + ": " + what};
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

  // The end of the term at at_: the next operator or separator outside brackets.
  Result<std::size_t> term_end() const {
    std::size_t open = text_.npos;
    std::size_t end = at_;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (c == '[') {
        if (open != text_.npos) return fail(end, "'[' inside of '['");
        open = end;
      } else if (c == ']') {
        if (open == text_.npos) return fail(end, "']' without '['");
        open = text_.npos;
      } else if (open == text_.npos && (is_operator(c) || is_separator(c))) {
        break;
      }
    }
    if (open != text_.npos) return fail(open, "'[' is not closed");
    return end;
  }

  Result<Term> parse_term(std::size_t begin, std::size_t end) {
    Term term;
    term.column = begin;
    if (text_[begin] == '@') {
      term.group = text_.substr(begin + 1, end - begin - 1);
      if (term.group.empty()) return fail(begin, "'@' is not followed by a group's name");
      return term;
    }
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

  Status check_user(std::size_t begin, const std::string& user) const {
    if (user.front() == '-') return fail(begin, "a user may not begin with '-'");
    for (std::size_t i = 0; i < user.size(); ++i)
      if (!user_char(user[i])) return fail(begin + i, "a user may not hold this character");
    return Done{};
  }

  Status parse_address(std::size_t begin, std::size_t end, Term& term) {
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

  Status add_ipv6(std::size_t begin, std::size_t end, Term& term) const {
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
    term.host.push_back({std::string(text_.substr(begin, end - begin)), {}});
    return Done{};
  }

  Status parse_port(std::size_t begin, std::size_t end, Term& term) const {
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

  Status parse_host(std::size_t begin, std::size_t end, Term& term) {
    if (begin == end) return fail(begin, "a host is missing");
    if (text_[begin] == '-') return fail(begin, "a host may not begin with '-'");
    std::size_t literal_bytes = 0;
    for (std::size_t i = begin; i < end;) {
      if (text_[i] == '[') {
        const std::size_t close = text_.find(']', i);
        if (const auto ok = parse_set(i + 1, close, term); !ok) return ok;
        i = close + 1;
        continue;
      }
      const std::size_t stop = std::min(end, text_.find('[', i));
      if (const auto ok = parse_literal(i, stop, term); !ok) return ok;
      literal_bytes += stop - i;
      i = stop;
    }
    if (literal_bytes + term.host.size() > kMaxHostName)
      return fail(begin, "a host name is longer than 255 characters");
    return Done{};
  }

  Status parse_literal(std::size_t begin, std::size_t end, Term& term) const {
    for (std::size_t i = begin; i < end; ++i) {
      const bool wild = text_[i] == '*' || text_[i] == '?';
      if (!wild && !host_char(text_[i])) return fail(i, "a host may not hold this character");
      term.wildcard = term.wildcard || wild;
    }
    term.host.push_back({std::string(text_.substr(begin, end - begin)), {}});
    return Done{};
  }

  Status parse_set(std::size_t begin, std::size_t end, Term& term) const {
    Segment segment;
    for (std::size_t item = begin;;) {
      const std::size_t stop = std::min(end, text_.find(',', item));
      auto range = parse_range(item, stop);
      if (!range) return range.error();
      segment.set.push_back(*range);
      if (stop == end) break;
      item = stop + 1;
    }
    term.host.push_back(std::move(segment));
    return Done{};
  }

  Result<Range> parse_range(std::size_t at, std::size_t end) const {
    Range range;
    const std::size_t begin = at;
    if (const auto ok = number(at, end, range.first); !ok) return ok.error();
    const std::size_t digits = at - begin;
    range.width = text_[begin] == '0' ? digits : 1;
    range.last = range.first;
    if (at < end && text_[at] == '-') {
      const std::size_t last = ++at;
      if (const auto ok = number(at, end, range.last); !ok) return ok.error();
      if (range.last < range.first) return fail(last, "the range runs backwards");
      if (at < end && text_[at] == '/') {
        const std::size_t step = ++at;
        if (const auto ok = number(at, end, range.step); !ok) return ok.error();
        if (range.step == 0) return fail(step, "the step is 0");
      }
    }
    if (at < end) return fail(at, "a number, '-', ',' or ']' is expected here");
    return range;
  }

  Status number(std::size_t& at, std::size_t end, std::uint64_t& value) const {
    const std::size_t begin = at;
    while (at < end && is_digit(text_[at])) ++at;
    if (at == begin) return fail(begin, "a number is expected here");
    if (at - begin > kMaxDigits) return fail(begin, "the number has more than 18 digits");
    std::from_chars(text_.data() + begin, text_.data() + at, value);
    return Done{};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string padded(std::uint64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// Calls visit(Target) for each host of the term; the last set varies fastest.
template <typename Visit>
void expand_term(const Term& term, std::string& host, std::size_t at, Visit&& visit) {
  if (at == term.host.size()) {
    visit(Target{term.user, host, term.port});
    return;
  }
  const std::size_t length = host.size();
  const Segment& segment = term.host[at];
  if (segment.set.empty()) {
    host += segment.text;
    expand_term(term, host, at + 1, visit);
  }
  for (const Range& range : segment.set)
    for (std::uint64_t i = 0, value = range.first; i < range.count(); ++i, value += range.step) {
      host.resize(length);
      host += padded(value, range.width);
      expand_term(term, host, at + 1, visit);
    }
  host.resize(length);
}

std::string key_of(const Target& target) {
  return target.user + '@' + target.host + ':' + std::to_string(target.port.value_or(0));
}

// The hosts found so far, in order and without duplicates.
class Collection {
 public:
  void add(const Target& target) {
    if (keys_.insert(key_of(target)).second) hosts_.push_back(target);
  }
  void keep(const HostFilter& filter, bool matching) {
    std::erase_if(hosts_, [&](const Target& t) {
      const bool drop = filter.matches(t) != matching;
      if (drop) keys_.erase(key_of(t));
      return drop;
    });
  }
  void add_or_drop(const std::vector<Target>& others) {
    std::unordered_set<std::string> both;
    std::vector<Target> fresh;
    for (const Target& t : others)
      if (keys_.count(key_of(t)) != 0)
        both.insert(key_of(t));
      else
        fresh.push_back(t);
    std::erase_if(hosts_, [&](const Target& t) { return both.count(key_of(t)) != 0; });
    for (const std::string& key : both) keys_.erase(key);
    for (const Target& t : fresh) add(t);
  }
  std::vector<Target> take() { return std::move(hosts_); }

 private:
  std::vector<Target> hosts_;
  std::unordered_set<std::string> keys_;
};

Error too_many(const Parser& parser, const Term& term, std::uint64_t count) {
  const std::string number =
      count == UINT64_MAX ? "far more than " + grouped(kMaxHosts) : grouped(count);
  return parser.fail(term.column, "expands to " + number + " hosts; at most " + grouped(kMaxHosts) +
                                      " are possible");
}

// Evaluates terms, counting before it expands.
class Evaluator {
 public:
  Evaluator(const Parser& parser, const GroupLookup& groups) : parser_(parser), groups_(groups) {}

  Result<std::vector<Target>> hosts_of(const Term& term) {
    std::vector<Target> out;
    if (!term.group.empty()) {
      if (!groups_) return parser_.fail(term.column, "groups cannot be named here");
      auto found = groups_(term.group);
      if (!found) return parser_.fail(term.column, found.error().message);
      if (const auto ok = charge(term, found->size()); !ok) return ok.error();
      return found;
    }
    if (const auto ok = charge(term, count_of(term)); !ok) return ok.error();
    std::string host;
    expand_term(term, host, 0, [&](Target target) { out.push_back(std::move(target)); });
    return out;
  }

  Status select(const Term& term, HostFilter& filter) {
    auto hosts = hosts_of(term);
    if (!hosts) return hosts.error();
    for (Target& target : *hosts) filter.add(std::move(target));
    return Done{};
  }

  Status combine(const Term& term, Collection& all) {
    if ((term.op == ',' || term.op == '^') && term.wildcard)
      return parser_.fail(term.column, "a wildcard only selects: after '!' or '&', or with -x");
    if (term.op == ',' || term.op == '^') {
      auto hosts = hosts_of(term);
      if (!hosts) return hosts.error();
      if (term.op == '^')
        all.add_or_drop(*hosts);
      else
        for (const Target& target : *hosts) all.add(target);
      return Done{};
    }
    HostFilter filter;
    if (const auto ok = select(term, filter); !ok) return ok;
    all.keep(filter, term.op == '&');
    return Done{};
  }

 private:
  Status charge(const Term& term, std::uint64_t count) {
    if (count > kMaxHosts - used_)
      return too_many(parser_, term, count + (count == UINT64_MAX ? 0 : used_));
    used_ += count;
    return Done{};
  }
  const Parser& parser_;
  const GroupLookup& groups_;
  std::uint64_t used_ = 0;
};

}  // namespace

Result<std::vector<Target>> expand_hosts(std::string_view expression, const GroupLookup& groups) {
  Parser parser(expression);
  const auto terms = parser.terms();
  if (!terms) return terms.error();
  Evaluator evaluator(parser, groups);
  Collection all;
  std::size_t selections = 0;
  for (const Term& term : *terms) {
    if (term.op != ',' && ++selections > kMaxSelections)
      return parser.fail(term.column, "more than 100 of '!', '&' and '^'");
    if (const auto ok = evaluator.combine(term, all); !ok) return ok.error();
  }
  return all.take();
}

std::string expression_of(const Target& target) {
  std::string out = target.user.empty() ? "" : target.user + "@";
  const bool ipv6 = target.host.find(':') != std::string::npos;
  out += ipv6 ? "[" + target.host + "]" : target.host;
  return target.port ? out + ":" + std::to_string(*target.port) : out;
}

Result<HostFilter> HostFilter::parse(std::string_view expression, const GroupLookup& groups) {
  Parser parser(expression);
  const auto terms = parser.terms();
  if (!terms) return terms.error();
  Evaluator evaluator(parser, groups);
  HostFilter filter;
  for (const Term& term : *terms) {
    if (term.op != ',') return parser.fail(term.column - 1, "only ',' is possible here");
    if (const auto ok = evaluator.select(term, filter); !ok) return ok.error();
  }
  return filter;
}

void HostFilter::add(Target target) {
  if (has_wildcard(target.host))
    patterns_.push_back(std::move(target));
  else
    exact_[target.host].push_back({std::move(target.user), target.port});
}

bool HostFilter::admits(const Wanted& wanted, std::string_view user,
                        std::optional<std::uint16_t> port) {
  return (wanted.user.empty() || wanted.user == user) && (!wanted.port || wanted.port == port);
}

bool HostFilter::matches(std::string_view user, std::string_view host,
                         std::optional<std::uint16_t> port) const {
  if (const auto found = exact_.find(std::string(host)); found != exact_.end())
    for (const Wanted& wanted : found->second)
      if (admits(wanted, user, port)) return true;
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Target& pattern) {
    return admits({pattern.user, pattern.port}, user, port) && wildcard_match(pattern.host, host);
  });
}

}  // namespace bdsh::config
