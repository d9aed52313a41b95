#include "transfer/job_runner.hpp"

#include <utility>

namespace bdsh::transfer {

Error refused(const StatusReply& status) { return {ErrorKind::channel, words_of(status)}; }

const StatusReply* failure_in(const Reply& reply) {
  const auto* status = std::get_if<StatusReply>(&reply.body);
  return status == nullptr || status->code == Fx::ok ? nullptr : status;
}

void JobRunner::add(std::unique_ptr<Job> job, std::function<void()> then) {
  slots_.emplace(++last_, Slot{std::move(job), std::move(then)});
}

Status JobRunner::receive(std::string_view bytes) {
  sftp_.feed(bytes);
  while (true) {
    const auto answer = sftp_.next();
    if (!answer) return answer.error();
    if (!*answer) break;
    const auto slot = slots_.find((**answer).owner);
    if (slot == slots_.end()) continue;  // it ended without waiting for this
    sftp_.act_for(slot->first);
    slot->second.job->heard((**answer).reply, sftp_);
  }
  return Done{};
}

// Whether anything began or ended. What ends may start others, which come behind it in the map.
bool JobRunner::begin_and_end() {
  bool changed = false;
  for (auto at = slots_.begin(); at != slots_.end();) {
    Slot& slot = at->second;
    if (!std::exchange(slot.begun, true)) {
      sftp_.act_for(at->first);
      slot.job->begin(sftp_);
      changed = true;
    }
    if (!slot.job->ended()) {
      ++at;
      continue;
    }
    const Slot ended = std::move(slot);
    at = slots_.erase(at);
    ended.then();
    changed = true;
  }
  return changed;
}

void JobRunner::settle() {
  if (!sftp_.ready()) return;
  do {
    while (begin_and_end()) continue;
    for (auto& [owner, slot] : slots_) {
      if (!sftp_.room()) break;
      sftp_.act_for(owner);
      slot.job->more(sftp_);
    }
  } while (begin_and_end());
}

void JobRunner::abort() {
  for (auto& [owner, slot] : slots_) {
    sftp_.act_for(owner);
    if (slot.begun) slot.job->abort(sftp_);
  }
  std::erase_if(slots_, [](const auto& entry) { return !entry.second.begun; });
}

}  // namespace bdsh::transfer
