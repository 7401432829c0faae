// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#include "adapters/netlink/messages.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace holdfast::netlink {
namespace {

constexpr size_t aligned(size_t size) { return (size + 3) & ~size_t{3}; }

}  // namespace

bool Messages::next(nlmsghdr& header, Bytes& payload) {
  if (rest_.size == 0 || broken_) return false;
  broken_ =
      !rest_.read(header) || header.nlmsg_len < sizeof header || header.nlmsg_len > rest_.size;
  if (broken_) return false;
  payload = Bytes{rest_.data, header.nlmsg_len}.from(sizeof header);
  rest_ = rest_.from(aligned(header.nlmsg_len));  // the last one's padding may be missing
  return true;
}

bool Attributes::next(uint16_t& type, Bytes& value) {
  if (rest_.size == 0 || broken_) return false;
  rtattr header = {};
  broken_ = !rest_.read(header) || header.rta_len < sizeof header || header.rta_len > rest_.size;
  if (broken_) return false;
  type = header.rta_type & static_cast<uint16_t>(NLA_TYPE_MASK);
  value = Bytes{rest_.data, header.rta_len}.from(sizeof header);
  rest_ = rest_.from(aligned(header.rta_len));
  return true;
}

size_t write_dump_request(What what, uint32_t sequence, uint8_t* out) {
  struct LinkRequest {
    nlmsghdr header;
    ifinfomsg body;
    rtattr mask;
    uint32_t mask_value;
  } link = {};
  struct AddressRequest {
    nlmsghdr header;
    ifaddrmsg body;
  } address = {};
  struct RouteRequest {
    nlmsghdr header;
    rtmsg body;
  } route = {};
  static_assert(sizeof link <= kRequest_bytes && sizeof address <= kRequest_bytes &&
                sizeof route <= kRequest_bytes);

  const auto write = [&](auto& request, uint16_t type) {
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = type;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.header.nlmsg_seq = sequence;
    std::memcpy(out, &request, sizeof request);
    return sizeof request;
  };
  // All families: AF_UNSPEC is 0.
  if (what == What::addresses) return write(address, RTM_GETADDR);
  if (what == What::routes) return write(route, RTM_GETROUTE);
  // Counters are the larger part of what the kernel says of a link.
  link.mask.rta_len = sizeof link.mask + sizeof link.mask_value;
  link.mask.rta_type = IFLA_EXT_MASK;
  link.mask_value = RTEXT_FILTER_SKIP_STATS;
  return write(link, RTM_GETLINK);
}

}  // namespace holdfast::netlink
