#include "app/asker.hpp"

namespace bdsh::app {

void Asker::look(Source& source) {
  if (prompter_.busy()) return;
  const auto question = next_question(state_);
  if (!question) return;
  before_();
  prompter_.ask(*question, [this, &source, question = *question](std::optional<Secret> text) {
    answer(source, question, std::move(text));
  });
}

// Whoever asks the same by now is answered with it, and whoever will ask it later.
void Asker::answer(Source& source, const Question& question, std::optional<Secret> text) {
  if (text && text->empty()) text.reset();
  source.answer(still_asking(state_, question), std::move(text), question.prompt.shared);
}

}  // namespace bdsh::app
