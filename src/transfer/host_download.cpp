#include "transfer/host_download.hpp"

#include <algorithm>
#include <utility>

#include "transfer/names.hpp"

namespace bdsh::transfer {

HostDownload::HostDownload(std::vector<std::string> sources, const Rules& rules,
                           const Limits& limits, LocalTree& tree)
    : HostTransfer(rules, limits), tree_(tree) {
  for (const std::string& source : sources) {
    auto asked = std::make_shared<Asked>(Asked{source, has_pattern(source)});
    Branch branch{"", path_parts(far_path(source)), std::move(asked)};
    std::reverse(branch.parts.begin(), branch.parts.end());
    branches_.push_back(std::move(branch));
  }
}

void HostDownload::problem(const std::string& path, const std::string& what) {
  note(path, Error{ErrorKind::channel, what});
}

template <typename Kind>
void HostDownload::find(std::unique_ptr<Kind> job, std::function<void(Kind&)> then) {
  ++finding_;
  runner_.start<Kind>(std::move(job), [this, then = std::move(then)](Kind& done) {
    --finding_;
    then(done);
  });
}

bool HostDownload::complete() const {
  return branches_.empty() && links_.empty() && directories_.empty() && files_.empty() && made_.empty();
}

// What may find more comes first: the sooner all is known, the sooner the time left is.
bool HostDownload::start_more() {
  bool started = false;
  const auto next = [&](auto& queue, auto&& begin) {
    while (!queue.empty() && may_start()) {
      auto item = std::move(queue.front());
      queue.pop_front();
      begin(std::move(item));
      started = true;
    }
  };
  next(branches_, [this](Branch branch) { expand(std::move(branch)); });
  next(links_, [this](const Found& link) { follow(link); });
  next(directories_, [this](const Found& directory) { list(directory); });
  next(files_, [this](const Found& file) { fetch(file); });
  tally_.complete = branches_.empty() && links_.empty() && directories_.empty() && finding_ == 0;
  if (tally_.complete && files_.empty() && runner_.running() == 0) set_directories();
  return started;
}

// ---- what was asked for

void HostDownload::expand(Branch branch) {
  while (!branch.parts.empty() && !has_pattern(branch.parts.back())) {
    branch.far = joined_path(branch.far, unescaped(branch.parts.back()));
    branch.parts.pop_back();
  }
  if (branch.parts.empty())
    return find<Look>(std::make_unique<Look>(branch.far),
                      [this, branch](Look& look) { looked_at(branch, look); });
  find<ListDirectory>(std::make_unique<ListDirectory>(branch.far.empty() ? "." : branch.far),
                      [this, branch](ListDirectory& list) { listed_for(branch, list); });
}

// As in sh, what is no directory or cannot be read matches nothing.
void HostDownload::listed_for(const Branch& branch, ListDirectory& list) {
  std::vector<std::string> rest = branch.parts;
  rest.pop_back();
  if (list.cut()) problem(branch.far, "more than a million entries");
  for (const Entry& entry : list.take_entries()) {
    if (!local_name(entry.name) || !matches(branch.parts.back(), entry.name)) continue;
    ++branch.asked->branches;
    branches_.push_back({joined_path(branch.far, entry.name), rest, branch.asked});
  }
  branch_ends(*branch.asked);
}

void HostDownload::looked_at(const Branch& branch, const Look& look) {
  if (!look.missing() || !branch.asked->pattern) {
    ++branch.asked->found;
    take_given(look);
  }
  branch_ends(*branch.asked);
}

void HostDownload::branch_ends(Asked& asked) {
  if (--asked.branches == 0 && asked.found == 0) problem(asked.as_given, "nothing matches");
}

void HostDownload::take_given(const Look& look) {
  if (look.problem()) return note(look.path(), look.problem());
  // "/", "." and ".." have no name of their own: what is in them goes to the top.
  const std::string name = local_name(base_name(look.path())).value_or("");
  if (!name.empty() && !given_.insert(name).second)
    return problem(look.path(), "another one of that name is downloaded too");
  if (look.attributes().kind() == FileKind::directory && !rules_.recursive)
    return problem(look.path(), "it is a directory (-r takes it along)");
  sort_in({look.path(), name, look.attributes(), 0});
}

// ---- what is there

void HostDownload::sort_in(const Found& found) {
  switch (found.attributes.kind()) {
    case FileKind::directory: return enter(found);
    case FileKind::link: links_.push_back(found); return;
    case FileKind::regular: break;
    case FileKind::other: return skip(found.far, "neither a file nor a directory");
    case FileKind::unknown: return problem(found.far, "the host does not say what it is");
  }
  ++tally_.files;
  tally_.bytes += found.attributes.size.value_or(0);
  files_.push_back(found);
}

void HostDownload::enter(Found directory) {
  if (directory.depth > kDeepest) return problem(directory.far, "too deep");
  if (const Status made = tree_.make_directory(directory.near); !made)
    return note(directory.far, made.error());
  if (rules_.preserve && !directory.near.empty()) made_.push_back(directory);
  directories_.push_back(std::move(directory));
}

void HostDownload::list(const Found& directory) {
  find<ListDirectory>(std::make_unique<ListDirectory>(directory.far),
                      [this, directory](ListDirectory& list) { listed(directory, list); });
}

void HostDownload::listed(const Found& directory, ListDirectory& list) {
  note(directory.far, list.problem());
  if (list.cut()) problem(directory.far, "more than a million entries");
  std::set<std::string> taken;
  for (const Entry& entry : list.take_entries()) {
    if (++entries_ > kMostEntries) return problem(directory.far, "more than five million files");
    take_entry(directory, entry, taken);
  }
}

void HostDownload::take_entry(const Found& directory, const Entry& entry,
                              std::set<std::string>& taken) {
  const auto name = local_name(entry.name);
  if (!name) return problem(directory.far, "the host lists a name that leads elsewhere: \"" + entry.name + '"');
  if (!taken.insert(*name).second)
    return problem(joined_path(directory.far, entry.name), "another name is the same here");
  Found found{joined_path(directory.far, entry.name), joined_path(directory.near, *name),
              entry.attributes, directory.depth + 1};
  // Servers need not tell what an entry is; and what they list of a link is the link's own.
  if (found.attributes.kind() == FileKind::unknown) links_.push_back(std::move(found));
  else sort_in(found);
}

void HostDownload::follow(const Found& link) {
  find<Look>(std::make_unique<Look>(link.far), [this, link](Look& look) {
    if (look.missing()) return skip(link.far, "a link that leads nowhere");
    if (look.problem()) return note(link.far, look.problem());
    Found found = link;
    found.attributes = look.attributes();
    // Followed, it could lead round in a circle.
    if (look.is_directory() && link.attributes.kind() == FileKind::link)
      return skip(link.far, "a link to a directory");
    if (found.attributes.kind() == FileKind::link) return skip(link.far, "a link to a link");
    sort_in(found);
  });
}

void HostDownload::fetch(const Found& file) {
  runner_.start<FileDownload>(
      std::make_unique<FileDownload>(DownloadFile{file.far, file.near, file.attributes}, rules_,
                                     tree_, tally_),
      [this](FileDownload& got) { note(got.file().source, got.problem()); });
}

// Once nothing more is made in them, the deepest first.
void HostDownload::set_directories() {
  const std::vector<Found> made = std::exchange(made_, {});
  for (auto directory = made.rbegin(); directory != made.rend(); ++directory) {
    Attributes attributes = directory->attributes;
    attributes.permissions = attributes.mode() & 0777U;
    if (const Status set = tree_.set_directory(directory->near, attributes); !set)
      note(directory->far, set.error());
  }
}

}  // namespace bdsh::transfer
