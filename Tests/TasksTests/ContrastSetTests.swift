import DataSets
import Foundation
import HeadSteerTesting
import Tasks
import XCTest
import _TestSupport

/// How the rows of data sets become prompts and tokens.
final class ContrastSetTests: XCTestCase {
    private func set(_ json: String) throws -> (set: ContrastSet, planted: PlantedModel) {
        let planted = try PlantedModel()
        let data = try DataSet(parsing: Data(json.utf8), file: "rows.json")
        return (try ContrastSet(data, tokenizer: planted.tokenizer, file: "rows.json"), planted)
    }

    private func ids(_ planted: PlantedModel, _ text: String) throws -> [Int] {
        try planted.tokenizer.encode(prompt: text, completion: "").prompt
    }

    func testContrastRows() throws {
        let (set, planted) = try set(
            #"[{"prompt": "My day at work was", "positive": [" wonderful", " lovely"], "negative": " dreadful"}]"#)
        XCTAssertEqual(set.source, .contrast)
        let item = set.items[0]
        XCTAssertEqual(item.prompt, try ids(planted, "My day at work was"))
        XCTAssertEqual(
            item.positive, try ["wonderful", "lovely"].map { try XCTUnwrap(ids(planted, "was \($0)").last) }.sorted())
        XCTAssertEqual(item.negative, [try XCTUnwrap(ids(planted, "was dreadful").last)])
    }

    /// What all answers begin with belongs to the prompt; what comes after decides.
    func testCommonBeginningsGoToThePrompt() throws {
        let (set, planted) = try set(
            """
            [{"question": "I feel", "answer_matching_behavior": " everyone felt happy",
              "answer_not_matching_behavior": " everyone felt gloomy"}]
            """)
        XCTAssertEqual(set.source, .choice)
        XCTAssertEqual(set.items[0].prompt, try ids(planted, "I feel everyone felt"))
        XCTAssertEqual(set.items[0].positive, [try XCTUnwrap(ids(planted, "felt happy").last)])
    }

    func testAnswersThatCanNotBeToldApart() throws {
        for (json, expected) in [
            (#"[{"prompt": "I feel", "positive": " good", "negative": " good today"}]"#, "beginning"),
            (#"[{"prompt": "I feel", "positive": [" good today", " bad"], "negative": " good again"}]"#, "same token"),
        ] {
            XCTAssertThrowsError(try set(json)) { error in
                XCTAssertTrue("\(error)".contains(expected), "\(error)")
                XCTAssertTrue("\(error)".contains("rows.json: line 1"), "\(error)")
            }
        }
    }

    func testLabelledCompletionsOfOnePrompt() throws {
        let (set, planted) = try set(
            """
            [{"prompt": "I feel", "completion": " good", "label": true, "group": "a"},
             {"prompt": "I feel", "completion": " bad", "label": false, "group": "a"}]
            """)
        XCTAssertEqual(set.source, .completions)
        XCTAssertEqual(set.items.count, 1)
        XCTAssertEqual(set.items[0].positive, [try XCTUnwrap(ids(planted, "feel good").last)])
    }
}
