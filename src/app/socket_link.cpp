#include "app/socket_link.hpp"

#include <boost/asio/write.hpp>

namespace bdsh::app {

SocketLink::SocketLink(boost::asio::io_context& loop, net::Fd socket, Reports reports)
    : socket_(loop, socket.release()), reports_(std::move(reports)) {}

std::shared_ptr<SocketLink> SocketLink::open(boost::asio::io_context& loop, net::Fd socket,
                                             Reports reports) {
  std::shared_ptr<SocketLink> link(new SocketLink(loop, std::move(socket), std::move(reports)));
  link->read();
  return link;
}

void SocketLink::read() {
  socket_.async_read_some(
      boost::asio::buffer(buffer_),
      [weak = weak_from_this()](const boost::system::error_code& error, std::size_t length) {
        const auto self = weak.lock();
        if (!self || !self->socket_.is_open()) return;
        if (error) return self->end();
        self->reports_.came({self->buffer_.data(), length});
        if (self->socket_.is_open()) self->read();
      });
}

void SocketLink::send(std::string_view bytes) {
  waiting_ += bytes;
  if (sending_.empty()) write();
}

// The buffer must outlive the operation, which therefore owns the link.
void SocketLink::write() {
  if (waiting_.empty() || !socket_.is_open()) return;
  sending_ = std::exchange(waiting_, {});
  boost::asio::async_write(
      socket_, boost::asio::buffer(sending_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
        self->sending_.clear();
        if (!error) self->write();
      });
}

void SocketLink::end() {
  close();
  reports_.ended();
}

void SocketLink::close() {
  boost::system::error_code ignored;
  if (socket_.is_open()) socket_.close(ignored);
}

}  // namespace bdsh::app
