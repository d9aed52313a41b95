#include "core/directory.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bdsh {
namespace {

// The one that most hosts have; of several the first in order, so that the choice does not jump.
template <typename Looks>
const FileLook& most_common(const Looks& looks) {
  return std::max_element(
             looks.begin(), looks.end(),
             [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); })
      ->first;
}

std::size_t count_sizes(const std::map<FileLook, HostSet>& looks) {
  std::set<std::optional<std::uint64_t>> sizes;
  for (const auto& [look, hosts] : looks)
    if (look.kind == FileKind::regular) sizes.insert(look.size);
  return sizes.size();
}

}  // namespace

void DirectoryMerge::add(HostId host, DirectoryListing listing) {
  forget(host);
  auto& entries = listing.entries;
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  entries.erase(std::unique(entries.begin(), entries.end(),
                            [](const auto& a, const auto& b) { return a.name == b.name; }),
                entries.end());
  for (const DirectoryEntry& entry : entries) names_[entry.name][entry.look].add(host);
  if (!listing.problem) listed_.add(host);
  if (listing.cut) cut_.add(host);
  listings_[host] = std::move(listing);
}

void DirectoryMerge::forget(HostId host) {
  const auto known = listings_.find(host);
  if (known == listings_.end()) return;
  for (const DirectoryEntry& entry : known->second.entries) {
    const auto looks = names_.find(entry.name);
    const auto hosts = looks->second.find(entry.look);
    if (hosts->second.remove(host).empty()) looks->second.erase(hosts);
    if (looks->second.empty()) names_.erase(looks);
  }
  listed_.remove(host);
  cut_.remove(host);
  listings_.erase(known);
}

MergedEntry DirectoryMerge::merged(const std::string& name, const Looks& looks,
                                   const DirectoryEntry* own) const {
  MergedEntry entry{name, own != nullptr ? own->look : most_common(looks)};
  entry.here = own != nullptr;
  if (own != nullptr) entry.modified = own->modified;
  for (const auto& [look, hosts] : looks) {
    entry.have |= hosts;
    if (look.kind != entry.look.kind)
      entry.other_kind |= hosts;
    else if (look.size != entry.look.size)
      entry.other_size |= hosts;
    if (look.kind == entry.look.kind && look.mode != entry.look.mode) entry.other_mode |= hosts;
  }
  entry.sizes = count_sizes(looks);
  entry.missing = without(entry.have);
  return entry;
}

MergedDirectory DirectoryMerge::seen_from(HostId leader) const {
  MergedDirectory merged_directory;
  merged_directory.listed = listed_;
  merged_directory.cut = cut_;
  for (const auto& [host, listing] : listings_)
    if (listing.problem) merged_directory.problems[listing.problem->message].add(host);
  const auto known = listings_.find(leader);
  static const DirectoryListing none;
  const DirectoryListing& own = known == listings_.end() ? none : known->second;
  merged_directory.path = own.path;
  merged_directory.entries.reserve(names_.size());
  auto at = own.entries.begin();  // both are in the order of their names
  for (const auto& [name, looks] : names_) {
    const bool here = at != own.entries.end() && at->name == name;
    merged_directory.entries.push_back(merged(name, looks, here ? &*at : nullptr));
    if (here) ++at;
  }
  return merged_directory;
}

std::vector<EntryVariant> DirectoryMerge::variants(const std::string& name) const {
  std::vector<EntryVariant> variants;
  const auto known = names_.find(name);
  if (known == names_.end()) return variants;
  HostSet have;
  for (const auto& [look, hosts] : known->second) {
    variants.push_back({look, hosts});
    have |= hosts;
  }
  std::stable_sort(variants.begin(), variants.end(),
                   [](const auto& a, const auto& b) { return a.hosts.size() > b.hosts.size(); });
  if (HostSet missing = without(have); !missing.empty())
    variants.push_back({{}, std::move(missing)});
  return variants;
}

}  // namespace bdsh
