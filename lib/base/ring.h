// SPDX-FileCopyrightText: 2026 The Holdfast authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace holdfast {

// A queue of bounded length. Allocates once, when it is made.
template <class T>
class Ring {
 public:
  explicit Ring(size_t capacity) : items_(new T[capacity]), capacity_(capacity) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  void clear() { head_ = size_ = 0; }

  // False, and nothing done, when full.
  bool push(const T& item) {
    if (full()) return false;
    items_[(head_ + size_) % capacity_] = item;
    ++size_;
    return true;
  }
  // Makes room by dropping the oldest.
  void push_over(const T& item) {
    if (full()) pop();
    push(item);
  }
  void pop() {
    head_ = (head_ + 1) % capacity_;
    --size_;
  }

  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  // 0 is the oldest.
  T& operator[](size_t i) { return items_[(head_ + i) % capacity_]; }
  const T& operator[](size_t i) const { return items_[(head_ + i) % capacity_]; }

 private:
  std::unique_ptr<T[]> items_;
  size_t capacity_;
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace holdfast
