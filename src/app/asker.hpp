// Puts hosts' questions to a Prompter, one after the other, each once for all hosts that ask it.
#pragma once

#include <functional>

#include "app/prompter.hpp"
#include "app/run_state.hpp"
#include "app/source.hpp"

namespace bdsh::app {

class Asker {
 public:
  // All references outlive the asker. `before`: called before a question is put.
  Asker(const RunState& state, Prompter& prompter, std::function<void()> before = [] {})
      : state_(state), prompter_(prompter), before_(std::move(before)) {}

  // Some host's status has changed.
  void look(Source& source);

 private:
  void answer(Source& source, const Question& question, std::optional<Secret> text);

  const RunState& state_;
  Prompter& prompter_;
  std::function<void()> before_;
};

}  // namespace bdsh::app
