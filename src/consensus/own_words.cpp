#include "consensus/own_words.hpp"

#include <algorithm>
#include <array>

#include "consensus/mask_cursor.hpp"

namespace bdsh::consensus {
namespace {

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

// Where a text has one of a few letters, in order: memchr passes over what is between.
class Beginnings {
 public:
  Beginnings(std::string_view text, std::string_view letters) : text_(text), letters_(letters) {}

  // The first at or behind `at`, which never goes back; the text's size when there is none.
  std::size_t from(std::size_t at) {
    std::size_t first = text_.size();
    for (std::size_t i = 0; i < letters_.size(); ++i) {
      std::size_t spare = at;  // beyond the letters whose place is remembered
      std::size_t& next = i < next_.size() ? next_[i] : spare;
      if (next <= at) next = std::min(text_.find(letters_[i], at), text_.size());
      first = std::min(first, next);
    }
    return first;
  }

 private:
  std::string_view text_;
  std::string_view letters_;
  std::array<std::size_t, 8> next_{};
};

}  // namespace

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
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const std::string& word = words_[i];
    own_.push_back({i, word.size(), is_address(word), is_ipv6(word),
                    std::any_of(word.begin(), word.end(), is_digit)});
    add_start(word[0]);
    if (word[0] >= 'a' && word[0] <= 'z') add_start(static_cast<char>(word[0] - 32));
  }
}

void OwnWords::add_start(char c) {
  if (starts_.find(c) == std::string::npos) starts_ += c;
}

void OwnWords::find(std::string_view text, std::vector<MaskHit>& hits) const {
  Beginnings beginnings(text, starts_);
  for (std::size_t at = beginnings.from(0); at < text.size();) {
    const bool inside = at > 0 && is_word(text[at]) && is_word(text[at - 1]);
    const Token found = inside ? Token{} : match(text, at);
    if (found) hits.push_back({found.begin, found.end, static_cast<std::uint16_t>(found.mask)});
    at = beginnings.from(found ? found.end : at + 1);
  }
}

// The longest own word that starts at `at` and stands there as a whole.
Token OwnWords::match(std::string_view text, std::size_t at) const {
  for (const Word& word : own_) {
    if (!same_ignoring_case(text.substr(at, word.size), words_[word.index])) continue;
    const std::size_t end = at + word.size;
    const bool alone = word.address ? address_stands_alone(text, at, end, word.v6)
                                    : stands_alone(text, at, end, word.digit);
    if (alone) return {at, end, word.address ? Mask::address : Mask::host};
  }
  return {};
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

}  // namespace bdsh::consensus
