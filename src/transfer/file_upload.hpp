// One file to one host: written under another name in the directory it goes to, then renamed over
// what is there. Whatever fails leaves what was there, and nothing else unless rules.resume.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "transfer/job.hpp"
#include "transfer/local.hpp"
#include "transfer/read_plan.hpp"

namespace bdsh::transfer {

struct UploadFile {
  std::string source;  // here
  std::string target;  // there
  std::uint64_t size = 0;
  std::uint32_t mode = 0644;
  Times times{};
};

class FileUpload : public Job {
 public:
  // `who`: the host's name; the part's name depends on it, as hosts may share a disk. `open` and
  // `tally` outlive the job.
  FileUpload(UploadFile file, const Rules& rules, const std::string& who, const OpenSource& open,
             Tally& tally);

  void begin(SftpClient& sftp) override;
  void heard(const Reply& reply, SftpClient& sftp) override;
  void more(SftpClient& sftp) override;
  void abort(SftpClient& sftp) override;
  const UploadFile& file() const { return file_; }

 private:
  enum class State { looking, opening, clearing, writing, comparing, finishing, renaming, replacing, cleaning };

  void target_seen(const Reply& reply, SftpClient& sftp);
  void part_seen(const Reply& reply, SftpClient& sftp);
  void open_new(SftpClient& sftp);
  void opened(const Reply& reply, SftpClient& sftp);
  void cleared(const Reply& reply, SftpClient& sftp);
  void written(const Reply& reply, SftpClient& sftp);
  void send_pieces(SftpClient& sftp);
  void send_comparisons(SftpClient& sftp);
  void compared(const Reply& reply, SftpClient& sftp);
  void go_on(SftpClient& sftp);
  void compare(SftpClient& sftp);
  void finish(SftpClient& sftp);
  void finished(const Reply& reply, SftpClient& sftp);
  void rename(SftpClient& sftp);
  void renamed(const Reply& reply, SftpClient& sftp);
  void clean_up(SftpClient& sftp);
  void cleaned(const Reply& reply);
  void give_up(Error error, SftpClient& sftp);
  void drop();
  Attributes final_attributes() const;

  const UploadFile file_;
  const Rules rules_;
  const std::string part_;
  const OpenSource& open_;
  Tally& tally_;

  State state_ = State::looking;
  std::unique_ptr<LocalSource> source_;
  std::string handle_;
  std::optional<SftpClient::Id> target_asked_;  // until it is answered
  std::optional<std::uint32_t> old_mode_;       // of the file that is replaced
  std::optional<StatusReply> open_failure_;     // while something in the way is removed
  std::map<SftpClient::Id, std::uint32_t> writes_;  // bytes, by request
  std::size_t waiting_ = 0;                         // answers to finish()
  std::optional<ReadPlan> plan_;                    // while it is read back
  std::optional<SftpClient::Id> space_asked_;
  std::optional<SftpClient::Id> removal_asked_;
  std::uint64_t next_ = 0;     // offset of the next piece
  std::uint64_t resumed_ = 0;  // bytes that were there
  std::uint64_t counted_ = 0;  // of tally_.bytes_done
  bool part_made_ = false;
  bool part_wrong_ = false;    // it is not to be continued
  bool write_refused_ = false;
  bool replaced_ = false;
};

}  // namespace bdsh::transfer
