import Foundation
import TensorArchives
import TensorIO
import Testing

/// The folder that the environment names.
private let publishedFiles = ProcessInfo.processInfo.environment["LONGWAVE_FIELD_DATA"]

/// Files of neuraloperator and of Raissi's PINNs against the same arrays as `.npy`.
///
/// Runs where `LONGWAVE_FIELD_DATA` names a folder with them: `neuralop/*.pt` beside `darcy` and
/// `burgers`, and `pde/*.mat` beside `pde/*.npy`.
@Suite(.enabled(if: publishedFiles != nil)) struct PublishedFilesTests {
  static func path(_ name: String) -> String { "\(publishedFiles ?? "")/\(name)" }

  @Test(arguments: [
    ("darcy", "darcy_train_16"), ("darcy", "darcy_test_16"), ("darcy", "darcy_test_32"),
    ("burgers", "burgers_train_16"), ("burgers", "burgers_test_16"),
  ])
  func neuraloperator(folder: String, name: String) throws {
    let archive = try TensorArchive(Self.path("neuralop/\(name).pt"))
    for key in ["x", "y"] {
      let twin = try NpyFile.read(Self.path("\(folder)/\(name)_\(key).npy"))
      #expect(try archive.entry(key).shape == twin.shape)
      #expect(try archive.read(key).floats() == twin.floats())
      #expect(try archive.read(key, rows: 7..<9).floats() == twin.selecting(.rows(7..<9)).floats())
    }
  }

  @Test(arguments: [
    ("AC", "uu", "tt"), ("KS", "uu", "tt"), ("KdV", "uu", "tt"), ("NLS", "uu", "tt"),
    ("burgers_shock", "usol", "t"),
  ])
  func physicsInformedNetworks(name: String, state: String, time: String) throws {
    let archive = try TensorArchive(Self.path("pde/\(name).mat"))
    for (key, twin) in [("x", "x"), (time, "t")] {
      let twin = try NpyFile.read(Self.path("pde/\(name)_\(twin).npy"))
      #expect(try archive.read(key).doubles() == twin.doubles())
    }
    // The twins have time first.
    let twin = try NpyFile.read(Self.path("pde/\(name)_u.npy"))
    let (times, points) = (twin.shape[0], twin.shape[1])
    let parts = twin.shape.count == 3 ? 2 : 1
    let values = try archive.read(state).doubles()
    let expected = try twin.doubles()
    #expect(
      try archive.entry(state).shape == (parts == 2 ? [points, times, 2] : [points, times]))
    var differences = 0
    for point in 0..<points {
      for time in 0..<times {
        for part in 0..<parts
        where values[(point * times + time) * parts + part]
          != expected[(time * points + point) * parts + part]
        {
          differences += 1
        }
      }
    }
    #expect(differences == 0)
  }
}
