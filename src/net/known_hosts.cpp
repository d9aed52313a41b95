#include "net/known_hosts.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/text.hpp"
#include "net/digest.hpp"
#include "net/wire.hpp"

namespace bdsh::net {
namespace {

// Takes the next word off a line; empty at its end.
std::string_view take_word(std::string_view& line) {
  const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(start);
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// Greedy with one point to return to: linear in practice, at most quadratic.
bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

struct HashedName {
  std::string salt;
  std::string hash;
};

std::optional<HashedName> parse_hashed(std::string_view name) {
  if (!name.starts_with("|1|")) return {};
  name.remove_prefix(3);
  const std::size_t bar = name.find('|');
  if (bar == std::string_view::npos) return {};
  auto salt = from_base64(name.substr(0, bar));
  auto hash = from_base64(name.substr(bar + 1));
  if (!salt || !hash || hash->size() != 20) return {};
  return HashedName{std::move(*salt), std::move(*hash)};
}

}  // namespace

std::string HostKey::describe() const { return type + " " + fingerprint(blob); }

std::string_view key_type(std::string_view blob) {
  std::string_view type;
  take_string(blob, type);
  return type;
}

std::string describe_key(std::string_view blob) {
  const std::string_view type = key_type(blob);
  return type.empty() ? "" : HostKey{std::string(type), std::string(blob)}.describe();
}

std::string host_name(const std::string& host, std::uint16_t port) {
  const std::string name = lower(host);
  return port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

bool matches_patterns(std::string_view list, std::string_view name) {
  bool matched = false;
  bool excluded = false;
  for_each_name(list, [&](std::string_view pattern) {
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (matches_glob(lower(pattern), name)) (negated ? excluded : matched) = true;
  });
  return matched && !excluded;
}

std::string known_hosts_line(const std::string& name, const HostKey& key, bool hashed) {
  std::string shown = name;
  if (hashed) {
    const std::string salt = random_bytes(20);
    shown = "|1|" + to_base64(salt) + "|" + to_base64(hmac_sha1(salt, name));
  }
  return shown + " " + key.type + " " + to_base64(key.blob) + "\n";
}

void KnownHosts::add(const std::string& file, std::string_view text) {
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    if (!add_line(file, number, line)) ++skipped_;
  }
}

bool KnownHosts::add_line(const std::string& file, int number, std::string_view line) {
  found_.clear();
  Entry entry;
  std::string_view names = take_word(line);
  if (names.starts_with('@')) {
    if (names != "@revoked" && names != "@cert-authority") return false;
    entry.mark = names == "@revoked" ? Mark::revoked : Mark::authority;
    names = take_word(line);
  }
  const std::string_view type = take_word(line);
  auto blob = from_base64(take_word(line));
  if (!blob) return false;
  entry.known = {{std::string(type), std::move(*blob)}, file, number};
  if (type.empty() || key_type(entry.known.key.blob) != type || !index_names(names, entries_.size())) return false;
  has_authorities_ = has_authorities_ || entry.mark == Mark::authority;
  entries_.push_back(std::move(entry));
  return true;
}

void KnownHosts::add_key(const std::string& name, HostKey key, const std::string& file, int line) {
  found_.erase(name);
  plain_.emplace(name, entries_.size());
  entries_.push_back({{std::move(key), file, line}, Mark::none});
}

bool KnownHosts::index_names(std::string_view names, std::size_t entry) {
  if (names.starts_with('|')) {
    auto hashed = parse_hashed(names);
    std::array<unsigned char, 20> hash{};
    if (!hashed || hashed->hash.size() != hash.size()) return false;
    std::copy(hashed->hash.begin(), hashed->hash.end(), hash.begin());
    hashed_.push_back({HmacSha1(hashed->salt), hash, entry});
    return true;
  }
  if (names.find_first_of("*?!") != std::string_view::npos) {
    patterns_.push_back({std::string(names), entry});
    return true;
  }
  for_each_name(names, [&](std::string_view name) { plain_.emplace(lower(name), entry); });
  return !names.empty();
}

const std::vector<std::size_t>& KnownHosts::matching(const std::string& name) const {
  const auto known = found_.find(name);
  return known != found_.end() ? known->second : found_.emplace(name, search(name)).first->second;
}

std::vector<std::size_t> KnownHosts::search(const std::string& name) const {
  std::vector<std::size_t> found;
  const auto [from, to] = plain_.equal_range(name);
  for (auto at = from; at != to; ++at) found.push_back(at->second);
  for (const Hashed& hashed : hashed_)
    if (hashed.salted.of(name) == hashed.hash) found.push_back(hashed.entry);
  for (const Patterns& patterns : patterns_)
    if (matches_patterns(patterns.list, name)) found.push_back(patterns.entry);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

KeyCheck KnownHosts::check(const std::string& name, const HostKey& offered) const {
  KeyCheck result;
  for (const std::size_t at : matching(name)) {
    const Entry* entry = &entries_[at];
    const bool same = entry->known.key == offered;
    if (same && entry->mark == Mark::revoked) return {HostKeyVerdict::revoked, {entry->known}};
    if (entry->mark != Mark::none) continue;
    if (same) result.verdict = HostKeyVerdict::known;
    result.known.push_back(entry->known);
  }
  // A key of another type than the known ones is a change too: the types that are known were
  // asked for first, so the server no longer has any of them.
  if (result.verdict == HostKeyVerdict::unknown && !result.known.empty())
    result.verdict = HostKeyVerdict::changed;
  if (result.verdict == HostKeyVerdict::known) result.known.clear();
  return result;
}

std::vector<std::string> KnownHosts::known_types(const std::string& name) const {
  std::vector<std::string> types;
  for (const std::size_t at : matching(name)) {
    const Entry& entry = entries_[at];
    if (entry.mark == Mark::none &&
        std::find(types.begin(), types.end(), entry.known.key.type) == types.end())
      types.push_back(entry.known.key.type);
  }
  return types;
}

std::vector<KnownKey> KnownHosts::authorities(const std::string& name) const {
  std::vector<KnownKey> found;
  if (!has_authorities_) return found;
  for (const std::size_t at : matching(name))
    if (entries_[at].mark == Mark::authority) found.push_back(entries_[at].known);
  return found;
}

}  // namespace bdsh::net
