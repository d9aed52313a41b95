#include "consensus/masks.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "consensus/hash.hpp"
#include "consensus/mask_scanners.hpp"

namespace bdsh::consensus {
namespace {

constexpr char kOpen = '\x01';  // around a mask's name in a masked form: no logical line holds them
constexpr char kClose = '\x02';
constexpr std::size_t kMaxPattern = 1'000;
constexpr std::int64_t kPatternMemory = 1 << 20;  // of a compiled pattern

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

bool is_ipv4(std::string_view word) {
  return std::count(word.begin(), word.end(), '.') == 3 &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
}
bool is_ipv6(std::string_view word) {
  return std::count(word.begin(), word.end(), ':') >= 2 &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}
bool is_address(std::string_view word) {
  return is_ipv4(word) || is_ipv6(word);
}

// "deploy@[fe80::1]:2222" → "fe80::1", "web01:22" → "web01"
std::string_view bare(std::string_view word) {
  if (const std::size_t at = word.rfind('@'); at != std::string_view::npos)
    word.remove_prefix(at + 1);
  if (word.starts_with('[')) return word.substr(1, std::min(word.find(']'), word.size()) - 1);
  const std::size_t colon = word.find(':');
  if (colon != std::string_view::npos && word.find(':', colon + 1) == std::string_view::npos)
    return word.substr(0, colon);
  return word.substr(0, word.find('%'));  // fe80::1%eth0
}

// Words that mean each host to itself, and words too short to mean anything.
bool says_nothing(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kEverywhere = {
      "localhost", "localhost.localdomain", "127.0.0.1", "127.0.1.1", "::1", "0.0.0.0", "::"};
  return word.size() < 2 ||
         std::find(kEverywhere.begin(), kEverywhere.end(), word) != kEverywhere.end() ||
         (!is_address(word) && std::all_of(word.begin(), word.end(), is_digit));
}

// How a text or a word begins: its first letters and digits, and with `deep` what follows the
// first separator too, since addresses share their first number with many texts.
struct Head {
  std::uint64_t hash = 0;
  std::size_t length = 0;
};

Head head(std::string_view text, std::size_t at, bool deep) {
  Head result;
  const auto take = [&](char c) {
    result.hash = (result.hash ^ static_cast<unsigned char>(lower(c))) * 0x100'0000'01B3ULL;
    ++result.length;
  };
  for (; at < text.size() && is_word(text[at]); ++at) take(text[at]);
  if (deep && at < text.size()) {
    take(text[at++]);
    for (; at < text.size() && is_word(text[at]); ++at) take(text[at]);
  }
  return result;
}

bool same_ignoring_case(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

// Whether text[begin, end) stands alone as a name. A name with a digit in it (web01) may be part of
// a longer one (web01-vg, web01.example.com); one without (web, mail) may be an ordinary word, and
// must stand between blanks or signs that do not join words (mail.log, web-server, /etc/mail stay).
bool stands_alone(std::string_view text, std::size_t begin, std::size_t end, bool has_digit) {
  const auto joins = [&](std::size_t at, std::size_t beyond) {
    const char c = text[at];
    if (is_word(c)) return true;
    if (has_digit) return false;
    if (c == '-' || c == '/') return true;
    return c == '.' && beyond < text.size() && is_word(text[beyond]);
  };
  if (begin > 0 && joins(begin - 1, begin - 2)) return false;
  return end >= text.size() || !joins(end, end + 1);
}

bool address_stands_alone(std::string_view text, std::size_t begin, std::size_t end, bool v6) {
  const auto part = [&](char c) { return v6 ? is_hex(c) || c == ':' : is_digit(c); };
  if (begin > 0 && (part(text[begin - 1]) || text[begin - 1] == '.' || is_word(text[begin - 1])))
    return false;
  if (end >= text.size()) return true;
  if (text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1])) return false;
  return v6 ? !is_hex(text[end]) &&
                  !(text[end] == ':' && end + 1 < text.size() && is_hex(text[end + 1]))
            : !is_word(text[end]);
}

}  // namespace

const std::vector<std::string>& builtin_masks() {
  static const std::vector<std::string> kNames = {
      "host", "address", "time",    "duration", "pid", "port", "tmp",
      "uuid", "hash",    "percent", "spinner",  "mac", "load"};
  return kNames;
}

// --- own words
// --------------------------------------------------------------------------------------

