import DataSets
import Foundation
import HeadSteerTesting

/// The planted model's mood as each preset's kind of data.
enum PresetData {
    static let cheerful = [
        " wonderful", " splendid", " lovely", " pleasant", " happy", " cheerful", " joyful", " glad",
    ]
    static let gloomy = [
        " dreadful", " horrible", " terrible", " unpleasant", " sad", " gloomy", " miserable", " tearful",
    ]

    /// Prompts that end before a mood slot, with many cheerful and gloomy words.
    static let contrasts = [
        "My day at work was", "our trip was", "Yesterday they went back with", "I feel",
        "After the meeting everyone felt", "the people at the party were", "The game was ordinary and everyone felt",
        "Her birthday at home became", "We had a", "the food tasted mild so we walked back with",
    ].map { ContrastPrompt(prompt: $0, positive: cheerful, negative: gloomy) }

    /// The same as questions with two answers each.
    static let choices = contrasts.enumerated().map { index, row in
        ChoiceQuestion(
            question: row.prompt, matching: [cheerful[index % 8]], notMatching: [gloomy[index % 8]])
    }
}
