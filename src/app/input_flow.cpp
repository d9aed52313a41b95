#include "app/input_flow.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/key.hpp"

namespace bdsh::app {

void InputFlow::send(HostId host, Text text) {
  if (text->empty()) return;
  Waiting& waiting = waiting_[host];
  waiting.total += text->size();
  waiting.left += text->size();
  waiting.texts.push_back(std::move(text));
}

// False: the host takes nothing any more.
bool InputFlow::hand_over(HostId host, Waiting& waiting) {
  while (!waiting.texts.empty()) {
    const std::size_t queued = source_.queued_bytes(host);
    if (queued >= kInQueue) return true;
    const std::string_view rest = std::string_view(*waiting.texts.front()).substr(waiting.sent);
    const std::string_view piece = rest.substr(0, kInQueue - queued);
    if (!source_.write(host, piece)) return false;
    waiting.left -= piece.size();
    waiting.sent += piece.size();
    if (piece.size() < rest.size()) continue;
    waiting.texts.pop_front();
    waiting.sent = 0;
  }
  return true;
}

HostSet InputFlow::pump() {
  HostSet refused;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const bool takes = hand_over(at->first, at->second);
    if (!takes) refused.add(at->first);
    at = !takes || at->second.texts.empty() ? waiting_.erase(at) : std::next(at);
  }
  return refused;
}

void InputFlow::stop(const HostSet& hosts) {
  hosts.for_each([this](HostId host) {
    const auto found = waiting_.find(host);
    if (found == waiting_.end()) return;
    const Waiting& waiting = found->second;
    if (waiting.sent > 0 && waiting.texts.front()->starts_with(kPasteBegin))
      (void)source_.write(host, kPasteEnd);
    waiting_.erase(found);
  });
}

const InputFlow::Waiting* InputFlow::longest() const {
  const Waiting* most = nullptr;
  for (const auto& [host, waiting] : waiting_)
    if (most == nullptr || waiting.left > most->left) most = &waiting;
  return most;
}

std::size_t InputFlow::bytes_left() const {
  const Waiting* most = longest();
  return most == nullptr ? 0 : most->left;
}

std::size_t InputFlow::bytes_waiting() const {
  std::size_t sum = 0;
  for (const auto& [host, waiting] : waiting_) sum += waiting.left;
  return sum;
}

int InputFlow::percent() const {
  const Waiting* most = longest();
  if (most == nullptr || most->total == 0) return 100;
  return static_cast<int>(100 * (most->total - most->left) / most->total);
}

}  // namespace bdsh::app
