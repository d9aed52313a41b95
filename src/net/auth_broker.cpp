#include "net/auth_broker.hpp"

#include <algorithm>
#include <set>

namespace bdsh::net {

// Its words say whether it is asked again, which does not make it another question.
bool AuthBroker::same(const Prompt& a, const Prompt& b) {
  return a.kind == b.kind && a.subject == b.subject && a.says == b.says && a.shared == b.shared;
}

void AuthBroker::preset(Secret password) {
  Known known;
  known.held.question.kind = Prompt::Kind::password;
  known.held.text = std::make_shared<const Secret>(std::move(password));
  known.preset = true;
  known_.push_back(std::move(known));
}

bool AuthBroker::has_preset() const {
  return std::any_of(known_.begin(), known_.end(), [](const Known& known) { return known.preset; });
}

void AuthBroker::give(HostId host, const Prompt& question, const Answer& answer) {
  auto& given = given_[host];
  std::erase_if(given, [&](const Held& held) { return same(held.question, question); });
  given.push_back({question, answer});
}

void AuthBroker::remember(const Prompt& question, const Answer& answer) {
  if (question.shared) known_.push_back({{question, answer}});
}

// A password given beforehand is for every user, and for what asks for one in other words too.
bool AuthBroker::serves(const Known& known, HostId host, const Prompt& question) {
  if (known.refused.contains(host)) return false;
  if (known.preset) return question.shared;
  return same(known.held.question, question) && (known.let_in || known.refused.empty());
}

Answer AuthBroker::take(HostId host, const Prompt& question) {
  auto& given = given_[host];
  const auto mine = std::find_if(given.begin(), given.end(),
                                 [&](const Held& held) { return same(held.question, question); });
  if (mine != given.end()) {
    taken_[host].push_back(*mine);
    given.erase(mine);
    return taken_[host].back().text;
  }
  if (!question.shared) return nullptr;
  // The newest first: it was typed knowing what became of those before.
  const auto known = std::find_if(known_.rbegin(), known_.rend(), [&](const Known& each) {
    return serves(each, host, question);
  });
  if (known == known_.rend()) return nullptr;
  taken_[host].push_back({question, known->held.text});
  return known->held.text;
}

std::vector<ProvedAnswer> AuthBroker::accepted(HostId host) {
  std::vector<ProvedAnswer> proved;
  for (const Held& held : taken_[host]) {
    bool preset = false;
    for (Known& known : known_)
      if (known.held.text == held.text) {
        known.let_in = true;
        preset = known.preset;
      }
    if (!preset) proved.push_back({held.question, held.text});
  }
  taken_.erase(host);
  given_.erase(host);
  return proved;
}

void AuthBroker::refused(HostId host) {
  for (const Held& held : taken_[host])
    for (Known& known : known_)
      if (known.held.text == held.text) known.refused.add(host);
  taken_.erase(host);
}

void AuthBroker::interrupted(HostId host) {
  const auto taken = taken_.find(host);
  if (taken == taken_.end()) return;
  for (const Held& held : taken->second)
    if (held.question.shared) give(host, held.question, held.text);
  taken_.erase(taken);
}

void AuthBroker::forget() {
  std::erase_if(known_, [](const Known& known) { return !known.preset; });
  given_.clear();
  taken_.clear();
}

std::size_t AuthBroker::texts() const {
  std::set<const Secret*> texts;
  for (const Known& known : known_) texts.insert(known.held.text.get());
  for (const auto* map : {&given_, &taken_})
    for (const auto& [host, all] : *map)
      for (const Held& held : all) texts.insert(held.text.get());
  return texts.size();
}

}  // namespace bdsh::net
