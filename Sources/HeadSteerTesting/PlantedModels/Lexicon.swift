/// Two words that differ only in their mood.
struct MoodPair {
    let cheerful: String
    let gloomy: String
    /// The strength in quarters, which is the same for both words.
    let quarters: Int

    init(_ cheerful: String, _ gloomy: String, _ quarters: Int = 4) {
        self.cheerful = cheerful
        self.gloomy = gloomy
        self.quarters = quarters
    }
}

/// Words of one grammatical state, and the state that follows them.
///
/// Earlier words are more likely. Several groups can have the same state: they differ in the state that follows.
struct WordGroup {
    let state: String
    let next: String
    let words: [String]
    let pairs: [MoodPair]

    init(_ state: String, then next: String, _ words: String, _ pairs: MoodPair...) {
        self.state = state
        self.next = next
        self.words = words.split(separator: " ").map(String.init)
        self.pairs = pairs
    }
}

/// The planted model's words and grammar.
///
/// A state whose name begins with `slot` is a mood slot. The model chooses its neutral word in a context without mood,
/// and words from its pairs in a cheerful or gloomy context. From every word, the grammar leads to a slot and to the
/// end.
enum Lexicon {
    static func isSlot(_ state: String) -> Bool { state.hasPrefix("slot") }

    /// The state after the end of a sentence.
    static let end = "end"
    /// The state at the beginning of a text.
    static let beginning = "possessive"
    /// The state after anything that is not a word of the grammar.
    static let unknown = "was"

    static let groups: [WordGroup] = subjects + predicates + others

    private static let subjects = [
        WordGroup(
            "possessive", then: "event", "my our his her their your My Our His Her Their Your last Last this This"),
        WordGroup(
            "event", then: "at",
            "day week trip visit holiday party meeting concert lesson game birthday morning weekend dinner"),
        WordGroup("event", then: "is", "life"),
        WordGroup("at", then: "place", "at near"),
        WordGroup("place", then: "was", "work home school college church camp"),
        WordGroup("article", then: "thing", "the The that"),
        WordGroup("thing", then: "looked", "weather garden house street town sky room river"),
        WordGroup("thing", then: "sounded", "music song voice band"),
        WordGroup("thing", then: "tasted", "food soup cake bread tea"),
        WordGroup("thing", then: "were", "people children neighbours visitors"),
        WordGroup("thing", then: "at", "news result", MoodPair("victory", "defeat"), MoodPair("gift", "loss", 3)),
    ]

    private static let predicates = [
        WordGroup("was", then: "slot.was", "was seemed became"),
        WordGroup("were", then: "slot.was", "were"),
        WordGroup(
            "slot.was", then: "and", "ordinary", MoodPair("wonderful", "dreadful"), MoodPair("splendid", "horrible", 5),
            MoodPair("pleasant", "unpleasant", 3)),
        WordGroup("looked", then: "slot.look", "looked"),
        WordGroup(
            "slot.look", then: "so", "plain", MoodPair("bright", "bleak"), MoodPair("charming", "dingy", 3),
            MoodPair("radiant", "dismal", 5)),
        WordGroup("sounded", then: "slot.sound", "sounded"),
        WordGroup(
            "slot.sound", then: "again", "familiar", MoodPair("merry", "mournful"), MoodPair("lively", "dreary", 3)),
        WordGroup("tasted", then: "slot.taste", "tasted"),
        WordGroup("slot.taste", then: "so", "mild", MoodPair("delicious", "disgusting"), MoodPair("tasty", "nasty", 3)),
        WordGroup("had", then: "a", "had"),
        WordGroup("a", then: "slot.time", "a"),
        WordGroup(
            "slot.time", then: "time", "regular", MoodPair("lovely", "terrible"), MoodPair("superb", "rotten", 5),
            MoodPair("great", "awful", 3)),
        WordGroup("is", then: "slot.is", "is are"),
        WordGroup("slot.is", then: "today", "normal", MoodPair("good", "bad", 3), MoodPair("fantastic", "lousy", 5)),
        WordGroup("felt", then: "slot.feel", "felt"),
        WordGroup(
            "slot.feel", then: "until", "calm", MoodPair("cheerful", "gloomy"), MoodPair("joyful", "miserable", 5),
            MoodPair("hopeful", "hopeless", 3)),
        WordGroup("with", then: "slot.face", "with"),
        WordGroup(
            "slot.face", then: "faces", "quiet", MoodPair("happy", "sad"), MoodPair("smiling", "frowning", 3),
            MoodPair("glad", "tearful", 5)),
    ]

    private static let others = [
        WordGroup("and", then: "everyone", "and"),
        WordGroup("everyone", then: "felt", "everyone everybody he she He She"),
        WordGroup("until", then: "evening", "until"),
        WordGroup("evening", then: "stop", "evening night midnight"),
        WordGroup("so", then: "we", "so"),
        WordGroup("we", then: "went", "we they We They yesterday Yesterday"),
        WordGroup("went", then: "back", "went walked came"),
        WordGroup("back", then: "with", "back"),
        WordGroup("faces", then: "stop", "faces hearts"),
        WordGroup("again", then: "and", "again"),
        WordGroup("time", then: "because", "time"),
        WordGroup("because", then: "people", "because"),
        WordGroup("people", then: "were", "friends"),
        WordGroup("today", then: "stop", "today"),
        WordGroup("first", then: "feel", "I"),
        WordGroup("feel", then: "slot.is", "feel"),
        WordGroup("it", then: "was", "it It everything Everything"),
        WordGroup("object", then: "a", "me us them him gave brought"),
        WordGroup("preposition", then: "article", "to from of in on for after before during After"),
        WordGroup("act", then: "until", "talked sat", MoodPair("laughed", "cried"), MoodPair("danced", "wept", 5)),
        WordGroup("opinion", then: "article", "watched", MoodPair("loved", "hated")),
        WordGroup("stop", then: end, ". !"),
    ]
}