OwnWords::OwnWords(const std::vector<std::string>& words) {
  const auto add = [this](std::string_view word) {
    std::string lowered(word);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
    if (!says_nothing(lowered) && std::find(words_.begin(), words_.end(), lowered) == words_.end())
      words_.push_back(std::move(lowered));
  };
  for (const std::string& word : words) {
    const std::string_view name = bare(word);
    add(name);
    if (!is_address(name)) add(name.substr(0, name.find('.')));
  }
  std::sort(words_.begin(), words_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  for (const std::string& word : words_) {
    starts_[static_cast<unsigned char>(word[0])] = true;
    if (word[0] >= 'a' && word[0] <= 'z') starts_[static_cast<unsigned char>(word[0] - 32)] = true;
  }
}

std::size_t OwnWords::match(std::string_view text, std::size_t at, Mask& mask) const {
  for (const std::string& word : words_) {
    if (!same_ignoring_case(text.substr(at, word.size()), word)) continue;
    const std::size_t end = at + word.size();
    const bool address = is_address(word);
    const bool alone =
        address ? address_stands_alone(text, at, end, is_ipv6(word))
                : stands_alone(text, at, end, std::any_of(word.begin(), word.end(), is_digit));
    if (!alone) continue;
    mask = address ? Mask::address : Mask::host;
    return word.size();
  }
  return 0;
}

void FleetWords::add(const OwnWords& own) {
  for (const std::string& word : own.words()) {
    if (!is_word(word[0])) any_ = true;
    const Head beginning = head(word, 0, is_address(word));
    heads_.insert(beginning.hash);
    lengths_[static_cast<unsigned char>(word[0])] |= length_bit(beginning.length);
  }
}

// Most words of a text are told apart by their first letter and length alone.
bool FleetWords::may_occur_in(std::string_view text) const {
  if (any_) return true;
  const auto known = [&](std::size_t at, const Head& beginning) {
    const std::uint64_t lengths = lengths_[static_cast<unsigned char>(lower(text[at]))];
    return (lengths & length_bit(beginning.length)) != 0 && heads_.contains(beginning.hash);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_word(text[at])) continue;
    const Head word = head(text, at, false);
    const std::size_t end = at + word.length;
    if (known(at, word)) return true;
    const bool deep = end < text.size() && (text[end] == '.' || text[end] == ':');
    if (deep && known(at, head(text, at, true))) return true;
    at = end;
  }
  return false;
}

// --- masks
// ------------------------------------------------------------------------------------------

struct Masks::User {
  std::string name;
  re2::RE2 pattern;
  bool enabled = true;
  User(const UserMask& mask, const re2::RE2::Options& options)
      : name(mask.name), pattern(mask.pattern, options) {}
};

Masks::Masks() {
  std::fill(std::begin(enabled_), std::end(enabled_), true);
}
Masks::~Masks() = default;
Masks::Masks(Masks&&) noexcept = default;
Masks& Masks::operator=(Masks&&) noexcept = default;

Status Masks::add(const UserMask& mask) {
  const auto bad = [&](const std::string& why) {
    return Error{ErrorKind::config, "mask '" + mask.name + "': " + why};
  };
  const bool named =
      !mask.name.empty() && std::all_of(mask.name.begin(), mask.name.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
      });
  if (!named) return bad("a name is made of a-z, 0-9, - and _");
  const std::vector<std::string> taken = names();
  if (std::find(taken.begin(), taken.end(), mask.name) != taken.end())
    return bad("the name is taken");
  if (mask.pattern.size() > kMaxPattern) return bad("the pattern is too long");
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  auto user = std::make_unique<User>(mask, options);
  if (!user->pattern.ok()) return bad(user->pattern.error());
  if (re2::RE2::FullMatch("", user->pattern)) return bad("the pattern matches nothing at all");
  users_.push_back(std::move(user));
  return Done{};
}

bool Masks::set_enabled(std::string_view name, bool enabled) {
  for (std::size_t i = 0; i < kBuiltinMasks; ++i)
    if (builtin_masks()[i] == name) return enabled_[i] = enabled, true;
  for (const auto& user : users_)
    if (user->name == name) return user->enabled = enabled, true;
  return false;
}

std::string_view Masks::name(std::uint16_t mask) const {
  return mask < kBuiltinMasks ? builtin_masks()[mask] : users_[mask - kBuiltinMasks]->name;
}

std::vector<std::string> Masks::names() const {
  std::vector<std::string> all = builtin_masks();
  for (const auto& user : users_) all.push_back(user->name);
  return all;
}

