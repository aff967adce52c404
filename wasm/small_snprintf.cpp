// snprintf() for what these modules print: the JSON library writes control characters of a text as
// whole numbers, such as "\u%04x". The C library's own would bring along how numbers with a point
// are written, 3 kB of a download that people wait for.
//
// Knows %d, %u, %x, %X, %p, %s, %c and %%, with a width, a leading zero, a precision, and the
// lengths hh, h, l and z; any other conversion is written as it stands. Returns what C's does: the
// length that the whole text has or would have.
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace {

class Output {
 public:
  Output(char* start, std::size_t size) : start_(start), size_(size) {}

  void Put(char letter) {
    if (length_ + 1 < size_) start_[length_] = letter;
    ++length_;
  }
  // `text` is filled up to `width` from the left.
  void Put(const char* text, std::size_t length, std::size_t width, char filling) {
    for (std::size_t i = length; i < width; ++i) Put(filling);
    for (std::size_t i = 0; i < length; ++i) Put(text[i]);
  }
  int End() {
    if (size_ > 0) start_[length_ < size_ ? length_ : size_ - 1] = '\0';
    return static_cast<int>(length_);
  }

 private:
  char* start_;
  std::size_t size_;
  std::size_t length_ = 0;
};

struct Conversion {
  std::size_t width = 0;
  std::size_t precision = 0;
  bool has_precision = false;
  char filling = ' ';
};

std::size_t ReadNumber(const char*& format) {
  std::size_t value = 0;
  for (; *format >= '0' && *format <= '9'; ++format) {
    value = value * 10 + static_cast<std::size_t>(*format - '0');
  }
  return value;
}

Conversion ReadConversion(const char*& format) {
  Conversion conversion;
  if (*format == '0') conversion.filling = '0';
  conversion.width = ReadNumber(format);
  if (*format == '.') {
    conversion.has_precision = true;
    conversion.precision = ReadNumber(++format);
  }
  while (*format == 'h' || *format == 'l' || *format == 'z') ++format;
  return conversion;
}

void PutNumber(Output& out, Conversion how, unsigned long value, bool is_negative, char kind) {
  const unsigned long base = kind == 'x' || kind == 'X' ? 16 : 10;
  const char* digits = kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
  char text[64];
  std::size_t begin = sizeof text;
  do {
    text[--begin] = digits[value % base];
    value /= base;
  } while (value > 0);
  const std::size_t fewest = how.has_precision ? how.precision : 0;
  while (begin > 1 && sizeof text - begin < fewest) text[--begin] = '0';
  if (is_negative) text[--begin] = '-';
  out.Put(text + begin, sizeof text - begin, how.width, how.has_precision ? ' ' : how.filling);
}

int Format(Output out, const char* format, std::va_list arguments) {
  while (*format != '\0') {
    if (*format != '%') {
      out.Put(*format++);
      continue;
    }
    const char* begin = format++;
    const Conversion how = ReadConversion(format);
    const char kind = *format == '\0' ? '\0' : *format++;
    if (kind == 'd') {
      const long value = va_arg(arguments, long);
      const auto magnitude = static_cast<unsigned long>(value);
      PutNumber(out, how, value < 0 ? 0UL - magnitude : magnitude, value < 0, kind);
    } else if (kind == 'p') {
      const auto* pointer = va_arg(arguments, const void*);
      PutNumber(out, how, reinterpret_cast<std::uintptr_t>(pointer), false, 'x');
    } else if (kind == 'u' || kind == 'x' || kind == 'X') {
      PutNumber(out, how, va_arg(arguments, unsigned long), false, kind);
    } else if (kind == 's') {
      const char* text = va_arg(arguments, const char*);
      const std::size_t length = std::strlen(text);
      const bool is_cut = how.has_precision && how.precision < length;
      out.Put(text, is_cut ? how.precision : length, how.width, ' ');
    } else if (kind == 'c') {
      out.Put(static_cast<char>(va_arg(arguments, int)));
    } else if (kind == '%') {
      out.Put('%');
    } else {
      out.Put(begin, static_cast<std::size_t>(format - begin), 0, ' ');
    }
  }
  return out.End();
}

}  // namespace

extern "C" int snprintf(char* start, std::size_t size, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const int length = Format({start, size}, format, arguments);
  va_end(arguments);
  return length;
}

// What Emscripten calls a sprintf() that writes no numbers with a point: Embind's way to name a
// type.
extern "C" int siprintf(char* start, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const int length = Format({start, SIZE_MAX}, format, arguments);
  va_end(arguments);
  return length;
}
