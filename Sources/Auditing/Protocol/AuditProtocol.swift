/// What an audit does, and with which numbers: fixed, so that the figures of different models can be compared. A change of any
/// of them is another version.
///
/// The article "Audit a behaviour" says why each number is what it is.
public enum AuditProtocol {
    /// The protocol's name, which every report repeats.
    public static let version = "headsteer.audit/1"

    /// The most labelled rows that directions are fitted from.
    public static let fitRows = 200
    /// The most rows that effects are tested on.
    public static let testRows = 40
    /// The most contrast items that heads are swept on.
    public static let sweptItems = 24
    /// Texts written under each edit, and their tokens.
    public static let texts = 12
    /// See ``texts``.
    public static let textTokens = 24
    /// How many heads are moved together.
    public static let headCounts = [1, 2, 4, 8, 16]
    /// How far each of them is moved, in σ of its direction.
    public static let strengths: [Double] = [0.5, 1, 2, 4, 8, 16, 32]
    /// How far the behaviour has to move: the mean log-odds (or logit difference) of the test items, in nats. 2 nats make
    /// odds of 1 to 1 odds of 7 to 1.
    public static let shift = 2.0
    /// Curves end where the behaviour has moved this many times as far; the interval needs some room above.
    public static let farEnough = 3.0
    /// The most KL(unedited ‖ edited) on neutral text: its mean, and its mean over the worst twentieth of the tokens; nats.
    public static let mostKL = 0.5
    /// See ``mostKL``.
    public static let mostWorstKL = 4.0
    /// Numbers of groups that directions are fitted from, besides all of them; draws of each number are averaged.
    public static let groupCounts = [1, 3, 10]
    /// See ``groupCounts``.
    public static let draws = 3
    /// Random directions that the score is compared with.
    public static let randomDirections = 5
    /// The most layers that the score is compared with, and their strengths in σ.
    public static let layers = 6
    /// See ``layers``.
    public static let layerStrengths: [Double] = [0.25, 0.5, 1, 2, 4, 8]
    /// The share of heads that head dropout zeroes, and the deviation of noise as a share of a head's norm; draws of both.
    public static let dropped = 0.1
    /// See ``dropped``.
    public static let noise = 0.3
    /// See ``dropped``.
    public static let defenceDraws = 3
    /// The monitor's rate of false alarms; the fewest groups of clean texts that one is fitted and tested with (a threshold at 1%
    /// needs 99, and the fit 20), and how many of them it is tested on; how much of a text that is no prompt is its beginning.
    public static let falseAlarms = 0.01
    /// See ``falseAlarms``.
    public static let cleanGroups = 149
    /// See ``falseAlarms``.
    public static let monitoredTexts = 30
    /// See ``falseAlarms``.
    public static let promptTokens = 8
    /// Random controls of each kind: with 20, p can fall below 0.05.
    public static let controls = 20
    /// What heads are called at: the false discovery rate.
    public static let calledAt = 0.05
    /// Sign choices of the first look's null.
    public static let signFlips = 199
    /// Samples of the bootstrap of the score.
    public static let resamples = 1000

    /// The score of a behaviour that nothing within the protocol moves: as many heads as are tried, each as far as is tried.
    public static var limit: Double { Double(headCounts.last ?? 1) * (strengths.last ?? 1) }

    /// The numbers as reports record them.
    public static var numbers: [String: [Double]] {
        [
            "fitRows": [Double(fitRows)], "testRows": [Double(testRows)], "sweptItems": [Double(sweptItems)],
            "headCounts": headCounts.map(Double.init), "strengths": strengths, "shift": [shift],
            "farEnough": [farEnough], "mostKL": [mostKL],
            "mostWorstKL": [mostWorstKL], "groupCounts": groupCounts.map(Double.init), "draws": [Double(draws)],
            "texts": [Double(texts)], "textTokens": [Double(textTokens)], "layers": [Double(layers)],
            "falseAlarms": [falseAlarms], "cleanGroups": [Double(cleanGroups)],
            "monitoredTexts": [Double(monitoredTexts)], "promptTokens": [Double(promptTokens)], "dropped": [dropped],
            "noise": [noise], "defenceDraws": [Double(defenceDraws)],
            "randomDirections": [Double(randomDirections)], "layerStrengths": layerStrengths,
            "controls": [Double(controls)], "calledAt": [calledAt], "signFlips": [Double(signFlips)],
            "resamples": [Double(resamples)], "limit": [limit],
        ]
    }
}
