// Names that hosts call themselves by and were not addressed by: a host reached as 10.0.0.7 whose
// prompt says db-prod-7. Learned from what shells say of themselves, never from one line alone.
//
// A word is a name of a host when no other host of the run has it from any source, and
//   - at two or more prompts it stood behind "user@", or began the prompt and holds a digit; or
//   - two sources say it: prompt, window title (OSC 0/2), working directory's URL (OSC 7).
// What comes in which order does not count; a name is taken back when another host shows it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"

namespace bdsh::consensus {

class LearnedNames {
 public:
  explicit LearnedNames(std::size_t host_count) : hosts_(host_count) {}

  // A quiet shell's prompt, without what was typed behind it; `line` tells prompts apart.
  void on_prompt(HostId host, std::uint64_t line, std::string_view prompt);
  void on_title(HostId host, std::string_view title);
  void on_url_host(HostId host, std::string_view name);

  std::vector<std::string> names(HostId host) const;  // in alphabetical order
  // Hosts whose names() are no longer what they were at the last call.
  HostSet take_changed();

 private:
  static constexpr std::size_t kMaxWords = 16;  // per host; later ones are not looked at

  struct Evidence {
    bool telling = false;  // its form at a prompt: behind "user@", or with a digit in it
    int prompts = 0;
    std::uint64_t last_line = 0;
    bool title = false;
    bool url = false;
    bool enough() const;
  };
  using Words = std::map<std::string, Evidence, std::less<>>;

  Evidence* evidence(HostId host, const std::string& word);
  void judge(const std::string& word);

  struct Host {
    Words words;
    std::vector<std::string> names;
  };
  std::vector<Host> hosts_;
  std::map<std::string, HostSet, std::less<>> claims_;  // who showed the word at all
  HostSet changed_;
};

}  // namespace bdsh::consensus
