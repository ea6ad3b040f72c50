import SequenceTensor
import SpectralCore
import Testing

/// The values of a spectrum by mode, and what its shapes must be.
@Suite struct SpectrumTests {
  @Test func modesOfAGrid() {
    #expect(Spectrum.modeShape(of: [8]) == [5])
    #expect(Spectrum.modeShape(of: [9]) == [5])
    #expect(Spectrum.modeShape(of: [6, 1]) == [6, 1])
    #expect(Spectrum.modeShape(of: [3, 4, 6]) == [3, 4, 4])
  }

  @Test func valuesByMode() {
    var spectrum = Spectrum(zeros: [4, 6], batch: 2, channels: 3)
    #expect(spectrum.values.shape == [2, 4, 4, 3, 2])
    #expect(spectrum.batch == 2 && spectrum.channels == 3 && spectrum.modeShape == [4, 4])
    let before = spectrum
    spectrum[batch: 1, mode: [3, 2], channel: 2] = (5, -6)
    #expect(spectrum.values[1, 3, 2, 2, 0] == 5)
    #expect(spectrum.values[1, 3, 2, 2, 1] == -6)
    #expect(spectrum[batch: 1, mode: [3, 2], channel: 2] == (5, -6))
    #expect(before == Spectrum(zeros: [4, 6], batch: 2, channels: 3))
    #expect(spectrum.values.sumOfSquares() == 61)
  }

  @Test func wrongShapesStop() async {
    await #expect(processExitsWith: .failure) {
      _ = Spectrum(values: Tensor(zeros: [1, 4, 2, 2]), gridShape: [8])
    }
    await #expect(processExitsWith: .failure) {
      _ = Spectrum(values: Tensor(zeros: [1, 5, 2, 3]), gridShape: [8])
    }
    await #expect(processExitsWith: .failure) {
      _ = Spectrum(values: Tensor(zeros: [5, 2, 2]), gridShape: [8])
    }
    await #expect(processExitsWith: .failure) {
      _ = Spectrum(zeros: [8], batch: 1, channels: 1)[batch: 0, mode: [5], channel: 0]
    }
    await #expect(processExitsWith: .failure) { _ = RealTransform(gridShape: [4, 0]) }
    await #expect(processExitsWith: .failure) { _ = RealTransform(gridShape: [2, 2, 2, 2]) }
    await #expect(processExitsWith: .failure) {
      _ = RealTransform(gridShape: [8]).forward(Tensor(zeros: [1, 9, 1]))
    }
    await #expect(processExitsWith: .failure) {
      // 8 and 9 have as many modes, but not the same inverse.
      _ = RealTransform(gridShape: [8]).inverse(Spectrum(zeros: [9], batch: 1, channels: 1))
    }
  }
}