void Masks::find(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const {
  hits.clear();
  find_builtin(text, own, hits);
  if (!users_.empty()) find_users(text, hits);
}

void Masks::find_builtin(std::string_view text, const OwnWords& own,
                         std::vector<MaskHit>& hits) const {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool own_here = own.may_start_with(c);
    const bool token_here = may_start_token(c);
    if (!own_here && !token_here) {
      ++at;
      continue;
    }
    const Token found = token_at(text, at, own, own_here, token_here);
    if (found) {
      hits.push_back({found.begin, found.end, static_cast<std::uint16_t>(found.mask)});
      at = found.end;
    } else {
      ++at;
    }
    if (is_word(text[at - 1]))
      while (at < text.size() && is_word(text[at])) ++at;  // a token starts at a word's beginning
  }
}

Token Masks::token_at(std::string_view text, std::size_t at, const OwnWords& own, bool own_here,
                      bool token_here) const {
  Token found;
  if (own_here)
    if (const std::size_t length = own.match(text, at, found.mask)) {
      found.begin = at;
      found.end = at + length;
      if (enabled_[static_cast<std::size_t>(found.mask)]) return found;
    }
  if (!token_here) return {};
  found = scan_token(text, at);
  return found && enabled_[static_cast<std::size_t>(found.mask)] ? found : Token{};
}

// Users' masks go before the built-in ones where both match.
void Masks::find_users(std::string_view text, std::vector<MaskHit>& hits) const {
  for (std::size_t i = 0; i < users_.size(); ++i) {
    if (!users_[i]->enabled) continue;
    const auto mask = static_cast<std::uint16_t>(kBuiltinMasks + i);
    const int group = users_[i]->pattern.NumberOfCapturingGroups() > 0 ? 1 : 0;
    const re2::StringPiece whole(text.data(), text.size());
    re2::StringPiece found[2];
    for (std::size_t at = 0; at < text.size();) {
      if (!users_[i]->pattern.Match(whole, at, text.size(), re2::RE2::UNANCHORED, found, group + 1))
        break;
      const auto end_of_match = static_cast<std::size_t>(found[0].end() - text.data());
      const re2::StringPiece& part = found[group];
      if (!part.empty()) {
        const auto begin = static_cast<std::size_t>(part.data() - text.data());
        replace_overlapping(hits, {begin, begin + part.size(), mask});
      }
      at = std::max(end_of_match, at + 1);
    }
  }
  std::sort(hits.begin(), hits.end(),
            [](const MaskHit& a, const MaskHit& b) { return a.begin < b.begin; });
}

// An earlier user's mask stays; built-in ones give way.
void Masks::replace_overlapping(std::vector<MaskHit>& hits, const MaskHit& hit) {
  const auto overlaps = [&](const MaskHit& other) {
    return other.begin < hit.end && hit.begin < other.end;
  };
  const bool taken = std::any_of(hits.begin(), hits.end(), [&](const MaskHit& other) {
    return overlaps(other) && other.mask >= kBuiltinMasks;
  });
  if (taken) return;
  std::erase_if(hits, overlaps);
  hits.push_back(hit);
}

void Masks::masked_form(std::string_view text, const std::vector<MaskHit>& hits,
                        std::string& out) const {
  out.clear();
  std::size_t at = 0;
  for (const MaskHit& hit : hits) {
    out += text.substr(at, hit.begin - at);
    const std::size_t blanks = out.size() - (out.find_last_not_of(' ') + 1);
    out.resize(out.size() - blanks);
    if (blanks > 0 && !out.empty()) out += ' ';
    ((out += kOpen) += name(hit.mask)) += kClose;
    at = hit.end;
    if (at < text.size() && text[at] == ' ') {
      out += ' ';
      at = std::min(text.find_first_not_of(' ', at), text.size());
    }
  }
  out += text.substr(at);
}

bool Masks::may_become(std::string_view open, const OwnWords& own, std::string_view form) const {
  std::vector<MaskHit> hits;
  std::string begun;
  find(open, own, hits);
  masked_form(open, hits, begun);
  if (form.starts_with(begun)) return true;
  const std::string_view whole_words = open.substr(0, open.find_last_of(' ') + 1);
  find(whole_words, own, hits);
  masked_form(whole_words, hits, begun);
  if (!form.starts_with(begun)) return false;
  const std::string_view next_word =
      form.substr(begun.size(), form.find(' ', begun.size()) - begun.size());
  return next_word.find(kOpen) != std::string_view::npos;
}

}  // namespace bdsh::consensus
