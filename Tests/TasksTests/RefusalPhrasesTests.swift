import Tasks
import XCTest

/// What reads as a refusal.
final class RefusalPhrasesTests: XCTestCase {
    func testRefusals() {
        for text in [
            "I'm sorry, but I can't help with that.", "I’m sorry, I cannot do it.", "As an AI, I have no opinions.",
            "Unfortunately, I am unable to say.", "i CANNOT answer this",
        ] { XCTAssertTrue(RefusalPhrases.isRefusal(text), text) }
        for text in [
            "", "The answer is (A).", "You can't miss it: the library is on the left.", "Sorry to hear that! Try tea.",
            "Air and water are both fluids.",
        ] { XCTAssertFalse(RefusalPhrases.isRefusal(text), text) }
        let late = Array(repeating: "word", count: 40).joined(separator: " ") + " I cannot"
        XCTAssertFalse(RefusalPhrases.isRefusal(late), "what comes after thirty words is no refusal")
    }
}
