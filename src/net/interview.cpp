#include "net/interview.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace bdsh::net {
namespace {

constexpr std::size_t kMostLines = 24;
constexpr std::size_t kLongestLine = 200;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool contains_any(const std::string& text, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

void add_lines(std::string_view text, std::size_t& room, std::string& into) {
  text = trimmed(text);
  while (!text.empty() && room > 0) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = sanitised(text.substr(0, end), kLongestLine);
    if (!into.empty()) into += '\n';
    into += line;
    --room;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

bool is_plain_password_prompt(std::string_view text) {
  std::string words = lower(trimmed(text));
  if (words.starts_with('(')) {  // what OpenSSH's client would put in front, sent by the server
    const std::size_t end = words.find(") ");
    if (end == std::string::npos) return false;
    words.erase(0, end + 2);
  }
  if (words.ends_with(':')) words.pop_back();
  const std::size_t owner = words.find("'s ");
  if (owner != std::string::npos && words.find(' ') > owner) words.erase(0, owner + 3);
  return words == "password";
}

bool asks_for_password(std::string_view text) {
  constexpr auto kPassword = std::to_array<const char*>(
      {"password", "passwort", "mot de passe", "contrase", "wachtwoord", "senha", "парол"});
  constexpr auto kOther = std::to_array<const char*>(
      {"one-time", "one time", "onetime", "otp", "token", "code", "verif", "passcode", "pin",
       "second", "factor", "new ", "neues", "retype", "re-enter", "repeat", "again", "current",
       "old ", "expired", "challenge", "response"});
  const std::string words = lower(text);
  return contains_any(words, kPassword) && !contains_any(words, kOther);
}

Interview::Interview(std::string user, Challenge challenge, bool again)
    : user_(std::move(user)), challenge_(std::move(challenge)), again_(again) {}

std::string Interview::says(const Challenge::Line& line) const {
  std::string text;
  std::size_t room = kMostLines;
  add_lines(challenge_.name, room, text);
  add_lines(challenge_.instruction, room, text);
  room = std::max<std::size_t>(room, 4);  // the question itself is never crowded out
  add_lines(line.text, room, text);
  return text;
}

std::optional<Prompt> Interview::next() const {
  if (answers_.size() >= challenge_.lines.size()) return {};
  const Challenge::Line& line = challenge_.lines[answers_.size()];
  const bool alone = challenge_.lines.size() == 1 && !line.echo;
  Prompt prompt;
  prompt.subject = user_;
  prompt.echo = line.echo;
  prompt.shared = alone && asks_for_password(line.text);
  const bool plain = prompt.shared && is_plain_password_prompt(line.text) &&
                     trimmed(challenge_.name).empty() && trimmed(challenge_.instruction).empty();
  prompt.kind = plain ? Prompt::Kind::password : Prompt::Kind::challenge;
  prompt.text = std::string(again_ ? "refused, again: " : "") +
                (prompt.shared ? "password for " : "answer for ") + user_;
  if (plain && again_) prompt.text = "wrong password, again for " + user_;
  if (!plain) prompt.says = says(line);
  return prompt;
}

}  // namespace bdsh::net
