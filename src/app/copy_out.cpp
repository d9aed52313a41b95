#include "app/copy_out.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <memory>

#include "net/digest.hpp"
#include "net/launch.hpp"

namespace bdsh::app {
namespace {

// A file in memory: unlike a pipe it takes everything at once, however slowly it is read.
net::Fd file_of(std::string_view text) {
  net::Fd file(::memfd_create("bdsh-copy", MFD_CLOEXEC));
  while (file && !text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

Status outcome(const std::string& name, pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
    return Done{};
  return Error{ErrorKind::io, name + (WIFEXITED(status)
                                          ? ": exit status " + std::to_string(WEXITSTATUS(status))
                                          : ": signal " + std::to_string(WTERMSIG(status)))};
}

}  // namespace

std::optional<std::string> hosts_clipboard(std::string_view base64) {
  auto text = net::from_base64(base64);
  if (!text) return {};
  std::erase_if(*text, [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; });
  return text->empty() ? std::nullopt : std::move(text);
}

std::string clipboard_sequence(std::string_view text) { return "\x1b]52;c;" + net::to_base64(text) + "\a"; }

Status start_with_input(boost::asio::io_context& loop, const std::vector<std::string>& argv,
                        std::string_view text, std::function<void(Status)> ended) {
  const net::Fd input = file_of(text);
  if (!input) return Error{ErrorKind::io, std::string("copy: ") + std::strerror(errno)};
  pid_t child = -1;
  net::Launch launch;
  launch.words = argv;
  launch.in = input.get();
  const int failed = net::spawn(launch, child);
  if (failed != 0) return Error{ErrorKind::io, argv[0] + ": " + std::strerror(failed)};
  auto watched = net::watch_end(child);
  if (!watched) return outcome(argv[0], child);
  auto descriptor = std::make_shared<boost::asio::posix::stream_descriptor>(loop, watched->release());
  descriptor->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [descriptor, name = argv[0], child, done = std::move(ended)](auto error) {
                           if (!error) done(outcome(name, child));
                         });
  return Done{};
}

}  // namespace bdsh::app
