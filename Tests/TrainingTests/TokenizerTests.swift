import Testing
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct VocabularyTests {
  @Test func orderIsFrequencyThenScalars() throws {
    let counts = [("b", 2), ("a", 2), ("é", 2), ("z", 5), ("rare", 1), ("𝄞", 2), ("\u{FFFD}", 2)]
    let named = counts.map { (token: $0.0, count: $0.1) }
    let vocabulary = try Vocabulary(counts: named, minimumFrequency: 2)
    #expect(vocabulary.specials == ["<pad>", "<unk>", "<eos>"])
    // U+FFFD before U+1D11E, unlike in the order of UTF-16.
    #expect(vocabulary.tokens == ["z", "a", "b", "é", "\u{FFFD}", "𝄞"])
    #expect(vocabulary.count == 9 && vocabulary[3] == "z" && vocabulary[0] == "<pad>")
    #expect(vocabulary.beginOfSequence == nil && vocabulary.endOfSequence == 2)
    let all = try Vocabulary(counts: named.reversed(), hasBeginOfSequence: true)
    #expect(all.specials == ["<pad>", "<unk>", "<bos>", "<eos>"])
    #expect(all.beginOfSequence == 2 && all.endOfSequence == 3 && all.tokens.last == "rare")
  }

  @Test func unknownTokens() throws {
    let vocabulary = try Vocabulary(tokens: ["a", "b"], hasEndOfSequence: false)
    #expect(try vocabulary.encode(["b", "c", "a"]) == [3, 1, 2])
    #expect(vocabulary.decode([3, 1, 0]) == ["b", "<unk>", "<pad>"])
    expectDataError("x.txt:3", expected: "a token of the vocabulary", got: "'c'") {
      _ = try vocabulary.encode(["b", "c"], unknownTokens: .reject, at: "x.txt:3")
    }
    expectDataError(
      "vocabulary entry 3", expected: "a token that appears once", got: "'a' again"
    ) { _ = try Vocabulary(tokens: ["a", "a"], hasEndOfSequence: false) }
    #expect(throws: DataError.self) { try Vocabulary(tokens: ["<pad>"]) }
  }

  @Test func canonicallyEquivalentTokensDiffer() throws {
    let vocabulary = try Vocabulary(tokens: ["\u{E9}", "e\u{301}"])
    #expect(try vocabulary.encode(["e\u{301}", "\u{E9}"]) == [4, 3])
    #expect(try Vocabulary(tokens: ["\u{E9}"]) != Vocabulary(tokens: ["e\u{301}"]))
    #expect(try Vocabulary(tokens: ["a"]) != Vocabulary(tokens: ["a"], hasEndOfSequence: false))
  }

  @Test func jsonIsReadableAndChecked() throws {
    let vocabulary = try Vocabulary(tokens: ["\n", "é", "e\u{301}"], hasBeginOfSequence: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = String(decoding: try encoder.encode(vocabulary), as: UTF8.self)
    #expect(
      json
        == #"{"specials":["<pad>","<unk>","<bos>","<eos>"],"tokens":["\n","é","e\#u{301}"]}"#)
    func decoded(_ json: String) throws -> Vocabulary {
      try JSONDecoder().decode(Vocabulary.self, from: Data(json.utf8))
    }
    #expect(try decoded(json) == vocabulary)
    for wrong in [
      #"{"specials":["<unk>","<pad>"],"tokens":[]}"#, #"{"specials":[],"tokens":[]}"#,
      #"{"specials":["<pad>","<unk>"],"tokens":["a","a"]}"#,
      #"{"specials":["<pad>","<unk>","<eos>","<bos>"],"tokens":[]}"#,
    ] {
      #expect(throws: DecodingError.self) { try decoded(wrong) }
    }
  }
}

@Suite struct TextTokenizerTests {
  @Test func charactersAreUnicodeScalars() throws {
    let options = TokenizationOptions()
    // é as two scalars, then as one; a clef outside the basic plane; CR and LF apart.
    let text = "e\u{301}\u{E9}𝄞\r\n"
    let vocabulary = try TextTokenizer.characterVocabulary(
      of: [Array(text.utf8), Array("ee€".utf8)], options: options)
    #expect(
      vocabulary.tokens.map { $0.unicodeScalars.map(\.value) }
        == [[0x65], [0x0A], [0x0D], [0xE9], [0x301], [0x20AC], [0x1D11E]])
    let tokenizer = try TextTokenizer(level: .character, vocabulary: vocabulary, options: options)
    #expect(try tokenizer.encode(text) == [3, 7, 6, 9, 5, 4, 2])
    #expect(try tokenizer.encode("e?€") == [3, 1, 8, 2])
    #expect(tokenizer.decode([3, 7, 6, 2]).utf8.elementsEqual("e\u{301}\u{E9}<eos>".utf8))
  }

  @Test func rareCharactersAreUnknownOrRejected() throws {
    let texts = ["aab", "abc"].map { Array($0.utf8) }
    var options = TokenizationOptions()
    let vocabulary = try TextTokenizer.characterVocabulary(
      of: texts, minimumFrequency: 2, options: options)
    #expect(vocabulary.tokens == ["a", "b"])
    let lenient = try TextTokenizer(level: .character, vocabulary: vocabulary, options: options)
    #expect(try lenient.encode(texts[1]) == [3, 4, 1, 2])
    options.unknownTokens = .reject
    let strict = try TextTokenizer(level: .character, vocabulary: vocabulary, options: options)
    expectDataError(
      "a.txt", expected: "characters of the vocabulary", got: "'c' as character 3"
    ) { _ = try strict.encode(texts[1], at: "a.txt") }
  }

  @Test func bytesHaveAFixedVocabulary() throws {
    var options = TokenizationOptions(appendBeginOfSequence: true)
    let vocabulary = try TextTokenizer.byteVocabulary(options: options)
    #expect(vocabulary.count == 260 && vocabulary.tokens[10] == "<0x0A>")
    #expect(vocabulary.tokens[0] == "<0x00>" && vocabulary.tokens[255] == "<0xFF>")
    let tokenizer = try TextTokenizer(level: .byte, vocabulary: vocabulary, options: options)
    #expect(try tokenizer.encode("Aé") == [2, 4 + 0x41, 4 + 0xC3, 4 + 0xA9, 3])
    #expect(tokenizer.decode(try tokenizer.encode("Aé")) == "<bos>Aé<eos>")
    options.appendBeginOfSequence = false
    let small = try Vocabulary(tokens: ["a"])
    expectDataError(
      "vocabulary", expected: "the 256 tokens <0x00> to <0xFF> of the byte level",
      got: "1 tokens"
    ) { _ = try TextTokenizer(level: .byte, vocabulary: small, options: options) }
    let words = try Vocabulary(tokens: ["a", "word"])
    expectDataError(
      "vocabulary entry 4", expected: "a token of one character", got: "'word'"
    ) { _ = try TextTokenizer(level: .character, vocabulary: words, options: options) }
  }

  @Test(arguments: TextLevel.allCases)
  func truncationKeepsRoomForSpecials(level: TextLevel) throws {
    // "ab" are ids 4 and 5 as characters after four special tokens, or after two without them.
    for (begin, end) in [(false, false), (true, false), (false, true), (true, true)] {
      let options = TokenizationOptions(
        maximumLength: 4, appendBeginOfSequence: begin, appendEndOfSequence: end)
      let vocabulary =
        level == .byte
        ? try TextTokenizer.byteVocabulary(options: options)
        : try Vocabulary(
          tokens: ["a", "b"], hasBeginOfSequence: begin, hasEndOfSequence: end)
      let tokenizer = try TextTokenizer(level: level, vocabulary: vocabulary, options: options)
      let ids = try tokenizer.encode("abababab")
      let kept = 4 - (begin ? 1 : 0) - (end ? 1 : 0)
      let text = (begin ? "<bos>" : "") + "abab".prefix(kept) + (end ? "<eos>" : "")
      #expect(ids.count == 4 && tokenizer.decode(ids) == text)
      #expect(try tokenizer.encode("a").count == 1 + 4 - kept)
    }
    let options = TokenizationOptions(maximumLength: 1)
    let vocabulary = try TextTokenizer.byteVocabulary(options: options)
    expectDataError("tokenization option maximumLength", expected: "at least 2", got: "1") {
      _ = try TextTokenizer(level: .byte, vocabulary: vocabulary, options: options)
    }
  }

  @Test func onlyKeptCharactersAreCounted() throws {
    let vocabulary = try TextTokenizer.characterVocabulary(
      of: [Array("abcc".utf8)], options: TokenizationOptions(maximumLength: 3))
    #expect(vocabulary.tokens == ["a", "b"])
  }
}
