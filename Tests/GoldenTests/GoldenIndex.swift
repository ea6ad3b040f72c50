import Foundation
import Longwave

/// The index of a folder of golden cases: what each holds and how closely it is to be met.
struct GoldenIndex: Decodable {
  struct Tolerance: Decodable {
    let output: Double?
    let grad: Double?
    let aux: Double?
    let outputRelaxed: Double?
    let gradRelaxed: Double?

    enum CodingKeys: String, CodingKey {
      case output, grad, aux
      case outputRelaxed = "output_relaxed"
      case gradRelaxed = "grad_relaxed"
    }
  }

  struct Case: Decodable {
    let name: String
    let file: String
    let args: [String: Argument]
    let tolerance: Tolerance
    /// Missing where the original was run in double precision only.
    let toleranceByTensor: [String: Double]?
    let nearZero: [String: Double]?
    let tensors: [String: [Int]]
    let originalBug: Bool

    enum CodingKeys: String, CodingKey {
      case name, file, args, tolerance, tensors
      case toleranceByTensor = "tolerance_by_tensor"
      case nearZero = "near_zero_abs_tolerance"
      case originalBug = "original_bug"
    }

    /// The larger of the tensor's own tolerance and the one of its kind.
    func tolerance(of tensor: String) -> Double {
      let ofKind =
        tensor.hasPrefix("grad.")
        ? tolerance.gradRelaxed ?? tolerance.grad : tolerance.outputRelaxed ?? tolerance.output
      return max(toleranceByTensor?[tensor] ?? 0, ofKind ?? 0)
    }
  }

  /// A constructor argument: any JSON value.
  indirect enum Argument: Decodable {
    case bool(Bool), number(Double), text(String), object([String: Argument]), other

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let value = try? container.decode(String.self) {
        self = .text(value)
      } else if let value = try? container.decode([String: Argument].self) {
        self = .object(value)
      } else {
        self = .other
      }
    }

    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var object: [String: Argument]? { if case .object(let value) = self { value } else { nil } }
  }

  let cases: [Case]
}

/// The folder of golden cases: `LONGWAVE_GOLDEN` if that is set, else the fixtures.
struct GoldenFolder {
  let path: String
  let index: GoldenIndex

  init() throws {
    if let folder = ProcessInfo.processInfo.environment["LONGWAVE_GOLDEN"], !folder.isEmpty {
      path = folder
    } else {
      path = Bundle.module.bundlePath + "/Fixtures"
    }
    let data = try Data(contentsOf: URL(fileURLWithPath: path + "/index.json"))
    index = try JSONDecoder().decode(GoldenIndex.self, from: data)
  }

  func file(_ golden: GoldenIndex.Case) throws -> SafetensorsFile {
    try SafetensorsFile(readingFrom: path + "/" + golden.file)
  }
}
