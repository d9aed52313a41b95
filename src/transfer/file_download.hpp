// One file from one host, put together under another name and renamed when it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "transfer/job.hpp"
#include "transfer/local.hpp"
#include "transfer/read_plan.hpp"

namespace bdsh::transfer {

struct DownloadFile {
  std::string source;     // there
  std::string target;     // here, in the LocalTree
  Attributes attributes;  // of the file itself, links followed
};

class FileDownload : public Job {
 public:
  // `tree` and `tally` outlive the job.
  FileDownload(DownloadFile file, const Rules& rules, LocalTree& tree, Tally& tally);
  ~FileDownload() override { leave_part(); }
  FileDownload(const FileDownload&) = delete;
  FileDownload& operator=(const FileDownload&) = delete;

  void begin(SftpClient& sftp) override;
  void heard(const Reply& reply, SftpClient& sftp) override;
  void more(SftpClient& sftp) override;
  void abort(SftpClient& sftp) override;
  const DownloadFile& file() const { return file_; }

 private:
  enum class State { opening, reading, comparing, closing };

  void opened(const Reply& reply, SftpClient& sftp);
  Status open_target(SftpClient& sftp);
  void arrived(const Reply& reply, SftpClient& sftp);
  Status use(const ReadPlan::Piece& piece, std::string_view bytes);
  void at_end(const StatusReply& status, SftpClient& sftp);
  void whole(SftpClient& sftp);
  void leave_part();
  void give_up(Error error, SftpClient& sftp);
  void close(SftpClient& sftp);

  const DownloadFile file_;
  const Rules rules_;
  LocalTree& tree_;
  Tally& tally_;
  const std::uint64_t size_;
  // What names no size (as in /proc) is read, piece after piece, until it ends.
  const bool endless_;

  State state_ = State::opening;
  std::string handle_;
  std::unique_ptr<LocalTarget> target_;
  std::optional<ReadPlan> plan_;
  SftpClient::Id close_asked_ = 0;
  std::uint64_t resumed_ = 0;  // bytes that were here
  std::uint64_t counted_ = 0;  // of tally_.bytes_done
};

}  // namespace bdsh::transfer
