// What a host's question looks like where there is no dashboard: on a terminal line by line, or as
// the argument of an askpass program. Pure.
#pragma once

#include <string>
#include <vector>

#include "app/run_state.hpp"
#include "core/host_status.hpp"
#include "core/ids.hpp"

namespace bdsh::app {

struct Question {
  Prompt prompt;
  HostSet hosts;  // that ask it; one when the answer is its own
  // What precedes the question ("web03 says:" and the host's words, "| " before each), and the
  // question itself, without a trailing blank: "password for deploy: 12 hosts (web[01-12]):".
  std::vector<std::string> lines;
  std::string text;
};

// The first question that is asked, with every host that asks the same.
std::optional<Question> next_question(const RunState& state);
// Those of the question's hosts that ask it still.
HostSet still_asking(const RunState& state, const Question& question);

}  // namespace bdsh::app
