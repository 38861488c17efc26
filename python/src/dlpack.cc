// SPDX-License-Identifier: Apache-2.0

// A capsule's name says whether it was used: its consumer renames it and calls the deleter itself. Where
// nobody did, the capsule's destructor does. Deleters of others may take the GIL; ours need none.
#include "dlpack.h"

#include <array>
#include <cstring>
#include <format>
#include <utility>

#include "errors.h"

namespace fovea::python {

namespace {

// DLPack's ABI.
enum DlDevice : std::int32_t { dl_cpu = 1, dl_cuda_host = 3, dl_rocm_host = 11 };
enum DlCode : std::uint8_t {
  dl_int = 0,
  dl_uint = 1,
  dl_float = 2,
  dl_bfloat = 4,
  dl_complex = 5,
  dl_bool = 6,
  dl_e4m3fn = 10,
  dl_e5m2 = 12
};
constexpr std::uint64_t dl_flag_read_only = 1;
struct DlType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct DlTensor {
  void* data;
  std::int32_t device_type, device_id;
  std::int32_t ndim;
  DlType type;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
};
struct DlManaged {
  DlTensor tensor;
  void* context;
  void (*deleter)(DlManaged*);
};
struct DlManagedVersioned {
  std::uint32_t major, minor;
  void* context;
  void (*deleter)(DlManagedVersioned*);
  std::uint64_t flags;
  DlTensor tensor;
};

constexpr const char *name_plain = "dltensor", *used_plain = "used_dltensor";
constexpr const char *name_versioned = "dltensor_versioned", *used_versioned = "used_dltensor_versioned";

struct TypePair {
  ElementType type;
  DlCode code;
};
constexpr std::array type_pairs{
    TypePair{ElementType::boolean, dl_bool},       TypePair{ElementType::int8, dl_int},
    TypePair{ElementType::int16, dl_int},          TypePair{ElementType::int32, dl_int},
    TypePair{ElementType::int64, dl_int},          TypePair{ElementType::uint8, dl_uint},
    TypePair{ElementType::uint16, dl_uint},        TypePair{ElementType::uint32, dl_uint},
    TypePair{ElementType::uint64, dl_uint},        TypePair{ElementType::float16, dl_float},
    TypePair{ElementType::float32, dl_float},      TypePair{ElementType::float64, dl_float},
    TypePair{ElementType::bfloat16, dl_bfloat},    TypePair{ElementType::complex64, dl_complex},
    TypePair{ElementType::complex128, dl_complex}, TypePair{ElementType::float8_e4m3fn, dl_e4m3fn},
    TypePair{ElementType::float8_e5m2, dl_e5m2}};

DlType dl_type_of(ElementType type) {
  for (const TypePair& pair : type_pairs) {
    if (pair.type == type) return {pair.code, static_cast<std::uint8_t>(8 * element_bytes(type)), 1};
  }
  raise(PyExc_BufferError, "DLPack has no such elements");
}

ElementType element_type_of(DlType type) {
  for (const TypePair& pair : type_pairs) {
    if (pair.code == type.code && 8 * element_bytes(pair.type) == type.bits && type.lanes == 1) return pair.type;
  }
  raise(PyExc_TypeError,
        std::format("a value cannot have elements of DLPack's type {} of {} bits", type.code, type.bits));
}

// What a lent tensor points to; destroyed by its deleter, on any thread.
template <typename Managed>
struct Lent {
  Managed managed{};
  std::vector<std::int64_t> extents, strides;
  std::shared_ptr<const void> owner;
};

template <typename Managed>
void delete_lent(Managed* managed) {
  delete static_cast<Lent<Managed>*>(managed->context);
}

template <typename Managed>
void drop_unused(PyObject* capsule, const char* name) {
  if (!PyCapsule_IsValid(capsule, name)) return;  // its consumer has it
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  if (managed->deleter != nullptr) managed->deleter(managed);
}

template <typename Managed>
Lent<Managed>* lent(const ArrayShape& shape, void* data, std::shared_ptr<const void> owner) {
  auto made = std::make_unique<Lent<Managed>>();
  made->extents = shape.extents;
  made->strides.resize(shape.extents.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.extents.size(); i-- > 0;) {
    made->strides[i] = step;
    step *= std::max<std::int64_t>(shape.extents[i], 1);
  }
  made->owner = std::move(owner);
  made->managed.tensor = {data,
                          dl_cpu,
                          0,
                          static_cast<std::int32_t>(shape.extents.size()),
                          dl_type_of(shape.type),
                          made->extents.data(),
                          made->strides.data(),
                          0};
  made->managed.deleter = &delete_lent<Managed>;
  made->managed.context = made.get();
  return made.release();
}

template <typename Managed>
nb::object capsule_of(Managed& managed, const char* name, PyCapsule_Destructor destructor) {
  PyObject* capsule = PyCapsule_New(&managed, name, destructor);
  if (capsule == nullptr) {
    managed.deleter(&managed);
    throw nb::python_error();
  }
  return nb::steal(capsule);
}

bool knows_versions(nb::handle max_version) { return !max_version.is_none() && nb::cast<int>(max_version[0]) >= 1; }

// The object's capsule, of version 1 where it knows that.
nb::object capsule_from(nb::handle object) {
  const nb::object method = object.attr("__dlpack__");
  try {
    return method(nb::arg("max_version") = nb::make_tuple(1, 1));
  } catch (nb::python_error& error) {
    if (!error.matches(PyExc_TypeError)) throw;
  }
  return method();  // of a time before versions
}

void check_device(nb::handle object) {
  if (!nb::hasattr(object, "__dlpack_device__")) return;
  const auto device = nb::cast<int>(nb::object(object.attr("__dlpack_device__")())[0]);
  if (device == dl_cpu || device == dl_cuda_host || device == dl_rocm_host) return;
  raise(PyExc_ValueError,
        std::format("a value lies in the memory of the processor: move this {} there first, as by .cpu()",
                    name_of_type(object)));
}

}  // namespace

nb::object lend_dlpack(const ArrayShape& shape, void* data, std::shared_ptr<const void> owner, bool is_read_only,
                       nb::handle max_version) {
  if (knows_versions(max_version)) {
    auto* made = lent<DlManagedVersioned>(shape, data, std::move(owner));
    made->managed.major = 1;
    made->managed.minor = 1;
    made->managed.flags = is_read_only ? dl_flag_read_only : 0;
    return capsule_of(made->managed, name_versioned,
                      [](PyObject* capsule) { drop_unused<DlManagedVersioned>(capsule, name_versioned); });
  }
  auto* made = lent<DlManaged>(shape, data, std::move(owner));
  return capsule_of(made->managed, name_plain, [](PyObject* capsule) { drop_unused<DlManaged>(capsule, name_plain); });
}

void check_dlpack_request(nb::handle stream, nb::handle dl_device, nb::handle copy, bool may_copy) {
  if (!stream.is_none()) raise(PyExc_ValueError, "memory of the processor has no streams: leave `stream` out");
  if (!dl_device.is_none() && nb::cast<int>(dl_device[0]) != dl_cpu)
    raise(PyExc_BufferError, "this lies in the memory of the processor: move it to another device afterwards");
  if (!may_copy && !copy.is_none() && nb::cast<bool>(copy))
    raise(PyExc_BufferError, "no copy is made here: copy it afterwards, as by .clone()");
}

BorrowedArray BorrowedArray::of(nb::handle object) {
  check_device(object);
  const nb::object capsule = capsule_from(object);
  BorrowedArray array;
  const DlTensor* tensor = nullptr;
  if (PyCapsule_IsValid(capsule.ptr(), name_versioned)) {
    auto* managed = static_cast<DlManagedVersioned*>(PyCapsule_GetPointer(capsule.ptr(), name_versioned));
    if (managed->major != 1) {
      raise(PyExc_BufferError, std::format("DLPack {}.{} is not known here", managed->major, managed->minor));
    }
    PyCapsule_SetName(capsule.ptr(), used_versioned);
    array.release_ = [managed] {
      if (managed->deleter != nullptr) managed->deleter(managed);
    };
    tensor = &managed->tensor;
  } else if (PyCapsule_IsValid(capsule.ptr(), name_plain)) {
    auto* managed = static_cast<DlManaged*>(PyCapsule_GetPointer(capsule.ptr(), name_plain));
    PyCapsule_SetName(capsule.ptr(), used_plain);
    array.release_ = [managed] {
      if (managed->deleter != nullptr) managed->deleter(managed);
    };
    tensor = &managed->tensor;
  } else {
    raise(PyExc_TypeError, std::format("__dlpack__ of this {} gave no tensor", name_of_type(object)));
  }
  if (tensor->ndim < 0 || static_cast<std::size_t>(tensor->ndim) > array_rank_max)
    raise(PyExc_ValueError,
          std::format("an array has {} dimensions at most; this one has {}", array_rank_max, tensor->ndim));
  const auto rank = static_cast<std::size_t>(tensor->ndim);
  array.shape_ = {element_type_of(tensor->type), {tensor->shape, tensor->shape + rank}};
  array.data_ = static_cast<const std::byte*>(tensor->data) + tensor->byte_offset;
  const auto item = static_cast<std::int64_t>(element_bytes(array.shape_.type));
  array.steps_.resize(rank);
  std::int64_t step = item;
  for (std::size_t i = rank; i-- > 0;) {
    array.steps_[i] = tensor->strides == nullptr ? step : tensor->strides[i] * item;
    step *= std::max<std::int64_t>(tensor->shape[i], 1);
  }
  return array;
}

BorrowedArray::BorrowedArray(BorrowedArray&& other) noexcept
    : shape_(std::move(other.shape_)),
      data_(other.data_),
      steps_(std::move(other.steps_)),
      release_(std::exchange(other.release_, nullptr)) {}

BorrowedArray::~BorrowedArray() {
  if (release_) release_();
}

}  // namespace fovea::python
