// What a directory holds on each of many hosts, and on which of them it is other. Values in, values
// out. Names are as the hosts have them: bytes, to be sanitised before they are shown.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ids.hpp"

namespace bdsh {

enum class FileKind : std::uint8_t { unknown, regular, directory, link, other };

// What is compared between hosts. When a file was changed is not: copies of one file differ in
// that.
struct FileLook {
  FileKind kind = FileKind::unknown;
  std::optional<std::uint64_t> size{};  // bytes; of files alone: a directory's depends on its disk
  std::optional<std::uint32_t> mode{};  // the lower twelve bits of st_mode
  friend auto operator<=>(const FileLook&, const FileLook&) = default;
};

struct DirectoryEntry {
  std::string name;
  FileLook look;                            // of a link: its own
  std::optional<std::uint32_t> modified{};  // seconds since 1970
};

// One host's answer.
struct DirectoryListing {
  std::string path{};                     // absolute, as the host says; empty: it does not
  std::vector<DirectoryEntry> entries{};  // in any order; of a name only one counts
  bool cut = false;  // there are more: what is not among the entries may be there all the same
  std::optional<Error> problem{};  // why there is none
};

// An entry, seen from one host.
struct MergedEntry {
  std::string name;
  FileLook look;                            // the leader's, or the most common one
  std::optional<std::uint32_t> modified{};  // the leader's
  bool here = true;                         // the leader has it
  HostSet have{};                           // who has it, whatever it is there
  HostSet missing{};                        // hosts that listed the directory whole, without it
  HostSet other_kind{}, other_size{}, other_mode{};  // as compared with `look`
  std::size_t sizes = 1;  // how many different ones of the files called so
  bool differs() const {
    return !missing.empty() || !other_kind.empty() || !other_size.empty() || !other_mode.empty();
  }
};

struct MergedDirectory {
  std::string path{};                  // the leader's
  std::vector<MergedEntry> entries{};  // by name
  HostSet listed{};
  HostSet cut{};
  std::map<std::string, HostSet> problems{};  // by their words
};

// Hosts with the same look of one entry.
struct EntryVariant {
  std::optional<FileLook> look;  // nothing: it is missing there
  HostSet hosts;
};

// Listings of one directory as they come in.
class DirectoryMerge {
 public:
  void add(HostId host, DirectoryListing listing);  // in place of what the host said before
  void forget(HostId host);
  void clear() { *this = {}; }

  bool has(HostId host) const { return listings_.contains(host); }
  // The leader need not be among the hosts: then nothing is `here`.
  MergedDirectory seen_from(HostId leader) const;
  // Who has what under this name, the most common first; hosts without it last.
  std::vector<EntryVariant> variants(const std::string& name) const;

 private:
  using Looks = std::map<FileLook, HostSet>;
  MergedEntry merged(const std::string& name, const Looks& looks, const DirectoryEntry* own) const;
  HostSet without(const HostSet& have) const { return listed_ - cut_ - have; }

  std::map<HostId, DirectoryListing> listings_;
  std::map<std::string, Looks> names_;
  HostSet listed_;
  HostSet cut_;
};

}  // namespace bdsh
