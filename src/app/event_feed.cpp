#include "app/event_feed.hpp"

#include <algorithm>

#include "control/json_text.hpp"

namespace bdsh::app {
namespace {

using control::JsonObject;

void add_exit(JsonObject& object, const HostStatus& status) {
  if (!status.exit) return;
  if (status.exit->status) object.number("exit_status", *status.exit->status);
  if (!status.exit->signal.empty()) object.text("signal", status.exit->signal);
}

const char* kind_of(Prompt::Kind kind) {
  switch (kind) {
    case Prompt::Kind::host_key:
      return "host_key";
    case Prompt::Kind::passphrase:
      return "passphrase";
    case Prompt::Kind::password:
      return "password";
    case Prompt::Kind::challenge:
      return "challenge";
  }
  return "";
}

JsonObject event(const char* kind) {
  JsonObject object;
  object.text("event", kind);
  return object;
}

}  // namespace

std::string question_json(const Prompt& prompt) {
  JsonObject object;
  object.text("kind", kind_of(prompt.kind))
      .text("subject", prompt.subject)
      .text("text", prompt.text);
  if (!prompt.says.empty()) object.text("says", prompt.says);
  return object.str();
}

std::string host_json(RunState& state, HostId host) {
  const HostStatus& status = state.status(host);
  JsonObject object;
  object.text("name", state.info(host).name)
      .text("state", to_string(status.state))
      .flag("live", status.live());
  const int variant = state.comparison().outcome().variant_of.empty()
                          ? -1
                          : state.comparison().outcome().variant_of[host.value];
  if (variant >= 0)
    object.text("variant", consensus::variant_letter(static_cast<std::size_t>(variant)));
  object.flag("divergent", state.comparison().outcome().divergent.contains(host));
  add_exit(object, status);
  if (status.error) object.text("error", status.error->message);
  if (status.asking) object.json("asks", question_json(*status.asking));
  return object.str();
}

std::string event_json(const std::string& kind, const std::string& text) {
  return event(kind.c_str()).text("text", text).str();
}

void EventFeed::begin() {
  began_ = false;
  generation_ = 0;
}

std::vector<std::string> EventFeed::news() {
  std::vector<std::string> lines;
  tell_log(lines);
  if (began_ && state_.generation() == generation_) return lines;
  if (!began_) {
    told_.assign(state_.host_count(), HostStatus{});
    round_ = 0;
    agreed_ = {};
  }
  generation_ = state_.generation();
  tell_round(lines);
  tell_hosts(lines);
  tell_agreement(lines);
  began_ = true;
  return lines;
}

// What came before somebody listened is in events.log.
void EventFeed::tell_log(std::vector<std::string>& lines) {
  const std::uint64_t fresh = began_ ? log_.added() - logged_ : 0;
  logged_ = log_.added();
  const auto& all = log_.lines();
  for (std::size_t i = all.size() - std::min<std::uint64_t>(fresh, all.size()); i < all.size(); ++i) {
    JsonObject object = event("log");
    object.text("time", all[i].time);
    if (!all[i].host.empty()) object.text("name", all[i].host);
    lines.push_back(object.text("text", all[i].text).str());
  }
}

void EventFeed::tell_round(std::vector<std::string>& lines) {
  const int round = state_.comparison().round();
  if (round == round_) return;
  round_ = round;
  JsonObject object = event("round");
  object.number("number", round).text("command", state_.round_command());
  lines.push_back(object.str());
}

void EventFeed::tell_hosts(std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < told_.size(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    const HostStatus& now = state_.status(host);
    if (began_ && now == told_[i]) continue;
    const bool asks = now.asking && now.asking != told_[i].asking;
    JsonObject object = event("host");
    object.text("name", state_.info(host).name).text("state", to_string(now.state));
    add_exit(object, now);
    if (now.error) object.text("error", now.error->message);
    lines.push_back(object.str());
    if (asks)
      lines.push_back(event("question")
                          .text("name", state_.info(host).name)
                          .json("question", question_json(*now.asking))
                          .str());
    told_[i] = now;
  }
}

void EventFeed::tell_agreement(std::vector<std::string>& lines) {
  const consensus::Outcome& outcome = state_.comparison().outcome();
  const std::pair now(outcome.agree, outcome.of);
  if (began_ && now == agreed_) return;
  agreed_ = now;
  JsonObject object = event("agreement");
  object.number("agree", static_cast<std::int64_t>(now.first))
      .number("of", static_cast<std::int64_t>(now.second));
  lines.push_back(object.str());
}

}  // namespace bdsh::app
