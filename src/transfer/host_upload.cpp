#include "transfer/host_upload.hpp"

#include <algorithm>
#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {
namespace {

std::size_t depth_of(const UploadItem& item) {
  const auto slashes = std::count(item.below.begin(), item.below.end(), '/');
  return item.below.empty() ? 0 : 1 + static_cast<std::size_t>(slashes);
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         (path[directory.size()] == '/' || directory.ends_with('/'));
}

}  // namespace

HostUpload::HostUpload(std::shared_ptr<const UploadPlan> plan, UploadTo to, const std::string& who,
                       const Rules& rules, const Limits& limits, const OpenSource& open)
    : HostTransfer(rules, limits), plan_(std::move(plan)), to_(std::move(to)), who_(who), open_(open) {
  for (const UploadItem& item : plan_->items) {
    tally_.files += item.directory ? 0 : 1;
    tally_.bytes += item.directory ? 0 : item.size;
  }
  tally_.complete = true;
  for (const Problem& problem : plan_->skipped) skip(problem.path, problem.what);
}

// ---- where

void HostUpload::start() {
  if (to_.directory)
    return runner_.start<MakeDirectory>(
        std::make_unique<MakeDirectory>(to_.path, std::nullopt, true),
        [this](MakeDirectory& made) { made.problem() ? not_placed(made) : placed(true); });
  runner_.start<Look>(std::make_unique<Look>(to_.path), [this](Look& look) {
    if (look.problem() && !look.missing()) return not_placed(look);
    placed(look.is_directory());
  });
}

void HostUpload::placed(bool inside) {
  inside_ = inside;
  next_phase();
}

void HostUpload::not_placed(const Job& job) {
  note(to_.path, job.problem());
  tally_.bytes = 0;
  phase_ = Phase::done;
}

std::string HostUpload::target_of(const UploadItem& item) const {
  const std::string root = inside_ ? joined_path(to_.path, plan_->roots[item.root]) : to_.path;
  return joined_path(root, item.below);
}

// ---- what

// Directories level by level, then files, then what is to be set of directories once nothing
// more is made in them.
void HostUpload::next_phase() {
  phase_ = static_cast<Phase>(static_cast<int>(phase_) + 1);
  todo_.clear();
  const bool directories = phase_ == Phase::making || (phase_ == Phase::setting && rules_.preserve);
  for (std::size_t i = 0; i < plan_->items.size(); ++i)
    if (plan_->items[i].directory == directories && (directories || phase_ == Phase::sending))
      todo_.push_back(i);
  const auto depth = [this](std::size_t i) { return depth_of(plan_->items[i]); };
  const auto deeper = [&](std::size_t a, std::size_t b) { return depth(a) > depth(b); };
  const auto less_deep = [&](std::size_t a, std::size_t b) { return depth(a) < depth(b); };
  if (phase_ == Phase::sending)
    std::reverse(todo_.begin(), todo_.end());
  else if (phase_ == Phase::making)
    std::stable_sort(todo_.begin(), todo_.end(), deeper);
  else
    std::stable_sort(todo_.begin(), todo_.end(), less_deep);
}

bool HostUpload::start_more() {
  while (todo_.empty() && runner_.running() == 0 && phase_ != Phase::placing && phase_ != Phase::done)
    next_phase();
  bool started = false;
  std::optional<std::size_t> level;
  while (!todo_.empty() && may_start()) {
    const UploadItem& item = plan_->items[todo_.back()];
    // A directory is there before what is in it is made, and set after that.
    if (item.directory && runner_.running() > 0 && level != depth_of(item)) break;
    level = depth_of(item);
    todo_.pop_back();
    if (left_out(item)) {
      if (!item.directory) tally_.bytes -= item.size;
      continue;
    }
    start_item(item);
    started = true;
  }
  return started || (todo_.empty() && runner_.running() == 0 && phase_ != Phase::placing &&
                     phase_ != Phase::done);
}

bool HostUpload::left_out(const UploadItem& item) const {
  const std::string target = target_of(item);
  return std::any_of(missing_.begin(), missing_.end(), [&](const std::string& directory) {
    return target == directory || is_below(target, directory);
  });
}

void HostUpload::start_item(const UploadItem& item) {
  if (!item.directory) return start_file(item);
  phase_ == Phase::making ? start_directory(item) : start_attributes(item);
}

void HostUpload::start_directory(const UploadItem& item) {
  constexpr std::uint32_t kOwner = 0700;  // whoever fills it
  std::optional<std::uint32_t> mode;
  if (rules_.preserve) mode = (item.mode & 0777U) | kOwner;
  runner_.start<MakeDirectory>(std::make_unique<MakeDirectory>(target_of(item), mode, false),
                               [this](MakeDirectory& made) {
                                 if (made.problem()) missing_.push_back(made.path());
                                 note(made.path(), made.problem());
                               });
}

void HostUpload::start_file(const UploadItem& item) {
  UploadFile file{item.source, target_of(item), item.size, item.mode, item.times};
  runner_.start<FileUpload>(
      std::make_unique<FileUpload>(std::move(file), rules_, who_, open_, tally_),
      [this](FileUpload& sent) { note(sent.file().target, sent.problem()); });
}

void HostUpload::start_attributes(const UploadItem& item) {
  Attributes attributes;
  attributes.permissions = item.mode & 0777U;
  attributes.times = item.times;
  runner_.start<SetAttributes>(std::make_unique<SetAttributes>(target_of(item), attributes),
                               [this](SetAttributes& set) { note(set.path(), set.problem()); });
}

}  // namespace bdsh::transfer
