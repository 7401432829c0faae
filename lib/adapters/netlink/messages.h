// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// rtnetlink messages as bytes. Nothing is believed of a length before it was compared with what is
// there, and nothing is read through a cast: buffers are of any alignment.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace holdfast::netlink {

struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;

  // The fixed part at the front, or false when it isn't all there.
  template <class T>
  bool read(T& out) const {
    if (size < sizeof(T)) return false;
    std::memcpy(&out, data, sizeof(T));
    return true;
  }
  Bytes from(size_t at) const { return at < size ? Bytes{data + at, size - at} : Bytes{}; }
};

// Goes through the messages of one datagram.
class Messages {
 public:
  explicit Messages(Bytes datagram) : rest_(datagram) {}
  // False at the end, and at the first message that isn't whole.
  bool next(nlmsghdr& header, Bytes& payload);
  // Something was left that is no message.
  bool broken() const { return broken_; }

 private:
  Bytes rest_;
  bool broken_ = false;
};

// Goes through the attributes behind a message's fixed part.
class Attributes {
 public:
  explicit Attributes(Bytes bytes) : rest_(bytes) {}
  // `type` comes without the flag bits.
  bool next(uint16_t& type, Bytes& value);
  bool broken() const { return broken_; }

 private:
  Bytes rest_;
  bool broken_ = false;
};

enum class What : uint8_t { links, addresses, routes };

// A request for all links, addresses or routes; the bytes at `out`, of which it needs
// kRequest_bytes at most.
constexpr size_t kRequest_bytes = 64;
size_t write_dump_request(What what, uint32_t sequence, uint8_t* out);

}  // namespace holdfast::netlink
