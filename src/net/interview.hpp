// A server's keyboard-interactive questions (RFC 4256), asked one at a time. Pure.
//
// The words are the server's, and a server may say anything: they are sanitised, bounded and kept
// apart from this program's own. Only one hidden question that asks for a password may be answered
// by what was typed for other hosts; everything else (one-time codes, menus, new passwords) is asked
// for each host by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host_status.hpp"
#include "core/secret.hpp"

namespace bdsh::net {

// One request of a server (RFC 4256 §3.2), as it came.
struct Challenge {
  struct Line {
    std::string text;
    bool echo = false;
  };
  std::string name;
  std::string instruction;
  std::vector<Line> lines;
};

class Interview {
 public:
  // `again`: answers of this user on this host were refused before.
  Interview(std::string user, Challenge challenge, bool again);

  // The next question; nothing: all are answered.
  std::optional<Prompt> next() const;
  void answer(Secret text) { answers_.push_back(std::move(text)); }
  std::vector<Secret> take_answers() { return std::move(answers_); }

 private:
  std::string says(const Challenge::Line& line) const;

  std::string user_;
  Challenge challenge_;
  bool again_;
  std::vector<Secret> answers_;
};

// "Password:", "(deploy@web03) Password: ", "deploy@web03's password:": nothing but that, so that
// it is the same question as that of the method "password".
bool is_plain_password_prompt(std::string_view text);
// Asks for the password that the user has, in whatever words: no code, no new one.
bool asks_for_password(std::string_view text);

}  // namespace bdsh::net
