#include "run/audit_sink.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

namespace bdsh::run {
namespace {

class AuditFile final : public AuditSink {
 public:
  AuditFile(std::string path, WriteCall write)
      : path_(std::move(path)), disk_{std::move(write), false} {}

  // O_NONBLOCK: a FIFO that somebody put there must not wait for its reader.
  Status open() {
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
    file_ = Fd(::open(path_.c_str(), kFlags, 0600));
    struct stat info {};
    if (!file_ || ::fstat(file_.get(), &info) != 0) return io_error(path_, errno);
    if (!S_ISREG(info.st_mode)) return io_error(path_ + " is no file to append to", EINVAL);
    return Done{};
  }

  Status write(const AuditRecord& record) override {
    if (moved())
      if (const Status opened = open(); !opened) return opened;
    // What a full disk cut short must not swallow the next record. Others append to the file too,
    // so nothing is taken back.
    const std::string line = (torn_ ? "\n" : "") + audit_line(record);
    const std::size_t done = write_all(disk_, file_.get(), line);
    if (done == line.size()) {
      torn_ = false;
      return Done{};
    }
    const int error = errno;
    torn_ = torn_ || done > 0;
    return io_error(path_, error);
  }

 private:
  bool moved() const {
    struct stat here {};
    struct stat there {};
    return !file_ || ::fstat(file_.get(), &here) != 0 || ::lstat(path_.c_str(), &there) != 0 ||
           here.st_ino != there.st_ino || here.st_dev != there.st_dev;
  }

  const std::string path_;
  const Disk disk_;
  Fd file_;
  bool torn_ = false;  // the last line has no end
};

class Journal final : public AuditSink {
 public:
  explicit Journal(std::string path) : path_(std::move(path)) {}

  Status open() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) return io_error(path_, ENAMETOOLONG);
    path_.copy(address.sun_path, path_.size());
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket_ ||
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return io_error("journald: " + path_, errno);
    return Done{};
  }

  // journald that was started anew listens on another socket.
  Status write(const AuditRecord& record) override {
    const std::string message = journal_message(record);
    int error = send(message);
    if (error == ECONNREFUSED || error == ENOTCONN) {
      if (const Status opened = open(); !opened) return opened;
      error = send(message);
    }
    return error == 0 ? Status(Done{}) : io_error("journald: " + path_, error);
  }

 private:
  // 0, or an errno value. What is too large for a datagram goes as a sealed file in memory.
  int send(const std::string& message) {
    if (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0) return 0;
    if ((errno == EMSGSIZE || errno == ENOBUFS) && send_as_file(message)) return 0;
    return errno;
  }

  bool send_as_file(const std::string& message) {
    const Fd file(::memfd_create("bdsh-audit", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file || write_all(Disk(), file.get(), message) != message.size()) return false;
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return false;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header{};
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(part)) = file.get();
    return ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL) >= 0;
  }

  const std::string path_;
  Fd socket_;
};

template <typename Sink>
Result<std::unique_ptr<AuditSink>> opened(std::unique_ptr<Sink> sink) {
  if (const Status status = sink->open(); !status) return status.error();
  return std::unique_ptr<AuditSink>(std::move(sink));
}

}  // namespace

Result<std::unique_ptr<AuditSink>> open_audit_file(const std::string& path, WriteCall write) {
  return opened(std::make_unique<AuditFile>(path, std::move(write)));
}

Result<std::unique_ptr<AuditSink>> open_journal(const std::string& socket) {
  return opened(std::make_unique<Journal>(socket));
}

}  // namespace bdsh::run
