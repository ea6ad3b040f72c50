#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A linear map that multiplies every coefficient of a spectrum by a number of its own.
struct Diagonal {
  /// One factor for each double, or interleaved complex factors for interleaved coefficients.
  let factors: [Double]
  let isComplex: Bool

  /// `result = self·x`.
  func multiply(_ x: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
    let count = factors.count
    factors.withUnsafeBufferPointer { factors in
      guard let factors = factors.baseAddress else { return }
      guard isComplex else {
        for index in 0..<count { result[index] = factors[index] * x[index] }
        return
      }
      for index in stride(from: 0, to: count, by: 2) {
        let (real, imaginary) = (x[index], x[index + 1])
        result[index] = factors[index] * real - factors[index + 1] * imaginary
        result[index + 1] = factors[index] * imaginary + factors[index + 1] * real
      }
    }
  }

  /// `result += self·x`.
  func multiplyAdd(_ x: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
    let count = factors.count
    factors.withUnsafeBufferPointer { factors in
      guard let factors = factors.baseAddress else { return }
      guard isComplex else {
        for index in 0..<count { result[index] += factors[index] * x[index] }
        return
      }
      for index in stride(from: 0, to: count, by: 2) {
        let (real, imaginary) = (x[index], x[index + 1])
        result[index] += factors[index] * real - factors[index + 1] * imaginary
        result[index + 1] += factors[index] * imaginary + factors[index + 1] * real
      }
    }
  }

  /// The map with every factor replaced by a function of it, given as real and imaginary part.
  ///
  /// A real map stays real: the imaginary part of the function's value is dropped.
  func mapped(_ function: (_ real: Double, _ imaginary: Double) -> (Double, Double)) -> Diagonal {
    var result = factors
    if isComplex {
      for index in stride(from: 0, to: factors.count, by: 2) {
        (result[index], result[index + 1]) = function(factors[index], factors[index + 1])
      }
    } else {
      // The two parts of a complex coefficient share their factor.
      for index in factors.indices {
        result[index] =
          index > 0 && factors[index] == factors[index - 1]
          ? result[index - 1] : function(factors[index], 0).0
      }
    }
    return Diagonal(factors: result, isComplex: isComplex)
  }

  /// `exp(self·time)`.
  func exponential(time: Double) -> Diagonal {
    mapped { real, imaginary in
      let size = exp(real * time)
      return (size * cos(imaginary * time), size * sin(imaginary * time))
    }
  }
}
