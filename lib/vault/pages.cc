// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
//
// Pages spent while home isn't heard. They are taken off the lease before the first is printed, and
// what wasn't used is given back afterwards: a power cut between the two costs the user pages, not
// home.
#include <utility>

#include "vault/vault_impl.h"

namespace holdfast::vault {

struct VaultImpl::Holder {
  Tag tag;
  Found user;
  UserState state;
  core::PageLease lease;
};

Status VaultImpl::find_holder(const std::string& user_uid, Holder& holder) {
  if (!scope_.on) return Code::unsupported;
  if (!rows_.usable()) return Code::corrupt;
  Result<Tag> tag = users_.tag_of(user_uid);
  if (!tag) return tag.error();
  holder.tag = std::move(*tag);
  Result<Found> found = users_.visible(holder.tag);
  if (!found) return found.error();
  if (!found->there) return Code::not_found;
  holder.user = std::move(*found);
  const Result<UserState> state = users_.state(holder.tag);
  if (!state) return state.error();
  holder.state = *state;
  holder.lease = Users::lease_of(holder.user, holder.state);
  return {};
}

Status VaultImpl::write_lease(Holder& holder, bool count) {
  holder.state.spent = holder.lease.spent;
  holder.state.spent_generation = holder.user.generation;
  holder.state.spent_renewal = holder.user.row.renewal;
  Change change(rows_);
  users_.set_state(change, holder.tag, holder.state);
  return change.commit(count);
}

PageReservation VaultImpl::reserve_pages(const std::string& user_uid, uint32_t pages) {
  PageReservation out;
  out.user_uid = user_uid;
  Holder holder;
  out.status = find_holder(user_uid, holder);
  if (!out.status.ok()) return out;
  if (holder.user.row.revoked || holder.user.row.disabled) {
    out.status = Code::refused;
    return out;
  }
  out.left = core::left_of(holder.lease);
  if (!core::reserve(holder.lease, pages)) {
    out.status = Code::refused;
    return out;
  }
  if (holder.lease.granted < 0 || pages == 0) return out;
  out.status = write_lease(holder, true);
  if (!out.status.ok()) return out;
  out.pages = pages;
  out.left = core::left_of(holder.lease);
  out.generation = holder.user.generation;
  out.renewal = holder.user.row.renewal;
  return out;
}

PageReservation VaultImpl::settle_pages(const PageReservation& reserved, uint32_t used) {
  PageReservation out;
  out.user_uid = reserved.user_uid;
  Holder holder;
  out.status = find_holder(reserved.user_uid, holder);
  if (!out.status.ok()) return out;
  out.left = core::left_of(holder.lease);
  const bool same =
      holder.user.generation == reserved.generation && holder.user.row.renewal == reserved.renewal;
  if (reserved.pages == 0 || reserved.pages == used || !same) return out;
  core::settle(holder.lease, reserved.pages, used);
  out.status = write_lease(holder, false);
  if (out.status.ok()) out.left = core::left_of(holder.lease);
  return out;
}

}  // namespace holdfast::vault
