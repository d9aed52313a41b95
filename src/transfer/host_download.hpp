// Files and directories of one host to a directory of this machine. What the host names is not
// trusted: names are made safe (names.hpp), depth and number are bounded, links are never made here.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "transfer/file_download.hpp"
#include "transfer/host_transfer.hpp"
#include "transfer/local.hpp"
#include "transfer/path_jobs.hpp"

namespace bdsh::transfer {

class HostDownload : public HostTransfer {
 public:
  static constexpr int kDeepest = 64;
  static constexpr std::size_t kMostEntries = 5'000'000;
  // `sources`: paths and patterns on the host. `tree` outlives the transfer.
  HostDownload(std::vector<std::string> sources, const Rules& rules, const Limits& limits,
               LocalTree& tree);

 private:
  struct Asked {  // one of the sources
    std::string as_given;
    bool pattern = false;
    std::size_t branches = 1;  // of its expansion, not yet followed to their end
    std::size_t found = 0;
  };
  struct Branch {
    std::string far;                 // matched so far
    std::vector<std::string> parts;  // to be matched, the next one last
    std::shared_ptr<Asked> asked;
  };
  struct Found {
    std::string far;
    std::string near;
    Attributes attributes{};
    int depth = 0;
  };
  void start() override {}
  bool start_more() override;
  bool complete() const override;

  void expand(Branch branch);
  void listed_for(const Branch& branch, ListDirectory& list);
  void looked_at(const Branch& branch, const Look& look);
  void branch_ends(Asked& asked);
  void take_given(const Look& look);
  void list(const Found& directory);
  void listed(const Found& directory, ListDirectory& list);
  void take_entry(const Found& directory, const Entry& entry, std::set<std::string>& taken);
  void follow(const Found& link);
  void sort_in(const Found& found);
  void enter(Found directory);
  void fetch(const Found& file);
  void set_directories();
  void problem(const std::string& path, const std::string& what);
  template <typename Kind>
  void find(std::unique_ptr<Kind> job, std::function<void(Kind&)> then);

  LocalTree& tree_;
  std::deque<Branch> branches_;
  std::deque<Found> directories_;  // to be listed
  std::deque<Found> files_;        // to be fetched
  std::deque<Found> links_;        // to be followed
  std::set<std::string> given_;    // names at the top
  std::vector<Found> made_;        // directories whose times are to be set
  std::size_t finding_ = 0;        // jobs that may find more
  std::size_t entries_ = 0;
};

}  // namespace bdsh::transfer
