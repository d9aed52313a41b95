// Whoever answers hosts' questions in place of the dashboard, one at a time.
#pragma once

#include <functional>
#include <optional>

#include "app/question.hpp"
#include "core/secret.hpp"

namespace bdsh::app {

class Prompter {
 public:
  using Heard = std::function<void(std::optional<Secret>)>;
  virtual ~Prompter() = default;
  virtual bool busy() const = 0;
  // `heard` gets the line that was answered, or nothing when there is no answer.
  virtual void ask(const Question& question, Heard heard) = 0;
  virtual void cancel() = 0;  // takes the question back; `heard` is not called
};

}  // namespace bdsh::app
