#include "net/route.hpp"

#include "net/line_pipe.hpp"
#include "net/socket.hpp"

namespace bdsh::net {
namespace {

class TcpRoute : public Route, public std::enable_shared_from_this<TcpRoute> {
 public:
  TcpRoute(asio::io_context& loop, Resolver& resolver, const HostSpec& spec)
      : resolver_(resolver), spec_(spec), socket_(loop) {}

  void find(Found found) override {
    resolver_.resolve(spec_.address, spec_.family, Clock::now(),
                      [weak = weak_from_this(), found = std::move(found)](const Result<Addresses>& result) {
                        const auto self = weak.lock();
                        if (!self) return;
                        if (!result.ok()) return found(result.error());
                        self->addresses_ = *result;
                        found(static_cast<int>(result->size()));
                      });
  }

  void connect(int address, Connected connected) override {
    if (socket_.is_open()) socket_.close();
    const Address& target = addresses_[static_cast<std::size_t>(address)];
    const auto socket = begin_connect(spec_, target);
    if (!socket) return connected(socket.error());
    socket_.assign(*socket);
    socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                       [weak = weak_from_this(), target, connected = std::move(connected)](ErrorCode failed) {
                         const auto self = weak.lock();
                         if (self && failed != asio::error::operation_aborted) self->decided(target, connected);
                       });
  }

 private:
  void decided(const Address& target, const Connected& connected) {
    const Status status = end_connect(socket_.native_handle(), spec_, target);
    if (!status) return connected(status.error());
    connected(Fd(socket_.release()));
  }

  Resolver& resolver_;
  const HostSpec& spec_;
  Addresses addresses_;
  asio::posix::stream_descriptor socket_;
};

class CommandRoute : public Route {
 public:
  CommandRoute(asio::io_context& loop, Children& children, const HostSpec& spec,
               std::function<void(const std::string&)> say)
      : loop_(loop), children_(children), spec_(spec), say_(std::move(say)) {}

  void find(Found found) override { found(1); }

  void connect(int, Connected connected) override {
    auto stream = start();
    connected(std::move(stream));
  }

  std::optional<Error> trouble() override {
    if (said_) said_->drain();
    const auto ended = child_ ? child_->result() : std::nullopt;
    // One that ends without a word of failure passes on that the host hung up.
    if (last_words_.empty() && (!ended || ended->success())) return {};
    std::string message = "the ProxyCommand ended";
    if (ended && ended->status) message += " with status " + std::to_string(*ended->status);
    if (!last_words_.empty()) message += ": " + last_words_;
    return Error{ErrorKind::connect, message};
  }

 private:
  Result<Fd> start() {
    last_words_.clear();
    auto stream = make_stream_pair();
    auto errors = make_pipe_from();
    if (!stream) return stream.error();
    if (!errors) return errors.error();
    Launch what;
    what.words = shell_words(spec_.proxy_command);
    what.in = what.out = stream->theirs.get();
    what.err = errors->theirs.get();
    auto child = children_.start(what, {});
    if (!child) return child.error();
    child_ = std::move(*child);
    said_ = LinePipe::open(loop_, std::move(errors->ours), [this](const std::string& line) { heard(line); });
    return std::move(stream->ours);
  }

  // Bounded, so that a command that goes on and on does not fill the event log.
  void heard(const std::string& line) {
    constexpr int kMostLines = 20;
    last_words_ = line;
    if (++lines_ <= kMostLines) say_("ProxyCommand: " + line);
  }

  asio::io_context& loop_;
  Children& children_;
  const HostSpec& spec_;
  std::function<void(const std::string&)> say_;
  std::shared_ptr<Child> child_;
  std::shared_ptr<LinePipe> said_;
  std::string last_words_;
  int lines_ = 0;
};

}  // namespace

std::shared_ptr<Route> make_tcp_route(asio::io_context& loop, Resolver& resolver,
                                      const HostSpec& spec) {
  return std::make_shared<TcpRoute>(loop, resolver, spec);
}

std::shared_ptr<Route> make_command_route(asio::io_context& loop, Children& children,
                                          const HostSpec& spec,
                                          std::function<void(const std::string&)> say) {
  return std::make_shared<CommandRoute>(loop, children, spec, std::move(say));
}

}  // namespace bdsh::net
