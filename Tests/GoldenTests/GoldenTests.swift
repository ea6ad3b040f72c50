import Longwave
import Testing

/// Thrown by the check of a family for a case that the library has no counterpart of.
struct GoldenSkip: Error {
  let reason: String
}

/// Outputs and gradients of the original implementations, case by case.
///
/// A family is a prefix of the case's name. Families that this library does not have yet are
/// counted and skipped, and so are cases that reproduce a defect of their original.
@Suite struct GoldenTests {
  private static let families:
    [(prefix: String, check: @Sendable (inout GoldenComparison) throws -> Void)] = [
      ("fftconv_", checkConvolution),
      ("depthwise_", checkDepthwise),
      ("sgconv_", checkSGConv),
      ("hyena_", checkHyena),
      ("longconv_", checkLongConvolution),
      ("s4d_", checkMinimalS4D),
      ("s4_hippo_init", checkHiPPO),
      ("s4_", checkS4),
      ("safari_sskernel_", checkSafariKernel),
      ("h3_", checkH3Operator),
      ("multires_", checkMultiresolution),
      ("multiresnet_", checkMultiresolutionNetwork),
      ("dcls1d_", checkLearnableSpacings),
      ("ckconv_", checkCKConv),
      ("flexconv_", checkFlexConv),
      ("ccnn_", checkCCNN),
      ("smpconv_", checkSMPConv),
      ("stripedhyena_", checkStripedHyena),
      ("vortex_", checkVortex),
      ("distill_", checkDistillation),
      ("grid_embedding", checkGridEmbedding),
      ("spectralconv_", checkSpectralConvolution),
      ("fno", checkFourierNeuralOperator),
      ("tfno", checkFourierNeuralOperator),
      ("uno", checkUShapedNeuralOperator),
      ("lploss_", checkLpLoss),
      ("h1loss_", checkH1Loss),
      ("pde_advection", checkAdvection),
      ("pde_heat", checkHeat),
      ("pde_wave", checkWave),
      ("pde_burgers_", checkBurgers),
      ("pde_kdv_", checkKortewegDeVries),
      ("pde_ks", checkKuramotoSivashinsky),
      ("pde_poisson", checkPoisson),
      ("pde_darcy_", checkDarcy),
      ("pde_navier_stokes", checkNavierStokes),
    ]

  @Test func everyCaseOfTheFamiliesBuilt() throws {
    let folder = try GoldenFolder()
    var checked = 0
    var skipped: [String: Int] = [:]
    for golden in folder.index.cases {
      guard let family = Self.families.first(where: { golden.name.hasPrefix($0.prefix) }) else {
        skipped["family not built: \(golden.name.prefix { $0 != "_" })", default: 0] += 1
        continue
      }
      if golden.originalBug {
        skipped["defect of the original", default: 0] += 1
        continue
      }
      var comparison = GoldenComparison(golden, try folder.file(golden))
      do {
        try family.check(&comparison)
      } catch let skip as GoldenSkip {
        skipped[skip.reason, default: 0] += 1
        continue
      }
      comparison.expectEverythingCompared()
      checked += 1
    }
    print("golden: \(checked) cases checked in \(folder.path)")
    for (reason, count) in skipped.sorted(by: { $0.key < $1.key }) {
      print("golden: \(count) skipped, \(reason)")
    }
    #expect(checked > 0, "no golden case found in \(folder.path)")
  }
}
