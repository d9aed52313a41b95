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

// The rarest character of a word is looked for, with memchr; behind it the word is compared. Digits
// come before letters, which have two forms each.
std::size_t rarest(std::string_view word) {
  constexpr std::string_view kRareFirst = "9876543210zqxjkvywbfghpumdclrsniotae";
  const auto rank = [&](char c) { return std::min(kRareFirst.find(c), kRareFirst.size()); };
  return static_cast<std::size_t>(
      std::min_element(word.begin(), word.end(),
                       [&](char a, char b) { return rank(a) < rank(b); }) -
      word.begin());
}

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
    const std::size_t offset = rarest(word);
    add_anchor(word[offset], {i, offset});
    if (is_lower(word[offset])) add_anchor(static_cast<char>(word[offset] - 32), {i, offset});
  }
}

void OwnWords::add_anchor(char c, Place place) {
  const auto known = std::find_if(anchors_.begin(), anchors_.end(),
                                  [&](const Anchor& anchor) { return anchor.letter == c; });
  (known != anchors_.end() ? *known : anchors_.emplace_back(Anchor{c, {}})).places.push_back(place);
}

void OwnWords::find(std::string_view text, std::vector<MaskHit>& hits) const {
  const auto before = static_cast<std::ptrdiff_t>(hits.size());
  for (const Anchor& anchor : anchors_)
    for (std::size_t at = text.find(anchor.letter); at != std::string_view::npos;
         at = text.find(anchor.letter, at + 1))
      for (const Place& place : anchor.places)
        if (const Token found = match(text, at, place))
          hits.push_back({found.begin, found.end, static_cast<std::uint16_t>(found.mask)});
  if (static_cast<std::ptrdiff_t>(hits.size()) > before + 1) put_in_order(hits, before);
}

// Of words that overlap the first one counts, and of those the longest.
void OwnWords::put_in_order(std::vector<MaskHit>& hits, std::ptrdiff_t from) {
  std::sort(hits.begin() + from, hits.end(), [](const MaskHit& a, const MaskHit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t free = 0;
  const auto overlaps = [&](const MaskHit& hit) {
    if (hit.begin < free) return true;
    free = hit.end;
    return false;
  };
  hits.erase(std::remove_if(hits.begin() + from, hits.end(), overlaps), hits.end());
}

// The own word whose anchor is at `at`, if it stands there as a whole.
Token OwnWords::match(std::string_view text, std::size_t at, Place place) const {
  const Word& word = own_[place.word];
  if (at < place.offset) return {};
  const std::size_t begin = at - place.offset;
  if (!same_ignoring_case(text.substr(begin, word.size), words_[word.index])) return {};
  const std::size_t end = begin + word.size;
  const bool alone = word.address ? address_stands_alone(text, begin, end, word.v6)
                                  : stands_alone(text, begin, end, word.digit);
  if (!alone) return {};
  return {begin, end, word.address ? Mask::address : Mask::host};
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
