#include "consensus/learned_names.hpp"

#include <algorithm>
#include <utility>

#include "consensus/mask_cursor.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kLongest = 255;

bool name_char(char c) {
  return is_word(c) || c == '-' || c == '.';
}

bool has_digit(std::string_view word) {
  return std::any_of(word.begin(), word.end(), is_digit);
}

// "bash-5.1", "sh-5.2.15": a program and its version, which a shell without a prompt of its own
// shows.
bool is_version(std::string_view word) {
  const std::size_t dash = word.rfind('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view version = word.substr(dash + 1);
  return version.find('.') != std::string_view::npos &&
         std::all_of(version.begin(), version.end(),
                     [](char c) { return is_digit(c) || c == '.'; });
}

struct Found {
  std::string word;  // empty: none
  bool behind_user = false;
};

std::string name_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && name_char(text[end])) ++end;
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  std::string word(text.substr(begin, end - begin));
  std::transform(word.begin(), word.end(), word.begin(), lower);
  const bool number =
      std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
  return word.size() < 2 || word.size() > kLongest || number || is_version(word) ? "" : word;
}

// "[root@db7 ~]#", "(venv) amy@db7:~$" → db7 behind its user; "db7:~ #", "db7>" → db7 in front.
Found name_in(std::string_view text, std::string_view ends) {
  const std::size_t sign = text.find('@');
  if (sign != std::string_view::npos && sign > 0 && name_char(text[sign - 1]))
    return {name_at(text, sign + 1), true};
  const std::size_t begin = text.starts_with('[') ? 1 : 0;
  std::size_t end = begin;
  while (end < text.size() && name_char(text[end])) ++end;
  const bool bracketed = begin > 0 && end < text.size() && text[end] == ' ';  // [db7 ~]#
  if (end >= text.size() || (!bracketed && ends.find(text[end]) == std::string_view::npos))
    return {};
  return {name_at(text, begin), false};
}

}  // namespace

bool LearnedNames::Evidence::enough() const {
  const int sources = (prompts > 0 ? 1 : 0) + (title ? 1 : 0) + (url ? 1 : 0);
  return sources > 1 || (telling && prompts > 1);
}

LearnedNames::Evidence* LearnedNames::evidence(HostId host, const std::string& word) {
  Words& words = hosts_[host.value].words;
  if (word.empty() || (words.size() >= kMaxWords && !words.contains(word))) return nullptr;
  claims_[word].add(host);
  return &words[word];
}

void LearnedNames::on_prompt(HostId host, std::uint64_t line, std::string_view prompt) {
  const Found found = name_in(prompt, ":>#$%");
  Evidence* known = evidence(host, found.word);
  if (known == nullptr || (known->prompts > 0 && known->last_line == line)) return;
  known->telling |= found.behind_user || has_digit(found.word);
  known->last_line = line;
  if (known->prompts < 2) ++known->prompts;
  judge(found.word);
}

void LearnedNames::on_title(HostId host, std::string_view title) {
  const Found found = name_in(title, ":");
  if (Evidence* known = evidence(host, found.word)) {
    known->title = true;
    judge(found.word);
  }
}

void LearnedNames::on_url_host(HostId host, std::string_view name) {
  const std::string word = name_at(name, 0);
  if (Evidence* known = evidence(host, word)) {
    known->url = true;
    judge(word);
  }
}

// Whose name the word is now: of the one host that shows it, if that says it well enough.
void LearnedNames::judge(const std::string& word) {
  const HostSet& claims = claims_[word];
  const bool alone = claims.size() == 1;
  claims.for_each([&](HostId id) {
    Host& host = hosts_[id.value];
    const bool is_name = alone && host.words[word].enough();
    const auto at = std::lower_bound(host.names.begin(), host.names.end(), word);
    const bool was_name = at != host.names.end() && *at == word;
    if (is_name == was_name) return;
    if (is_name)
      host.names.insert(at, word);
    else
      host.names.erase(at);
    changed_.add(id);
  });
}

std::vector<std::string> LearnedNames::names(HostId host) const {
  return hosts_[host.value].names;
}

HostSet LearnedNames::take_changed() {
  return std::exchange(changed_, {});
}

}  // namespace bdsh::consensus
