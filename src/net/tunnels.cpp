#include "net/tunnels.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace bdsh::net {
namespace {

constexpr std::size_t kPiece = 32 * 1024;
constexpr int kPiecesPerTurn = 4;
constexpr std::size_t kMostUnsent = 64 * 1024;  // given to the transport since it last was done
using Wait = asio::posix::stream_descriptor::wait_type;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

class Tunnels::Tunnel : public std::enable_shared_from_this<Tunnel> {
 public:
  Tunnel(Tunnels& owner, Opened opened)
      : owner_(owner), opened_(std::move(opened)), near_(owner.loop_) {}

  // The channel is gone before the tunnel, so a plain pointer will do.
  void begin(const NewChannel& channel) {
    channel_ = channel([this] { mark(); });
  }
  bool try_open();  // false: the far end has not answered yet
  void fail(const Error& error);
  void move();
  bool over() const { return over_; }

 private:
  void mark() {
    if (!std::exchange(marked_, true)) owner_.stirred_.push_back(shared_from_this());
  }
  void hand_over();
  bool send_down();
  void move_down();
  bool fetch_up();
  void move_up();
  void wait_near(Wait what, bool& armed);

  Tunnels& owner_;
  Opened opened_;
  std::unique_ptr<Channel> channel_;
  asio::posix::stream_descriptor near_;
  std::string down_;  // from the channel, not yet taken by the socket
  std::string up_;    // from the socket, not yet taken by the channel
  bool marked_ = false;
  bool over_ = false;
  bool reading_ = false;
  bool writing_ = false;
};

bool Tunnels::Tunnel::try_open() {
  if (!opened_) return true;  // decided before; whoever was told may have opened another one
  const Io io = channel_ ? channel_->open() : Io::failed;
  if (io == Io::again) return false;
  if (io == Io::done)
    hand_over();
  else
    fail(channel_ ? channel_->error() : Error{ErrorKind::internal, "out of memory"});
  return true;
}

void Tunnels::Tunnel::hand_over() {
  auto pair = make_stream_pair();
  if (!pair) return fail(pair.error());
  set_nonblocking(pair->theirs.get());
  near_.assign(pair->ours.release());
  wait_near(Wait::wait_read, reading_);
  std::exchange(opened_, nullptr)(std::move(pair->theirs));
}

void Tunnels::Tunnel::fail(const Error& error) {
  over_ = true;
  if (const Opened opened = std::exchange(opened_, nullptr)) opened(error);
}

void Tunnels::Tunnel::move() {
  marked_ = false;
  if (over_ || !near_.is_open()) return;
  move_down();
  if (!over_) move_up();
}

// False: the socket is full, or nobody is left at its other end.
bool Tunnels::Tunnel::send_down() {
  const ssize_t sent = ::send(near_.native_handle(), down_.data(), down_.size(), MSG_NOSIGNAL);
  if (sent >= 0)
    down_.erase(0, static_cast<std::size_t>(sent));
  else if (would_block())
    wait_near(Wait::wait_write, writing_);
  else
    over_ = true;
  return sent >= 0;
}

void Tunnels::Tunnel::move_down() {
  for (int piece = 0; piece < kPiecesPerTurn; ++piece) {
    if (down_.empty()) {
      down_.resize(kPiece);
      down_.resize(channel_->read(down_.data(), kPiece));
    }
    if (down_.empty()) {
      over_ = over_ || channel_->ended();
      return;
    }
    if (!send_down()) return;
  }
  mark();  // the other tunnels first
}

// False: nothing to send now.
bool Tunnels::Tunnel::fetch_up() {
  up_.resize(kPiece);
  const ssize_t got = ::recv(near_.native_handle(), up_.data(), kPiece, 0);
  up_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (got > 0) return true;
  if (got < 0 && would_block())
    wait_near(Wait::wait_read, reading_);
  else
    over_ = true;  // the session of the host is over; SSH clients do not half-close
  return false;
}

void Tunnels::Tunnel::move_up() {
  for (int piece = 0; piece < kPiecesPerTurn; ++piece) {
    if (!owner_.may_send()) return owner_.congested_.push_back(shared_from_this());
    if (up_.empty() && !fetch_up()) return;
    const std::size_t taken = channel_->write(up_);
    up_.erase(0, taken);
    owner_.sent(taken);
    if (!up_.empty()) return;  // no window: the next packet for the channel wakes it
  }
  owner_.congested_.push_back(shared_from_this());
}

void Tunnels::Tunnel::wait_near(Wait what, bool& armed) {
  if (std::exchange(armed, true)) return;
  near_.async_wait(what, [weak = weak_from_this(), &armed](ErrorCode failed) {
    const auto self = weak.lock();
    if (!self) return;
    armed = false;
    if (failed == asio::error::operation_aborted) return;
    self->move();
    if (self->over_) self->owner_.drop(self);
  });
}

Tunnels::Tunnels(asio::io_context& loop, Transport& transport, std::function<void()> wrote)
    : loop_(loop), transport_(transport), wrote_(std::move(wrote)) {}

Tunnels::~Tunnels() {
  for (const TunnelPtr& tunnel : std::exchange(opening_, {}))
    tunnel->fail({ErrorKind::lost, "the connection to it ended"});
}

void Tunnels::open(const NewChannel& channel, Opened opened) {
  const auto tunnel = std::make_shared<Tunnel>(*this, std::move(opened));
  tunnels_.push_back(tunnel);
  opening_.push_back(tunnel);
  tunnel->begin(channel);
  sent(1);
  if (tunnel->try_open()) ask_about_openings();
}

bool Tunnels::may_send() const { return unsent_ < kMostUnsent; }

void Tunnels::sent(std::size_t bytes) {
  if (bytes == 0) return;
  unsent_ += bytes;
  wrote_();
}

void Tunnels::serve() {
  if (!transport_.wants_write()) unsent_ = 0;
  ask_about_openings();
  for (const TunnelPtr& tunnel : std::exchange(stirred_, {})) turn(tunnel);
  if (may_send())
    for (const TunnelPtr& tunnel : std::exchange(congested_, {})) turn(tunnel);
  if (!stirred_.empty() || (!congested_.empty() && may_send())) wrote_();
}

void Tunnels::turn(const TunnelPtr& tunnel) {
  tunnel->move();
  if (tunnel->over()) drop(tunnel);
}

void Tunnels::ask_about_openings() {
  const auto asked = opening_;
  for (const TunnelPtr& tunnel : asked)
    if (tunnel->over() || tunnel->try_open()) {
      std::erase(opening_, tunnel);
      if (tunnel->over()) drop(tunnel);
    }
}

void Tunnels::drop(const TunnelPtr& tunnel) {
  const TunnelPtr keep = tunnel;  // it may be a reference into one of the lists
  std::erase(tunnels_, keep);
  std::erase(congested_, keep);
  std::erase(stirred_, keep);
  wrote_();  // its end
}

}  // namespace bdsh::net
