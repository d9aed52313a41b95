#include "consensus/masks.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "consensus/mask_cursor.hpp"
#include "consensus/mask_scanners.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxPattern = 1'000;
constexpr std::int64_t kPatternMemory = 1 << 20;  // of a compiled pattern

}  // namespace

const std::vector<std::string>& builtin_masks() {
  static const std::vector<std::string> kNames = {
      "host", "address", "time",    "duration", "pid",  "port", "tmp",  "uuid",
      "hash", "percent", "spinner", "mac",      "load", "rate", "usage"};
  return kNames;
}

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

bool Masks::enabled(std::string_view name) const {
  for (std::size_t i = 0; i < kBuiltinMasks; ++i)
    if (builtin_masks()[i] == name) return enabled_[i];
  return std::any_of(users_.begin(), users_.end(),
                     [&](const auto& user) { return user->name == name && user->enabled; });
}

std::string_view Masks::name(std::uint16_t mask) const {
  return mask < kBuiltinMasks ? builtin_masks()[mask] : users_[mask - kBuiltinMasks]->name;
}

std::vector<std::string> Masks::names() const {
  std::vector<std::string> all = builtin_masks();
  for (const auto& user : users_) all.push_back(user->name);
  return all;
}

bool Masks::find_own(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const {
  hits.clear();
  own.find(text, hits);
  std::erase_if(hits, [&](const MaskHit& hit) { return !enabled_[hit.mask]; });
  return !hits.empty();
}

void Masks::mark_own(std::string_view text, const std::vector<MaskHit>& own_hits,
                     std::string& marked) const {
  marked.clear();
  std::size_t at = 0;
  for (const MaskHit& hit : own_hits) {
    marked.append(text, at, hit.begin - at);
    append_mark(hit.mask, marked);
    at = hit.end;
  }
  marked.append(text, at);
}

void Masks::append_mark(std::uint16_t mask, std::string& out) const {
  ((out += kOpenMask) += name(mask)) += kCloseMask;
}

void Masks::find(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const {
  std::string marked;
  std::vector<MaskHit> own_hits;
  const bool any = find_own(text, own, own_hits);
  if (any) mark_own(text, own_hits, marked);
  find_marked(any ? std::string_view(marked) : text, own_hits, hits);
  if (!users_.empty()) find_users(text, hits);
}

void Masks::find_marked(std::string_view marked, const std::vector<MaskHit>& own_hits,
                        std::vector<MaskHit>& hits) const {
  hits.clear();
  find_builtin(marked, hits);
  if (!own_hits.empty()) unmark(own_hits, hits);
}

// From places in the marked text to places in the line; own words inside another hit are part of
// it.
void Masks::unmark(const std::vector<MaskHit>& own_hits, std::vector<MaskHit>& hits) const {
  std::vector<MaskHit> all;
  auto own = own_hits.begin();
  std::size_t in_marks = 0;  // bytes of the marked text up to here that are marks,
  std::size_t in_words = 0;  // and of the line that are the words they stand for
  const auto pass_until = [&](std::size_t marked, bool keep) {
    for (; own != own_hits.end() && own->begin - in_words + in_marks < marked; ++own) {
      if (keep) all.push_back(*own);
      in_words += own->end - own->begin;
      in_marks += name(own->mask).size() + 2;
    }
  };
  for (const MaskHit& hit : hits) {
    pass_until(hit.begin, true);
    const std::size_t begin = hit.begin - in_marks + in_words;
    pass_until(hit.end, false);
    all.push_back({begin, hit.end - in_marks + in_words, hit.mask});
  }
  all.insert(all.end(), own, own_hits.end());
  hits = std::move(all);
}

void Masks::find_builtin(std::string_view text, std::vector<MaskHit>& hits) const {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == kOpenMask) at = std::min(text.find(kCloseMask, at), text.size() - 1);
    if (!may_start_token(text[at])) {
      ++at;
      continue;
    }
    const Token found = scan_token(text, at);
    if (found && enabled_[static_cast<std::size_t>(found.mask)]) {
      hits.push_back({found.begin, found.end, static_cast<std::uint16_t>(found.mask)});
      at = found.end;
    } else {
      ++at;
    }
    if (is_word(text[at - 1]))
      while (at < text.size() && is_word(text[at])) ++at;  // a token starts at a word's beginning
  }
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
    append_mark(hit.mask, out);
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
  return next_word.find(kOpenMask) != std::string_view::npos;
}

}  // namespace bdsh::consensus
