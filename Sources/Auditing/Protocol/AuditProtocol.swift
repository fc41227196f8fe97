/// What an audit does, and with which numbers: they are fixed, so that the figures of different models can be compared.
///
/// A change of any number makes another version. The article "Audit a behaviour" says why each number is what it is.
public enum AuditProtocol {
    /// The protocol's name, which every report repeats.
    public static let version = "headsteer.audit/1"

    /// The most labelled rows that directions are fitted to.
    public static let fitRows = 200
    /// The most rows that effects are tested on.
    public static let testRows = 40
    /// The most contrast items that heads are swept on.
    public static let sweptItems = 24
    /// The most texts written under each edit.
    public static let texts = 12
    /// The most tokens of each of these texts.
    public static let textTokens = 24
    /// The numbers of heads that are moved together.
    public static let headCounts = [1, 2, 4, 8, 16]
    /// The strengths at which each of them is moved, in σ of its direction.
    public static let strengths: [Double] = [0.5, 1, 2, 4, 8, 16, 32]
    /// How far the behaviour has to move: the mean log-odds (or logit difference) of the test items, in nats.
    ///
    /// 2 nats turn odds of 1 to 1 into odds of 7 to 1.
    public static let shift = 2.0
    /// Curves end when the behaviour has moved this many times as far; the interval needs some room above.
    public static let farEnough = 3.0
    /// The most mean KL(unedited ‖ edited) on neutral text, in nats.
    public static let mostKL = 0.5
    /// The most KL(unedited ‖ edited) over the worst twentieth of the tokens of neutral text, in nats.
    public static let mostWorstKL = 4.0
    /// The numbers of groups that directions are fitted to, besides all of them.
    public static let groupCounts = [1, 3, 10]
    /// How many draws are averaged for each number of groups.
    public static let draws = 3
    /// The number of random directions that the score is compared with.
    public static let randomDirections = 5
    /// The most layers that the score is compared with.
    public static let layers = 6
    /// The strengths of these layers, in σ.
    public static let layerStrengths: [Double] = [0.25, 0.5, 1, 2, 4, 8]
    /// The share of heads that head dropout zeroes.
    public static let dropped = 0.1
    /// The deviation of noise, as a share of a head's norm.
    public static let noise = 0.3
    /// How many draws of dropout and of noise are averaged.
    public static let defenceDraws = 3
    /// The monitor's rate of false alarms.
    public static let falseAlarms = 0.01
    /// The fewest groups of clean texts that a monitor is fitted and tested with: a threshold at 1% needs 99, and the
    /// fit 20.
    public static let cleanGroups = 149
    /// How many of these groups the monitor is tested on.
    public static let monitoredTexts = 30
    /// How many tokens of a text that isn't a prompt are its beginning.
    public static let promptTokens = 8
    /// The number of random controls of each kind; with 20, p can fall below 0.05.
    public static let controls = 20
    /// The false discovery rate at which heads are called.
    public static let calledAt = 0.05
    /// The number of sign choices for the null of the first look.
    public static let signFlips = 199
    /// The number of bootstrap samples for the score.
    public static let resamples = 1000

    /// The score of a behaviour that nothing within the protocol moves: the most heads that are tried, times the
    /// largest strength.
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
