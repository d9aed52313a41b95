#include "app/run_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <clocale>
#include <utility>

#include "app/handed_environment.hpp"

namespace bdsh::app {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;
constexpr std::size_t kMostVisitors = 256;
constexpr std::size_t kMostUnread = 4U << 20U;  // bytes of answers for one who reads none
constexpr std::size_t kMostQueued = 1U << 20U;  // bytes of events for one listener

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
    net::Fd client(
        ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client && same_user(client.get()) && visitors_.size() < kMostVisitors)
      welcome(std::move(client));
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
                       forget(visitor->get());
                       visitors_.erase(visitor);
                       if (first) lose_first();
                     },
                     {}});
}

void RunServer::receive(std::list<Visitor>::iterator visitor, const std::string& line,
                        net::Fd passed) {
  if ((*visitor)->queued() > kMostUnread) {
    forget(visitor->get());
    visitors_.erase(visitor);
    return;
  }
  const auto request = control::parse_request(line);
  if (!request) return (*visitor)->send(control::error_line("", request.error()));
  if (request->command == "attach") return attach(visitor, *request, std::move(passed));
  if (request->command == "events") return listen(visitor->get(), *request);
  const auto result = handlers_.command
                          ? handlers_.command(*request)
                          : Result<std::string>(Error{ErrorKind::cancelled, "not begun yet"});
  (*visitor)->send(result ? control::answer_line(request->id, *result)
                          : control::error_line(request->id, result.error()));
}

void RunServer::listen(LineSocket* line, const control::Request& request) {
  if (!handlers_.listen)
    return line->send(control::error_line(request.id, {ErrorKind::cancelled, "not begun yet"}));
  line->send(control::answer_line(request.id, ""));
  forget(line);
  listeners_.push_back({line, handlers_.listen(), 0});
  tell(listeners_.back());
}

void RunServer::forget(const LineSocket* line) {
  listeners_.remove_if([line](const Listener& listener) { return listener.line == line; });
}

void RunServer::tell() {
  for (Listener& listener : listeners_) tell(listener);
}

void RunServer::say_dropped(Listener& listener) {
  const std::size_t dropped = std::exchange(listener.dropped, 0);
  if (dropped > 0)
    listener.line->send("{\"event\":\"dropped\",\"count\":" + std::to_string(dropped) + "}\n");
}

// Whole lines or none; the word on what was left out comes first, once there is room again.
void RunServer::tell(Listener& listener) {
  for (const std::string& line : listener.news()) {
    if (listener.line->queued() > kMostQueued) {
      ++listener.dropped;
      continue;
    }
    say_dropped(listener);
    listener.line->send(line + "\n");
  }
}

void RunServer::attach(std::list<Visitor>::iterator visitor, const control::Request& request,
                       net::Fd tty) {
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
  if (const auto refused = handlers_.refused) refused();  // which may stop this server
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
  handlers_ = {};
  for (const Listener& listener : listeners_) listener.line->stop();
  std::erase_if(visitors_, [this](const Visitor& visitor) {
    return visitor.get() != first_ &&
           std::none_of(listeners_.begin(), listeners_.end(),
                        [&](const Listener& each) { return each.line == visitor.get(); });
  });
}

void RunServer::finish(int code, const std::string& out, const std::string& err) {
  control::Notice notice;
  notice.kind = control::Notice::Kind::end;
  notice.out = out;
  notice.err = err;
  notice.code = code;
  for (Listener& listener : listeners_) {
    say_dropped(listener);
    listener.line->finish("{\"event\":\"end\",\"code\":" + std::to_string(code) + "}\n", 100);
  }
  if (first_ != nullptr) first_->finish(to_line(notice), 1000);
  seats_.finish(code, out, err);
}

}  // namespace bdsh::app
