import Directions
import Tasks

extension HSIPreset {
    /// A head with its best strength, and its outcomes at that strength.
    struct Candidate {
        var direction: HeadDirection
        var strength: Double
        var counts: OutcomeCounts

        /// Puts more answers for the behaviour first, then fewer undefined ones, then the smaller strength; ties are
        /// decided by layer and head.
        static func isBefore(_ a: Candidate, _ b: Candidate) -> Bool {
            if a.counts.target != b.counts.target { return a.counts.target > b.counts.target }
            if a.counts.undefined != b.counts.undefined { return a.counts.undefined < b.counts.undefined }
            if a.strength != b.strength { return a.strength < b.strength }
            return a.direction.head < b.direction.head
        }
    }

    struct Sweep {
        var base: OutcomeCounts
        /// Every head at every strength.
        var all: [Candidate]
        /// The best heads, each at its best strength.
        var best: [Candidate]
        var trials: [PresetTrial]
    }

    func sweep(_ directions: [HeadDirection], _ speaker: HSISpeaker) throws -> Sweep {
        let tried = options.sweepStrengths.flatMap { strength in
            directions.filter { !$0.isZero }.map { (direction: $0, strength: strength) }
        }
        let counts = try speaker.outcomes(
            [[]] + tried.map { [$0.direction.edit(sigmas: $0.strength)] }, samples: options.sweepSamples,
            draw: 0, stage: "sweep")
        let all = zip(tried, counts.dropFirst()).map {
            Candidate(direction: $0.direction, strength: $0.strength, counts: $1)
        }
        var seen: Set<String> = []
        let best = all.sorted(by: Candidate.isBefore).filter { seen.insert($0.direction.name).inserted }
            .prefix(max(options.candidates, options.heads))
        let trials =
            [PresetTrial(stage: "sweep", target: "", outcomes: counts[0])]
            + all.map {
                PresetTrial(stage: "sweep", target: $0.direction.name, strength: $0.strength, outcomes: $0.counts)
            }
        return Sweep(base: counts[0], all: all, best: Array(best), trials: trials)
    }

    struct Retest {
        var base: OutcomeCounts
        /// Best first.
        var heads: [Candidate]
        var trials: [PresetTrial]
    }

    func retest(_ sweep: Sweep, _ speaker: HSISpeaker) throws -> Retest {
        let counts = try speaker.outcomes(
            [[]] + sweep.best.map { [$0.direction.edit(sigmas: $0.strength)] },
            samples: options.retestSamples, draw: 1, stage: "retest")
        let heads = zip(sweep.best, counts.dropFirst()).map {
            Candidate(direction: $0.direction, strength: $0.strength, counts: $1)
        }
        let trials =
            [PresetTrial(stage: "retest", target: "", outcomes: counts[0])]
            + heads.map {
                PresetTrial(stage: "retest", target: $0.direction.name, strength: $0.strength, outcomes: $0.counts)
            }
        return Retest(base: counts[0], heads: heads.sorted(by: Candidate.isBefore), trials: trials)
    }

    struct Strength {
        var best: Double
        var isAllowed: Bool
        var base: OutcomeCounts
        var counts: OutcomeCounts
        var trials: [PresetTrial]
    }

    func strength(_ heads: [HeadDirection], _ speaker: HSISpeaker) throws -> Strength {
        let counts = try speaker.outcomes(
            [[]] + options.strengths.map { strength in heads.map { $0.edit(sigmas: strength) } },
            samples: options.validationSamples, draw: 2, stage: "strength")
        let tried = Array(zip(options.strengths, counts.dropFirst()))
        let allowed = tried.filter { $0.1.undefinedShare <= options.mostUndefined }
        let best =
            allowed.max { ($0.1.target, -$0.0) < ($1.1.target, -$1.0) }
            ?? tried.min { ($0.1.undefined, $0.0) < ($1.1.undefined, $1.0) } ?? (options.strengths[0], counts[0])
        let name = heads.map(\.name).joined(separator: ", ")
        let trials =
            [PresetTrial(stage: "strength", target: "", outcomes: counts[0])]
            + tried.map {
                PresetTrial(
                    stage: "strength", target: name, strength: $0.0, outcomes: $0.1, isChosen: $0.0 == best.0)
            }
        return Strength(best: best.0, isAllowed: !allowed.isEmpty, base: counts[0], counts: best.1, trials: trials)
    }
}
