// Principal component analysis: the few directions in which vectors differ most.
//
//   PrincipalAxes axes = FindPrincipalAxes(vectors, 384, 96);
//   axes.Project(vector, short_vector);
//
// The eigenvectors come from cyclic Jacobi rotations (Jacobi 1846; Golub & Van Loan 2013, 8.5) in
// double and a fixed order, so the same input gives the same bits on every host. Thread safety:
// plain values and pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace smartsynch {

struct PrincipalAxes {
  std::size_t input = 0;     // length of a vector
  std::size_t axes = 0;      // how many directions are kept, the strongest first
  std::vector<float> mean;   // [input], taken off first
  std::vector<float> basis;  // [axes, input], orthonormal rows
  double explained = 0.0;    // share of the variance that the axes hold, 0..1

  // `vector`: [input]; `out`: [axes].
  void Project(const float* vector, float* out) const;
};

// `vectors`: [rows, input]; `axes` is at most `input`. With no row, or no variance, the axes are
// some orthonormal directions.
PrincipalAxes FindPrincipalAxes(std::span<const float> vectors, std::size_t input,
                                std::size_t axes);

}  // namespace smartsynch
