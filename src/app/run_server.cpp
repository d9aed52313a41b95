#include "app/run_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <clocale>

#include "app/handed_environment.hpp"

namespace bdsh::app {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;
constexpr std::size_t kMostVisitors = 256;

}  // namespace

Status RunServer::open(const std::filesystem::path& run_directory) {
  auto name = LiveName::make(run_directory);
  if (!name) return name.error();
  name_.emplace(std::move(*name));
  listener_.assign(::fcntl(name_->socket(), F_DUPFD_CLOEXEC, 3));
  accept();
  return Done{};
}

void RunServer::accept() {
  listener_.async_wait(Descriptor::wait_read, [this](auto error) {
    if (error) return;
    net::Fd client(::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client && same_user(client.get()) && visitors_.size() < kMostVisitors) welcome(std::move(client));
    accept();
  });
}

void RunServer::welcome_first(net::Fd client) {
  welcome(std::move(client));
  first_ = visitors_.back().get();
}

void RunServer::welcome(net::Fd client) {
  visitors_.push_back(std::make_unique<LineSocket>(loop_, std::move(client)));
  const auto visitor = std::prev(visitors_.end());
  (*visitor)->start({[this, visitor](const std::string& line, net::Fd passed) {
                       receive(visitor, line, std::move(passed));
                     },
                     [this, visitor] {
                       const bool first = visitor->get() == first_;
                       visitors_.erase(visitor);
                       if (first) lose_first();
                     },
                     {}});
}

void RunServer::receive(std::list<Visitor>::iterator visitor, const std::string& line, net::Fd passed) {
  const auto request = control::parse_request(line);
  if (!request) return (*visitor)->send(control::error_line("", request.error()));
  if (request->command == "attach") return attach(visitor, *request, std::move(passed));
  (*visitor)->send(control::error_line(request->id, {ErrorKind::usage, "unknown command"}));
}

void RunServer::attach(std::list<Visitor>::iterator visitor, const control::Request& request, net::Fd tty) {
  const bool first = visitor->get() == first_;
  if (!request.read_only && !first) adopt_environment(request.environment);
  std::setlocale(LC_CTYPE, "");
  const Status fit = Attachment::check(request, tty);
  if (fit && !request.read_only) seats_.detach("taken over by another terminal\n");
  auto attachment = fit ? Attachment::make(loop_, *visitor, request, std::move(tty))
                        : Result<std::unique_ptr<Attachment>>(fit.error());
  if (!attachment) {
    (*visitor)->send(control::error_line(request.id, attachment.error()));
    if (first) lose_first();
    return;
  }
  if (first) first_ = nullptr;
  visitors_.erase(visitor);
  seats_.add(std::move(*attachment), first);
}

void RunServer::lose_first() {
  first_ = nullptr;
  if (refused_) refused_();
}

void RunServer::release_first(const std::string& out, const std::string& err) {
  if (first_ == nullptr) return;
  control::Notice notice;
  notice.kind = control::Notice::Kind::detach;
  notice.out = out;
  notice.err = err;
  LineSocket* gone = std::exchange(first_, nullptr);
  gone->finish(to_line(notice), 1000);
  std::erase_if(visitors_, [gone](const Visitor& visitor) { return visitor.get() == gone; });
}

void RunServer::stop() {
  boost::system::error_code ignored;
  listener_.close(ignored);
  name_.reset();
  if (first_ != nullptr) first_->stop();
  std::erase_if(visitors_, [this](const Visitor& visitor) { return visitor.get() != first_; });
}

void RunServer::finish(int code, const std::string& out, const std::string& err) {
  control::Notice notice;
  notice.kind = control::Notice::Kind::end;
  notice.out = out;
  notice.err = err;
  notice.code = code;
  if (first_ != nullptr) first_->finish(to_line(notice), 1000);
  seats_.finish(code, out, err);
}

}  // namespace bdsh::app
