// Files and directories of this machine to one host.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "transfer/file_upload.hpp"
#include "transfer/host_transfer.hpp"
#include "transfer/local.hpp"
#include "transfer/path_jobs.hpp"

namespace bdsh::transfer {

struct UploadItem {
  bool directory = false;
  std::size_t root = 0;   // which of UploadPlan::roots it is, or is in
  std::string below;      // its path from there on; empty: the root itself
  std::string source;     // its path here
  std::uint64_t size = 0;
  std::uint32_t mode = 0;
  Times times{};
};

// What is uploaded; one plan serves all hosts. Directories come before what is in them.
struct UploadPlan {
  std::vector<std::string> roots;  // names of what was given
  std::vector<UploadItem> items;
  std::vector<Problem> skipped;
};

struct UploadTo {
  std::string path;        // on the host; relative: from the user's home directory
  bool directory = false;  // it is one, to be made if it is missing; else it is one if it is there
};

class HostUpload : public HostTransfer {
 public:
  // `who`: the host's name. `open` outlives the transfer.
  HostUpload(std::shared_ptr<const UploadPlan> plan, UploadTo to, const std::string& who,
             const Rules& rules, const Limits& limits, const OpenSource& open);

 private:
  enum class Phase { placing, making, sending, setting, done };
  void start() override;
  bool start_more() override;
  bool complete() const override { return phase_ == Phase::done; }

  void placed(bool inside);
  void not_placed(const Job& job);
  void start_item(const UploadItem& item);
  void start_directory(const UploadItem& item);
  void start_file(const UploadItem& item);
  void start_attributes(const UploadItem& item);
  void next_phase();
  bool left_out(const UploadItem& item) const;
  std::string target_of(const UploadItem& item) const;

  const std::shared_ptr<const UploadPlan> plan_;
  const UploadTo to_;
  const std::string who_;
  const OpenSource& open_;
  Phase phase_ = Phase::placing;
  bool inside_ = false;           // the roots go into to_.path; else the one root becomes it
  std::vector<std::size_t> todo_; // of this phase, the last first
  std::vector<std::string> missing_;  // directories that could not be made
};

}  // namespace bdsh::transfer
